#!/usr/bin/env python3
"""The metrics follow the text exposition format 0.0.4 of Prometheus and its rules for names.

usage: metrics.py PROGRAM [ARGUMENT...]   (the program prints the metrics)
"""
import re, subprocess, sys

text = subprocess.run(sys.argv[1:], check=True, stdout=subprocess.PIPE).stdout.decode("utf-8")
line_of = re.compile(r'([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*",?)*)\})? (\S+)')
wrong, types, helps, samples = [], {}, {}, {}
current = None
if not text.endswith("\n"):
    wrong.append("the last line has no end")
for line in text.splitlines():
    if line.startswith("# "):
        kind, name, rest = line[2:].split(" ", 2)
        place = {"HELP": helps, "TYPE": types}[kind]
        if name in place or (kind == "TYPE" and current != name):
            wrong.append(f"{name}: {kind} twice or out of its place")
        place[name], current = rest, name
        continue
    match = line_of.fullmatch(line)
    if not match:
        wrong.append(f"not a sample: {line}")
        continue
    name, labels, value = match.groups()
    base = re.sub(r"_(bucket|sum|count)$", "", name) if types.get(current) == "histogram" else name
    if base != current or current not in types:
        wrong.append(f"{name} stands under {current}")
    if (name, labels) in samples:
        wrong.append(f"{name}{{{labels}}} twice")
    samples[name, labels] = float(value)
for name, kind in types.items():
    if not name.startswith("tidemark_") or not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        wrong.append(f"{name}: a name of another house")
    if (kind == "counter") != name.endswith("_total"):
        wrong.append(f"{name}: a {kind} with that end")
    if re.search(r"_(ms|ns|milliseconds|kib|mib)(_|$)", name):
        wrong.append(f"{name}: not a base unit")
    if not helps.get(name, "").endswith("."):
        wrong.append(f"{name}: HELP is no sentence")
    if kind == "histogram":
        buckets = [(labels, count) for (n, labels), count in samples.items() if n == name + "_bucket"]
        ends = [float(labels[4:-1].replace("+Inf", "inf")) for labels, _ in buckets]
        counts = [count for _, count in buckets]
        if ends != sorted(ends) or ends[-1] != float("inf") or counts != sorted(counts):
            wrong.append(f"{name}: buckets do not ascend")
        if counts[-1] != samples[name + "_count", None] or len(set(counts)) < 3 or (name + "_sum", None) not in samples:
            wrong.append(f"{name}: sum and count do not fit")
if 'version="1.2.3",name="n\\"a\\\\m\\ne"' not in (labels for _, labels in samples):
    wrong.append("the name is not escaped")
if samples.get(("tidemark_watermark_lag_seconds", 'role="labels"')) != -1:
    wrong.append("the lag is not the clock less the watermark")
if samples.get(("tidemark_snapshot_seconds_since", None)) != 3:
    wrong.append("the age of a snapshot is not the clock less its time")
if ("tidemark_input_broken", 'topic="t\\"a\\\\b\\nc"') not in samples:
    wrong.append("the topic is not escaped")
if len(types) < 20:
    wrong.append("metrics are missing")
if wrong:
    sys.exit("\n".join(wrong))
print(f"ok: {len(types)} metrics, {len(samples)} samples")
