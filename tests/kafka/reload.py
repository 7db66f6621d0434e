#!/usr/bin/env python3
"""SIGHUP: rules change between two transactions, and what is wrong or cannot change is refused.

usage: reload.py TIDEMARK      (TIDE_KAFKA=host:port of a broker of its own)
One worker lasts from the first window to the last. Its results but for config_hash are those of a replay, none is
there twice, and alerts follow the rules of the moment: an incident of before lives on in the new rules.
"""
import json, os, re, signal, subprocess, sys, tempfile, time
import common
from common import broker, consume

tidemark = sys.argv[1]
MINUTE, START, DEADLINE_S = 60_000, 1_700_000_040_000, 90
CONFIG = """name: reload
problem_type: regression
inputs:
  start: earliest
  predictions: {topic: %(topic)s, file: p.jsonl, map: {id: id, timestamp: ts, model: model, prediction: prediction}}
  labels: {topic: reload-l, file: l.jsonl, map: {id: id, timestamp: ts, target: label}}
window: {size: %(size)s, label_horizon: %(size)s}
rules: [%(rules)s]
outputs: {results: {topic: reload-results}, alerts: {topic: reload-alerts}, dead_letters: {topic: reload-dead}}
kafka: {bootstrap.servers: "%(broker)s", session.timeout.ms: 6000}
"""


def windows(first, last):
    """Ten predictions a window, each off by 5, and their labels a second later."""
    predictions, labels = [], []
    for window in range(first, last):
        for i in range(10):
            at = START + window * MINUTE + i * 1000
            predictions.append({"id": f"{window}-{i}", "ts": at, "model": "m", "prediction": 20.0})
            labels.append({"id": f"{window}-{i}", "ts": at + 1000, "label": 15.0})
    return predictions, labels


def write(rules, size="1m", topic="reload-p"):
    open(path, "w").write(CONFIG % {"rules": rules, "size": size, "topic": topic, "broker": broker})


def records(topic):
    return [json.loads(value) for _, value in consume(topic)]


def finals():
    return {r["window_start"]: r["config_hash"] for r in records("reload-results")
            if r["side"] == "label" and r["timing"] == "final"}


def wait(what, holds):
    deadline = time.monotonic() + DEADLINE_S
    while not holds():
        if time.monotonic() > deadline or worker.poll() is not None:
            sys.exit(f"{what}: not so after {DEADLINE_S} s\n{said()[-4000:]}")
        time.sleep(.2)


def said():
    return open(log.name).read()


def feed(first, last):
    """Afterwards every window but the last two has been judged for good."""
    predictions, labels = windows(first, last)
    for role, new in (("p", predictions), ("l", labels)):
        common.produce(f"reload-{role}", new, "id")
        with open(os.path.join(folder, role + ".jsonl"), "a") as file:
            file.writelines(json.dumps(record) + "\n" for record in new)
    wait(f"window {last - 3}", lambda: START + (last - 3) * MINUTE in finals())


def reload(rules, answer, **other):
    before = len(re.findall("reloaded", said()))
    write(rules, **other)
    worker.send_signal(signal.SIGHUP)
    wait(answer, lambda: len(re.findall("reloaded", said())) > before)
    last = [line for line in said().splitlines() if "reloaded" in line][-1]
    assert re.search(answer, last), last


with tempfile.TemporaryDirectory() as folder, open(os.path.join(folder, "log"), "w") as log:
    path = os.path.join(folder, "reload.yaml")
    write("{name: error, metric: mae, above: 10, certainty: 0}")
    subprocess.run([tidemark, "check", "--create-topics", path], check=True, stdout=subprocess.DEVNULL)
    worker = subprocess.Popen([tidemark, "run", path, "--http", "off"], stdout=subprocess.DEVNULL, stderr=log)
    try:
        feed(0, 12)
        assert not records("reload-alerts"), "an error of 5 is not above 10"
        old = set(finals().values())
        assert len(old) == 1, old

        reload("{name: error, metric: maw, above: 3}", "not reloaded.*no metric is named `maw`")
        reload("{name: error, metric: mae, above: 3}", "not reloaded.*the state was made with", size="2m")
        reload("{name: error, metric: mae, above: 3}", "not reloaded.*inputs.predictions.topic", topic="reload-l2")
        feed(12, 20)
        assert not records("reload-alerts") and set(finals().values()) == old, "what was refused has changed something"

        reload("{name: error, metric: mae, above: 3, certainty: 0}", " reloaded .*1 rules")
        feed(20, 28)
        found = finals()
        first = min(start for start, config in found.items() if config not in old)
        assert first <= START + 20 * MINUTE, "not at the next window"
        fired = records("reload-alerts")
        assert [(a["state"], a["window_start"], a["config_hash"]) for a in fired] == [
            ("firing", first, found[first])], fired

        reload("{name: error, metric: mae, above: 7, certainty: 0}", " reloaded ")
        feed(28, 36)
        alerts = records("reload-alerts")
        assert [a["state"] for a in alerts] == ["firing", "resolved"], alerts
        assert alerts[1]["alert_id"] == alerts[0]["alert_id"] and alerts[1]["threshold"] == 7, alerts
        assert len(set(finals().values())) == 3
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(DEADLINE_S) == 130, said()[-2000:]
    finally:
        if worker.poll() is None:
            worker.kill()
            worker.wait()

    replayed = os.path.join(folder, "results")
    subprocess.run([tidemark, "replay", path, "--results", replayed, "--alerts", os.devnull], check=True,
                   stdout=subprocess.DEVNULL)

    def comparable(lines):
        out = {}
        for r in map(json.loads, lines):
            key = r["side"], r["window_start"], r["model"], r["model_version"], r["timing"], r["revision"]
            assert key not in out, f"twice: {key}"
            out[key] = {name: value for name, value in r.items() if name not in ("config_hash", "complete")}
        return out
    theirs = comparable(open(replayed))
    ours = comparable(value for _, value in consume("reload-results"))
    last = START + 32 * MINUTE
    ours, theirs = ({key: r for key, r in some.items() if key[1] <= last and key[0] != "input"}
                    for some in (ours, theirs))
    assert ours == theirs, [(key, ours.get(key), theirs.get(key)) for key in ours.keys() ^ theirs.keys()][:3]
print(f"{len(ours)} results equal, 2 reloads, 3 refusals; 1 passed, 0 failed")
