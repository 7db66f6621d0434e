#!/usr/bin/env python3
"""Hostile messages among good ones, through kcat -J lines: every message has the outcome of its
kind, every poison is a dead letter with its own bytes and its reason, and every window's numbers are
scikit-learn 1.9.1's at 1e-9 relative, for both label policies.

usage: dirty.py TIDEMARK SOURCE_DIR
"""
import base64, collections, json, os, subprocess, sys, tempfile
import hostile
from golden import Golden, label_side

tidemark, source = sys.argv[1], sys.argv[2]
METRICS = {"accuracy": "accuracy_score", "f1": "f1_score", "roc_auc": "roc_auc"}


def replay(folder, policy, horizon="200d", skew="60d"):
    config, results, dead = (os.path.join(folder, name) for name in ("config.yaml", "results", "dead"))
    open(config, "w").write(hostile.CONFIG % {
        "predictions": "file: predictions.jsonl", "labels": "file: labels.jsonl", "policy": policy,
        "horizon": horizon, "skew": skew, "start": "earliest"})
    out = subprocess.run([tidemark, "replay", config, "--results", results, "--dead-letters", dead], check=True,
                         stdout=subprocess.PIPE).stdout.decode()
    table = [line.split() for line in out.splitlines()]
    head = next(row for row in table if row[:1] == ["read"])
    said = {row[0]: {outcome: int(n) for outcome, n in zip(head, row[1:]) if int(n)}
            for row in table if row[:1] in (["predictions"], ["labels"])}
    return said, [json.loads(line) for line in open(results)], [json.loads(line) for line in open(dead)]


def original(letter, name):
    """The bytes of a dead letter's key or value."""
    encoded = letter.get(name + "_base64")
    if encoded is not None:
        return base64.b64decode(encoded)
    return None if letter[name] is None else letter[name].encode()


def hold_dead(letters, wanted):
    found = collections.Counter()
    for letter in letters:
        headers = letter["headers"]
        topic = os.path.basename(headers["__tidemark.errors.topic"]).split(".")[0]
        offset = int(headers["__tidemark.errors.offset"])
        m = sent[topic][offset]
        assert original(letter, "key") == (m.key.encode() if m.key is not None else None), letter
        assert original(letter, "value") == m.value, letter
        assert int(headers["__tidemark.errors.timestamp"]) == m.arrival, letter
        assert headers["__tidemark.errors.message"], letter
        found[(topic, offset, headers["__tidemark.errors.code"])] += 1
    assert found == collections.Counter(wanted), found - collections.Counter(wanted)


def hold_counts(read, records, wanted):
    totals = hostile.input_totals(records)
    for topic in sent:
        assert read[topic]["read"] == len(sent[topic]) == sum(n for (t, _), n in totals.items() if t == topic)
    assert totals == wanted, (totals, wanted)


golden = Golden(tidemark)
messages, expected = hostile.stream(source)
sent = {topic: [m for m in messages if m.topic == topic] for topic in hostile.KINDS}
refused = [(m.topic, sent[m.topic].index(m), reason) for m, reason in hostile.dead(messages)]

with tempfile.TemporaryDirectory() as folder:
    for topic in sent:
        hostile.lines_write(os.path.join(folder, topic + ".jsonl"), sent[topic])
    for policy in ("first", "last"):
        read, records, letters = replay(folder, policy)
        hold_counts(read, records, hostile.outcomes(messages, policy))
        hold_dead(letters, refused)
        found = label_side(records)
        rows = expected[policy + "_label_wins"]
        assert sorted(found) == [(row["start"],) for row in rows]
        for row in rows:
            golden.hold(found[(row["start"],)], row, METRICS, lambda metric, row: False)

    # A short horizon and the skew of clocks that is the default: no good record is late for what the
    # bad ones say, and what is left is that of the definitions (SPEC 1.1, 1.2, 2.2).
    read, records, letters = replay(folder, "first", "7d", "5m")
    wanted = hostile.outcomes_defined(sent, 7 * hostile.DAY, 300000)
    hold_counts(read, records, wanted)
    assert set(hostile.late(sent, 7 * hostile.DAY, 300000)) == {"label_orphan"}
    assert wanted[("labels", "late")] > 0 and wanted[("labels", "future")] > 0
    labelled = sum(found["counts"]["labelled"] for found in label_side(records).values())
    assert labelled == wanted[("labels", "matched")]

    # The same as bare lines, whose order is all there is of a record time.
    for topic in sent:
        with open(os.path.join(folder, topic + ".jsonl"), "wb") as out:
            out.write(b"".join(m.value + b"\n" for m in sent[topic]))
    read, records, letters = replay(folder, "first", "7d")
    totals = hostile.input_totals(records)
    assert totals[("labels", "matched")] == labelled and totals[("predictions", "late")] == 0
    assert totals[("labels", "late")] <= expected["counts"]["labels"]["label_orphan"]

    # What is refused before the first good message is charged to that one's window, and where no good
    # one comes the summary says it. No time is too far away to be refused in good order.
    with open(os.path.join(folder, "predictions.jsonl"), "wb") as out:
        good = sent["predictions"][0].value
        late = [good.replace(b'"ts":1540922400000', b'"ts":%d' % ts) for ts in (2**63 - 1, 253402300800000)]
        assert good not in late
        out.write(b"\n".join([b"junk", *late, good]))
    with open(os.path.join(folder, "labels.jsonl"), "wb") as out:
        out.write(b"junk\n[]\n")
    said, records, letters = replay(folder, "first")
    counted = [(r["window_start"], r["counts"]) for r in records if r["side"] == "input"]
    assert len(counted) == 1 and counted[0][0] == 1540425600000, counted
    assert {k: n for k, n in counted[0][1]["predictions"].items() if n} == {"poison": 1, "future": 2, "accepted": 1}
    assert said == {"predictions": {"read": 4, "accepted": 1, "poison": 1, "future": 2},
                    "labels": {"read": 2, "poison": 2}}, said
    assert len(letters) == 5
golden.done(60)
