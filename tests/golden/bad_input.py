#!/usr/bin/env python3
"""What data can do to a measure: a status and a reason, never an alert by itself, never a stop.

usage: bad_input.py TIDEMARK SOURCE_DIR
A model of each problem has a reference of good rows and then, window by window, bad ones; every metric and
every dialect is asked for, and a rule on each metric would fire at any value. Held, for every finding:
a value is a finite number and OK, or one of the statuses of SPEC 4.3 with a reason; what has no value has no
alert; and each case shows what it is there for.
"""
import json, os, re, subprocess, sys, tempfile

tidemark = sys.argv[1]
DAY = 86_400_000
START = 1_700_006_400_000  # a midnight
STATUSES = {"OK", "INSUFFICIENT", "UNDEFINED", "NO_DATA", "UNSTABLE", "PRELIMINARY", "UNRELIABLE"}
PROBLEMS = {"regression": None, "classification_binary": (0, 1), "classification_multiclass": ("a", "b", "c")}


def random(seed):
    """Numbers in [0, 1): the same in every run."""
    state = seed
    while True:
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        yield (state >> 11) / 2**53


def good(problem, draw):
    """A row of the reference, as fields of a record."""
    classes, wrong = PROBLEMS[problem], next(draw) < .2
    row = {"features": {"x": next(draw) * 10, "y": next(draw) - .5, "city": "pqr"[int(next(draw) * 3)], "same": 4}}
    if classes is None:
        row["target"] = row["features"]["x"] * 3 + next(draw)
        row["prediction"] = row["target"] + (9 if wrong else 1) * (next(draw) - .5)
        return row
    which = int(next(draw) * len(classes))
    said = (which + wrong) % len(classes)
    row["target"], row["prediction"] = classes[which], classes[said]
    sure = .5 + next(draw) / 2
    if problem == "classification_binary":
        row["score"] = sure if said else 1 - sure
    else:
        row["score"] = {name: sure if i == said else (1 - sure) / 2 for i, name in enumerate(classes)}
    return row


def features(**changed):
    return lambda row: dict(row, features={**row["features"], **changed})


def without(*names):
    return lambda row: {name: value for name, value in row.items() if name not in names}


def one_class(row):
    return dict(row, target={float: 1.0, int: 1, str: "a"}[type(row["target"])],
                prediction={float: 1.0, int: 1, str: "a"}[type(row["prediction"])])


def extreme(row):
    huge = 1.7e308 if row["features"]["y"] > 0 else -1.7e308
    numbers = {"target": -huge, "prediction": huge} if isinstance(row["target"], float) else {}
    return dict(row, features={"x": huge, "y": 5e-324, "city": "\u0000" + "long" * 200}, **numbers)


# name: (rows, what becomes of each)
CASES = {
    "good": (60, lambda row: row),
    "empty": (0, None),
    "one_row": (1, lambda row: row),
    "constant": (60, features(x=1, y=0, city="p")),
    "was_constant": (60, lambda row: features(same=row["features"]["x"])(row)),
    "one_class": (60, one_class),
    "all_missing": (60, lambda row: {**without("score")(row), "features": {}}),
    "nulls": (60, features(x=None, y=None, city=None)),
    "no_labels": (60, without("target")),
    "new_categories": (60, features(city="elsewhere")),
    "extreme": (60, extreme),
    "wrong_types": (60, features(x="seven", y=True, city=5)),
    "unknown_column": (60, features(z=3)),
    "good_again": (60, lambda row: row),
}


def write(path, records):
    with open(path, "w") as out:
        for record in records:
            out.write(json.dumps(record) + "\n")


def metrics():
    listed = subprocess.run([tidemark, "describe"], check=True, stdout=subprocess.PIPE, text=True).stdout
    return re.findall(r"^  ([a-z]\w+) ", listed, re.M)


def described(metric):
    return subprocess.run([tidemark, "describe", metric], check=True, stdout=subprocess.PIPE, text=True).stdout


def rules(problem):
    """One on every metric that the problem has, which any value breaks."""
    kind = {"regression": "regression", "classification_binary": "binary", "classification_multiclass": "multiclass"}
    out = []
    for metric in metrics():
        said = described(metric)
        needs = re.search(r"^  needs +(.*)", said, re.M)[1]
        for_one = any(word in needs for word in ("regression", "binary", "multiclass"))
        if metric.startswith("business") or for_one and kind[problem] not in needs:
            continue
        columns = ", columns: all" if re.search(r"example .*columns: all", said) else ""
        out.append(f"  - {{name: any-{metric}, metric: {metric}{columns}, above: -1e300, certainty: 0}}")
    assert len(out) > 60, out
    return "\n".join(out)


def replay(problem, folder):
    draw, predictions, labels, reference, starts = random(7), [], [], [], {}
    for i in range(400):
        reference.append(dict(good(problem, draw), id=f"r{i}", ts=START - 30 * DAY + i * 1000))
    for index, (case, (count, change)) in enumerate(CASES.items()):
        starts[START + index * DAY] = case
        for i in range(count):
            row = change(good(problem, draw))
            at, key = START + index * DAY + i * 1000, f"{case}-{i}"
            if "target" in row:
                labels.append({"id": key, "ts": at + 500, "target": row.pop("target")})
            predictions.append(dict(row, id=key, ts=at))
    paths = {name: os.path.join(folder, name + ".jsonl") for name in
             ("predictions", "labels", "reference", "results", "alerts")}
    for name, records in (("predictions", predictions), ("labels", labels), ("reference", reference)):
        write(paths[name], records)
    positive = "positive_class: 1\n" if problem == "classification_binary" else ""
    proba = "" if problem == "regression" else ", proba: score"
    config = os.path.join(folder, "config.yaml")
    open(config, "w").write(f"""name: bad
problem_type: {problem}
{positive}inputs:
  predictions: {{file: {paths["predictions"]}, map: {{id: id, timestamp: ts, features: features,
                prediction: prediction{proba}}}}}
  labels: {{file: {paths["labels"]}, map: {{id: id, timestamp: ts, target: target}}}}
window: {{size: 1d, label_horizon: 1d}}
segments: [city]
reference: {{records: {paths["reference"]}}}
detectors: {{dialects: [evidently, nannyml, scipy]}}
rules:
{rules(problem)}
""")
    done = subprocess.run([tidemark, "replay", config, "--results", paths["results"], "--alerts", paths["alerts"]],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert done.returncode == 0, done.stdout[-3000:]

    def read(name):
        return [json.loads(line, parse_constant=lambda said: sys.exit(f"{name}: {said}")) for line in open(paths[name])]
    return starts, read("results"), read("alerts")


def hold(problem):
    with tempfile.TemporaryDirectory() as folder:
        starts, results, alerts = replay(problem, folder)
    compared, sound = 0, set()
    for record in results:
        case = starts.get(record["window_start"])
        for finding in record["findings"]:
            where = (problem, case, record["side"], finding)
            assert finding["status"] in STATUSES, where
            if finding["value"] is None:
                assert finding["status"] != "OK" and finding["reason"], where
            if finding["status"] == "OK":
                assert isinstance(finding["value"], (int, float)), where
                sound.add((record["window_start"], finding["metric"], finding["column"]))
            assert finding["p_value"] is None or 0 <= finding["p_value"] <= 1, where
            lower, upper = finding["lower"], finding["upper"]
            assert lower is None or upper is None or lower <= upper, where
            compared += 1
    for alert in alerts:
        key = alert["window_start"], alert["metric"], alert["column"]
        assert alert["state"] == "resolved" or key in sound, alert
    return results, alerts, compared


starts_of = {START + index * DAY: case for index, case in enumerate(CASES)}
held = {problem: hold(problem) for problem in PROBLEMS}
LINE, TWO, MANY = PROBLEMS

# what each case is there for: (problem, case, metric, column, status, value; ...: any)
EXPECTED = [
    (LINE, "constant", "constant", "x", "OK", 1), (LINE, "constant", "std", "x", "OK", 0),
    (LINE, "constant", "drift", "x", "OK", ...), (LINE, "was_constant", "drift", "same", ..., ...),
    (LINE, "was_constant", "out_of_range", "same", "OK", ...),
    (TWO, "one_class", "specificity", "", "UNDEFINED", None), (TWO, "one_class", "recall_score", "", "OK", 1),
    (TWO, "one_class", "roc_auc", "", "UNDEFINED", None),
    (TWO, "one_class", "matthews_corrcoef", "", "UNDEFINED", None),
    (MANY, "one_class", "roc_auc_ovr", "", "UNDEFINED", None),
    (TWO, "all_missing", "missing", "x", "OK", 1), (TWO, "all_missing", "drift", "x", "NO_DATA", None),
    (TWO, "all_missing", "vanished_column", "x", "OK", 1), (TWO, "all_missing", "rows", "", "OK", 60),
    (TWO, "all_missing", "dataset_drift", "", "INSUFFICIENT", None),
    (TWO, "all_missing", "estimated_accuracy_score", "", "NO_DATA", None),
    (TWO, "nulls", "missing", "city", "OK", 1), (TWO, "nulls", "psi", "x", "NO_DATA", None),
    (TWO, "no_labels", "coverage", "", "OK", 0), (TWO, "no_labels", "accuracy_score", "", "NO_DATA", None),
    (TWO, "no_labels", "risk", "", "NO_DATA", None), (LINE, "no_labels", "r2_score", "", "NO_DATA", None),
    (TWO, "new_categories", "unseen", "city", "OK", 1), (TWO, "new_categories", "drift", "city", "NO_DATA", None),
    (LINE, "extreme", "nonfinite", "x", "OK", 1), (LINE, "extreme", "mean", "x", "NO_DATA", None),
    (LINE, "extreme", "mean_squared_error", "", "NO_DATA", None), (TWO, "extreme", "accuracy_score", "", "OK", ...),
    (TWO, "wrong_types", "mistyped", "x", "OK", 1), (TWO, "wrong_types", "drift", "x", "NO_DATA", None),
    (TWO, "unknown_column", "new_column", "z", "OK", 1), (TWO, "unknown_column", "mean", "z", "OK", 3),
    (TWO, "one_row", "drift", "x", "INSUFFICIENT", None), (TWO, "one_row", "std", "x", "UNDEFINED", None),
    (TWO, "one_row", "roc_auc", "", "UNDEFINED", None), (TWO, "good_again", "drift", "x", "OK", ...),
]


def found(problem, case, metric, column):
    for record in held[problem][0]:
        if starts_of.get(record["window_start"]) == case and not record["segment"]:
            for finding in record["findings"]:
                if finding["metric"] == metric and (finding["column"] or "") == column:
                    return finding
    sys.exit(f"{problem} {case}: no finding {metric} {column}")


for problem, case, metric, column, status, value in EXPECTED:
    finding = found(problem, case, metric, column)
    assert status in (..., finding["status"]) and value in (..., finding["value"]), (problem, case, finding)
for problem, (results, alerts, _) in held.items():
    assert not any(starts_of.get(record["window_start"]) == "empty" for record in results), "a window without rows"
    fired = {alert["metric"] for alert in alerts}
    assert len(fired) > 60, (problem, fired)
print(f"{sum(entry[2] for entry in held.values())} findings of {len(CASES)} cases; 1 passed, 0 failed")
