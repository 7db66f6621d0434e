#!/usr/bin/env python3
"""Holds the dialects `evidently` and `nannyml` to the tools whose names they have.

usage: dialects.py TIDEMARK SOURCE_DIR [SET...]
tests/golden/SET/dialects.csv.xz has the scores of Evidently 0.7.23 and NannyML 0.13.1 for every
column and window of four data sets; `drifted` of evidently_drift_score is the test that Evidently
took by default and whether the column drifted by it; of a metric of NannyML, whether it alarmed.
dialects_thresholds.csv has the level of each of those alarms: mean + 3 standard deviations of the
metric over the reference's own windows.

Differences that are meant:
 - the tables are printed with 12 digits;
 - SciPy's series for the p of Kolmogorov-Smirnov is wrong by up to 2e-6 where n m / (n + m) is
   between 140 and 256; here that p is exact;
 - NannyML adds a bin of 1e-16 where shares do not add up to 1 by rounding: below the tolerance.
"""
import csv, json, lzma, os, subprocess, sys, tempfile

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
tests = {"evidently_" + test: 1e-6 for test in ("chisquare", "z", "anderson", "cramer_von_mises",
                                                "mannw", "t_test")}
tests["evidently_ks"] = 2e-6
compared = 0


def replay(folder, name, detectors, rules="[]"):
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
detectors: {detectors}
rules: {rules}
""")
    results, alerts = (os.path.join(folder, name + end) for end in (".jsonl", ".alerts"))
    subprocess.run([tidemark, "replay", config, "--results", results, "--alerts", alerts],
                   check=True, stdout=subprocess.DEVNULL)
    found = {}
    for line in open(results):
        record = json.loads(line)
        if record["side"] == "prediction" and record["segment"] == {}:
            for f in record["findings"]:
                column = (f["column"] or "").split(".")[-1]
                found[record["window_start"], column, f["metric"]] = f
    return found


def ours(column):
    return {"prediction": "$prediction", "score": "$score"}.get(column,
                                                                column.removeprefix("score_"))


def hold(found, row, what):
    global compared
    finding = found.get((int(row["start"]), ours(row["column"]), row["metric"]))
    if finding is None or finding["value"] is None:
        sys.exit(f"{what}: {finding} here, {row['value']} in the table")
    value, table = finding["value"], float(row["value"])
    within = tests[row["metric"]] if row["metric"] in tests else max(1e-9 * abs(table), 1e-12)
    if abs(value - table) > within:
        sys.exit(f"{what}: {value} here, {table} in the table")
    assert finding["dialect"] == row["metric"].split("_")[0], what
    compared += 1


def hold_default(found, row, drifted, what):
    """The test that Evidently takes, and what it says of the column."""
    test, says = row["drifted"].split(":")
    start, column = int(row["start"]), ours(row["column"])
    score = found[start, column, "evidently_drift_score"]
    assert score["reason"].startswith(test + ": "), (what, test, score)
    detected = found[start, column, "evidently_drift_detected"]
    assert detected["value"] == int(says), (what, says, detected)
    drifted.setdefault(start, []).append(int(says))


def transitions(table):
    """Runs of alarms, as an incident tells them: it fires, and resolves one window later."""
    last, expected = {}, set()
    for row in sorted(table, key=lambda row: int(row["start"])):
        key = ours(row["column"]), row["metric"]
        if row["drifted"] != last.get(key, "0"):
            expected.add((*key, int(row["start"]), "firing" if row["drifted"] == "1" else "resolved"))
        last[key] = row["drifted"]
    return expected


def hold_thresholds(folder, name, table):
    """The alarms of NannyML and their levels, which are those of the reference's own windows."""
    global compared
    level = {}
    for row in csv.DictReader(open(os.path.join(golden, name, "dialects_thresholds.csv"))):
        level[ours(row["column"]), row["metric"]] = row["upper"]
    found = set()
    for line in open(os.path.join(folder, name + ".alerts")):
        alert = json.loads(line)
        key = alert["column"].split(".")[-1], alert["metric"]
        if key not in level:
            continue  # NannyML was not asked about the scores of classes
        found.add((*key, alert["window_start"], alert["state"]))
        table_level = float(level[key])
        assert alert["threshold_source"] == "reference", alert
        if abs(alert["threshold"] - table_level) > 1e-9 * table_level:
            sys.exit(f"{name} {key}: level {alert['threshold']} here, {table_level} in the table")
        compared += 1
    expected = transitions(row for row in table if row["metric"] in levelled)
    if found != expected:
        sys.exit(f"{name}: alarms differ: {sorted(found ^ expected)[:5]}")


levelled = ["nannyml_" + metric for metric in ("hellinger", "jensen_shannon", "kolmogorov_smirnov",
                                               "l_infinity", "wasserstein")]
levels = json.dumps([{"name": metric, "metric": metric, "columns": ["*"],
                      "above": "reference_std(3)"} for metric in levelled])

with tempfile.TemporaryDirectory() as folder:
    for name in sys.argv[3:] or sets:
        levelled_too = name != "carloan_dq"  # the same columns as carloan's
        found = replay(folder, name, "{dialects: [evidently, nannyml, scipy]}",
                       levels if levelled_too else "[]")
        drifted = {}
        with lzma.open(os.path.join(golden, name, "dialects.csv.xz"), "rt") as file:
            table = list(csv.DictReader(file))
        for row in table:
            what = f"{name} {row['start']} {row['column']} {row['metric']}"
            hold(found, row, what)
            if row["metric"] == "evidently_drift_score":
                hold_default(found, row, drifted, what)
        for start, says in drifted.items():
            share = found[start, "", "evidently_drift_share"]
            assert share["n"] == len(says), (name, start, share, len(says))
            assert abs(share["value"] - sum(says) / len(says)) < 1e-12, (name, start, share)
        if levelled_too:
            hold_thresholds(folder, name, table)
    bare = replay(folder, "bikes", "{}",
                  "[{name: far, metric: nannyml_wasserstein, columns: [temp], above: 1}]")
    asked = {key[2] for key in bare if bare[key]["dialect"] in ("evidently", "nannyml")}
    assert asked == {"nannyml_wasserstein"}, asked
    assert not any(key[2] == "anderson_ksamp" for key in bare)
if compared < 10000 and not sys.argv[3:]:
    sys.exit(f"only {compared} numbers compared")
print(f"{compared} numbers equal; 1 passed, 0 failed")
