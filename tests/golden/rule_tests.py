#!/usr/bin/env python3
"""`tidemark test`: rules held to series and expected alerts, and what is said where they differ.

usage: rule_tests.py TIDEMARK SOURCE_DIR
"""
import json, os, subprocess, sys, tempfile

tidemark, source = sys.argv[1], sys.argv[2]
bikes = os.path.abspath(os.path.join(source, "examples", "bikes"))
folder = tempfile.mkdtemp()
CONFIG = {"name": "m", "problem_type": "regression",
          "inputs": {"predictions": {"file": "p", "map": {"id": "id", "timestamp": "ts", "prediction": "p", "features": "f",
                                                         "price": "price"}},
                     "labels": {"file": "l", "map": {"id": "id", "timestamp": "ts", "target": "y"}}},
          "window": {"size": "1d", "label_horizon": "1d"},
          "reference": {"records": os.path.join(folder, "reference.jsonl")},
          "business": {"revenue": {"sum": "price"}},
          "rules": [{"name": "far", "metric": "mae", "above": 10, "severity": "critical"},
                    {"name": "poor", "metric": "revenue", "below": 5, "for": "2 of 2"},
                    {"name": "hole", "metric": "missing", "columns": ["a*"], "above": "0.1", "certainty": 0},
                    {"name": "moved", "metric": "drift", "columns": ["$prediction"]}]}
json.dump(CONFIG, open(os.path.join(folder, "m.yaml"), "w"))
with open(os.path.join(folder, "reference.jsonl"), "w") as out:
    for i in range(500):
        out.write(json.dumps({"id": str(i), "ts": i * 1000, "p": i % 17, "y": i % 13, "price": 1, "f": {"age": i % 50}}) + "\n")


def test(tests, code, name="tests.yaml"):
    path = os.path.join(folder, name)
    open(path, "w").write(tests if isinstance(tests, str) else json.dumps({"config": "m.yaml", "tests": tests}))
    done = subprocess.run([tidemark, "test", path], capture_output=True, text=True)
    assert done.returncode == code, f"exit {done.returncode}, not {code}: {done.stdout}{done.stderr}"
    return done.stdout + done.stderr


# What ships passes, and a broken expectation of it fails.
shipped = os.path.join(bikes, "rules_test.yaml")
done = subprocess.run([tidemark, "test", shipped], capture_output=True, text=True)
assert done.returncode == 0 and "4 passed, 0 failed" in done.stdout, done.stdout + done.stderr
text = open(shipped).read().replace("config: bikes.yaml", f"config: {bikes}/bikes.yaml")
out = test(text.replace("{window: 3, rule: error-doubled, severity: critical}",
                        "{window: 2, rule: error-doubled, severity: critical}"), 1)
for line in ("FAILED  one bad window is no incident, two of three are",
             "  + window 3 (2012-03-25): error-doubled firing, severity critical: 90 against 73, not expected",
             "  - window 2: error-doubled firing, severity critical, expected at line 12", "3 passed, 1 failed"):
    assert line in out, (line, out)

# Columns, measures, tests by p; both sides of a window; steps and holes of a series.
out = test([{"name": "all", "series": {"mean_absolute_error": "9+1x3", "missing[age]": {"values": "_ 0.05 0.2 0.05"},
                                       "missing[b]": "1x3", "revenue": "4 4 6 4",
                                       "drift[$prediction]": {"values": "0.1x3", "p": "1e-9 1e-9 0.5 _", "reference": 0.01}},
             "expect": [{"window": 2, "rule": "far"}, {"window": 2, "rule": "hole", "column": "age"},
                        {"window": 3, "rule": "hole", "column": "age", "state": "resolved"},
                        {"window": 1, "rule": "poor"}, {"window": 2, "rule": "poor", "state": "resolved"},
                        {"window": 0, "rule": "moved", "column": "$prediction"},
                        {"window": 2, "rule": "moved", "state": "resolved"}]}], 0)
assert "1 passed, 0 failed" in out, out

# Bad tests are named with their place.
good = {"name": "n", "series": {"mae": "1x3"}}
for tests, words in (
        ([{**good, "series": {"maee": "1"}}], "no metric is named `maee`; did you mean"),
        ([{**good, "series": {"mae": "1xx"}}], "expected numbers of windows"),
        ([{**good, "series": {"mae": "1x10000"}}], "at most 10000"),
        ([{**good, "series": {"mae": {"p": "1"}}}], "needs `values`"),
        ([{**good, "expect": [{"window": 1, "rule": "nobody"}]}], "has no rule `nobody`"),
        ([{**good, "expect": [{"rule": "far"}]}], "needs `window`"),
        ([{**good, "expect": [{"window": 1, "rule": "far", "state": "on"}]}], "`state` is firing or resolved"),
        ([{**good, "serie": 1}], "did you mean `series`"), ([{"name": "n"}], "needs `name` and `series`"), ([], "no test"),
        ("", "there are no tests"), ("tests: []", "say `config: FILE` above"), ("config: none.yaml", "none.yaml")):
    out = test(tests, 66 if tests == "config: none.yaml" else 78)
    assert words in out, (words, out)
print("1 passed, 0 failed")
