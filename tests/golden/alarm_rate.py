#!/usr/bin/env python3
"""The alarm rate of a config on its own reference, held to a replay of the same records.

usage: alarm_rate.py TIDEMARK SOURCE_DIR
 1. `reference build` counts as many alarms, rule by rule and column by column, as `replay` fires on
    the reference's records as predictions and labels; windows and the rate are counted again here.
    Rules on drift hold a window against the reference without it: their p are computed here, from
    the counts in the results and the dispersion in the profile.
 2. The order of the records says nothing.
 3. `check` prints the same line; a profile, records without a time, rules on the join and on early
    panes are said to have none; records beyond memory.pending are an error that names it.
"""
import collections, gzip, json, math, os, random, re, subprocess, sys, tempfile

tidemark, source = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
sys.path.insert(0, os.path.join(source, "tests", "oracles"))
from backtest import pearson
records = os.path.join(source, "examples", "bikes", "reference.jsonl.gz")
DAY = 86400000
RULES = [
    {"name": "drift", "metric": "drift", "columns": "all", "segments": "all"},
    {"name": "output", "metric": "drift", "columns": ["$prediction"], "for": "2 of 3"},
    {"name": "level", "metric": "mean", "columns": ["t*", "hum"], "above": "+10% reference"},
    {"name": "error", "metric": "mean_absolute_error", "above": "+10% reference", "certainty": 0},
    {"name": "many", "metric": "mean_absolute_error", "above": 1, "min_n": 100000},
    {"name": "coverage", "metric": "coverage", "below": 2},
    {"name": "soon", "metric": "mean_absolute_error", "above": 0, "pane": "early@12h"},
]
CONFIG = {
    "name": "bike-demand", "problem_type": "regression",
    "inputs": {
        "predictions": {"file": records, "map": {
            "id": "prediction_id", "timestamp": "ts", "model": "model", "version": "model_version",
            "features": "features", "prediction": "prediction"}},
        "labels": {"file": records, "map": {"id": "prediction_id", "timestamp": "ts", "target": "label"}}},
    "window": {"size": "7d", "label_horizon": "1d", "early": ["12h"]},
    "reference": {"records": records}, "segments": ["season"], "rules": RULES,
    "alerting": {"false_alarms": "2 per 10d"}}


def beta(a, b, x):
    """The regularised incomplete beta function, by Lentz' continued fraction."""
    if x > (a + 1) / (a + b + 2):
        return 1 - beta(b, a, 1 - x)
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x)
                     + b * math.log1p(-x)) / a
    c, d, value = 1, 1 / (1 - (a + b) * x / (a + 1)), 1 / (1 - (a + b) * x / (a + 1))
    for m in range(1, 500):
        for step in (m * (b - m) / ((a + 2 * m - 1) * (a + 2 * m)),
                     -(a + m) * (a + b + m) / ((a + 2 * m) * (a + 2 * m + 1))):
            d, c = 1 / (1 + step * x * d), 1 + step * x / c
            value *= c * d
    return front * value


def tail(f, d1, d2, lam):
    """Pr(noncentral F > f)."""
    return sum(math.exp(j * math.log(lam / 2) - lam / 2 - math.lgamma(j + 1)) *
               beta(d2 / 2, d1 / 2 + j, d2 / (d2 + d1 * f)) for j in range(int(lam) + 60))


def drift_alarms(records, profile, fired, columns):
    """Incidents of the rules on drift, each window held against all the others."""
    cells = json.load(open(profile))["cells"]
    total = next(c for c in cells if c["segment"] is None)
    spread = {c["name"]: c["backtest"] for c in total["columns"] if "backtest" in c}
    panes = [r for r in records if r["side"] == "prediction" and r["model_version"] is None
             and r["timing"] == "final"]
    counts = {(str(r["segment"]), d["column"], r["window_start"]): d["current"]
              for r in panes for d in r["distributions"]}
    effects = {(str(r["segment"]), f["column"], r["window_start"]): f["value"] > f["reference"]
               for r in panes for f in r["findings"] if f["metric"] == "drift" and f["value"] is not None}
    texts = {d["column"] for r in panes for d in r["distributions"] if "categories" in d}
    whole = {}
    for (segment, column, _), count in counts.items():
        kept = whole.get((segment, column), [0] * len(count))
        whole[segment, column] = [a + b for a, b in zip(kept, count)]
    alpha = 2 * 7 / 10 / (sum(c[0] != "$" for c in spread) * len({s for s, _ in whole}) + 1)
    states = collections.defaultdict(lambda: ([], [False]))
    for (segment, column, start), count in sorted(counts.items()):
        rest = [a - b for a, b in zip(whole[segment, column], count)]
        n, m = sum(count), sum(rest)
        unseen = [0] if column in texts else []  # a reference has seen all of its own
        square, df = pearson(count + unseen, rest + unseen, column in texts) if n and m else (0, 0)
        if df < 1 or (column[0] == "$" and segment != "{}"):
            continue
        phi, phi_df = spread[column]["phi"], spread[column]["df"]
        p = tail(square / (df * phi), df, phi_df, n * m / (n + m) * .01 / phi)
        assert abs(p / alpha - 1) > 1e-6
        breach = p < alpha and effects[segment, column, start]
        rule, m_of_n = ("output", (2, 3)) if column[0] == "$" else ("drift", (1, 1))
        judged, firing = states[segment, column]
        judged[:] = ([breach] + judged)[:m_of_n[1]]
        if breach and not firing[0] and sum(judged) >= m_of_n[0]:
            fired[rule] += 1
            columns[rule, column] += 1
        firing[0] = breach and (firing[0] or sum(judged) >= m_of_n[0])


def run(*words, code=0):
    done = subprocess.run([tidemark, *words], capture_output=True, text=True)
    assert done.returncode == code, f"{words}: exit {done.returncode}: {done.stderr}"
    return done.stdout if code == 0 else done.stderr


def summary(text):
    return next(line for line in text.splitlines() if line.startswith("on its own reference"))


with tempfile.TemporaryDirectory() as folder:
    def write(name, **changes):
        path = os.path.join(folder, name)
        json.dump(CONFIG | changes, open(path, "w"))
        return path

    path, profile = write("config.yaml"), os.path.join(folder, "profile.json")
    alerts = os.path.join(folder, "alerts")
    results = os.path.join(folder, "results")
    run("replay", path, "--alerts", alerts, "--results", results)
    fired, columns = collections.Counter(), collections.Counter()
    for line in open(alerts):
        alert = json.loads(line)
        if alert["state"] == "firing" and alert["rule"] not in (
                "coverage", "soon", "drift", "output"):
            fired[alert["rule"]] += 1
            columns[alert["rule"], alert["column"]] += 1
    windows = len({json.loads(line)["ts"] // (7 * DAY) for line in gzip.open(records, "rt")})

    built = run("reference", "build", path, "--output", profile)
    drift_alarms([json.loads(line) for line in open(results)], profile, fired, columns)
    assert all(fired[rule] for rule in ("drift", "level", "error")), fired
    table = {line.split()[0]: line.split() for line in built.split("\n  rule ")[1].splitlines()[1:]}
    for rule in ("drift", "output", "level", "error", "many"):
        judged = 0 if rule == "many" else windows
        assert table[rule][1:3] == [str(judged), str(fired[rule])], (table[rule], judged, fired)
        assert float(table[rule][3]) == float("%.3g" % (fired[rule] * 10 / (7 * windows)))
    for rule in ("drift", "level"):
        most = sorted((-n, column) for (name, column), n in columns.items() if name == rule)[:3]
        line = next(l for l in built.splitlines() if l.startswith(f"  {rule} "))
        assert re.findall(r"(\S+) \((\d+)\)", line) == [(c, str(-n)) for n, c in most], (line, most)
    assert "reference does not know it" in " ".join(table["coverage"])
    assert "a reference has none" in " ".join(table["soon"])
    total, tested = sum(fired.values()), fired["drift"] + fired["output"]
    line = summary(built)
    for part in ("alarms %.3g times in 10d (budget 2)" % (total * 10 / (7 * windows)), "optimistic",
                 f"{total} alarms in {windows} windows, {tested} of them by rules in the budget"):
        assert part in line, (part, line)
    assert summary(run("check", path)) == line

    lines = gzip.open(records, "rt").readlines()
    random.Random(1).shuffle(lines)
    shuffled = os.path.join(folder, "shuffled.jsonl")
    open(shuffled, "w").writelines(lines)
    mixed = write("mixed.yaml", reference={"records": shuffled})
    again = run("reference", "build", mixed, "--output", profile)
    assert built.split("\n  rule ")[1] == again.split("\n  rule ")[1], again

    assert "profile has no records" in summary(run("check", write("p.yaml", reference={"profile": profile})))
    untimed = json.loads(json.dumps(CONFIG["inputs"]))
    del untimed["predictions"]["map"]["timestamp"]
    assert "no time of their own" in summary(run("check", write("untimed.yaml", inputs=untimed)))
    small = run("check", write("small.yaml", memory={"pending": "2 MiB"}), code=71)
    assert "memory.pending: raise it" in small, small
print(f"{total} alarms in {windows} windows as a replay and the sums here have them")
