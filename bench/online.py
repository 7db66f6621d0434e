#!/usr/bin/env python3
"""Nanoseconds of CPU a value of every online detector, beside River where it is installed.

usage: online.py BUILD_DIR
The same values for both: errors at a rate of .1 and normal numbers, nothing changes in either. The
fastest of some passes counts. River 0.26.1: pip install river==0.26.1 in a virtual environment, and
this program run by its python.
"""
import math, os, random, subprocess, sys, time

try:
    from river import drift
except ImportError:
    drift = None

program = os.path.join(sys.argv[1], "bench", "bench_online")
draw = random.Random(1)
errors = [float(draw.random() < .1) for _ in range(200000)]
numbers = [draw.gauss(0, 1) for _ in errors]
# name, whether it takes numbers, River's, values that River is given
rows = [("adwin", True, "ADWIN", 200000), ("cusum", True, None, 0), ("ddm", False, "DDM", 50000),
        ("eddm", False, "EDDM", 50000), ("fhddm", False, "FHDDM", 50000),
        ("hddm_a", False, "HDDMA", 20000), ("hddm_w", False, "HDDMW", 20000),
        ("kswin", True, "KSWIN", 1000), ("page_hinkley", True, "PageHinkley", 50000)]


def here(name, values):
    out = subprocess.run([program, name, "15"], input="\n".join(map(repr, values)), text=True,
                         stdout=subprocess.PIPE, check=True).stdout
    return float(out.split()[-1])


def theirs(name, values):
    make = getattr(drift, name, None) or getattr(drift.binary, name)
    best = math.inf
    for _ in range(3):
        detector = make()
        start = time.process_time()
        for value in values:
            detector.update(value)
        best = min(best, (time.process_time() - start) / len(values) * 1e9)
    return best


if drift is None:
    print("River is not installed: its column stays empty.")
print(f"{'detector':14}{'values':9}{'ns a value':>11}{'River':>10}{'ratio':>8}")
for name, takes_numbers, river, count in rows:
    for what, values in [("errors", errors)] + ([("numbers", numbers)] if takes_numbers else []):
        ours = here(name, values)
        line = f"{name:14}{what:9}{ours:11.1f}"
        if drift and river:
            other = theirs(river, values[:count])
            line += f"{other:10.0f}{other / ours:8.0f}"
        print(line)
