#!/usr/bin/env python3
"""The null of drift is measured on the reference's own windows (SPEC 7.4, 7.5).

usage: backtest.py TIDEMARK SOURCE_DIR
 1. The profile keeps the dispersion of every column, and results carry X^2, df, phi and both p, all
    as tests/oracles/backtest.py computes them from the records.
 2. With fewer than 5 windows, or a profile built of windows of another size, the null is iid.
 3. dataset_drift is Benjamini and Hochberg's step-up and Bonferroni's bound over that table's p.
 4. A column that fails its own back-test is named by `reference build` and `check`, and a tested rule
    alerts on it as info; on one that does not fail with the rule's own severity.
"""
import collections, csv, json, math, os, re, subprocess, sys, tempfile

tidemark, source = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
bikes = os.path.join(source, "examples", "bikes")
golden = os.path.join(source, "tests", "golden", "bikes")
compared = 0


def table(name):
    return list(csv.DictReader(open(os.path.join(golden, name))))


def close(ours, theirs, what, tolerance=1e-12):
    global compared
    compared += 1
    if not abs(ours - theirs) <= tolerance * max(1, abs(theirs)):
        sys.exit(f"{what}: {ours} here, {theirs} in the table")


def config(folder, size, reference=None, rules="", budget="1 per 30d"):
    path = os.path.join(folder, "config.yaml")
    with open(path, "w") as file:
        file.write(f"""name: bike-demand
problem_type: regression
inputs:
  predictions:
    file: {bikes}/predictions.jsonl.gz
    map: {{id: prediction_id, timestamp: ts, model: model, features: features, prediction: prediction}}
window: {{size: {size}}}
reference: {{{reference or f"records: {bikes}/reference.jsonl.gz"}}}
alerting: {{false_alarms: {budget}}}
{rules}
""")
    return path


def run(*words):
    return subprocess.run([tidemark, *words], check=True, capture_output=True, text=True).stdout


def replay(folder, path):
    results, alerts = (os.path.join(folder, name) for name in ("results.jsonl", "alerts.jsonl"))
    run("replay", path, "--results", results, "--alerts", alerts)
    found = {}
    for line in open(results):
        record = json.loads(line)
        for f in record["findings"]:
            if record["side"] == "prediction" and f["family"] == "data_drift":
                found[record["window_start"], f["column"], f["metric"]] = f
    return found, [json.loads(line) for line in open(alerts)]


def hold(folder, size):
    path, profile = config(folder, size), os.path.join(folder, f"{size}.json")
    run("reference", "build", path, "--output", profile)
    document = json.load(open(profile))
    kept = {c["name"]: c["backtest"] for c in document["cells"][0]["columns"] if "backtest" in c}
    rows = {r["column"]: r for r in table("backtest.csv") if r["size"] == size}
    assert kept.keys() == rows.keys(), (size, kept.keys(), rows.keys())
    for name, row in rows.items():
        assert kept[name]["windows"] == int(row["windows"]), (size, name, kept[name])
        close(kept[name]["phi"], float(row["phi"]), f"{size} {name} phi")
        close(kept[name]["df"], float(row["df"]), f"{size} {name} df of phi")
    found, _ = replay(folder, path)
    for row in table("drift_null.csv"):
        if row["size"] != size:
            continue
        start, name = int(row["start"]), row["column"]
        drift, square = found[start, name, "drift"], found[start, name, "chi_square"]
        what = f"{size} {start} {name}"
        assert drift["null"] == square["null"] == "backtest", what
        assert drift["df"] == square["df"] == int(row["df"]), what
        close(square["value"], float(row["square"]), what + " X^2")
        close(drift["phi"], max(1, float(rows[name]["phi"])), what + " phi")
        close(drift["log10_p"], float(row["log10_p"]), what + " log10_p", 1e-11)
        close(square["log10_p"], float(row["plain_log10_p"]), what + " plain log10_p", 1e-11)
        assert drift["plain_p_value"] == square["p_value"], what
        assert drift["p_value"] >= drift["plain_p_value"] * (1 - 1e-9), what
    hold_data_set(found, size)
    restored, _ = replay(folder, config(folder, size, f"profile: {profile}"))
    for key, f in found.items():
        same = ("p_value", "log10_p", "plain_p_value", "null", "df", "phi")
        assert [restored[key].get(k) for k in same] == [f.get(k) for k in same] or f["dialect"], key
    return profile


def hold_data_set(found, size):
    tests, seen = collections.defaultdict(list), set()
    for row in table("drift_null.csv"):
        if row["size"] == size and row["column"][0] != "$":
            tests[int(row["start"])].append(float(row["log10_p"]))
    for start, log10_p in tests.items():
        log10_p.sort()
        n, finding = len(log10_p), found[start, None, "dataset_drift"]
        drifted = max([0] + [k for k in range(1, n + 1) if log10_p[k - 1] <= math.log10(.05 * k / n)])
        assert finding["n"] == n and finding["status"] == "OK", finding
        close(finding["value"], drifted / n, f"{size} {start} dataset_drift")
        close(finding["log10_p"], min(0, log10_p[0] + math.log10(n)), f"{size} {start} p", 1e-10)
        close(finding["p_value"], 10 ** finding["log10_p"], f"{size} {start} p")
        seen.add(drifted)
    assert len(seen) > 1, seen


def chance(windows, breaches, alpha):
    """Pr(Binomial(windows, alpha) >= breaches)."""
    return sum(math.comb(windows, k) * alpha ** k * (1 - alpha) ** (windows - k)
               for k in range(breaches, windows + 1))


def hold_failures(folder):
    rules = """rules:
  - {name: inputs, metric: drift, columns: all, severity: critical}
  - {name: output, metric: drift, columns: [$prediction], severity: warning}
  - {name: all, metric: dataset_drift, severity: warning}"""
    budget, profile = "1 per 300d", os.path.join(folder, "p.json")
    alpha = 7 / 300 / 13  # eleven features, the prediction, and all features as one
    path = config(folder, "7d", rules=rules, budget=budget)
    report = run("reference", "build", path, "--output", profile)
    expected, document = {}, json.load(open(profile))
    for column in document["cells"][0]["columns"]:
        windows, log10_p = (column.get("backtest", {}).get(k) for k in ("windows", "log10_p"))
        breaches = sum(p < math.log10(alpha) for p in log10_p or [])
        if breaches > 1 and chance(windows, breaches, alpha) < .01:
            expected[column["name"]] = f"{breaches} of {windows} windows"
    assert 5 < len(expected) < 11, expected
    named = next(l for l in report.splitlines() if "own windows" in l)
    found = dict(re.findall(r"[:,] (\S+) (\d+ of \d+ windows)", named))
    assert found == expected, (named, expected)
    assert named in run("check", path).splitlines()
    _, alerts = replay(folder, path)
    profiled = config(folder, "7d", f"profile: {profile}", rules, budget)
    assert named in run("check", profiled).splitlines()
    severities = set()
    for alert in alerts:
        own = {"inputs": "critical", "output": "warning", "all": "warning"}[alert["rule"]]
        assert abs(alert["threshold"] / alpha - 1) < 1e-12 and alert["p_value"] < alpha or (
            alert["state"] == "resolved"), alert
        wanted = "info" if alert["column"] in expected else own
        assert alert["severity"] == wanted, alert
        assert ("own windows" in alert["message"]) == (wanted == "info"), alert
        severities.add(wanted)
    assert {"info", "critical", "warning"} <= severities, severities


with tempfile.TemporaryDirectory() as folder:
    profile = hold(folder, "7d")
    hold(folder, "28d")
    for path in (config(folder, "90d"), config(folder, "14d", f"profile: {profile}")):
        tested = [f for f in replay(folder, path)[0].values() if "null" in f]
        assert len(tested) > 50
        assert all(f["null"] == "iid" and f["phi"] == 1 for f in tested), path
    hold_failures(folder)
if compared < 1000:
    sys.exit(f"only {compared} numbers compared")
print(f"{compared} numbers equal; 1 passed, 0 failed")
