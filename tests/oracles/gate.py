#!/usr/bin/env python3
"""Writes tests/golden/gate/cases.json: what MLflow's own validation says of random thresholds, values
and baselines.

usage: gate.py > tests/golden/gate/cases.json      (pip install mlflow)
"""
import json, random, sys

sys.path.pop(0)  # statistics.py beside this file is not the one that MLflow wants
import mlflow
import mlflow.models.evaluation.validation as validation
from mlflow.models import MetricThreshold

METRICS = ("accuracy_score", "mean_absolute_error", "r2_score")


def failures(thresholds, values, baseline):
    """The sentences that MLflow raises, as the names of what failed."""
    try:
        validation._validate(thresholds, values, baseline)
        return {}
    except validation.ModelValidationFailedException as e:
        found = {}
        for line in str(e.message).splitlines():
            metric = next(m for m in METRICS if m in line)
            parts = {"value threshold check": "threshold", "minimum absolute change check": "absolute",
                     "minimum relative change check": "relative", "missing from the evaluation result of the "
                     "baseline": "no baseline", "missing from the evaluation result of the candidate": "no value"}
            found[metric] = sorted(name for text, name in parts.items() if text in line)
        return found


random.seed(20260101)
cases = []
for number in range(300):
    grid = lambda: random.choice([0.0, 0.5, -0.5, 1.0, 0.1, 0.3, 0.1 + 0.2, -1.0, 2.5])
    thresholds, words = {}, {}
    for metric in random.sample(METRICS, random.randint(1, 3)):
        word = {"greater_is_better": metric != "mean_absolute_error"}
        while len(word) == 1:
            if random.random() < 0.5:
                word["threshold"] = grid()
            if random.random() < 0.4:
                word["min_absolute_change"] = random.choice([0.1, 0.2, 0.5, 1e-10])
            if random.random() < 0.4:
                word["min_relative_change"] = random.choice([0.1, 0.05, 1.0, 0.5])
        thresholds[metric], words[metric] = MetricThreshold(**word), word
    values = {m: grid() for m in METRICS if random.random() < 0.95}
    # MLflow itself stops where some metrics of a baseline are there and one is not
    baseline = {m: grid() for m in METRICS} if random.random() < 0.85 else {}
    if values:
        cases.append({"thresholds": words, "values": values, "baseline": baseline,
                      "failures": failures(thresholds, values, baseline)})
print(json.dumps({"mlflow": mlflow.__version__, "cases": cases}, indent=None,
                 separators=(",", ":")).replace('{"thresholds"', '\n{"thresholds"'))
