#!/usr/bin/env python3
"""Replays examples/carloan and holds every window's numbers to scikit-learn 1.9.1 at 1e-9 relative.

usage: carloan.py TIDEMARK SOURCE_DIR
The tables in tests/golden/carloan were computed from the same records with scikit-learn 1.9.1.
Different on purpose: a measure whose denominator is zero is UNDEFINED here, 0 in scikit-learn.
The bins of `reliability` have all labelled rows, and give the calibration errors.
Left for later: pr_auc_trapezoid, ece10, positive_rate_label, positive_rate_pred, mean_score.
"""
import csv, lzma, os, sys, tempfile
from golden import Golden, label_side, put

tidemark, source = sys.argv[1], sys.argv[2]
example = os.path.join(source, "examples", "carloan")
here = os.path.join(source, "tests", "golden", "carloan")
columns = {"accuracy": "accuracy_score", "precision": "precision_score", "recall": "recall_score",
           "f1": "f1_score", "specificity": "specificity",
           "balanced_accuracy": "balanced_accuracy_score", "mcc": "matthews_corrcoef",
           "kappa": "cohen_kappa_score", "roc_auc": "roc_auc", "pr_auc_ap": "average_precision",
           "log_loss": "log_loss", "brier": "brier_score_loss"}
# the denominator of each measure that scikit-learn sets to 0 when it is
under = {"precision_score": lambda c: c["tp"] + c["fp"], "recall_score": lambda c: c["tp"] + c["fn"],
         "f1_score": lambda c: c["tp"] + c["fp"] + c["fn"],
         "specificity": lambda c: c["tn"] + c["fp"],
         "matthews_corrcoef": lambda c: (c["tp"] + c["fp"]) * (c["tp"] + c["fn"])
         * (c["tn"] + c["fp"]) * (c["tn"] + c["fn"]),
         "average_precision": lambda c: (c["tp"] + c["fn"]) * (c["tn"] + c["fp"])}


def table(name):
    return list(csv.DictReader(lzma.open(os.path.join(here, name + ".csv.xz"), "rt", encoding="utf-8")))


def excused(metric, row):
    counts = {name: int(row[name]) for name in ("tp", "fp", "tn", "fn")}
    return metric in under and under[metric](counts) == 0


def config(window, horizon, reference=False, segments=False):
    text = open(os.path.join(example, "carloan.yaml")).read()
    for name in ("predictions", "labels", "reference"):
        text = put(text, name + ".jsonl.gz", os.path.join(example, name + ".jsonl.gz"))
    text = put(text, "size: 7d", "size: " + window)
    text = put(text, "label_horizon: 7d", "label_horizon: " + horizon)
    if reference:
        return text
    # what the label side measures needs no reference, so most replays go without, and are fast
    lines = text.split("\n")
    start = next(i for i, line in enumerate(lines) if line.startswith("rules:"))
    end = next(i for i, line in enumerate(lines) if line.startswith("alerting:"))
    kept = lines[:start] + ["rules: []"] + lines[end:]
    without = ("reference:",) if segments else ("reference:", "segments:")
    return "\n".join(line for line in kept if not line.startswith(without))


golden = Golden(tidemark)


def hold(record, row, absolute=0):
    for name in ("tp", "fp", "tn", "fn"):
        assert record["confusion"][name] == int(row[name]), f"{row['start']} {name}"
    golden.hold(record, row, columns, excused, absolute)
    bins = record["reliability"] or []
    found = {f["metric"]: f["value"] for f in record["findings"]}
    assert sum(b["n"] for b in bins) == int(row["n_labeled"]), f"{row['start']} reliability"
    assert round(sum(b["n"] * b["share"] for b in bins)) == int(row["tp"]) + int(row["fn"])
    for metric, value in (("expected_calibration_error", sum(b["n"] * abs(b["score"] - b["share"]) for b in bins)
                           / max(int(row["n_labeled"]), 1)),
                          ("maximum_calibration_error", max([abs(b["score"] - b["share"]) for b in bins] + [0]))):
        if bins:
            golden.close(found[metric], value, f"{row['start']} {metric}", 1e-12)


with tempfile.TemporaryDirectory() as folder:
    for window in ("1d", "7d"):
        rows = table("metrics_" + window)
        for horizon, labels in (("7d", "grace"), ("400d", "all")):
            first = window == "7d" and labels == "grace"
            last = window == "7d" and labels == "all"
            data, records = golden.replay(folder, config(window, horizon, first, last))
            found = label_side(records)
            if first:
                # the inputs drift from 2019-03-31 on: the windows of 28 March and 4 April
                states = [(a["state"], a["first_window_start"], a["window_start"])
                          for a in golden.alerts if a["rule"] == "scores-off"]
                assert states == [("firing", 1553731200000, 1554336000000)], states
                again, _ = golden.replay(folder, config(window, horizon, True))
                assert data == again, "two replays differ"
            wanted = [row for row in rows if row["labels"] == labels]
            assert len(wanted) == sum(1 for key in found if len(key) == 1), "other windows"
            for row in wanted:
                hold(found[(int(row["start"]),)], row)
    rows = table("metrics_segments")
    assert len(rows) == sum(1 for key in found if len(key) == 3), "other segments"
    for row in rows:  # printed with 12 digits
        hold(found[(int(row["start"]), row["segment"], row["value"] or None)], row, 2e-12)
golden.done(10000)
