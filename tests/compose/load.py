#!/usr/bin/env python3
"""The loader of the example gives kcat every record once, in the order of its timestamps, by its id.

usage: load.py SOURCE_DIR
"""
import gzip, json, os, subprocess, sys, tempfile

folder = os.path.join(sys.argv[1], "examples", "bikes")
loader = os.path.join(folder, "load.py")


def load(kcat):
    """Runs the loader with this text as kcat; returns its code and what kcat got of each topic."""
    with tempfile.TemporaryDirectory() as path:
        with open(os.path.join(path, "kcat"), "w") as file:
            file.write(f"#!/bin/sh\n{kcat}\n")
        os.chmod(os.path.join(path, "kcat"), 0o755)
        environment = {**os.environ, "PATH": path + ":" + os.environ["PATH"], "GOT": path}
        done = subprocess.run([sys.executable, loader, "--brokers", "b:1", "--predictions", "P", "--labels", "L"],
                              env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        got = {}
        for topic in "PL":
            if os.path.exists(os.path.join(path, topic)):
                got[topic] = open(os.path.join(path, topic)).read().splitlines()
        return done, got


done, got = load('[ "$*" = "-P -b b:1 -t $5 -K \t" ] || exit 64; exec cat >"$GOT/$5"')
assert done.returncode == 0, done
for topic, name in (("P", "predictions"), ("L", "labels")):
    lines = gzip.open(os.path.join(folder, name + ".jsonl.gz"), "rt").read().splitlines()
    pairs = [line.split("\t", 1) for line in got[topic]]
    assert [value for _, value in pairs] == lines, f"{name}: other records"
    records = [json.loads(value) for value in lines]
    assert [key for key, _ in pairs] == [record["prediction_id"] for record in records], f"{name}: other keys"
    times = [record["ts"] for record in records]
    assert times == sorted(times), f"{name}: not in the order of ts"
    assert f"{len(lines)} {name} to {topic}" in done.stdout, done.stdout
done, _ = load("echo 'no broker' >&2; exit 1")
assert done.returncode != 0 and "could not deliver" in done.stderr, done
print("ok")
