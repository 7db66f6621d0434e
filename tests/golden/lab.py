#!/usr/bin/env python3
"""The lab, held to replays of records that were changed here.

usage: lab.py TIDEMARK SOURCE_DIR
 1. What a rule or detector says in the lab, clean and injected, is what the results and alerts of a
    replay of the same changed records say; the first alarm that the clean run lacks is the notice.
 2. Nothing before `at` differs, and nothing is written.
 3. Chance: the same seed gives the same bytes, a share is a share, and label_flip flips it.
 4. Words that mean nothing, and injections that change nothing, are errors that name them.
"""
import collections, gzip, json, os, subprocess, sys, tempfile

tidemark, source = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
bikes = os.path.join(source, "examples", "bikes")
AT, DAY, ALPHA = 1341100800000, 86400000, .0001  # 2012-07-01
TESTED, WITH_INTERVAL = ("drift", "missing", "out_of_range"), ("mean", "mean_absolute_error")
RULES = [
    {"name": "hum-drift", "metric": "drift", "columns": ["hum"]},
    {"name": "hum-level", "metric": "mean", "columns": ["hum"], "above": "+20% reference", "certainty": 0},
    {"name": "error", "metric": "mean_absolute_error", "above": "2x reference", "for": "2 of 3"}]


def run(*words, code=0):
    done = subprocess.run([tidemark, *words], capture_output=True, text=True)
    assert done.returncode == code, f"{words}: exit {done.returncode}: {done.stderr}"
    return done.stdout if code == 0 else done.stderr


def lines(path):
    return [json.loads(line) for line in gzip.open(path, "rt")]


def config(folder, name, predictions, labels, **more):
    path = os.path.join(folder, name)
    maps = {"predictions": {"id": "prediction_id", "timestamp": "ts", "model": "model",
                            "version": "model_version", "features": "features", "prediction": "prediction"},
            "labels": {"id": "prediction_id", "timestamp": "ts", "target": "label"}}
    inputs = {"predictions": {"file": predictions, "map": maps["predictions"]},
              "labels": {"file": labels, "map": maps["labels"]}}
    json.dump({"name": "lab", "problem_type": "regression", "inputs": inputs,
               "window": {"size": "28d", "label_horizon": "1d"},
               "reference": {"records": os.path.join(bikes, "reference.jsonl.gz")}, "rules": RULES,
               "outputs": {"results": {"file": os.path.join(folder, "never")}}} | more, open(path, "w"))
    return path


def alarms_of(path, folder, column):
    """{subject: {window_end: alarm}} as the results and alerts of a replay say."""
    results, alerts = os.path.join(folder, "results"), os.path.join(folder, "alerts")
    run("replay", path, "--results", results, "--alerts", alerts)
    said = collections.defaultdict(dict)
    for record in map(json.loads, open(results)):
        if record["segment"] or record["model_version"] or record["timing"] != "final":
            continue
        for f in record["findings"]:
            name, end = f["metric"], record["window_end"]
            if f["column"] not in (None, column) or f["status"] != "OK" or f["dialect"]:
                continue
            if name in TESTED and f["p_value"] is not None:
                said[name][end] = said[name].get(end, False) or f["p_value"] < ALPHA
            elif name in WITH_INTERVAL and None not in (f["lower"], f["upper"], f["reference"]):
                said[name][end] = not f["lower"] <= f["reference"] <= f["upper"]
    for alert in map(json.loads, open(alerts)):
        if alert["state"] == "firing" and alert["column"] in (None, column):
            said[alert["rule"]][alert["window_end"]] = True
    return said


def tally(said):
    return {side: sum(alarm and (end > AT) == (side == "after") for end, alarm in said.items())
            for side in ("before", "after")}


def hold(world, clean, injected):
    held = 0
    for subject in world["subjects"]:
        name = subject.get("rule") or subject["detector"]
        assert subject["clean"]["before"] == subject["injected"]["before"], name
        if "rule" not in subject and name not in TESTED + WITH_INTERVAL:
            continue
        for side, said in (("clean", clean[name]), ("injected", injected[name])):
            ours = {when: subject[side][when]["alarms"] for when in ("before", "after")}
            assert ours == tally(said), (name, side, ours, tally(said))
        new = [end for end, alarm in sorted(injected[name].items())
               if alarm and end > AT and not clean[name].get(end, False)]
        assert subject["noticed"] == (1 if new else 0), (name, new)
        if new:
            assert subject["delay_windows"] == -(-(new[0] - AT) // (28 * DAY)), name
            assert subject["delay_ms"] >= new[0] - AT, name
        held += len(new) > 0
    return held


def binary(folder):
    """4,000 predictions that are right, so that each flipped label is an error."""
    predictions, labels = os.path.join(folder, "p.jsonl"), os.path.join(folder, "l.jsonl")
    with open(predictions, "w") as p, open(labels, "w") as l:
        for i in range(4000):
            word = 1 if i % 3 else 0
            p.write(json.dumps({"prediction_id": i, "ts": i * 60000, "prediction": word}) + "\n")
            l.write(json.dumps({"prediction_id": i, "ts": i * 60000 + 1, "label": word}) + "\n")
    path = os.path.join(folder, "binary.yaml")
    json.dump({"name": "b", "problem_type": "classification_binary",
               "inputs": {"predictions": {"file": predictions, "map": {
                              "id": "prediction_id", "timestamp": "ts", "prediction": "prediction"}},
                          "labels": {"file": labels, "map": {
                              "id": "prediction_id", "timestamp": "ts", "target": "label"}}},
               "window": {"size": "10h", "label_horizon": "1h"},
               "rules": [{"name": "wrong", "metric": "accuracy", "below": 0.95, "certainty": 0}]},
              open(path, "w"))
    return path


with tempfile.TemporaryDirectory() as folder:
    predictions, labels = lines(os.path.join(bikes, "predictions.jsonl.gz")), lines(
        os.path.join(bikes, "labels.jsonl.gz"))
    path = config(folder, "lab.yaml", os.path.join(bikes, "predictions.jsonl.gz"),
                  os.path.join(bikes, "labels.jsonl.gz"))
    words = ["--inject", "column=hum,scale=1.5,at=2012-07-01", "--inject", "column=$target,scale=4,at=2012-07-01T00:00:00Z",
             "--inject", "column=hum,stuck=50,at=2012-07-01"]
    first = run("lab", path, *words, "--json")
    worlds = json.loads(first)["worlds"]
    assert not os.path.exists(os.path.join(folder, "never")), "the lab wrote its results"

    changed = os.path.join(folder, "changed.jsonl")
    held = 0
    for world, column in zip(worlds, ("hum", "$target", "hum")):
        count, ours = 0, predictions if column == "hum" else labels
        with open(changed, "w") as out:
            for record in ours:
                record = json.loads(json.dumps(record))
                place, key = (record, "label") if column == "$target" else (record.get("features", {}), "hum")
                value = place.get(key)
                if record.get("ts", 0) >= AT and "stuck" in world["inject"] and key in place:
                    place[key], count = 50, count + 1
                elif record.get("ts", 0) >= AT and isinstance(value, (int, float)):
                    place[key], count = value * (1.5 if column == "hum" else 4), count + 1
                out.write(json.dumps(record) + "\n")
        files = [os.path.join(bikes, f + ".jsonl.gz") for f in ("predictions", "labels")]
        clean = alarms_of(path, folder, column)
        files[column == "$target"] = changed
        injected = alarms_of(config(folder, "changed.yaml", *files), folder, column)
        held += hold(world, clean, injected)
    assert held >= 4, held

    again = run("lab", path, "--inject", "column=hum,missing=0.3,at=25%", "--repeat", "2", "--seed", "7", "--json")
    assert again == run("lab", path, "--inject", "column=hum,missing=0.3,at=25%", "--repeat", "2", "--seed", "7", "--json")
    world = json.loads(again)["worlds"][0]
    n = .8 * sum(isinstance(r.get("features", {}).get("hum"), (int, float)) and r.get("ts", 0) >= world["at"] for r in predictions)
    assert abs(world["changed"] - .3 * n) < 5 * (.3 * n) ** .5, (world["changed"], n)
    missing = next(s for s in world["subjects"] if s.get("detector") == "missing")
    assert missing["noticed"] == 2 and missing["clean"]["after"]["alarms"] == 0, missing

    world = json.loads(run("lab", binary(folder), "--inject", "label_flip=0.1,at=50%", "--json"))["worlds"][0]
    other = json.loads(run("lab", binary(folder), "--inject", "label_flip=0.1", "--json", "--seed", "2"))["worlds"][0]
    assert world["changed"] != other["changed"], "the seed says nothing"
    assert abs(world["changed"] - 200) < 5 * 200 ** .5, world["changed"]
    wrong = next(s for s in world["subjects"] if s.get("rule") == "wrong")
    assert wrong["noticed"] == 1 and wrong["clean"]["before"]["alarms"] == 0, wrong
    table = run("lab", binary(folder), "--inject", "label_flip=0.1")
    assert "wrong" in table and "1/1" in table, table

    for words, said in ((["column=hum"], "what changes?"), (["shift=1sd"], "of which column?"),
                        (["label_flip=.1,column=hum"], "no column"), (["column=hum,shift=1"], "shift=1"),
                        (["column=hum,missing=2"], "missing"), (["column=hum,scale=2,at=soon"], "at"),
                        (["column=nothing,scale=2"], "changes nothing")):
        text = run("lab", path, "--inject", *words, code=64)
        assert said in text, (words, text)
    assert "--repeat is a number" in run("lab", path, "--repeat", "0", code=64)
print(f"lab: {held} notices are those of replays")
