#!/usr/bin/env python3
"""What a replay of the files finds, `run` finds in the topics: from one partition, from four, and
from a worker that is killed (-9) and started again ten times while the topics fill.

usage: live.py TIDEMARK SOURCE_DIR      (TIDE_KAFKA=host:port of a broker of its own)
Records are compared as bytes after sorting by key and revision, as a read_committed reader sees
them; none may be there twice. Side "input" is compared by totals over the partitions.
"""
import gzip, json, os, random, re, signal, subprocess, sys, tempfile, time, urllib.request
import common
from common import broker, consume

tidemark, source = sys.argv[1], sys.argv[2]
examples = os.path.join(source, "examples", "bikes")
LATER = 40 * 86400 * 1000  # closing records stand so far behind the last real one
DEADLINE_S = 120


def read(name):
    return [json.loads(line) for line in gzip.open(os.path.join(examples, name), "rt")]


def closing(end, name):
    """One prediction and its label a partition: they push every watermark past the last window."""
    prediction = {"prediction_id": name, "ts": end + LATER, "model": "bike-demand", "model_version": "1",
                  "features": {}, "prediction": 1.0}
    return prediction, {"prediction_id": name, "ts": end + LATER, "label": 1.0}


def config(folder, name, partitions):
    text = open(os.path.join(examples, "bikes.yaml")).read()
    text = text.replace("reference.jsonl.gz", os.path.join(examples, "reference.jsonl.gz"))
    text = text.replace("    file: predictions.jsonl.gz", f"    topic: {name}-p\n    file: p{partitions}.jsonl")
    text = text.replace("    file: labels.jsonl.gz", f"    topic: {name}-l\n    file: l{partitions}.jsonl")
    # the name of the config stands in every record, so it is the same for all: the group tells them apart
    text = text.replace("inputs:\n", "inputs:\n  start: earliest\n")
    text += (f"outputs: {{results: {{topic: {name}-results}}, alerts: {{topic: {name}-alerts}}, "
             f"dead_letters: {{topic: {name}-dead}}}}\n"
             f"kafka: {{bootstrap.servers: \"{broker}\", group.id: {name}, transactional.id: {name}, "
             f"session.timeout.ms: 6000}}\n")
    path = os.path.join(folder, name + ".yaml")
    open(path, "w").write(text)
    return path


def produce(topic, records, partition=None):
    common.produce(topic, records, "prediction_id", partition)


def shape(lines):
    return common.shape(lines, last)


def start(path):
    return subprocess.Popen([tidemark, "run", path, "--http", "0"], stdout=subprocess.DEVNULL, stderr=log)


def log_tail():
    log.flush()
    return open(log.name).read()[-4000:]


def ask_over_http(wanted):
    """The worker says over HTTP what its results say."""
    port = re.findall(r"http on 127.0.0.1:(\d+)", log_tail())[-1]
    for _ in range(20):
        text = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics").read().decode()
        counts = {(role, outcome): int(n) for role, outcome, n in
                  re.findall(r'tidemark_records_total\{role="(\w+)",outcome="(\w+)"\} (\d+)', text)}
        if all(counts[key] >= n for key, n in wanted[1].items()):
            break
        time.sleep(0.2)
    else:
        sys.exit(f"metrics say {counts}, results say {wanted[1]}")
    assert urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz").status == 200


def run_until_all_is_there(path, name, wanted):
    worker = start(path)
    deadline = time.monotonic() + DEADLINE_S
    while True:
        got = shape([value for _, value in consume(name + "-results")])
        if len(got[0]) >= len(wanted[0]) and got[1] == wanted[1]:
            break
        if worker.poll() is not None or time.monotonic() > deadline:
            worker.kill()
            sys.exit(f"{name}: {len(got[0])} of {len(wanted[0])} results, counts {got[1]} of {wanted[1]}, "
                     f"exit {worker.poll()}\n{log_tail()}")
        time.sleep(0.3)
    if name != "killed":
        ask_over_http(wanted)
    worker.send_signal(signal.SIGTERM)
    code = worker.wait(60)
    if code != 130:
        sys.exit(f"{name}: exit {code} after SIGTERM\n{log_tail()}")


def compare(name, results, alerts):
    for kind, wanted in (("results", results), ("alerts", alerts)):
        got = shape([value for _, value in consume(f"{name}-{kind}")])
        if got != wanted:
            different = [pair for pair in zip(got[0], wanted[0]) if pair[0] != pair[1]]
            sys.exit(f"{name}: {kind} differ from the replay's: {len(got[0])} and {len(wanted[0])}, "
                     f"{got[1]} and {wanted[1]}, {different[:1]}")


def twin(path):
    """A second worker with the same name takes over, and the first one says so."""
    first = start(path)
    time.sleep(3)
    second = start(path)
    code = first.wait(60)
    second.send_signal(signal.SIGTERM)
    if (code, second.wait(60)) != (76, 130):
        sys.exit(f"twins ended with {code} and {second.returncode}\n{log_tail()}")


def changed(path):
    """What was read with one config is not gone on with by another; rules may change (SPEC 8.8)."""
    text = open(path).read()
    for old, new, code in (("segments: [season]", "segments: [weathersit]", 78),
                           ("above: 2x reference", "above: 3x reference", 130)):
        assert old in text
        open(path + ".changed", "w").write(text.replace(old, new))
        worker = start(path + ".changed")
        try:
            ended = worker.wait(8)
        except subprocess.TimeoutExpired:
            worker.send_signal(signal.SIGTERM)
            ended = worker.wait(60)
        if ended != code:
            sys.exit(f"a changed config ended with {ended}\n{log_tail()}")


def create(path, partitions):
    refused = subprocess.run([tidemark, "run", path], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
    assert refused.returncode == 66 and b"check --create-topics" in refused.stderr, refused
    subprocess.run([tidemark, "check", "--create-topics", "--partitions", str(partitions), path], check=True,
                   stdout=subprocess.DEVNULL)


def replay(folder, path, partitions):
    out = {}
    for kind in ("results", "alerts"):
        out[kind] = os.path.join(folder, f"{kind}{partitions}.jsonl")
    subprocess.run([tidemark, "replay", path, "--results", out["results"], "--alerts", out["alerts"]], check=True,
                   stdout=subprocess.DEVNULL)
    return [shape(open(out[kind], "rb").read().splitlines()) for kind in ("results", "alerts")]


def replay_topics(folder, path, results):
    """A replay of the topics, and of a range of them, gives what `run` gave."""
    for bounds in (None, (1335398400000, 1349913600000)):
        out = os.path.join(folder, "topics.jsonl")
        subprocess.run([tidemark, "replay", path, "--from", "kafka", "--results", out,
                        *(["--range", "%d..%d" % bounds] if bounds else [])], check=True, stdout=subprocess.DEVNULL,
                       stderr=log)
        wanted = [line for line in results[0]
                  if not bounds or bounds[0] <= json.loads(line)["window_start"] < bounds[1]]
        got = shape(open(out, "rb").read().splitlines())[0]
        if not wanted or got != wanted:
            sys.exit(f"replay of topics, {bounds}: {len(got)} results, {len(wanted)} wanted")


def killed(path, name, predictions, labels):
    """The topics fill in twenty parts while workers are killed at any moment."""
    events = sorted([(r["ts"], 0, r) for r in predictions] + [(r["ts"], 1, r) for r in labels],
                    key=lambda e: (e[0], e[1]))
    size, kills = len(events) // 20 + 1, 0
    worker, dies = start(path), time.monotonic() + 1.5
    for part in range(0, len(events), size):
        for role, topic in ((0, name + "-p"), (1, name + "-l")):
            produce(topic, [r for _, kind, r in events[part:part + size] if kind == role])
        until = time.monotonic() + 0.6
        while time.monotonic() < until:
            if worker.poll() is not None:
                sys.exit(f"{name}: the worker ended with {worker.returncode}\n{log_tail()}")
            if time.monotonic() > dies:
                worker.kill()
                worker.wait()
                kills += 1
                worker, dies = start(path), time.monotonic() + random.uniform(0.8, 2.5)
            time.sleep(0.02)
    while kills < 10:
        time.sleep(max(0, dies - time.monotonic()))
        worker.kill()
        worker.wait()
        kills += 1
        worker, dies = start(path), time.monotonic() + random.uniform(0.8, 2.5)
    worker.kill()
    worker.wait()
    return kills


with tempfile.TemporaryDirectory() as folder:
    log = open(os.path.join(folder, "log"), "w")
    predictions, labels = read("predictions.jsonl.gz"), read("labels.jsonl.gz")
    last = max(r["ts"] for r in predictions)
    end = max(last, max(r["ts"] for r in labels))
    wanted = {}
    for partitions in (1, 4):
        closers = [closing(end, f"closing-{i}") for i in range(partitions)]
        for name, records, extra in (("p", predictions, 0), ("l", labels, 1)):
            with open(os.path.join(folder, f"{name}{partitions}.jsonl"), "w") as out:
                for r in records + [c[extra] for c in closers]:
                    out.write(json.dumps(r) + "\n")
    for name, partitions in (("one", 1), ("four", 4), ("killed", 4)):
        path = config(folder, name, partitions)
        closers = [closing(end, f"closing-{i}") for i in range(partitions)]
        create(path, partitions)
        results, alerts = replay(folder, path, partitions)
        # the closing records of a partition stand behind its own last window, in a file behind all
        for role, outcome, records in (("predictions", "accepted", predictions), ("labels", "matched", labels)):
            results[1][(role, outcome)] = len(records) + partitions
        assert len(results[0]) > 50 and len(alerts[0]) > 0
        kills = 0
        if name == "killed":
            kills = killed(path, name, predictions, labels)
        else:
            produce(name + "-p", predictions)
            produce(name + "-l", labels)
        for i, (prediction, label) in enumerate(closers):
            produce(name + "-p", [prediction], i)
            produce(name + "-l", [label], i)
        run_until_all_is_there(path, name, results)
        compare(name, results, alerts)
        if name == "one":
            twin(path)
            changed(path)
        if name == "four":
            replay_topics(folder, path, results)
        wanted.setdefault("results", results[0])
        assert wanted["results"] == results[0], "one and four partitions differ"
        print(f"{name}: {len(results[0])} results and {len(alerts[0])} alerts equal, {kills} kills")
