#!/usr/bin/env python3
"""`tidemark gate`: MLflow's verdict on a table of thresholds, values of a whole input equal to
scikit-learn's, and what a CI system is told.

usage: gate.py TIDEMARK SOURCE_DIR
"""
import json, os, subprocess, sys, tempfile, xml.etree.ElementTree as xml

tidemark, source = sys.argv[1], sys.argv[2]
bikes = os.path.join(source, "examples", "bikes", "bikes.yaml")
WORDS = {"the threshold is not reached": "threshold", "min_absolute_change is not reached": "absolute",
         "min_relative_change is not reached": "relative", "the baseline has no such value": "no baseline",
         "no value: it was not measured": "no value"}
folder = tempfile.mkdtemp()


def gate(thresholds, *words, code):
    """Exit code, what was said, and the checks: (model, metric) -> what failed."""
    path, junit = os.path.join(folder, "gate.json"), os.path.join(folder, "junit.xml")
    open(path, "w").write(thresholds if isinstance(thresholds, str) else json.dumps(thresholds))
    done = subprocess.run([tidemark, "gate", bikes, "--thresholds", path, "--junit", junit, *words],
                          capture_output=True, text=True)
    assert done.returncode == code, f"exit {done.returncode}, not {code}: {done.stdout}{done.stderr}"
    if code > 1:
        return done.stderr, {}
    checks = {}
    for case in xml.parse(junit).getroot().iter("testcase"):
        failure = case.find("failure")
        text = failure.get("message") if failure is not None else ""
        checks[case.get("classname").split(" ")[0], case.get("name")] = sorted(
            name for sentence, name in WORDS.items() if sentence in text)
    return done.stdout, checks


def record(model, values, start=0):
    findings = [{"metric": metric, "column": None, "value": value, "reference": None, "status": "OK",
                 "reason": None, "n": 100} for metric, value in values.items()]
    return json.dumps({"schema": 1, "model": model, "model_version": None, "segment": {}, "is_final": True,
                       "window_start": start, "window_end": start + 86400000, "side": "label",
                       "findings": findings})


# MLflow's own verdicts
results = os.path.join(folder, "results.jsonl")
cases = json.load(open(os.path.join(source, "tests", "golden", "gate", "cases.json")))["cases"]
for number, case in enumerate(cases):
    lines = [record("new", case["values"])]
    if case["baseline"]:
        lines.append(record("old", case["baseline"]))
    open(results, "w").write("\n".join(lines) + "\n")
    if not set(case["values"]) & set(case["thresholds"]):
        continue  # nothing to judge is an error, below
    _, checks = gate(case["thresholds"], "--results", results, "--baseline-model", "old",
                     code=1 if case["failures"] else 0)
    for metric in case["thresholds"]:
        wanted = case["failures"].get(metric, [])
        assert checks["new", metric] == wanted, f"case {number} {metric}: {checks} {case}"

# A whole input is one window, and its values are those of scikit-learn over all rows.
text, checks = gate({"r2_score": {"threshold": 0.588617546638568 - 1e-12, "greater_is_better": True},
                     "mae": {"threshold": 93.834278303183 + 1e-9, "greater_is_better": False},
                     "rmse": {"threshold": 133.9859325935 - 1e-6, "greater_is_better": False},
                     "r2": {"threshold": 0.588617546638568 + 1e-12, "greater_is_better": True}}, code=1)
assert list(checks.values()).count([]) == 2 and "2 of 4 checks failed" in text, text
assert checks["bike-demand", "rmse"] == checks["bike-demand", "r2"] == ["threshold"], checks

# The reference is the baseline where none is named; windows on their own; a range.
text, checks = gate({"mae": {"min_relative_change": 0.1, "greater_is_better": False}}, code=1)
assert "(baseline 36.4888)" in text and "<= baseline - 10%" in text, text
text, _ = gate({"mae": {"threshold": 60, "greater_is_better": False}}, "--per-window", code=1)
assert text.count("mae") > 10 and "2012-05-24 .. 2012-06-21" in text, text
text, _ = gate({"mae": {"threshold": 200, "greater_is_better": False}}, "--range", "2012-03-01..2012-03-02",
               code=0)
assert "2012-03-01 .. 2012-03-29" in text, text

# Those of a training job that are kept below `job`, as they are.
job = """
job:
  KIND: EvaluationsJob
  alias_or_version: Champion
  thresholds:
    r2_score:
      threshold: 0.5
      greater_is_better: true
"""
assert gate(job, code=0)[1] == {("bike-demand", "r2_score"): []}

# Reports for a CI system.
markdown = os.path.join(folder, "gate.md")
gate({"mae": {"threshold": 1, "greater_is_better": False}}, "--markdown", markdown, code=1)
assert "| FAIL | bike-demand | the whole input | mae | 93.8343 | 36.4888 | <= 1 |" in open(markdown).read()

# What is said of bad thresholds, with its place.
for thresholds, words in (
        ({"r2_scor": {"threshold": 1, "greater_is_better": True}}, ":1:2: no metric is named `r2_scor`; did you mean "
                                                                   "`r2_score`?"),
        ({"mae": {"threshold": 1}}, "needs `greater_is_better"),
        ({"mae": {"greater_is_better": True}}, "needs one of `threshold`"),
        ({"mae": {"min_absolute_change": -1, "greater_is_better": True}}, "`min_absolute_change` is above 0"),
        ({"mae": {"min_relative_change": 2, "greater_is_better": True}}, "between 0 and 1"),
        ({"mae": {"treshold": 1, "greater_is_better": True}}, "threshold"),
        ("", "there is no threshold"), ("[1]", "thresholds")):
    assert words in gate(thresholds, code=78)[0], (words, gate(thresholds, code=78)[0])
open(results, "w").write("{}\nnot json\n")
mae = {"mae": {"threshold": 1, "greater_is_better": False}}
assert "results.jsonl:2: not a JSON object" in gate(mae, "--results", results, code=65)[0]
open(results, "w").write("")
assert "nothing to judge" in gate(mae, "--results", results, code=65)[0]
print(f"{len(cases)} cases of MLflow; 1 passed, 0 failed")
