#!/usr/bin/env python3
"""Two replays of adjacent ranges together give the results of one replay of everything (SPEC 5.6).

usage: ranges.py TIDEMARK SOURCE_DIR
"""
import json, os, subprocess, sys, tempfile

tidemark, source = sys.argv[1], sys.argv[2]
config = os.path.join(source, "examples", "bikes", "bikes.yaml")


def replay(folder, *arguments):
    path = os.path.join(folder, "results.jsonl")
    subprocess.run([tidemark, "replay", config, "--results", path, *arguments], check=True,
                   stdout=subprocess.DEVNULL)
    return open(path, "rb").read().splitlines()


with tempfile.TemporaryDirectory() as folder:
    whole = replay(folder)
    first, second, third = (replay(folder, "--range", r) for r in
                            ("2011-01-01..2012-04-01", "2012-04-27..2012-09-30", "2012-10-12T00:00:00Z..1400000000000"))
    assert first and second and third
    assert sorted(first + second + third) == sorted(whole), (len(first), len(second), len(third), len(whole))
    starts = [json.loads(line)["window_start"] for line in second]
    assert max(json.loads(line)["window_start"] for line in first) < min(starts)
    for wrong in ("2012-04-01", "2012-04-02..2012-04-01", "x..y"):
        code = subprocess.run([tidemark, "replay", config, "--range", wrong], stderr=subprocess.PIPE,
                              stdout=subprocess.DEVNULL)
        assert code.returncode == 64 and b"--range is" in code.stderr, code
print("3 ranges, 1 whole; 1 passed, 0 failed")
