#!/usr/bin/env python3
"""Replays examples/bikes under many rules and holds the alerts to a second state machine.

usage: rules.py TIDEMARK SOURCE_DIR
The findings are taken from the results; thresholds, the false-alarm budget, M of N, clear,
resolve_after, critical, remind and alert_id are computed here again, from SPEC 4.4, 5.5, 7.7 and 7.8 alone.
"""
import gzip, hashlib, json, os, subprocess, sys, tempfile
from statistics import NormalDist

tidemark, source = sys.argv[1], sys.argv[2]
bikes = os.path.join(source, "examples", "bikes")
DAY = 86400000
ORDER = {"above": lambda a, b: a > b, "at_least": lambda a, b: a >= b,
         "below": lambda a, b: a < b, "at_most": lambda a, b: a <= b}
RULES = [
    {"name": "tested", "metric": "drift", "columns": "all", "for": "2 of 3", "resolve_after": 2},
    {"name": "output", "metric": "drift", "columns": ["$pred*"]},
    {"name": "range", "metric": "out_of_range", "columns": ["t*", "hum"], "segments": "all"},
    {"name": "twice", "metric": "mean_absolute_error", "above": "+20% reference", "certainty": 0.8},
    {"name": "plain", "metric": "mean_absolute_error", "at_least": "1.2x reference",
     "certainty": 0, "clear": "reference + 5", "segments": ["season"]},
    {"name": "bias", "metric": "mean_error", "below": -10, "for": "3 of 5", "min_n": 100},
    {"name": "early", "metric": "mean_absolute_error", "above": 45, "pane": "early@12h"},
    {"name": "late", "metric": "r2_score", "at_most": 0.8, "resolve_after": 3, "clear": 0.85},
    {"name": "grave", "metric": "mean_absolute_error", "above": "1.2x reference", "certainty": 0,
     "critical": "2.6x reference", "remind": "21d"},
    {"name": "many", "metric": "mean", "columns": ["hum"], "above": 0.65, "versions": "each"},
]
CONFIG = {
    "name": "bike-demand", "problem_type": "regression",
    "inputs": {
        "predictions": {"file": os.path.join(bikes, "predictions.jsonl.gz"),
                        "map": {"id": "prediction_id", "timestamp": "ts", "model": "model",
                                "version": "model_version", "features": "features",
                                "prediction": "prediction"}},
        "labels": {"file": os.path.join(bikes, "labels.jsonl.gz"),
                   "map": {"id": "prediction_id", "timestamp": "ts", "target": "label"}}},
    "window": {"size": "7d", "label_horizon": "1d", "early": ["12h"]},
    "reference": {"records": os.path.join(bikes, "reference.jsonl.gz")},
    "segments": ["season"], "rules": RULES, "alerting": {"false_alarms": "2 per 10d"}}


def reference_tests():
    """Tests that can fire in a window: (rule, cell of the reference, column that fits)."""
    numeric, cells = {}, set()
    for line in gzip.open(CONFIG["reference"]["records"], "rt"):
        features = json.loads(line)["features"]
        cells.add(features["season"])
        for name, value in features.items():
            number = isinstance(value, (int, float)) and not isinstance(value, bool)
            numeric.setdefault(name, []).append(number)
    types = {name: sum(kinds) * 2 >= len(kinds) for name, kinds in numeric.items()}
    drift = len(types)
    output = 1
    ranged = sum(is_number for name, is_number in types.items()
                 if name.startswith("t") or name == "hum")
    return drift + output + ranged * (1 + len(cells))


ALPHA = 2 * 7 / 10 / reference_tests()


def level(text, reference):
    if not isinstance(text, str):
        return text
    word = text.split()
    if text.endswith("% reference"):
        return None if reference is None else reference + float(word[0][:-1]) / 100 * abs(reference)
    if text.endswith("x reference"):
        return None if reference is None else float(word[0][:-1]) * reference
    return None if reference is None else reference + float(word[2])


def breaches(rule, finding, key):
    op = next((o for o in ORDER if o in rule), None)
    if op is None:
        known = finding["reference"] is not None
        return finding["p_value"] < ALPHA and not (known and finding["value"] <= finding["reference"])
    wanted = level(rule[key], finding["reference"])
    value, certainty = finding["value"], rule.get("certainty", 0.95)
    bound = finding["lower" if op in ("above", "at_least") else "upper"]
    if certainty > 0 and finding["lower"] is not None and finding["upper"] is not None:
        reach = NormalDist().inv_cdf((1 + certainty) / 2) / NormalDist().inv_cdf(0.975)
        value = value + (bound - value) * reach
    return ORDER[op](value, wanted)


def concerns(rule, record, finding):
    early = rule.get("pane", "final") != "final"
    if finding["metric"] != rule["metric"] or finding["status"] != ("PRELIMINARY" if early else "OK"):
        return False
    if record["timing"] != ("early" if early else "final"):
        return False
    if record["model_version"] is not None and rule.get("versions") != "each":
        return False
    wanted, column = rule.get("columns"), finding["column"]
    if record["segment"] and rule.get("segments") not in ("all", ["season"]):
        return False
    if wanted is None:
        return column is None
    if wanted == "all":
        return not column.startswith("$")
    return any(column == w or (w.endswith("*") and column.startswith(w[:-1])) for w in wanted)


def part(text):
    data = text.encode()
    return str(len(data)).encode() + b":" + data


def alert_id(rule, record, finding, first):
    segment = json.dumps(record["segment"], separators=(",", ":"), ensure_ascii=False)
    parts = [CONFIG["name"], rule["name"], record["model"], record["model_version"] or "", segment,
             finding["column"] or "", str(first)]
    return hashlib.sha256(b"".join(map(part, parts))).hexdigest()[:32]


def judge(states, rule, record, finding):
    op = next((o for o in ORDER if o in rule), None)
    if op is None and finding["p_value"] is None:
        return None
    if finding["n"] < rule.get("min_n", 0) or (op and level(rule[op], finding["reference"]) is None):
        return None
    m, n = (int(w) for w in rule.get("for", "1 of 1").split(" of "))
    key = (rule["name"], record["model"], record["model_version"], str(record["segment"]),
           finding["column"])
    state = states.setdefault(key, {"judged": [], "firing": False, "calm": 0, "end": None})
    breach, start = breaches(rule, finding, op), record["window_start"]
    state["judged"] = ([(breach, start)] + state["judged"])[:n]
    if breach:
        state["calm"] = 0
    elif state["firing"]:
        held = "clear" in rule and breaches(rule, finding, "clear")
        state["calm"] = 0 if held else state["calm"] + 1
        if state["calm"] >= rule.get("resolve_after", 1):
            state["firing"], state["end"], state["calm"] = False, start, 0
            return "resolved", state["first"], state["grave"]
    grave = breach and "critical" in rule and breaches(rule, finding, "critical")
    if breach and state["firing"]:
        worse, state["grave"] = grave and not state["grave"], grave or state["grave"]
        later = int(rule.get("remind", "0d")[:-1]) * DAY
        if worse or later and start - state["told"] >= later:
            state["told"] = start
            return "firing", state["first"], state["grave"]
    if breach and not state["firing"] and sum(b for b, _ in state["judged"]) >= m:
        state["firing"] = True
        state["first"] = min(s for b, s in state["judged"]
                             if b and (state["end"] is None or s > state["end"]))
        state["grave"], state["told"] = grave, start
        return "firing", state["first"], grave
    return None


with tempfile.TemporaryDirectory() as folder:
    paths = {name: os.path.join(folder, name) for name in ("config.yaml", "results", "alerts")}
    json.dump(CONFIG, open(paths["config.yaml"], "w"))
    subprocess.run([tidemark, "replay", paths["config.yaml"], "--results", paths["results"],
                    "--alerts", paths["alerts"]], check=True, stdout=subprocess.DEVNULL)
    results = [json.loads(line) for line in open(paths["results"])]
    alerts = [json.loads(line) for line in open(paths["alerts"])]

expected, states = [], {}
for record in results:
    for finding in record["findings"]:
        for rule in RULES:
            turn = concerns(rule, record, finding) and judge(states, rule, record, finding)
            if turn:
                expected.append((rule["name"], turn[0], "critical" if turn[2] else "warning", record["window_start"], turn[1],
                                 record["timing"], record["revision"], finding["column"],
                                 finding["value"], alert_id(rule, record, finding, turn[1])))
found = [(a["rule"], a["state"], a["severity"].replace("info", "warning"), a["window_start"], a["first_window_start"], a["timing"],
          a["revision"], a["column"], a["value"], a["alert_id"]) for a in alerts]
for i, (ours, theirs) in enumerate(zip(found, expected)):
    if ours != theirs:
        sys.exit(f"alert {i}: {ours} here, {theirs} expected")
if len(found) != len(expected):
    sys.exit(f"{len(found)} alerts, {len(expected)} expected")
again = [a["severity"] for a in alerts if a["rule"] == "grave" and a["state"] == "firing"]
if len(again) < 4 or set(again) != {"warning", "critical"}:
    sys.exit(f"`grave` was told as {again}: neither critical nor remind is seen")
fired = {(a["rule"], a["state"]) for a in alerts}
quiet = [r["name"] for r in RULES if (r["name"], "firing") not in fired]
if quiet or len({rule for rule, state in fired if state == "resolved"}) < 6:
    sys.exit(f"the rules {quiet} never fired: the test says nothing of them; {sorted(fired)}")
drifted = {r["window_start"]: any(f["metric"] == "drift" and f["status"] == "OK" and
                                  f["column"][0] != "$" and f["p_value"] < 1e-3
                                  for f in r["findings"])
           for r in results if r["side"] == "prediction" and not r["segment"]
           and r["model_version"] is None}
for a in alerts:
    tested = a["rule"] in ("tested", "output", "range")
    if tested and (a["op"] != "p_below" or abs(a["threshold"] / ALPHA - 1) > 1e-12):
        sys.exit(f"{a['rule']}: threshold {a['threshold']}, expected {ALPHA}")
    performance = a["kind"] == "performance"
    if performance and a["timing"] == "final" and a["inputs_drifted"] is not drifted[a["window_start"]]:
        sys.exit(f"{a['rule']} in {a['window_start']}: inputs_drifted is {a['inputs_drifted']}")
    if a["complete"] is not True or not a["message"].removesuffix(
            "; the reference's own windows differ as much").endswith(
            {True: "inputs drifted in the same window", False: "no input drifted in the same window",
             None: "records" if not performance else "labelled rows"}[a["inputs_drifted"]]):
        sys.exit(f"message: {a['message']}")
print(f"{len(found)} alerts of {len(RULES)} rules, alpha {ALPHA:.6g}")
