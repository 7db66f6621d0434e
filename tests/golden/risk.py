#!/usr/bin/env python3
"""Replays a classifier and a regression whose losses rise at the half while their inputs stay, and holds
the metric `risk` of every window to the definition of SPEC 7.10, and its alert to the windows.

usage: risk.py TIDEMARK SOURCE_DIR
The definition is that of tests/oracles/risk.py, from exact fractions of the records themselves.
"""
import json, os, random, subprocess, sys, tempfile
from fractions import Fraction

tidemark, source = sys.argv[1], sys.argv[2]
sys.path.insert(0, os.path.join(source, "tests", "oracles"))
sys.dont_write_bytecode = True
import risk

risk.getcontext().prec = 24
HOURS, DAYS, ROWS = 12, 16, 40  # of a window, of the stream, of rows a window
START = 20000 * 24  # hours since the epoch
compared = 0
CONFIG = """\
name: risk
problem_type: %s
inputs:
  predictions:
    file: predictions.jsonl
    map: {id: id, timestamp: ts, model: model, prediction: said, features: f}
  labels: {file: labels.jsonl, map: {id: id, timestamp: ts, target: was}}
window: {size: 12h, label_horizon: 1d}
reference: {records: reference.jsonl}
columns: {x: {type: numeric}}
alerting: {false_alarms: 1 per 30d}
"""


def row(draw, number, rate, regression):
    said = draw.random() * 10 if regression else float(draw.random() < .4)
    was = said + draw.expovariate(1 / rate) if regression else abs(said - (draw.random() < rate))
    return {"id": str(number), "model": "m", "said": said, "was": was, "f": {"x": draw.random()}}


def write(folder, name, records):
    with open(os.path.join(folder, name), "w") as file:
        file.writelines(json.dumps(record) + "\n" for record in records)


def close(ours, theirs, what):
    global compared
    compared += 1
    if ours is None or abs(ours - float(theirs)) > 1e-9 * max(1e-300, abs(float(theirs)), 1e-3):
        sys.exit(f"{what}: {ours} here, {theirs} expected")


def loss(record):
    return Fraction(abs(record["said"] - record["was"]))


def replay(folder, reference, windows, problem):
    write(folder, "reference.jsonl", [dict(r, ts=START * 3600000) for r in reference])
    stamped = [dict(r, ts=(START + HOURS * i) * 3600000 + 60000 * j)
               for i, rows in enumerate(windows) for j, r in enumerate(rows)]
    write(folder, "predictions.jsonl", [{k: r[k] for k in r if k != "was"} for r in stamped])
    write(folder, "labels.jsonl",
          [{"id": r["id"], "ts": r["ts"] + 3600000, "was": r["was"]} for r in stamped])
    config = os.path.join(folder, "risk.yaml")
    open(config, "w").write(CONFIG % problem)
    paths = [os.path.join(folder, name) for name in ("results.jsonl", "alerts.jsonl")]
    subprocess.run([tidemark, "replay", config, "--results", paths[0], "--alerts", paths[1]],
                   check=True, stdout=subprocess.DEVNULL)
    return [[json.loads(line) for line in open(path)] for path in paths]


def expected(reference, windows, regression):
    losses = [loss(r) for r in reference]
    cap = max(losses) if regression else Fraction(1)
    mean = sum(losses) / len(losses)
    level = risk.level_of(mean / cap, len(losses), not regression)
    cut = [(START // HOURS + i, [min(loss(r), cap) / cap for r in rows])
           for i, rows in enumerate(windows)]
    return mean, [(n, *(x * risk.dec(cap) for x in (value, low, high)), 1 / e.exp())
                  for n, value, low, high, e in risk.follow(cut, HOURS, level)]


def hold(problem, seed, usual, later):
    draw, regression = random.Random(seed), problem == "regression"
    reference = [row(draw, i, usual, regression) for i in range(1500)]
    count = DAYS * 24 // HOURS
    windows = [[row(draw, i * ROWS + j, later if i * 2 >= count else usual, regression)
                for j in range(ROWS)] for i in range(count)]
    with tempfile.TemporaryDirectory() as folder:
        results, alerts = replay(folder, reference, windows, problem)
    mean, steps = expected(reference, windows, regression)
    found = {r["window_start"] // 3600000 // HOURS - START // HOURS:
             [f for f in r["findings"] if f["metric"] == "risk"]
             for r in results if r["side"] == "label" and r["model_version"] is None}
    if sorted(found) != list(range(count)):
        sys.exit(f"{problem}: windows {sorted(found)}")
    for i, step in enumerate(steps):
        if len(found[i]) != 1:
            sys.exit(f"{problem}, window {i}: {found[i]}")
        for word, number in zip(("n", "value", "lower", "upper", "p_value"), step):
            close(found[i][0][word], number, f"{problem}, window {i}, {word}")
        close(found[i][0]["reference"], mean, f"{problem}, window {i}, reference")
    fired = [a for a in alerts if a["rule"] == "concept-drift"]
    if len(fired) != 1 or fired[0]["kind"] != "concept_drift" or fired[0]["state"] != "firing":
        sys.exit(f"{problem}: {fired}")
    if fired[0]["inputs_drifted"] is not False:
        sys.exit(f"{problem}: inputs did not drift, and the alert says {fired[0]}")
    first = next(i for i, step in enumerate(steps) if step[4] < fired[0]["threshold"])
    if fired[0]["window_start"] != (START + first * HOURS) * 3600000 or first * 2 < count:
        sys.exit(f"{problem}: window {first} is the first that alarms, not {fired[0]}")


hold("classification_binary", 11, .1, .4)
hold("regression", 12, 1.0, 2.5)
print(f"{compared} numbers equal, 2 alerts")
