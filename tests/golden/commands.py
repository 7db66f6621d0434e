#!/usr/bin/env python3
"""The commands that read no stream: --help, describe and check, held to the files they speak of.

usage: commands.py TIDEMARK SOURCE_DIR
"""
import gzip, json, os, re, subprocess, sys, tempfile

tidemark, source = sys.argv[1], sys.argv[2]
bikes = os.path.join(source, "examples", "bikes")


def run(*words, code=0):
    done = subprocess.run([tidemark, *words], capture_output=True, text=True)
    if done.returncode != code:
        sys.exit(f"{words}: exit {done.returncode}, expected {code}: {done.stderr}")
    return done.stdout if code == 0 else done.stderr


def expect(text, *parts):
    for part in parts:
        if part not in text:
            sys.exit(f"not there: {part}\nin:\n{text}")


def registry():
    lines = open(os.path.join(source, "detectors", "detectors.def")).read()
    return re.findall(r"^TIDE_DETECTOR\(\w+, (\w+)\)", lines, re.M)


# Every command of the list has a help that begins with its usage and is no error.
commands = re.findall(r"^  (\w+) +\S", run("--help").split("commands:")[1], re.M)
assert {"check", "describe", "demo", "replay"} <= set(commands), commands
for command in commands:
    expect(run(command, "--help"), f"usage: tidemark {command}")
    expect(run(command, "-h"), f"usage: tidemark {command}")
run("nothing", code=64)

# describe knows every measure of the registry, by alias too, and no other.
listed = run("describe")
for name in registry():
    expect(listed, f"\n  {name} ")
    expect(run("describe", name), f"{name}: ", "formula", "needs", "source", "compare")
expect(run("describe", "mae"), "mean_absolute_error: ", "regression", "counts by its mapped `weight`")
for name in ("max_error", "psi", "missing", "error_rate"):
    expect(run("describe", name), "every row counts the same")
assert run("describe", "--markdown") == open(os.path.join(source, "docs", "metrics.md")).read(), (
    "docs/metrics.md is not what `tidemark describe --markdown` prints")
expect(run("describe", "mean_absolut_error", code=64), 'did you mean "mean_absolute_error"')

# With records on stdout there is nothing else, and people read stderr.
replay = ["replay", os.path.join(bikes, "bikes.yaml"), "--alerts"]
alerts = [json.loads(line) for line in run(*replay, "-").splitlines()]
assert alerts and all(alert["schema"] == 1 for alert in alerts), alerts
expect(run(*replay, os.devnull), alerts[0]["message"], "8734", f"{len(alerts)} alerts")

# demo knows no option.
run("demo", "--quick", code=64)

# A finding with both bounds has an interval, and describe says so.
config = """
name: m
problem_type: regression
inputs:
  predictions: {file: %(p)s, map: {id: prediction_id, timestamp: ts, model: model, features: features,
                prediction: prediction}}
  labels: {file: %(l)s, map: {id: prediction_id, timestamp: ts, target: label}}
window: {size: 28d, label_horizon: 1d}
segments: [season]
alerting: {false_alarms: 3 per 14d}
""" % {"p": os.path.join(bikes, "predictions.jsonl.gz"), "l": os.path.join(bikes, "labels.jsonl.gz")}
reference = "reference: {records: %s}\n" % os.path.join(bikes, "reference.jsonl.gz")

with tempfile.TemporaryDirectory() as folder:
    def write(text):
        path = os.path.join(folder, "config.yaml")
        open(path, "w").write(text)
        return path

    results = os.path.join(folder, "results")
    run("replay", write(config + reference), "--results", results)
    for finding in {f["metric"]: f for line in open(results) for f in json.loads(line)["findings"]
                    if f["lower"] is not None and f["upper"] is not None}.values():
        expect(run("describe", finding["metric"]), "compare the bound of its interval")

    # The default rules, and their tests counted from the reference's own records.
    names, numbers = {}, 0
    for line in gzip.open(os.path.join(bikes, "reference.jsonl.gz"), "rt"):
        for name, value in json.loads(line)["features"].items():
            kinds = names.setdefault(name, [0, 0])
            kinds[isinstance(value, (int, float)) and not isinstance(value, bool)] += 1
    numbers = sum(number > other for other, number in names.values())
    tests = {"missing-values": len(names), "mistyped-values": len(names),
             "unseen-values": len(names) - numbers, "values-out-of-range": numbers,
             "prediction-drift": 1, "feature-drift": len(names),
             "concept-drift": 1}
    alpha = 3 * 28 / 14 / sum(tests.values())
    text = run("check", write(config + reference), "--rate", "2")
    expect(text, "budget      3 per 14d and model, 6 a window", "alpha %.6g" % alpha,
           *(f"{rule} {count} x" for rule, count in tests.items()),
           "outside     labels-missing, error-up (fixed levels",
           "error-up            critical mean_absolute_error above +20% reference",
           "2/s x 29d x ")
    if "can never fire" in text or "its weight" in text:
        sys.exit(text)
    weighted = config.replace("prediction: ", "weight: w, prediction: ", 1)
    expect(run("check", write(weighted)), "a row counts by its weight, w; in quality, drift")

    # Without a reference nothing of it can fire, and check says why.
    text = run("check", write(config))
    never = text.split("can never fire")[1]
    expect(never, *(f"  {rule} " for rule in [*tests, "error-up"]), "there is no `reference`")

    # Numbers in words, a rule of another problem, and a rule on labels that never come.
    text = run("check", write(config.split("  labels")[0] + "window: {size: 1h}\nrules:\n"
               "  - {name: wide, metric: psi, columns: [a, b], at_least: 0.25, for: 2 of 3, min_n: 50,"
               " certainty: 0, resolve_after: 4, clear: 0.1, critical: 0.5, remind: 7d}\n"
               "  - {name: unlabelled, metric: rmse, below: -5% reference}\n"
               "  - {name: other, metric: recall, below: 0.5}\n"))
    expect(text, "psi of a, b at least 0.25, in 2 of 3 windows, from 50 rows, critical beyond 0.5, "
           "until not beyond 0.1, told again every 7d, resolved after 4 windows", "rmse below -5% reference", "(certainty 0.95)",
           "unlabelled          there is no `reference`", "other               there are no labels",
           "wide                its metric needs a `reference`")

    # The bill is held against memory.pending.
    expect(run("check", write(config + "memory: {pending: 1 MiB}\n")), "too little, raise it")
    expect(run("check", write(config), "--rate", "-1", code=64), "--rate is a number from 0")
    expect(run("check", os.path.join(folder, "none.yaml"), code=66), "cannot be read")
print(f"{len(commands)} commands, {len(registry())} measures")
