#!/usr/bin/env python3
"""Replays examples/carloan and holds what lies between the groups of its segments to fairlearn 0.15.0.

usage: fairness.py TIDEMARK SOURCE_DIR
tests/golden/carloan/fairness.csv.xz was computed from the same records with fairlearn.metrics, a row
with start 0 of the reference. Then intervals, p, groups that are left out and crossed segments are
held to sums over the records themselves, with Newcombe's and the hypergeometric formulas again.
"""
import csv, gzip, json, lzma, math, os, sys, tempfile
from statistics import NormalDist
from golden import Golden, label_side, put

tidemark, source = sys.argv[1], sys.argv[2]
example = os.path.join(source, "examples", "carloan")
table = os.path.join(source, "tests", "golden", "carloan", "fairness.csv.xz")
WEEK, MIN_N = 7 * 86400000, 90
SEGMENTS = ["salary_range", "repaid_loan_on_prev_car"]
CROSSED = ":".join(SEGMENTS)
METRICS = ["demographic_parity_difference", "demographic_parity_ratio", "equalized_odds_difference",
           "equalized_odds_ratio", "equal_opportunity_difference"]
RATES = {"demographic_parity": [lambda c: (c["tp"] + c["fp"], sum(c.values()))],
         "equal_opportunity": [lambda c: (c["tp"], c["tp"] + c["fn"])],
         "equalized_odds": [lambda c: (c["tp"], c["tp"] + c["fn"]),
                            lambda c: (c["fp"], c["fp"] + c["tn"])],
         "predictive_parity": [lambda c: (c["tp"], c["tp"] + c["fp"])]}


def config(min_n, rules):
    text = open(os.path.join(example, "carloan.yaml")).read()
    for name in ("predictions", "labels", "reference"):
        text = put(text, name + ".jsonl.gz", os.path.join(example, name + ".jsonl.gz"))
    text = put(text, "label_horizon: 7d", "label_horizon: 400d")
    text = put(text, "segments: [salary_range, repaid_loan_on_prev_car]",
               "segments: [salary_range, repaid_loan_on_prev_car, [salary_range, repaid_loan_on_prev_car]]\n"
               f"fairness: {{min_n: {min_n}}}")
    lines = text.split("\n")
    start = next(i for i, line in enumerate(lines) if line.startswith("rules:"))
    return "\n".join(lines[:start] + [rules])


def fairness(record):
    return {(f["metric"], f["column"]): f for f in record["findings"] if f["family"] == "fairness"}


def wilson(k, n, z):
    middle, half = (k + z * z / 2) / (n + z * z), z / (n + z * z) * math.sqrt(k * (n - k) / n + z * z / 4)
    return middle - half, middle + half


def mid_p(k1, n1, k2, n2):
    """Outcomes that are as probable as this one count half; whole numbers until the end."""
    total = k1 + k2
    weights = {x: math.comb(n1, x) * math.comb(n2, total - x)
               for x in range(max(0, total - n2), min(n1, total) + 1)}
    less = sum(w for w in weights.values() if w < weights[k1])
    same = sum(w for w in weights.values() if w == weights[k1])
    return (2 * less + same) / (2 * sum(weights.values())) if len(weights) > 1 else 1.0


def group_name(group):
    return ", ".join(f"{name}={value}" for name, value in group)


def rows_of(records, labels):
    """Confusion counts by (window, segment, group as a list of name and value)."""
    counts = {}
    for line in records:
        p = json.loads(line)
        label = labels.get(p["prediction_id"])
        if label is None:
            continue
        cell = ("t" if p["prediction"] == label else "f") + ("p" if p["prediction"] else "n")
        text = {s: {True: "true", False: "false"}.get(p["features"][s], p["features"][s]) for s in SEGMENTS}
        for name, parts in [(s, [s]) for s in SEGMENTS] + [(CROSSED, SEGMENTS)]:
            group = tuple((part, text[part]) for part in parts)
            key = (p["ts"] // WEEK * WEEK, name, group)
            counts.setdefault(key, dict.fromkeys(("tp", "fp", "tn", "fn"), 0))[cell] += 1
    return counts


def expected(groups, metric):
    """value, (lower, upper), p, the two groups and those left out, of one window and segment."""
    what, ratio = metric.rsplit("_", 1)
    worst, pairs = None, 0
    for rate in RATES[what]:
        rates, out = [], []
        for name in sorted(groups, key=lambda group: "\x1f".join(value for _, value in group).encode()):
            k, n = rate(groups[name])
            if sum(groups[name].values()) < MIN_N or n == 0:
                out.append(name)
            else:
                rates.append((k / n, k, n, name))
        if len(rates) < 2:
            return None
        high, low = max(rates, key=lambda r: r[0]), min(rates, key=lambda r: r[0])
        pairs += len(rates) * (len(rates) - 1) // 2
        if ratio == "ratio" and high[0] == 0:
            return None
        value = low[0] / high[0] if ratio == "ratio" else high[0] - low[0]
        if worst is None or (value < worst[0] if ratio == "ratio" else value > worst[0]):
            worst = (value, high, low, out)
    value, high, low, out = worst
    z = NormalDist().inv_cdf(1 - .025 / pairs)
    (l1, u1), (l2, u2) = wilson(high[1], high[2], z), wilson(low[1], low[2], z)
    ends = (None, None) if ratio == "ratio" else \
        (value - math.hypot(high[0] - l1, u2 - low[0]), value + math.hypot(u1 - high[0], low[0] - l2))
    return value, ends, min(1, pairs * mid_p(high[1], high[2], low[1], low[2])), high, low, out


def hold(finding, groups, what):
    want = expected(groups, finding["metric"])
    if want is None:
        assert finding["status"] == "UNDEFINED", f"{what}: {finding}"
        return
    value, ends, p, high, low, out = want
    golden.close(finding["value"], value, what)
    golden.close(finding["p_value"], p, what + " p", 1e-12)
    for end, ours in zip(ends, (finding["lower"], finding["upper"])):
        assert (end is None) == (ours is None), what
        if end is not None:
            golden.close(ours, end, what + " interval", 1e-12)
    rows = sum(sum(c.values()) for c in groups.values())
    causes = [("group_highest", group_name(high[3]), high[0]), ("group_lowest", group_name(low[3]), low[0])]
    causes += [("group_left_out", group_name(group), sum(groups[group].values()) / rows) for group in out]
    ours = [(c["what"], c["name"], c["share"]) for c in finding["contributors"]]
    assert [c[:2] for c in ours] == [c[:2] for c in causes[:5]], f"{what}: {ours} {causes}"
    for c, w in zip(ours, causes):
        golden.close(c[2], w[2], f"{what} {w}")
    assert (finding["reason"] == "values that are no group were left out") == bool(out), what


golden = Golden(tidemark)
rows = list(csv.DictReader(lzma.open(table, "rt", encoding="utf-8")))
labels = {r["prediction_id"]: r["label"] for r in
          map(json.loads, gzip.open(os.path.join(example, "labels.jsonl.gz"), "rt"))}
counts = rows_of(gzip.open(os.path.join(example, "predictions.jsonl.gz"), "rt"), labels)
with tempfile.TemporaryDirectory() as folder:
    found = label_side(golden.replay(folder, config(1, "rules: []"))[1])
    windows = [key[0] for key in found if len(key) == 1]
    compared = 0
    for row in rows:
        for metric in METRICS:
            start = int(row["start"]) or windows[0]
            finding = fairness(found[start,])[metric, row["segment"]]
            what = f"{row['start']} {row['segment']} {metric}"
            ours = finding["value"] if int(row["start"]) else finding["reference"]
            golden.close(ours, float(row[metric]), what, 2e-12)  # printed with 12 digits
            compared += 1
    assert compared == len(rows) * len(METRICS) == 460, compared
    rule = "rules: [{name: four-fifths, metric: disparate_impact, below: 0.8, columns: [salary*], min_n: 500}]"
    found = label_side(golden.replay(folder, config(MIN_N, rule))[1])
    for start in windows:
        for (metric, segment), finding in fairness(found[start,]).items():
            groups = {key[2]: c for key, c in counts.items() if key[:2] == (start, segment)}
            hold(finding, groups, f"{start} {segment} {metric}")
    for key, record in found.items():  # what a segment cell holds are the counts of its group
        if len(key) > 1:
            group = tuple(record["segment"].items())
            name = ":".join(part for part, _ in group)
            assert record["confusion"] == counts[key[0], name, group], key
            assert not fairness(record), key
    alerts = [(a["kind"], a["column"], a["state"]) for a in golden.alerts]
    assert alerts == [("fairness", column, "firing") for column in
                      ("salary_range", CROSSED)], alerts
golden.done(6000)
