#!/usr/bin/env python3
"""Inputs that producers put apart are joined as if they had not: predictions in four partitions by murmur2,
labels in one, and labels in four by crc32. `repartition` is killed (-9) again and again while the topics fill; then
two of them are, which share the partitions.

usage: repartition.py TIDEMARK SOURCE_DIR KAFKA_SEND      (TIDE_KAFKA=host:port of a broker of its own)
What `run` finds is, byte for byte, what a replay of the files finds. The topics by id are looked at, too: each
record of the inputs is there once, where a murmur2 of this file puts its id, and in the order of event times.
"""
import gzip, json, os, random, signal, subprocess, sys, tempfile, time
from collections import Counter

tidemark, source, send = sys.argv[1:4]
broker = os.environ["TIDE_KAFKA"]
examples = os.path.join(source, "examples", "bikes")
PARTITIONS, KILLS, DEADLINE_S = 4, 8, 120
LATER = 40 * 86400 * 1000  # closing records stand so far behind the last real one
ORIGIN = "__tidemark.origin."


def murmur2(data):
    """MurmurHash2, 32 bits, as Kafka's DefaultPartitioner has it."""
    m, h = 0x5bd1e995, 0x9747b28c ^ len(data)
    whole = len(data) & ~3
    for i in range(0, whole, 4):
        k = int.from_bytes(data[i:i + 4], "little") * m & 0xffffffff
        h = (h * m ^ (k ^ k >> 24) * m) & 0xffffffff
    if whole < len(data):
        h = (h ^ int.from_bytes(data[whole:], "little")) * m & 0xffffffff
    h = (h ^ h >> 13) * m & 0xffffffff
    return (h ^ h >> 15) & 0x7fffffff


def read(name):
    return [json.loads(line) for line in gzip.open(os.path.join(examples, name), "rt")]


def closing(end, behind):
    """A prediction and its label for each partition by id: they push every watermark past the last window."""
    pairs, number = {}, 0
    while len(pairs) < PARTITIONS:
        name, number = f"closing-{behind}-{number}", number + 1
        pairs.setdefault(murmur2(name.encode()) % PARTITIONS, (
            {"prediction_id": name, "ts": end + LATER + behind, "model": "bike-demand", "model_version": "1",
             "features": {}, "prediction": 1.0},
            {"prediction_id": name, "ts": end + LATER + behind, "label": 1.0}))
    return [pairs[i] for i in range(PARTITIONS)]


def config(folder, name, repartition):
    text = open(os.path.join(examples, "bikes.yaml")).read()
    text = text.replace("reference.jsonl.gz", os.path.join(examples, "reference.jsonl.gz"))
    for role in ("predictions", "labels"):
        assert f"    file: {role}.jsonl.gz" in text
        text = text.replace(f"    file: {role}.jsonl.gz", f"    topic: {name}-{role}\n    file: {role}.jsonl")
    text = text.replace("inputs:\n", f"inputs:\n  start: earliest\n{'  repartition: true' if repartition else ''}\n")
    text += (f"outputs: {{results: {{topic: {name}-results}}, alerts: {{topic: {name}-alerts}}, "
             f"dead_letters: {{topic: {name}-dead}}}}\n"
             f"kafka: {{bootstrap.servers: \"{broker}\", group.id: {name}, transactional.id: {name}, "
             f"session.timeout.ms: 6000}}\n")
    path = os.path.join(folder, f"{name}{repartition}.yaml")
    open(path, "w").write(text)
    return path


def produce(topic, lines, partition=None, partitioner="murmur2_random"):
    """lines: (key, value) texts."""
    where = ["-p", str(partition)] if partition is not None else ["-X", f"topic.partitioner={partitioner}"]
    subprocess.run(["kcat", "-P", "-b", broker, "-t", topic, "-K", "\t", *where], check=True,
                   input="".join(f"{key}\t{value}\n" for key, value in lines).encode())


def consume(topic):
    """What a read_committed reader sees, as kcat's JSON; headers as a dict."""
    out = subprocess.run(["kcat", "-C", "-q", "-J", "-b", broker, "-t", topic, "-o", "beginning", "-e",
                          "-X", "isolation.level=read_committed"], check=True, stdout=subprocess.PIPE).stdout
    records = [json.loads(line) for line in out.splitlines()]
    for r in records:
        headers = r.get("headers") or []
        r["headers"] = dict(zip(headers[::2], headers[1::2]))
    return records


def shape(lines, last):
    """Sorted texts of all but the input side, and the totals of the input side."""
    found, totals = [], Counter()
    for line in lines:
        r = json.loads(line)
        if r["window_start"] > last:
            continue
        if r.get("side") == "input":
            for role, counts in r["counts"].items():
                totals.update({(role, outcome): n for outcome, n in counts.items()})
        else:
            found.append(line)
    assert len(set(found)) == len(found), "a record is there twice"
    return sorted(found), dict(totals)


def start(*words):
    return subprocess.Popen([tidemark, *words], stdout=subprocess.DEVNULL, stderr=log)


def log_tail():
    log.flush()
    return open(log.name).read()[-4000:]


def fail(why):
    sys.exit(f"{why}\n{log_tail()}")


def refused(path, words, code, *texts):
    done = subprocess.run([tidemark, *words, path], capture_output=True, text=True)
    if done.returncode != code or not all(text in done.stderr for text in texts):
        fail(f"{words}: exit {done.returncode}: {done.stderr}")


def stop(process):
    process.send_signal(signal.SIGTERM)
    if process.wait(60) != 130:
        fail(f"exit {process.returncode} after SIGTERM")


def fill(name, events, commands, labels_partitioner):
    """The topics fill in twenty parts while one of the commands after the other is killed at any moment."""
    forwarders, kills, dies = [start(*command) for command in commands], 0, time.monotonic() + 2
    size = len(events) // 20 + 1
    for part in range(0, len(events), size):
        for role, partitioner in (("predictions", "murmur2_random"), ("labels", labels_partitioner)):
            produce(f"{name}-{role}", [line for at, kind, line in events[part:part + size] if kind == role],
                    partitioner=partitioner)
        until = time.monotonic() + 0.7
        while time.monotonic() < until or (part + size >= len(events) and kills < KILLS):
            ended = [forwarder.poll() for forwarder in forwarders if forwarder.poll() is not None]
            if ended:
                fail(f"{name}: `repartition` ended with {ended}")
            if time.monotonic() > dies:
                at = kills % len(commands)
                forwarders[at].kill()
                forwarders[at].wait()
                kills += 1
                forwarders[at], dies = start(*commands[at]), time.monotonic() + random.uniform(0.6, 2.5)
            time.sleep(0.02)
    return forwarders, kills


def close(name, label_partitions):
    for i in range(PARTITIONS):
        for closers in (first_closers, second_closers):
            for role, place in (("predictions", i), ("labels", i % label_partitions)):
                r = closers[i][role == "labels"]
                produce(f"{name}-{role}", [(r["prediction_id"], json.dumps(r))], place)


def wait_for_results(name, worker, forwarder, wanted, last):
    deadline = time.monotonic() + DEADLINE_S
    while True:
        got = shape([r["payload"] for r in consume(name + "-results")], last)
        if len(got[0]) >= len(wanted[0]) and got[1] == wanted[1]:
            return
        if worker.poll() is not None or forwarder.poll() is not None or time.monotonic() > deadline:
            fail(f"{name}: {len(got[0])} of {len(wanted[0])} results, counts {got[1]} of {wanted[1]}, exits "
                 f"{worker.poll()} and {forwarder.poll()}")
        time.sleep(0.3)


def is_good(text):
    """A record that is neither damaged nor from the future."""
    return text.startswith("{") and json.loads(text)["ts"] < NOW


def look_at_topics(name, role, in_order=True):
    """Everything but the last closing records, which wait for what may come before them."""
    came = {(r["partition"], r["offset"]): r for r in consume(f"{name}-{role}")}
    put = consume(f"{name}-{role}-by-id")
    places = Counter((int(r["headers"][ORIGIN + "partition"]), int(r["headers"][ORIGIN + "offset"])) for r in put)
    assert set(places.values()) == {1}, [p for p in places.items() if p[1] > 1][:3]
    waiting = [came[p]["payload"] for p in came if p not in places]
    assert len(waiting) <= PARTITIONS and all("closing-1-" in text for text in waiting), waiting
    newest, smaller = {}, 0
    for r in put:
        origin = came[int(r["headers"][ORIGIN + "partition"]), int(r["headers"][ORIGIN + "offset"])]
        assert r["headers"][ORIGIN + "topic"] == f"{name}-{role}"
        assert (r["key"], r["ts"]) == (origin["key"], origin["ts"]), (r, origin)
        if not is_good(origin["payload"]):
            assert r["payload"] == origin["payload"] and r["partition"] == origin["partition"] % PARTITIONS, r
            continue
        event, whole = json.loads(r["payload"]), json.loads(origin["payload"])
        smaller += whole.pop("debug", None) is not None
        assert event == whole, (event, whole)
        assert r["partition"] == murmur2(event["prediction_id"].encode()) % PARTITIONS, r
        assert not in_order or newest.get(r["partition"], 0) <= event["ts"], (r, newest)
        newest[r["partition"]] = event["ts"]
    assert len(newest) == PARTITIONS
    return len(put), smaller


def look_at_dead_letters(name, bad):
    """Each has the bytes that it came with, and says where it stood."""
    came = {f"{name}-predictions": {}, f"{name}-labels": {}}
    for topic in came:
        came[topic] = {(r["partition"], r["offset"]): r["payload"] for r in consume(topic)}
    letters = consume(name + "-dead")
    for letter in letters:
        of = letter["headers"]
        place = int(of[ORIGIN + "partition"]), int(of[ORIGIN + "offset"])
        assert came[of[ORIGIN + "topic"]][place] == letter["payload"], letter
        assert of["__tidemark.errors.topic"] == of[ORIGIN + "topic"] + "-by-id", letter
    assert Counter(letter["payload"] for letter in letters) == Counter(bad), (letters, bad)


def join(folder, name, label_partitions, labels_partitioner, refusal, wanted):
    for role, count in (("predictions", PARTITIONS), ("labels", label_partitions)):
        subprocess.run([send, broker, str(count), f"{name}-{role}"], stdin=subprocess.DEVNULL, check=True)
    plain, path = config(folder, name, False), config(folder, name, True)
    refused(path, ["run"], 66, f"there is no topic {name}-predictions-by-id", "--create-topics")
    refused(path, ["repartition"], 66, f"there is no topic {name}-predictions-by-id")
    subprocess.run([tidemark, "check", "--create-topics", path], check=True, stdout=subprocess.DEVNULL)
    made = subprocess.run([tidemark, "check", "--broker", path], check=True, capture_output=True, text=True).stdout
    for role in ("predictions", "labels"):
        assert f"{name}-{role}-by-id has {PARTITIONS} partitions, cleanup.policy delete, retention " in made, made
    assert "warning" not in made, made
    worker = start("run", path, "--http", "off")
    (forwarder,), kills = fill(name, events, [("repartition", path)], labels_partitioner)
    refused(plain, ["run", "--http", "off"], 78, *refusal)
    refused(plain, ["repartition"], 78, "inputs: {repartition: true}")
    close(name, label_partitions)
    wait_for_results(name, worker, forwarder, wanted["results"], last)
    for kind in ("results", "alerts"):
        got = shape([r["payload"] for r in consume(f"{name}-{kind}")], last)
        if got != wanted[kind]:
            different = [pair for pair in zip(got[0], wanted[kind][0]) if pair[0] != pair[1]]
            fail(f"{name}: {kind} differ from the replay's: {different[:1]}")
    stop(worker)
    stop(forwarder)
    out = os.path.join(folder, name + ".jsonl")
    subprocess.run([tidemark, "replay", path, "--from", "kafka", "--results", out], check=True,
                   stdout=subprocess.DEVNULL, stderr=log)
    assert shape(open(out).read().splitlines(), last)[0] == wanted["results"][0], "a replay of the topics by id differs"
    counts = [look_at_topics(name, role) for role in ("predictions", "labels")]
    assert counts[0][1] > 1000 and counts[1][1] == 0, counts
    look_at_dead_letters(name, bad)
    print(f"{name}: {counts[0][0]} predictions and {counts[1][0]} labels put by id, {kills} kills, "
          f"{len(wanted['results'][0])} results and {len(wanted['alerts'][0])} alerts equal")


def share(folder, name):
    """Two forwarders come, are killed in turn, and one of them leaves: each record is put once, by its id."""
    for role in ("predictions", "labels"):
        subprocess.run([send, broker, str(PARTITIONS), f"{name}-{role}"], stdin=subprocess.DEVNULL, check=True)
    path = config(folder, name, True)
    subprocess.run([tidemark, "check", "--create-topics", path], check=True, stdout=subprocess.DEVNULL)
    refused(path, ["repartition", "--instance", "a/b"], 64, "1 to 64 of A-Z")
    commands = [("repartition", path, "--instance", instance) for instance in "ab"]
    (gone, left), kills = fill(name, events, commands, "consistent_random")
    stop(gone)
    close(name, PARTITIONS)
    deadline = time.monotonic() + DEADLINE_S
    while True:
        missing = [sum("closing-1-" not in r["payload"] for r in consume(f"{name}-{role}"))
                   - sum("closing-1-" not in r["payload"] for r in consume(f"{name}-{role}-by-id"))
                   for role in ("predictions", "labels")]
        if missing == [0, 0]:
            break
        if left.poll() is not None or time.monotonic() > deadline:
            fail(f"{name}: {missing} are missing, exit {left.poll()}")
        time.sleep(0.3)
    stop(left)
    counts = [look_at_topics(name, role, in_order=False)[0] for role in ("predictions", "labels")]
    print(f"{name}: {counts[0]} predictions and {counts[1]} labels put by id, {kills} kills")


with tempfile.TemporaryDirectory() as folder:
    log = open(os.path.join(folder, "log"), "w")
    NOW = int(time.time() * 1000)
    predictions, labels = read("predictions.jsonl.gz"), read("labels.jsonl.gz")
    last = max(r["ts"] for r in predictions)
    end = max(last, max(r["ts"] for r in labels))
    first_closers, second_closers = closing(end, 0), closing(end, 1)
    events = [(r["ts"], "predictions", (r["prediction_id"], json.dumps(r | {"debug": "x" * 200}))) for r in predictions]
    events += [(r["ts"], "labels", (r["prediction_id"], json.dumps(r))) for r in labels]
    half = sorted(r["ts"] for r in predictions)[len(predictions) // 2]
    future = json.dumps(predictions[0] | {"prediction_id": "future", "ts": NOW + 86400000, "debug": "kept"})
    bad = ["}not json", '[1]', future, "also not json"]
    events += [(half + i, "predictions", (f"bad-{i}", text)) for i, text in enumerate(bad[:3])]
    events += [(half, "labels", ("bad-label", bad[3]))]
    events.sort(key=lambda e: e[:2])
    for role in ("predictions", "labels"):
        with open(os.path.join(folder, role + ".jsonl"), "w") as out:
            out.writelines(value + "\n" for at, kind, (key, value) in events if kind == role)
            out.writelines(json.dumps(pair[role == "labels"]) + "\n" for pair in first_closers)
    wanted = {kind: os.path.join(folder, kind + ".jsonl") for kind in ("results", "alerts")}
    subprocess.run([tidemark, "replay", config(folder, "files", True), "--from", "files", "--results",
                    wanted["results"], "--alerts", wanted["alerts"]], check=True, stdout=subprocess.DEVNULL)
    wanted = {kind: shape(open(path).read().splitlines(), last) for kind, path in wanted.items()}
    # the closing records of a partition stand behind its own last window, in a file behind all
    wanted["results"][1]["predictions", "accepted"] = len(predictions) + PARTITIONS
    wanted["results"][1]["labels", "matched"] = len(labels) + PARTITIONS
    assert len(wanted["results"][0]) > 50 and wanted["alerts"][0] and wanted["results"][1]["predictions", "future"] == 1
    join(folder, "one", 1, "murmur2_random", ("one-predictions has 4 partitions and one-labels has 1",
                                             "repartition: true"), wanted)
    join(folder, "crc", 4, "consistent_random", ("are put by murmur2", "by crc32", "repartition: true"), wanted)
    share(folder, "two")
