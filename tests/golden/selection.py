#!/usr/bin/env python3
"""Replays models whose labels come for some predictions rather than for others, and counts by hand
whose came: `coverage_by`, and the finding label_selection (SPEC 7.11).

usage: selection.py TIDEMARK SOURCE_DIR
Bins, the lumping of cells, X^2, Cramer's V and the tail of chi-square are written anew here.
"""
import json, math, os, random, subprocess, sys, tempfile

tidemark = sys.argv[1]
DAY = 86400000
compared = 0
CONFIG = """
name: m
problem_type: PROBLEM
inputs:
  predictions: {map: {id: id, timestamp: ts, prediction: said, country: country SCORE}}
  labels: {map: {id: id, timestamp: ts, target: truth}}
window: {size: 1d, label_horizon: 1d, early: [1h]}
segments: [country]
"""


def same(ours, theirs, what, tolerance=1e-11):
    global compared
    compared += 1
    if ours != theirs and (ours is None or theirs is None or isinstance(ours, str) or
                           abs(ours - theirs) > tolerance * max(abs(ours), abs(theirs))):
        sys.exit(f"{what}: {ours} here, {theirs} expected")


def tail(x, df):
    """Pr(chi-square(df) > x), by the finite sums for even and odd df (Abramowitz, Stegun 26.4)."""
    if df % 2 == 0:
        return math.exp(-x / 2) * math.fsum((x / 2) ** k / math.factorial(k) for k in range(df // 2))
    total, term = 0.0, math.sqrt(2 * x / math.pi) * math.exp(-x / 2)
    for k in range(1, df, 2):
        total += term
        term *= x / (k + 2)
    return math.erfc(math.sqrt(x / 2)) + total


def lump(bins):
    """Neighbours together until the smaller of both rows expects five; what is left joins the last."""
    n, m = (sum(column) for column in zip(*bins))
    cells, open_cell = [], [0, 0]
    for row in bins:
        open_cell = [a + b for a, b in zip(open_cell, row)]
        if min(n, m) * sum(open_cell) >= 5 * (n + m):
            cells.append(open_cell)
            open_cell = [0, 0]
    if cells:
        cells[-1] = [a + b for a, b in zip(cells[-1], open_cell)]
    return cells


def association(bins):
    """Cramer's V and p of [labelled, not] by cell; None where there is nothing to test."""
    if any(sum(column) == 0 for column in zip(*bins)):
        return None
    cells = lump(bins)
    if len(cells) < 2:
        return None
    rows = [sum(column) for column in zip(*cells)]
    total = sum(rows)
    square = math.fsum((cell[i] - sum(cell) * rows[i] / total) ** 2 / (sum(cell) * rows[i] / total)
                       for cell in cells for i in range(2))
    return math.sqrt(square / total), tail(square, len(cells) - 1)


def deciles(values):
    """Distinct linear-interpolation deciles."""
    values = sorted(values)
    edges = set()
    for i in range(1, 10):
        place = i * (len(values) - 1) / 10
        low = math.floor(place)
        high = min(low + 1, len(values) - 1)
        edges.add(values[low] + (values[high] - values[low]) * (place - low))
    return sorted(edges)


def replay(text, predictions, labels, reference):
    with tempfile.TemporaryDirectory() as folder:
        for name, records in (("p", predictions), ("l", labels), ("reference.jsonl", reference)):
            with open(os.path.join(folder, name), "w") as file:
                file.writelines(json.dumps(record) + "\n" for record in records)
        config, results, alerts = (os.path.join(folder, name) for name in ("c.yaml", "r", "a"))
        open(config, "w").write(text)
        subprocess.run([tidemark, "replay", config, "--predictions", os.path.join(folder, "p"),
                        "--labels", os.path.join(folder, "l"), "--results", results, "--alerts",
                        alerts], check=True, stdout=subprocess.DEVNULL)
        return [json.loads(line) for line in open(results)]


def hold(record, predictions, came, edges, number, classes, what):
    rows = [p for p in predictions if record["window_start"] <= p["ts"] < record["window_end"] and
            all(p[name] == value for name, value in record["segment"].items())]
    found = [f for f in record["findings"] if f["metric"] == "label_selection"][0]
    if record["timing"] == "early":
        same(record["coverage_by"], None, what)
        same(found["status"], "NO_DATA", what)
        return 0
    bins = [[0, 0] for _ in range(len(edges) + 1)]
    by_class = {name: [0, 0] for name in classes}
    for p in rows:
        if number(p) is not None and edges:
            bins[sum(edge < number(p) for edge in edges)][p["id"] not in came] += 1
        if classes:
            by_class[str(p["class"])][p["id"] not in came] += 1
    expected = [("$prediction", name, None, counts) for name, counts in sorted(by_class.items())]
    if edges:
        expected += [("$score" if classes else "$prediction", None, edge, counts)
                     for edge, counts in zip(edges + [None], bins)]
    expected = [e for e in expected if sum(e[3])]
    same(len(record["coverage_by"]), len(expected), what)
    for ours, (column, name, upper, counts) in zip(record["coverage_by"], expected):
        same(ours["column"], column, what)
        same(ours["class"], name, what)
        same(ours["upper"], upper, what)
        same(ours["eligible"], sum(counts), what)
        same(ours["labelled"], counts[0], what)
    tested = association(bins if edges else [by_class[name] for name in sorted(by_class)])
    if tested is None:
        same(found["status"], "INSUFFICIENT", what)
        return 0
    same(found["value"], tested[0], what + " V")
    same(found["p_value"], tested[1], what + " p", 1e-9)
    same(found["reason"], "biased" if tested[1] < .01 else None, what)
    same(found["n"], sum(map(sum, bins)) if edges else len(rows), what)
    return 1 if found["reason"] else 2


def run(problem, score, reference, bias, classes, seed):
    draw = random.Random(seed)
    predictions, labels, known = [], [], []
    for number in range(2400):
        p = {"id": f"i{number}", "ts": number * 4 * DAY // 2400, "country": draw.choice("AB")}
        p["score"] = draw.random() ** 2 if draw.random() < .95 else None
        p["said"] = draw.gauss(10, 3) if problem == "regression" else draw.choice(classes)
        p["class"] = p["said"]
        (known if number % 2 else predictions).append(p)
        if problem == "regression":
            level = min(1, max(0, (p["said"] - 5) / 10))
        else:
            level = p["score"] or 0 if score else p["said"] == classes[0]
        if draw.random() < (.2 + .6 * level if bias else .5):
            labels.append({"id": p["id"], "ts": p["ts"] + DAY // 2, "truth": p["said"]})
    came = {label["id"] for label in labels}
    labels = [label for label in labels if label["id"] in {p["id"] for p in predictions}]
    number = (lambda p: p["said"]) if problem == "regression" else (lambda p: p["score"])
    edges = []
    if problem != "classification_multiclass" and (score or problem == "regression"):
        values = [number(p) for p in known if number(p) is not None]
        edges = deciles(values) if reference else \
            [i / 10 for i in range(1, 10)] if problem != "regression" else []
    text = CONFIG.replace("PROBLEM", problem).replace("SCORE", ", proba: score" if score else "")
    if reference:
        text += "reference: {records: reference.jsonl}\n"
    judged = [0, 0, 0]
    what = f"{problem} score {score} reference {reference} bias {bias}"
    for record in replay(text, predictions, labels, known):
        if record["side"] == "label":
            judged[hold(record, predictions, came, edges, number,
                        [str(name) for name in classes], what)] += 1
    if edges or classes:
        assert judged[1 if bias else 2] >= 4, f"{what}: {judged}"


run("classification_binary", True, False, True, (0, 1), 1)
run("classification_binary", True, False, False, (0, 1), 2)
run("classification_binary", True, True, True, (0, 1), 3)
run("classification_binary", False, False, True, (0, 1), 4)
run("classification_multiclass", False, False, True, ("ham", "spam", "junk", "rare"), 5)
run("classification_multiclass", False, True, False, ("ham", "spam", "junk"), 6)
run("regression", False, True, True, (), 7)
print(f"{compared} numbers")
