#!/usr/bin/env python3
"""Replays examples/carloan and holds what is estimated without labels to NannyML 0.13.1.

usage: estimates.py TIDEMARK SOURCE_DIR
 1. tests/golden/carloan/calibration.csv has the thresholds of the isotonic regression that NannyML
    learnt from the reference: the calibration in the profile gives each of its scores its share.
 2. estimates.csv has NannyML's estimates for windows of 7 d: held at 1e-9, the area under the ROC
    curve at 2e-7, for NannyML rounds what it sums to 5 decimals.
 3. The ends of the intervals are computed once more, by numerical derivatives of each measure in
    every outcome and every block of the calibration.
 4. A profile gives the findings of the records. One whose scores are taken as they are, and one that
    has seen other scores than those that come, say so; a calibration that is none is refused.
 5. When the labels have come, estimate_error_* is what they say less what the same rows' scores said.
 6. prediction_entropy, prediction_margin and prediction_confidence are computed from the records.
"""
import csv, gzip, json, math, os, subprocess, sys, tempfile
from golden import Golden, put

tidemark, source = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
example = os.path.join(source, "examples", "carloan")
here = os.path.join(source, "tests", "golden", "carloan")
golden = Golden(tidemark)
WEEK, Z = 7 * 86_400_000, 1.959963984540054


def table(name):
    return list(csv.DictReader(open(os.path.join(here, name + ".csv"))))


def config(reference):
    text = open(os.path.join(example, "carloan.yaml")).read()
    for name in ("predictions", "labels"):
        text = put(text, name + ".jsonl.gz", os.path.join(example, name + ".jsonl.gz"))
    text = put(text, "{records: reference.jsonl.gz}", reference)
    lines = text.split("\n")
    kept = [line for line in lines if not line.startswith(("segments:", "  - {"))]
    return put("\n".join(kept), "rules:", "rules: []")


def estimates(folder, reference):
    """The findings of the family, by window start and metric, and the measured area."""
    records = golden.replay(folder, config(reference))[1]
    return {(r["window_start"], f["metric"]): f for r in records for f in r["findings"]
            if f["family"] == "performance_estimate" or f["metric"] == "roc_auc"}


def values(found):
    return {key: (f["value"], f["lower"], f["upper"], f["reference"]) for key, f in found.items()}


def blocks_of(calibration):
    flat = calibration["blocks"]
    return [flat[i:i + 4] for i in range(0, len(flat), 4)]


def mixture(blocks, score):
    """The blocks that a score's share is made of: (number, part)."""
    for i, (low, high, _, _) in enumerate(blocks):
        if score <= high:
            if score >= low or i == 0:
                return [(i, 1)]
            t = (score - blocks[i - 1][1]) / (low - blocks[i - 1][1])
            return [(i - 1, 1 - t), (i, t)]
    return [(len(blocks) - 1, 1)]


def share_of(blocks, score):
    return sum(part * blocks[i][2] for i, part in mixture(blocks, score))


def area(rows):
    """rows: (score, said, p, count)"""
    sides = {}
    for score, _, p, count in rows:
        a, b = sides.get(score, (0, 0))
        sides[score] = a + count * p, b + count * (1 - p)
    wins = above = 0
    for score in sorted(sides, reverse=True):
        a, b = sides[score]
        wins += b * (above + a / 2)
        above += a
    return wins / (above * sum(b for _, b in sides.values()))


def measure(name, rows):
    tp = sum(p * count for _, said, p, count in rows if said)
    fp = sum((1 - p) * count for _, said, p, count in rows if said)
    fn = sum(p * count for _, said, p, count in rows if not said)
    tn = sum((1 - p) * count for _, said, p, count in rows if not said)
    return {"estimated_accuracy_score": lambda: (tp + tn) / (tp + tn + fp + fn),
            "estimated_precision_score": lambda: tp / (tp + fp),
            "estimated_recall_score": lambda: tp / (tp + fn),
            "estimated_specificity": lambda: tn / (tn + fp),
            "estimated_f1_score": lambda: 2 * tp / (2 * tp + fp + fn),
            "estimated_roc_auc": lambda: area(rows)}[name]()


def interval(name, groups, blocks):
    """groups: {(score, said): rows}"""
    keys = sorted(groups)
    shares = [share_of(blocks, score) for score, _ in keys]
    step = 1e-6

    def at(moved):
        return measure(name, [(*key, p + d, groups[key]) for key, p, d in zip(keys, shares, moved)])

    def slope(direction):
        return (at([step * d for d in direction]) - at([-step * d for d in direction])) / (2 * step)

    variance = 0
    for i, (key, p) in enumerate(zip(keys, shares)):
        of_group = slope([float(j == i) for j in range(len(keys))])
        variance += p * (1 - p) * of_group ** 2 / groups[key]
    for number, (_, _, share, n) in enumerate(blocks):
        direction = [dict(mixture(blocks, score)).get(number, 0) for score, _ in keys]
        if any(direction):
            shrunk = (share * n + .5) / (n + 1)
            variance += slope(direction) ** 2 * shrunk * (1 - shrunk) / (n + 1)
    value, half = measure(name, [(*key, p, groups[key]) for key, p in zip(keys, shares)]), Z * math.sqrt(variance)
    return max(value - half, 0), min(value + half, 1)


def hold(found, columns):
    for row in table("estimates"):
        for metric in columns:
            finding = found[int(row["start"]), metric]
            assert finding["status"] == "OK", finding
            golden.close(finding["value"], float(row[metric]), f"{row['start']} {metric}",
                         2e-7 if metric == "estimated_roc_auc" else 1e-12)


def scores():
    """Of each window the scores and what was said."""
    windows = {}
    for line in gzip.open(os.path.join(example, "predictions.jsonl.gz"), "rt"):
        record = json.loads(line)
        windows.setdefault(record["ts"] // WEEK * WEEK, []).append((record["score"], record["prediction"]))
    return windows


def labelled():
    """Of each window the scores and the labels that came within its horizon."""
    windows, rows = {}, {}
    for line in gzip.open(os.path.join(example, "predictions.jsonl.gz"), "rt"):
        record = json.loads(line)
        rows[record["prediction_id"]] = record["ts"] // WEEK * WEEK, record["score"]
    for line in gzip.open(os.path.join(example, "labels.jsonl.gz"), "rt"):
        record = json.loads(line)
        start, score = rows[record["prediction_id"]]
        if record["ts"] < start + 2 * WEEK:
            windows.setdefault(start, []).append((score, record["label"]))
    return windows


def hold_errors(found, blocks):
    for start, rows in labelled().items():
        n, shares = len(rows), [share_of(blocks, score) for score, _ in rows]
        parts = [0] * len(blocks)
        for score, _ in rows:
            for number, part in mixture(blocks, score):
                parts[number] += part / n
        shrunk = [((share * m + .5) / (m + 1), m) for _, _, share, m in blocks]
        half = Z * math.sqrt(sum(p * (1 - p) for p in shares) / n / n
                             + sum(x * x * v * (1 - v) / (m + 1) for x, (v, m) in zip(parts, shrunk)))
        value = math.fsum(label - p for (_, label), p in zip(rows, shares)) / n
        finding = found[start, "estimate_error_prevalence"]
        assert finding["n"] == n
        for end, wanted in (("value", value), ("lower", value - half), ("upper", value + half)):
            golden.close(finding[end], wanted, f"{start} estimate_error_prevalence {end}", 1e-12)
        came = found[start, "roc_auc"]["value"] - area([(score, 0, p, 1) for (score, _), p in zip(rows, shares)])
        finding = found[start, "estimate_error_roc_auc"]
        golden.close(finding["value"], came, f"{start} estimate_error_roc_auc", 1e-12)
        assert finding["lower"] < came < finding["upper"]


def near(ours, theirs, what):
    golden.compared += 1
    assert abs(ours - theirs) < 2e-6 * abs(theirs), f"{what}: {ours} here, {theirs} by derivatives"


def sure(rows):
    both = [(p, 1 - p) for p, _ in rows]
    return {"prediction_entropy": [-sum(p * math.log(p) for p in pair if p > 0) for pair in both],
            "prediction_margin": [abs(p - q) for p, q in both],
            "prediction_confidence": [max(pair) for pair in both]}


def hold_sureness(found, windows):
    for start, rows in windows.items():
        for metric, x in sure(rows).items():
            finding, n = found[start, metric], len(x)
            mean = math.fsum(x) / n
            half = Z * math.sqrt(math.fsum((v - mean) ** 2 for v in x) / (n - 1) / n)
            assert finding["n"] == n
            for end, wanted in (("value", mean), ("lower", mean - half), ("upper", mean + half)):
                golden.close(finding[end], wanted, f"{start} {metric} {end}")


def profile_with(path, name, change):
    document = json.load(open(path))
    for cell in document["cells"]:
        if "calibration" in cell:
            change(cell["calibration"])
    changed = os.path.join(os.path.dirname(path), name)
    json.dump(document, open(changed, "w"))
    return f"{{profile: {changed}}}"


def narrow(calibration):
    kept = [b for b in blocks_of(calibration) if .2 < b[0] and b[1] < .8]
    calibration["blocks"] = [x for block in kept for x in block]


def refused(folder, path, change, word):
    text = config(profile_with(path, "hostile.json", change))
    file = os.path.join(folder, "hostile.yaml")
    open(file, "w").write(text)
    run = subprocess.run([tidemark, "replay", file], capture_output=True, text=True)
    assert run.returncode == 65 and word in run.stderr, f"exit {run.returncode}: {run.stderr}"


with tempfile.TemporaryDirectory() as folder:
    records = f"{{records: {os.path.join(example, 'reference.jsonl.gz')}}}"
    found, windows = estimates(folder, records), scores()
    columns = [column for column in table("estimates")[0] if column != "start"]
    hold(found, columns)
    hold_sureness(found, windows)

    path, profile = os.path.join(folder, "config.yaml"), os.path.join(folder, "profile.json")
    subprocess.run([tidemark, "reference", "build", path, "--output", profile], check=True,
                   stdout=subprocess.DEVNULL)
    total = next(cell for cell in json.load(open(profile))["cells"] if cell["segment"] is None)
    blocks = blocks_of(total["calibration"])
    assert total["calibration"]["used"] is True
    for row in table("calibration"):
        golden.close(share_of(blocks, float(row["score"])), float(row["share"]), f"score {row['score']}")
    hold_errors(found, blocks)
    for start in sorted(windows)[3::20]:
        groups = {}
        for row in windows[start]:
            groups[row] = groups.get(row, 0) + 1
        for metric in columns:
            low, high = interval(metric, groups, blocks)
            near(found[start, metric]["lower"], low, f"{start} {metric} lower")
            near(found[start, metric]["upper"], high, f"{start} {metric} upper")

    assert values(estimates(folder, f"{{profile: {profile}}}")) == values(found), "a profile says something else"
    plain = estimates(folder, profile_with(profile, "plain.json", lambda c: c.update(used=False)))
    start = next(iter(windows))
    right = math.fsum(p if said else 1 - p for p, said in windows[start]) / len(windows[start])
    golden.close(plain[start, "estimated_accuracy_score"]["value"], right, "scores as they are")
    strange = estimates(folder, profile_with(profile, "narrow.json", narrow))
    assert {strange[s, m]["status"] for s in windows for m in columns} == {"UNRELIABLE"}
    assert all(strange[s, m]["value"] is not None for s in windows for m in columns)
    refused(folder, profile, lambda c: c.update(blocks=c["blocks"][::-1]), "blocks of a calibration")
    refused(folder, profile, lambda c: c.update(blocks=c["blocks"][1:]), "whole blocks")
    refused(folder, profile, lambda c: c.update(blocks=[]), "no block")
golden.done(950)
