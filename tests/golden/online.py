#!/usr/bin/env python3
"""Holds every online detector to River 0.26.1 (CUSUM: to frouros 0.9.0) on real and made streams: the
same drifts and the same beginnings of warnings, index by index.

usage: online.py BENCH_ONLINE SOURCE_DIR
Different on purpose: kswin draws nothing (SPEC 2.5), so it is held to River's on the whole: fewer
drifts where nothing changes, and no later one where something does.
"""
import subprocess, sys
from online_streams import answers, is_errors, streams

bench, source = sys.argv[1], sys.argv[2]
CHANGE = 7000  # of the streams agrawal


def said(detector, values):
    text = "\n".join(map(repr, values))
    out = subprocess.run([bench, detector], input=text, text=True, stdout=subprocess.PIPE, check=True)
    return [[int(i) for i in line.split()[1:]] for line in out.stdout.splitlines()[:2]]


def different(ours, theirs):
    at = next(i for i, pair in enumerate(zip(ours + [None], theirs + [None])) if pair[0] != pair[1])
    return f"{(ours + [None])[at]} here, {(theirs + [None])[at]} in the table, at number {at}"


expected, held, drifts, calm, changed = answers(source), 0, 0, [0, 0], 0
for stream, values in streams(source):
    for (name, detector), theirs in expected.items():
        if name != stream:
            continue
        ours = said(detector, values)
        if detector != "kswin":
            for kind, a, b in zip(("drifts", "warnings"), ours, theirs):
                if a != b:
                    sys.exit(f"{stream} {detector} {kind}: {different(a, b)}")
            held += 1
            drifts += len(ours[0])
        elif "gauss_null" in stream:
            calm = [calm[0] + len(ours[0]), calm[1] + len(theirs[0])]
        elif "agrawal" in stream:
            first = [next(i for i in found if i >= CHANGE) for found in (ours[0], theirs[0])]
            if first[0] > first[1]:
                sys.exit(f"{stream} kswin: {first[0]} here, {first[1]} in the table")
            changed += 1
    if not is_errors(values) and (stream, "ddm") in expected:
        sys.exit(f"{stream}: ddm takes errors only")
if not 0 < calm[0] < calm[1] or changed != 3:
    sys.exit(f"kswin: {calm[0]} false drifts here, {calm[1]} in the table, {changed} changes")
if held < 200 or drifts < 3000:
    sys.exit(f"only {held} pairs of a stream and a detector, {drifts} drifts")
print(f"kswin: {calm[0]} drifts where nothing changes, River {calm[1]}")
print(f"{held} pairs of a stream and a detector, {drifts} drifts equal; 1 passed, 0 failed")
