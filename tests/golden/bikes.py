#!/usr/bin/env python3
"""Replays examples/bikes and holds every window's numbers to scikit-learn 1.9.1 at 1e-9 relative.

usage: bikes.py TIDEMARK SOURCE_DIR
The tables in tests/golden/bikes were computed from the same records with scikit-learn 1.9.1.
Left for later: pinball50, mean_label, mean_pred. R2 and explained variance of one row are UNDEFINED
here; zeros of the target are skipped by MAPE (there are none in these records).
"""
import csv, os, sys, tempfile
from golden import Golden, label_side, put

tidemark, source = sys.argv[1], sys.argv[2]
example = os.path.join(source, "examples", "bikes")
here = os.path.join(source, "tests", "golden", "bikes")
columns = {"mae": "mean_absolute_error", "mse": "mean_squared_error",
           "rmse": "root_mean_squared_error", "r2": "r2_score",
           "mape": "mean_absolute_percentage_error", "median_ae": "median_absolute_error",
           "max_error": "max_error", "explained_variance": "explained_variance_score",
           "mean_error": "mean_error"}
golden = Golden(tidemark)


def table(name):
    return list(csv.DictReader(open(os.path.join(here, name + ".csv"))))


def config(window, horizon):
    text = open(os.path.join(example, "bikes.yaml")).read()
    for name in ("predictions", "labels", "reference"):
        text = put(text, name + ".jsonl.gz", os.path.join(example, name + ".jsonl.gz"))
    text = put(text, "size: 28d", "size: " + window)
    text = put(text, "label_horizon: 1d", "label_horizon: " + horizon)
    return put(text, "segments: [season]", "segments: [season, weathersit]")


def excused(metric, row):
    return metric in ("r2_score", "explained_variance_score") and int(row["n_labeled"]) < 2


def hold_drift(records):
    drift = {}
    for r in records:
        if r["side"] == "prediction" and r["segment"] == {} and r["model_version"] is None:
            for f in r["findings"]:
                drift[(r["window_start"], f["column"], f["metric"])] = f
    for row in table("drift"):
        column = "$prediction" if row["column"] == "prediction" else row["column"]
        finding = drift.get((int(row["start"]), column, "psi"))
        if row["method"] == "psi_ref_deciles" and finding and finding["status"] == "OK" and row["score"]:
            golden.close(finding["value"], float(row["score"]), f"window {row['start']} {column} psi")


with tempfile.TemporaryDirectory() as folder:
    for window in ("7d", "28d"):
        rows = table("metrics_" + window)
        for horizon, labels in (("1d", "grace"), ("400d", "all")):
            data, records = golden.replay(folder, config(window, horizon))
            found = label_side(records)
            wanted = [row for row in rows if row["labels"] == labels]
            assert len(wanted) == sum(1 for key in found if len(key) == 1), "other windows"
            for row in wanted:
                golden.hold(found[(int(row["start"]),)], row, columns, excused)
    for row in table("metrics_segments"):  # printed with 12 digits
        golden.hold(found[(int(row["start"]), row["segment"], row["value"] or None)], row, columns,
                    excused, 2e-11 * max(1, *(abs(float(row[c])) for c in columns if row[c])))
    hold_drift(records)
    assert data == golden.replay(folder, config("28d", "400d"))[0], "two replays differ"
    counts = [r["counts"] for r in records if r["side"] == "input"]
    for side, taken in (("predictions", "accepted"), ("labels", "matched")):
        assert sum(c[side][taken] for c in counts) == 8734, f"{side}: {counts}"
golden.done(1900)
