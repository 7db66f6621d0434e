#!/usr/bin/env python3
"""Replays of topics: a range in offsets, before the last record and in time; topics for its records,
which are those of files, once each whatever cuts the run off; no live topic; `diff` of both.

usage: replay.py TIDEMARK SOURCE_DIR      (TIDE_KAFKA=host:port of a broker of its own)
"""
import gzip, itertools, json, os, signal, subprocess, sys, tempfile, time

tidemark, source = sys.argv[1], sys.argv[2]
broker = os.environ["TIDE_KAFKA"]
examples = os.path.join(os.path.abspath(source), "examples", "bikes")
LINES = 4000
HOUR = 3600000
DEADLINE_S = 120
DEAD = 7  # lines that are no record, among the predictions


def read(kind):
    with gzip.open(os.path.join(examples, kind + ".jsonl.gz"), "rt") as lines:
        return [line.rstrip("\n") for line in itertools.islice(lines, LINES)]


def produce(topic, lines, partitions):
    """Each line into partition (number modulo partitions), with its own time as record time."""
    for partition in range(partitions):
        text = "".join(line + "\n" for line in lines[partition::partitions])
        subprocess.run(["kcat", "-P", "-b", broker, "-t", topic, "-p", str(partition)], input=text.encode(),
                       check=True)


def config(folder):
    text = open(os.path.join(examples, "bikes.yaml")).read()
    text = text.replace("reference.jsonl.gz", os.path.join(examples, "reference.jsonl.gz"))
    for kind in ("predictions", "labels"):
        text = text.replace(f"    file: {kind}.jsonl.gz", f"    topic: {kind}")
    text += ("outputs: {results: {topic: live-results}, alerts: {topic: live-alerts}, "
             "dead_letters: {topic: live-dead}}\n"
             f"kafka: {{bootstrap.servers: \"{broker}\"}}\n")
    path = os.path.join(folder, "config.yaml")
    open(path, "w").write(text)
    return path


def run(*words, code=0):
    done = subprocess.run([tidemark, *words], capture_output=True, text=True)
    if done.returncode != code:
        sys.exit(f"{words}: exit {done.returncode}, not {code}: {done.stdout}{done.stderr}")
    return done.stdout if code < 2 else done.stderr


def consume(topic):
    """(headers, value) of each record that was committed."""
    out = subprocess.run(["kcat", "-C", "-q", "-b", broker, "-t", topic, "-o", "beginning", "-e", "-X",
                          "isolation.level=read_committed", "-f", "%h\t%s\n"], check=True,
                         stdout=subprocess.PIPE).stdout.decode()
    return [(dict(h.split("=", 1) for h in line.split("\t", 1)[0].split(",")), line.split("\t", 1)[1])
            for line in out.splitlines()]


def make(*topics, partitions):
    """Through a config whose outputs they are: that is what makes topics here."""
    names = dict(itertools.zip_longest(("results", "alerts", "dead_letters"), topics))
    text = open(path).read().split("outputs:")[0]
    outputs = ", ".join(f"{kind}: {{topic: {name}}}" for kind, name in names.items() if name)
    made = os.path.join(folder, "make.yaml")
    open(made, "w").write(text + f"outputs: {{{outputs}}}\nkafka: {{bootstrap.servers: \"{broker}\"}}\n")
    run("check", "--create-topics", "--partitions", str(partitions), made)


def offsets(folder):
    """Each partition of predictions is cut as its lines are; labels are read whole."""
    out = os.path.join(folder, "offsets")
    for spelled, first, last in (("100:1000", 100, 1000), ("1500", 1500, None), (":300", 0, 300),
                                 ("-250", -250, None), ("+1700", 1700, None), ("-300:-100", -300, -100)):
        said = run("replay", path, "--range", spelled, "--results", out)
        cut = sum(len(lines["predictions"][p::2][first:last]) for p in range(2))
        row = said.split("\npredictions")[1].split()[0]
        assert int(row) == cut, (spelled, row, cut)
        assert sum(r["predictions"] for r in map(json.loads, open(out)) if r["side"] == "prediction" and
                   r["segment"] == {}) == sum(line.startswith("{") for p in range(2)
                                              for line in lines["predictions"][p::2][first:last])


def relative(folder):
    """Before the last record is before its time in the topic, which is when it was produced."""
    one, other = (os.path.join(folder, name) for name in ("one", "other"))
    last = 0
    for kind in ("predictions", "labels"):
        for line in subprocess.run(["kcat", "-C", "-q", "-b", broker, "-t", kind, "-o", "-1", "-e", "-f", "%T\n"],
                                   check=True, stdout=subprocess.PIPE).stdout.split():
            last = max(last, int(line))
    for back, until in ((20000 * HOUR, ""), (130000 * HOUR, -124000 * HOUR)):
        spelled = f"-{back // HOUR}h..{until and f'{until // HOUR}h'}"
        run("replay", path, "--range", spelled, "--results", one)
        run("replay", path, "--range", f"{last - back}..{last + until if until else ''}", "--results", other)
        assert open(one).read() == open(other).read(), spelled
    wrong = run("replay", path, "--range", "-1h..2012-01-01", code=64)
    assert "--range is empty" in wrong, wrong


def refused():
    for kind, topic, flags, code in (
            ("results", "live-results", [], 78), ("alerts", "live-results", [], 78),
            ("dead-letters", "live-dead", [], 78), ("results", "predictions", ["--to-live-topics"], 78),
            ("results", "labels", [], 78), ("results", "tidemark-bike-demand-state", ["--to-live-topics"], 78),
            ("results", "nowhere", [], 66), ("alerts", "run-a", ["--resume"], 64),
            ("alerts", "run-a", ["--run-id", "a b"], 64), ("alerts", "run-a", ["--results", "x"], 64)):
        said = run("replay", path, f"--{kind}-topic", topic, *flags, code=code)
        assert code == 64 or topic in said, said
    assert not consume("live-results") and not consume("live-dead")


def topics(folder):
    """A run that is cut off between two of its transactions, and one that nobody cut."""
    words = ["replay", path, "--run-id", "cut", "--results-topic", "run-r", "--alerts-topic", "run-a",
             "--dead-letters-topic", "run-d"]
    worker = subprocess.Popen([tidemark, *words, "--throttle", "1500/s"], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + DEADLINE_S
    while not consume("run-r"):
        assert worker.poll() is None and time.monotonic() < deadline
        time.sleep(0.05)
    worker.kill()
    worker.wait()
    before = len(consume("run-r"))
    assert before < len(wanted["results"]), "it was not cut off"
    run(*words, "--resume")
    for topic, kind in (("run-r", "results"), ("run-a", "alerts"), ("run-d", "dead")):
        found = consume(topic)
        assert all(h["tidemark-run-id"] == "cut" for h, _ in found)
        numbers = sorted(int(h["tidemark-run-sequence"]) for h, _ in found)
        assert len(numbers) == len(set(numbers)), "a record came twice"
        if kind == "dead":
            assert len(found) == DEAD, len(found)
            continue
        assert all(h["tidemark-mode"] == "replay" for h, _ in found)
        assert sorted(value for _, value in found) == sorted(wanted[kind]), kind
    run(*words, "--resume")  # it has nothing to add
    assert len(consume("run-r")) == len(wanted["results"]) and len(consume("run-d")) == DEAD
    run("replay", path, "--range", "2012-01-01..2012-02-01", *words[2:], "--resume", code=65)
    print(f"{before} of {len(wanted['results'])} results were there when it was killed")


def compared(folder):
    files = os.path.join(folder, "whole-r")
    assert "differs" not in run("diff", "topic:run-r", files, "--config", path, "--inputs")
    open(os.path.join(folder, "less"), "w").writelines(v + "\n" for v in wanted["results"][:-1])
    assert "only in A" in run("diff", "topic:run-r", os.path.join(folder, "less"), "--config", path,
                              "--inputs", code=1)
    run("replay", path, "--results-topic", "live-results", "--to-live-topics", "--alerts-topic", "run-a")
    run("diff", "topic:live-results", "topic:run-r", "--config", path)
    assert "neither a result" in run("diff", "topic:labels", files, "--config", path, code=65)
    run("diff", "topic:nowhere", files, "--config", path, code=66)


with tempfile.TemporaryDirectory() as folder:
    path = config(folder)
    lines = {kind: read(kind) for kind in ("predictions", "labels")}
    for i in range(DEAD):
        lines["predictions"].insert(200 + 500 * i, "no record")
    run("check", "--create-topics", "--partitions", "2", path)
    for kind in lines:
        produce(kind, lines[kind], 2)
    make("run-r", "run-a", "run-d", partitions=2)
    whole = {kind: os.path.join(folder, f"whole-{kind[0]}") for kind in ("results", "alerts", "dead")}
    run("replay", path, "--from", "kafka", "--results", whole["results"], "--alerts", whole["alerts"],
        "--dead-letters", whole["dead"])
    wanted = {kind: open(name).read().splitlines() for kind, name in whole.items()}
    assert len(wanted["results"]) > 20 and wanted["alerts"] and len(wanted["dead"]) == DEAD
    offsets(folder)
    relative(folder)
    refused()
    topics(folder)
    compared(folder)
print("replays of topics; 1 passed, 0 failed")
