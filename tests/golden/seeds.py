#!/usr/bin/env python3
"""A hundred replays, each with an id hash of its own random seed, write the same bytes (SPEC 3.6).

usage: seeds.py TIDEMARK SOURCE_DIR
"""
import gzip, hashlib, itertools, os, subprocess, sys, tempfile

tidemark, source = sys.argv[1], sys.argv[2]
examples = os.path.join(source, "examples", "bikes")

with tempfile.TemporaryDirectory() as folder:
    for name in ("predictions", "labels"):
        with gzip.open(os.path.join(examples, name + ".jsonl.gz"), "rb") as all_of_it, \
                open(os.path.join(folder, name + ".jsonl"), "wb") as some:
            some.writelines(itertools.islice(all_of_it, 700))
    text = open(os.path.join(examples, "bikes.yaml")).read().replace(".jsonl.gz", ".jsonl")
    text = text.replace("reference: {records: reference.jsonl}\n", "").replace("28d", "1d").replace(
        "above: 2x reference", "above: 50").replace("segments: [season]", "segments: [weathersit, weekday]")
    config = os.path.join(folder, "bikes.yaml")
    open(config, "w").write(text)
    answers = set()
    for _ in range(100):
        out = subprocess.run([tidemark, "replay", config, "--results", os.path.join(folder, "r"),
                              "--alerts", os.path.join(folder, "a")], check=True, stdout=subprocess.PIPE).stdout
        for name in ("r", "a"):
            data = open(os.path.join(folder, name), "rb").read()
            assert data
            out += data
        answers.add(hashlib.sha256(out).hexdigest())
    if len(answers) != 1:
        sys.exit(f"{len(answers)} different answers")
print("100 seeds, 1 answer; 1 passed, 0 failed")
