#!/usr/bin/env python3
"""Replays a small deployment and holds its business and operational measures to their definitions,
and lets `check` read the examples of docs/business.md.

usage: measures.py TIDEMARK SOURCE_DIR
The records and the expected numbers come from tests/oracles/measures.py. Exact numbers are held at
1e-12 relative, quantiles of the sketch at its 1 %.
"""
import json, os, re, subprocess, sys, tempfile

tidemark, source = sys.argv[1], sys.argv[2]
sys.path.insert(0, os.path.join(source, "tests", "oracles"))
sys.dont_write_bytecode = True
import measures

compared = 0


def write(path, records):
    with open(path, "w") as file:
        file.writelines(json.dumps(record) + "\n" for record in records)


def replay(folder, predictions, labels, text):
    write(os.path.join(folder, "predictions.jsonl"), predictions)
    write(os.path.join(folder, "labels.jsonl"), labels)
    write(os.path.join(folder, "reference.jsonl"), measures.reference_records())
    config = os.path.join(folder, "shop.yaml")
    open(config, "w").write(text)
    paths = [os.path.join(folder, name) for name in ("results.jsonl", "alerts.jsonl")]
    subprocess.run([tidemark, "replay", config, "--results", paths[0], "--alerts", paths[1]],
                   check=True, stdout=subprocess.DEVNULL)
    return [[json.loads(line) for line in open(path)] for path in paths]


def close(ours, theirs, tolerance, what):
    global compared
    compared += 1
    if (ours is None) != (theirs is None):
        sys.exit(f"{what}: {ours} here, {theirs} expected")
    if ours is not None and abs(ours - theirs) > tolerance * max(abs(ours), abs(theirs)):
        sys.exit(f"{what}: {ours} here, {theirs} expected")


def findings_of(record):
    """By metric, of business measures by their names."""
    return {f["column"] if f["family"] == "business" else f["metric"]: f
            for f in record["findings"] if f["family"] == "business" or f["column"] is None}


def hold_reference(record, found, country, what):
    expected = references[country]
    for metric, finding in found.items():
        if metric in expected:
            early = record["timing"] == "early" and finding["family"] != "operations"
            numbers = None if early else expected[metric]
            numbers = numbers or (None,)
            close(finding["reference"], numbers[0], .01 if "_p" in metric else 1e-12,
                  f"{what} {metric} reference")
    if "error_rate" in found:
        share, n = found["error_rate"]["value"], record["predictions"]
        known, _, _, known_n = expected["error_rate"]
        p = measures.rates_p(round(share * n), n, round(known * known_n), known_n)
        close(found["error_rate"]["p_value"], p, 1e-10, f"{what} p of error_rate")


def hold(record, expected, what):
    found = findings_of(record)
    hold_reference(record, found, record["segment"].get("country", "all"), what)
    for metric, numbers in expected.items():
        finding, name = found[metric], f"{what} {metric}"
        if numbers is None:
            assert finding["status"] == "NO_DATA" and finding["value"] is None, name
            continue
        early = record["timing"] == "early" and finding["family"] != "operations"
        assert finding["status"] == ("PRELIMINARY" if early else "OK"), f"{name}: {finding}"
        tolerance = .01 if "_p" in metric else 1e-12
        for key, number in zip(("value", "lower", "upper", "n"), numbers):
            close(finding[key], number, tolerance, f"{name} {key}")


def hold_all(results, expected):
    met = 0
    for record in results:
        pane = "prediction" if record["side"] == "prediction" else record["timing"]
        key = (record["window_start"], record["segment"].get("country", "all"), pane)
        if record["side"] != "input" and key in expected:
            hold(record, expected[key], str(key))
            met += 1
    assert met == len(expected), f"{met} of {len(expected)} records were there"


def examples(text):
    """A config of the YAML blocks and of the measures in the table."""
    blocks = re.findall(r"```yaml\n(.*?)```", text, re.S)
    table = re.findall(r"^\|.*\| `(\w+: \{.*\})` \|$", text, re.M)
    assert len(blocks) == 2 and len(table) == 11, "docs/business.md has another form"
    return "name: a\nproblem_type: classification_binary\nwindow: {size: 1h, label_horizon: 1d}\n" + \
        "".join(blocks) + "business:\n" + "".join(f"  {measure}\n" for measure in table)


predictions, labels = measures.records()
expected = measures.expected()
references = {country: measures.expected_reference(country) for country in ["all"] + measures.COUNTRIES}
with tempfile.TemporaryDirectory() as folder:
    results, alerts = replay(folder, predictions, labels, measures.CONFIG)
    hold_all(results, expected)
    for rule, metric, breaches in (("saved-low", "saved", lambda x: x < 0),
                                   ("slow-high", "slow", lambda x: x > .2)):
        pane = "final" if metric == "saved" else "prediction"
        starts = [start for start, country, one in expected if country == "all" and one == pane
                  and breaches(expected[start, "all", pane][metric][0])]
        fired = [a for a in alerts if a["rule"] == rule and a["state"] == "firing"]
        assert bool(starts) == bool(fired), f"{rule}: {starts}, {fired}"
        if fired:
            assert (fired[0]["window_start"], fired[0]["column"], fired[0]["kind"]) == \
                (starts[0], metric, "business"), fired
    path = os.path.join(folder, "examples.yaml")
    open(path, "w").write(examples(open(os.path.join(source, "docs", "business.md")).read()))
    subprocess.run([tidemark, "check", path], check=True, stdout=subprocess.DEVNULL)
    again = replay(folder, predictions, labels, measures.CONFIG)
    assert again == [results, alerts], "two replays differ"
    corrected = sorted(labels + measures.corrections(labels), key=lambda label: label["at"])
    text = measures.CONFIG.replace("early: [1h]", "early: [1h], label_policy: last")
    hold_all(replay(folder, predictions, corrected, text)[0], measures.expected(last=True))
if compared < 1000:
    sys.exit(f"only {compared} numbers compared")
print(f"{compared} numbers equal; 1 passed, 0 failed")
