#!/usr/bin/env python3
"""`check --broker` says what the topics are and keep, warns, and refuses with the right exit code.

usage: check.py TIDEMARK      (TIDE_KAFKA=host:port of a broker of its own)
Topics are made by --create-topics in one use and then looked at in another, so that their policies
do not fit; partitions are held to what kcat sees, and the retention is Kafka's own of 7 days.
"""
import json, os, re, subprocess, sys, tempfile

tidemark, broker = sys.argv[1], os.environ["TIDE_KAFKA"]
HOUR, DAY = 3600000, 86400000
USES = ("predictions", "labels", "results", "alerts", "dead_letters", "state", "partials")


def config(folder, topics, window, address=broker):
    """topics: one name a use; window: as in a config."""
    where = dict(zip(USES, topics))
    path = os.path.join(folder, "config.yaml")
    json.dump({
        "name": "m", "problem_type": "regression", "window": window,
        "inputs": {"predictions": {"topic": where["predictions"], "map": {
                       "id": "id", "timestamp": "ts", "prediction": "p"}},
                   "labels": {"topic": where["labels"], "map": {"id": "id", "timestamp": "ts", "target": "y"}}},
        "outputs": {use: {"topic": where[use]} for use in USES[2:] if use in where},
        "kafka": {"bootstrap.servers": address, "group.id": "m", "socket.timeout.ms": "3000"}},
        open(path, "w"))
    return path


def check(path, *options, code=0):
    done = subprocess.run([tidemark, "check", path, *options], capture_output=True, text=True)
    assert done.returncode == code, f"{options}: exit {done.returncode}, not {code}: {done.stderr}"
    return done.stdout, done.stderr


def produce(topic, keys, partitioner):
    subprocess.run(["kcat", "-P", "-b", broker, "-t", topic, "-K", "\t", "-X", f"topic.partitioner={partitioner}"],
                   input="".join(f"{key}\tx\n" for key in keys), text=True, check=True)


def run(path, *options, code):
    done = subprocess.run([tidemark, "run", path, "--http", "off", *options], capture_output=True, text=True)
    assert done.returncode == code, f"run {options}: exit {done.returncode}, not {code}: {done.stderr}"
    return done.stderr


def warnings(text):
    return [line for line in text.splitlines() if line.startswith("warning")]


def partitions(topic):
    listed = json.loads(subprocess.run(["kcat", "-L", "-J", "-b", broker], check=True,
                                       stdout=subprocess.PIPE).stdout)
    return next((len(t["partitions"]) for t in listed["topics"] if t["topic"] == topic), 0)


short = {"size": "1h", "label_horizon": "1d"}
first, other = [f"a-{use}" for use in USES], [f"b-{use}" for use in USES]
with tempfile.TemporaryDirectory() as folder:
    # Nothing is there: it is said, nothing is made, and the way out is named.
    path = config(folder, first, short)
    out, err = check(path, "--broker", code=66)
    assert all(f"{topic} is not there" in out for topic in first), out
    assert "there is no topic a-predictions" in err and "--create-topics" in err, err
    assert not any(partitions(topic) for topic in first)

    # What --create-topics makes fits, and it looks by itself.
    out, _ = check(path, "--create-topics", "--partitions", "3")
    for topic in first:
        policy = "compact" if topic in ("a-results", "a-state", "a-partials") else "delete"
        count = 1 if topic == "a-partials" else 3
        assert f"{topic} has {count} partitions, cleanup.policy {policy}, retention 7d\n" in out, out
        assert partitions(topic) == count
    assert warnings(out) == [], out
    assert warnings(check(path, "--broker")[0]) == []
    assert "topics\n" not in check(path)[0], "check alone asks no broker"

    # Each use with the policy of another.
    swapped = first[:2] + ["a-alerts", "a-results", "a-partials", "a-state"]
    out, _ = check(config(folder, swapped, short), "--broker")
    told = warnings(out)
    assert [re.match(r"warning: (\S+) is (not compacted|compacted): ", line).groups() for line in told] == [
        ("a-alerts", "not compacted"), ("a-results", "compacted"), ("a-partials", "compacted")], told

    # What a worker remembers is not deleted by its age, has a place for each task, and no second use.
    for topics, refusal in (
            (first[:5] + ["a-dead_letters"], "a-dead_letters has cleanup.policy delete, which forgets"),
            (first[:5] + ["a-dead_letters"], "--entity-name a-dead_letters --add-config cleanup.policy=compact"),
            (first[:5] + ["a-partials"], "kafka-topics.sh --alter --topic a-partials --partitions 3"),
            (first[:6] + ["a-state"], "a-state has two uses: give outputs.partials a topic of its own")):
        path = config(folder, topics, short)
        assert refusal in check(path, "--broker", code=78)[1], refusal
        assert refusal in run(path, code=78), refusal
    check(config(folder, [f"c-{use}" for use in USES[:6]], short), "--create-topics")
    check(config(folder, first[:2] + ["b-partials", *first[3:]], short), "--create-topics", "--partitions", "2")
    path = config(folder, ["c-predictions", "c-labels", *first[2:6], "a-partials"], short)
    check(path, "--broker")
    path = config(folder, ["c-predictions", "c-labels", *first[2:6], "b-partials"], short)
    assert "b-partials has 2 partitions and c-predictions only 1" in check(path, "--broker", code=78)[1]

    # Made beside inputs that are there, whatever --partitions says.
    path = config(folder, ["a-predictions", "d-labels", *first[2:5], "d-state", "d-partials"], short)
    check(path, "--create-topics", "--partitions", "2")
    assert [partitions(f"d-{use}") for use in ("labels", "state", "partials")] == [3, 3, 1]

    # One of many workers has a name of its own.
    for name, code, refusal in (("a/b", 64, "1 to 64 of A-Z"), ("", 64, "1 to 64 of A-Z"), ("x" * 65, 64, "1 to 64"),
                                ("a", 78, "outputs: {partials: {topic: m-partials}}")):
        assert refusal in run(config(folder, first[:6], short), "--instance", name, code=code), name
    out, _ = check(config(folder, ["a-results", "a-state", *first[2:]], short), "--broker")
    assert [line.split(": ")[1] for line in warnings(out)] == ["a-results is compacted", "a-state is compacted"], out

    # Labels stand with their predictions only where both producers put keys alike.
    path, keys = config(folder, first[:6], short), [f"prediction-{i}" for i in range(400)]
    assert "a-predictions is empty" in check(path, "--broker")[0]
    produce("a-predictions", keys, "murmur2_random")
    produce("a-labels", keys[:150], "consistent_random")
    out, err = check(path, "--broker", code=78)
    assert "  a-labels: 150 of 150 recent keys stand where crc32 puts them\n" in out, out
    assert re.search(r"^  a-predictions: (\d+) of \1 recent keys stand where murmur2 puts them$", out, re.M), out
    for text in (err, run(path, code=78)):
        assert "the keys of a-predictions are put by murmur2" in text and "those of a-labels by crc32" in text, text
        assert "partitioner=murmur2_random" in text, text
    produce("a-labels", [""] * 900, "random")
    told = warnings(check(path, "--broker")[0])
    assert len(told) == 1 and re.search("a-labels: .* recent records have no key", told[0]), told
    produce("a-labels", keys, "murmur2_random")
    out, _ = check(path, "--broker")
    assert warnings(out) == [] and "where crc32" not in out, out

    # A rewind that is longer than the retention, and the one that just fits into its 7 days.
    long = {"size": "1d", "lateness": "6h", "out_of_orderness": "1h", "label_horizon": "30d",
            "label_lateness": "2d", "early_label_ttl": "3h"}
    needed = 2 * (30 + 2) * DAY + 2 * DAY + 6 * HOUR + 2 * HOUR
    out, _ = check(config(folder, first, long), "--broker")
    told = warnings(out)
    assert len(told) == 2 and told[0].startswith("warning: a-predictions keeps records for 7d"), told
    assert f"retention.ms to at least {needed}," in told[0] and f"at least {needed + 3 * HOUR}," in told[1], told
    fits = {"size": "12h", "label_horizon": "3d", "early_label_ttl": "0s"}
    assert warnings(check(config(folder, first, fits), "--broker")[0]) == []
    told = warnings(check(config(folder, first, fits | {"early_label_ttl": "1h"}), "--broker")[0])
    assert len(told) == 1 and f"at least {7 * DAY + HOUR}," in told[0], told

    # Unequal inputs, no broker, and a config without one.
    check(config(folder, other, short), "--create-topics", "--partitions", "2")
    out, err = check(config(folder, ["a-predictions", "b-labels", *first[2:]], short), "--broker", code=78)
    assert "a-predictions has 3 partitions and b-labels has 2" in err, err
    out, err = check(config(folder, first, short, "127.0.0.1:1"), "--broker", code=69)
    text = json.load(open(config(folder, first, short)))
    text["kafka"] = {"group.id": "m"}
    json.dump(text, open(path, "w"))
    assert "bootstrap.servers" in check(path, "--broker", code=78)[1]
print("1 passed, 0 failed")
