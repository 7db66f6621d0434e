#!/usr/bin/env python3
"""Replays the records of tests/golden/cards, three classes, and holds every window's numbers to
scikit-learn 1.9.1 at 1e-9 relative.

usage: cards.py TIDEMARK SOURCE_DIR
Different on purpose: a measure whose denominator is zero is UNDEFINED here, 0 in scikit-learn.
Left for later: roc_auc_ovo_macro. records.csv.xz and the tables are described in LICENCE.md there.
"""
import csv, json, lzma, os, sys, tempfile
from golden import Golden, label_side

tidemark, source = sys.argv[1], sys.argv[2]
here = os.path.join(source, "tests", "golden", "cards")
classes = ["highstreet_card", "prepaid_card", "upmarket_card"]
columns = {"accuracy": "accuracy_score", "roc_auc_ovr_macro": "roc_auc_ovr",
           "roc_auc_ovr_weighted": "roc_auc_ovr_weighted", "log_loss": "log_loss",
           "mcc": "matthews_corrcoef", "kappa": "cohen_kappa_score"}
for measure in ("precision", "recall", "f1"):
    for average in ("macro", "micro", "weighted"):
        columns[f"{measure}_{average}"] = f"{measure}_{average}"


def table(name):
    return list(csv.DictReader(lzma.open(os.path.join(here, name + ".csv.xz"), "rt")))


def records_write(folder):
    labels = []
    with open(os.path.join(folder, "predictions.jsonl"), "w") as out:
        for row in table("records"):
            total = sum(float(row[name]) for name in classes)
            # to the last digit what the tables were computed from, for ties matter to a rank
            scores = {name: float(row[name]) / total for name in classes}
            out.write(json.dumps({"id": row["id"], "ts": int(row["ts"]),
                                  "features": {name: row[name] or None
                                               for name in ("app_channel", "is_customer")},
                                  "prediction": row["prediction"], "scores": scores}) + "\n")
            if row["label"]:
                labels.append((int(row["label_ts"]), row["id"], row["label"]))
    with open(os.path.join(folder, "labels.jsonl"), "w") as out:
        for ts, name, label in sorted(labels):
            out.write(json.dumps({"id": name, "ts": ts, "label": label}) + "\n")


def config(window, horizon, named=""):
    return f"""name: credit-card
problem_type: classification_multiclass
inputs:
  predictions:
    file: predictions.jsonl
    format: json
    map: {{id: id, timestamp: ts, features: features, prediction: prediction,
          proba: {{field: scores{named}}}}}
  labels:
    file: labels.jsonl
    format: json
    map: {{id: id, timestamp: ts, target: label}}
window: {{size: {window}, label_horizon: {horizon}}}
segments: [app_channel, is_customer]
rules: []
"""


def excused(metric, row):
    """A class that was true and never predicted, or the other way round."""
    def total(pick):
        return [sum(int(row[f"cm_{t}__{p}"]) for t in classes for p in classes if pick(t, p) == c)
                for c in classes]
    true, said = total(lambda t, p: t), total(lambda t, p: p)
    if metric in ("matthews_corrcoef",):
        return sorted(true)[1] == 0 or sorted(said)[1] == 0
    if metric.startswith("precision"):
        return any(t and not s for t, s in zip(true, said))
    return metric.startswith("recall") and any(s and not t for t, s in zip(true, said))


golden = Golden(tidemark)


def hold(record, row, absolute=0):
    matrix = record["confusion"]
    for i, true in enumerate(matrix["classes"]):
        for j, said in enumerate(matrix["classes"]):
            assert matrix["counts"][i][j] == int(row[f"cm_{true}__{said}"]), (row["start"], true, said)
    assert sum(map(sum, matrix["counts"])) == int(row["n_labeled"])
    golden.hold(record, row, columns, excused, absolute)
    for finding in record["findings"]:  # one class against the others, from the matrix
        if finding["metric"] in ("precision_score", "recall_score") and finding["status"] == "OK":
            name = finding["column"].removeprefix("$label:")
            side = 1 if finding["metric"] == "precision_score" else 0
            under = sum(int(row["cm_%s__%s" % ((name, c) if side == 0 else (c, name))]) for c in classes)
            golden.close(finding["value"], int(row[f"cm_{name}__{name}"]) / under,
                         f"{row['start']} {finding['metric']} {name}")


with tempfile.TemporaryDirectory() as folder:
    records_write(folder)
    for window in ("1d", "7d"):
        rows = table("metrics_" + window)
        for horizon, labels in (("3d", "grace"), ("400d", "all")):
            data, records = golden.replay(folder, config(window, horizon))
            found = label_side(records)
            wanted = [row for row in rows if row["labels"] == labels]
            assert len(wanted) == sum(1 for key in found if len(key) == 1), "other windows"
            for row in wanted:
                hold(found[(int(row["start"]),)], row)
    rows = table("metrics_segments")
    assert len(rows) == sum(1 for key in found if len(key) == 3), "other segments"
    for row in rows:  # printed with 12 digits
        hold(found[(int(row["start"]), row["segment"], row["value"] or None)], row, 2e-12)
    # the order in which classes get their numbers shows nowhere
    named = config(window, horizon, ", classes: [upmarket_card, prepaid_card, highstreet_card]")
    other = golden.replay(folder, named)[1]
    for r in records + other:
        del r["config_hash"]
    assert records == other, "the order of the classes shows"
golden.done(6000)
