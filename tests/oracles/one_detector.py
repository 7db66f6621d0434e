#!/usr/bin/env python3
"""Writes tests/golden/one_detector/zero_one_loss.csv with scikit-learn 1.9.1.

usage: one_detector.py SOURCE_DIR > tests/golden/one_detector/zero_one_loss.csv
Weeks are by prediction time, from the epoch; a label of the last 7 days after the window counts.
"""
import gzip, json, os, sys
from datetime import datetime, timezone
from sklearn.metrics import zero_one_loss

WEEK = 7 * 86_400_000
example = os.path.join(sys.argv[1], "examples", "carloan")


def records(name):
    return map(json.loads, gzip.open(os.path.join(example, name + ".jsonl.gz"), "rt"))


def milliseconds(said):
    if not isinstance(said, str):
        return int(said)
    return round(datetime.fromisoformat(said.replace("Z", "+00:00")).astimezone(timezone.utc).timestamp() * 1000)


labels = {label["prediction_id"]: label for label in records("labels")}
weeks = {}
for prediction in records("predictions"):
    at = milliseconds(prediction["ts"])
    label = labels.get(prediction["prediction_id"])
    start = at - at % WEEK
    if label and milliseconds(label["ts"]) < start + 2 * WEEK:
        weeks.setdefault(start, ([], []))[0].append(label["label"])
        weeks[start][1].append(prediction["prediction"])
print("start,zero_one_loss")
for start in sorted(weeks):
    print(f"{start},{float(zero_one_loss(*weeks[start]))!r}")
