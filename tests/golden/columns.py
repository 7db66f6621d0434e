#!/usr/bin/env python3
"""Holds every column of four data sets to numpy 2 (counts, moments, quantiles) and scipy 1.17.

usage: columns.py TIDEMARK SOURCE_DIR [SET...]
The tables in tests/golden/SET were computed from the same records: columns.csv with numpy, and
columns_drift.csv with scipy.stats (ks_2samp, wasserstein_distance, chi2_contingency without Yates)
and, for psi_ref_deciles and tvd_statistic, with numpy. start 0 in columns.csv is the reference.

Differences that are meant:
 - the tables are printed with 12 digits, so what is below 1e-11 of a column's scale is not compared;
 - a category is unseen when the reference never had it, null is missing and not unseen: the same
   here; the tables have no `unseen` for numbers;
 - the reference has no finding of its own: its numbers are read from `reference` of the findings.
"""
import csv, json, os, subprocess, sys, tempfile

tidemark, source = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
golden = os.path.join(source, "tests", "golden")
flat = ["acq_channel", "app_behavioral_score", "requested_credit_limit", "app_channel",
        "credit_bureau_score", "stated_income", "is_customer"]
classes = ["highstreet_card", "prepaid_card", "upmarket_card"]
cards = "[" + ", ".join(["features." + f for f in flat] + ["scores." + c for c in classes]) + "]"
sets = {  # folder of the records, problem, window, features, score
    "bikes": ("examples/bikes", "regression", "28d", "features", None),
    "carloan": ("examples/carloan", "classification_binary", "7d", "features", "score"),
    "carloan_dq": ("tests/golden/carloan_dq", "classification_binary", "7d", "features", "score"),
    "cards": ("tests/golden/cards", "classification_multiclass", "7d", cards, None),
}
moments = {"min": "min", "max": "max", "mean": "mean", "std": "std_ddof1"}
moments.update({p: p for p in ("p01", "p05", "p25", "p50", "p75", "p95", "p99")})
rates = {"missing": ("null",), "zeros": ("zeros",), "negatives": ("negative",),
         "out_of_range": ("below_ref_min", "above_ref_max"), "outliers": ("outlier_ref_iqr15",),
         "unseen": ("unseen",)}
methods = {"psi_ref_deciles": "psi", "scipy_ks_D": "ks_2samp", "tvd_statistic": "tvd",
           "scipy_wasserstein_raw": "wasserstein_distance",
           "scipy_chi2_contingency_stat": "chi2_contingency",
           "scipy_chi2_contingency_p": "chi2_contingency"}
compared = 0


def replay(folder, name):
    records, problem, window, features, score = sets[name]
    path = os.path.join(source, records)
    config = os.path.join(folder, name + ".yaml")
    proba = f", proba: {score}" if score else ""
    with open(config, "w") as file:
        file.write(f"""name: {name}
problem_type: {problem}
inputs:
  predictions:
    file: {path}/predictions.jsonl.gz
    map: {{id: prediction_id, timestamp: ts, model: model, features: {features},
          prediction: prediction{proba}}}
window: {{size: {window}}}
reference: {{records: {path}/reference.jsonl.gz}}
""")
    results = os.path.join(folder, name + ".jsonl")
    subprocess.run([tidemark, "replay", config, "--results", results], check=True,
                   stdout=subprocess.DEVNULL)
    found = {}
    for line in open(results):
        record = json.loads(line)
        if record["side"] == "prediction" and record["segment"] == {}:
            for f in record["findings"]:
                column = (f["column"] or "").split(".")[-1]
                found[record["window_start"], column, f["metric"]] = f
            found[record["window_start"]] = record["predictions"]
    return found


def close(ours, theirs, what, scale=0):
    """1e-9 relative; the table itself carries 12 digits."""
    global compared
    compared += 1
    if ours is None or abs(ours - theirs) > max(1e-9 * abs(theirs), 1e-11 * scale):
        sys.exit(f"{what}: {ours} here, {theirs} in the table")


def value(found, start, column, metric):
    finding = found.get((start, column, metric))
    if finding is None:
        sys.exit(f"{start} {column}: no finding {metric}")
    return finding


def hold_reference(found, row, start, what):
    """The reference's own numbers, as any window's findings carry them."""
    names = moments if row["type"] == "num" else {}
    scale = max(abs(float(row["min"])), abs(float(row["max"]))) if names else 0
    for metric, column in names.items():
        finding = value(found, start, row["column"], metric)
        close(finding["reference"], float(row[column]), f"{what} {metric}", scale)
    distinct = value(found, start, row["column"], "distinct")["reference"]
    close(distinct, int(row["distinct"]), f"{what} distinct")
    missing = value(found, start, row["column"], "missing")["reference"]
    close(missing * int(row["n"]), int(row["null"] or 0), f"{what} null", 1e5)


def hold_window(found, row, start, what):
    n, null = int(row["n"]), int(row["null"] or 0)
    assert found[start] == n, f"{what}: {found[start]} rows here, {n} in the table"
    for metric, columns in rates.items():
        if all(row[c] == "" for c in columns):
            continue
        count = sum(int(row[c] or 0) for c in columns)
        finding = value(found, start, row["column"], metric)
        if n == null and metric != "missing":
            assert finding["status"] == "NO_DATA", what
            continue
        whole = n if metric == "missing" else n - null
        assert finding["n"] == whole, f"{what} {metric}: of {finding['n']} here, {whole}"
        close(round(finding["value"] * whole, 6), count, f"{what} {metric}")
    finding = value(found, start, row["column"], "distinct")
    assert finding["reason"] is None, f"{what}: distinct is not exact"
    close(finding["value"], int(row["distinct"]), f"{what} distinct")
    if row["type"] != "num":
        return
    scale = max(abs(float(row["min"])), abs(float(row["max"])))
    for metric, column in moments.items():
        if row[column] != "":
            finding = value(found, start, row["column"], metric)
            close(finding["value"], float(row[column]), f"{what} {metric}", scale)
            assert finding["lower"] is None or metric == "mean", f"{what}: {metric} is not exact"
    mean = value(found, start, row["column"], "mean")["value"]
    close(mean * (n - null), float(row["sum"]), f"{what} sum", scale * n)


def hold_drift(found, row, what):
    column = {"prediction": "$prediction", "score": "$score"}.get(row["column"], row["column"])
    column = column.removeprefix("score_")
    finding = value(found, int(row["start"]), column, methods[row["method"]])
    assert finding["dialect"], f"{what}: no dialect"
    if row["method"].endswith("_p"):
        global compared
        compared += 1
        if abs(finding["p_value"] - float(row["score"])) > 1e-6:
            sys.exit(f"{what}: p {finding['p_value']} here, {row['score']} in the table")
    else:
        close(finding["value"], float(row["score"]), what, 1e-4)


with tempfile.TemporaryDirectory() as folder:
    for name in sys.argv[3:] or sets:
        found = replay(folder, name)
        starts = sorted(key for key in found if isinstance(key, int))
        for row in csv.DictReader(open(os.path.join(golden, name, "columns.csv"))):
            start = int(row["start"])
            what = f"{name} {start} {row['column']}"
            if start == 0:
                hold_reference(found, row, starts[0], what)
            else:
                hold_window(found, row, start, what)
        for row in csv.DictReader(open(os.path.join(golden, name, "columns_drift.csv"))):
            hold_drift(found, row, f"{name} {row['start']} {row['column']} {row['method']}")
if compared < 1500:
    sys.exit(f"only {compared} numbers compared")
print(f"{compared} numbers equal; 1 passed, 0 failed")
