#!/usr/bin/env python3
"""A reference of a hundred classes and 32 business measures keeps what it knows of each.

usage: many_classes.py TIDEMARK SOURCE_DIR
The records are made here from a linear recurrence; precision, recall and specificity of each class,
the mean of each column and each business sum of the profile are counted again from them.
"""
import collections, json, os, subprocess, sys, tempfile

tidemark = os.path.abspath(sys.argv[1])
CLASSES, COLUMNS, MEASURES, RECORDS = 100, 1, 32, 3000


def made():
    state = 1
    for i in range(RECORDS):
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        target = i % CLASSES
        wrong = (state >> 33) % 10 < 3
        yield {"id": str(i), "ts": 1700000000000 + 1000 * i, "f": {f"c{k}": (i * (k + 1)) % 97 for k in range(COLUMNS)},
               "prediction": f"k{(target + (state >> 40) % CLASSES) % CLASSES if wrong else target:02}",
               "amount": i % 13, "label": f"k{target:02}"}


records = list(made())
config = {
    "name": "zoo", "problem_type": "classification_multiclass", "window": {"size": "1d", "label_horizon": "1d"},
    "inputs": {"predictions": {"file": "p", "map": {"id": "id", "timestamp": "ts", "prediction": "prediction",
                                                    "features": "f", "amount": "amount"}},
               "labels": {"file": "l", "map": {"id": "id", "timestamp": "ts", "target": "label"}}},
    "business": {f"amount{k:02}": {"sum": f"{k + 1} * amount"} for k in range(MEASURES)},
    "reference": {"records": "reference.jsonl"}}

pairs = collections.Counter((r["label"], r["prediction"]) for r in records)
names = sorted({r["label"] for r in records} | {r["prediction"] for r in records})
assert len(names) == CLASSES
with tempfile.TemporaryDirectory() as folder:
    path, profile = os.path.join(folder, "zoo.yaml"), os.path.join(folder, "profile.json")
    json.dump(config, open(path, "w"))
    with open(os.path.join(folder, "reference.jsonl"), "w") as file:
        file.writelines(json.dumps(r) + "\n" for r in records)
    subprocess.run([tidemark, "reference", "build", path, "--output", profile], check=True,
                   stdout=subprocess.DEVNULL)
    cell = next(c for c in json.load(open(profile))["cells"] if c["segment"] is None)
kept = {column["name"]: column["measures"] for column in cell["columns"]}


def hold(column, metric, expected):
    got = kept[column][metric][0]
    assert abs(got - expected) <= 1e-12 * max(1, abs(expected)), (column, metric, got, expected)


for name in names:
    tp = pairs[name, name]
    fn = sum(n for (true, said), n in pairs.items() if true == name != said)
    fp = sum(n for (true, said), n in pairs.items() if said == name != true)
    hold(f"$label:{name}", "recall_score", tp / (tp + fn))
    hold(f"$label:{name}", "precision_score", tp / (tp + fp))
    hold(f"$label:{name}", "specificity", (RECORDS - tp - fn - fp) / (RECORDS - tp - fn))
for k in range(COLUMNS):
    hold(f"c{k}", "mean", sum(r["f"][f"c{k}"] for r in records) / RECORDS)
for k in range(MEASURES):
    hold(f"amount{k:02}", "business", sum((k + 1) * r["amount"] for r in records))
print(f"{3 * CLASSES + COLUMNS + MEASURES} measures kept")
