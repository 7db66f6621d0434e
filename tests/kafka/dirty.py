#!/usr/bin/env python3
"""Hostile messages among good ones, through a broker: from one partition and from four, `run` and
`replay --from kafka` find what a replay of the files finds, and dead letters are whole. And of a
group that begins in the middle, labels of before are before_start, restart or not (SPEC 8.6).

usage: dirty.py TIDEMARK SOURCE_DIR SEND      (TIDE_KAFKA=host:port of a broker of its own)
"""
import collections, json, os, re, signal, subprocess, sys, tempfile, time

tidemark, source, send = sys.argv[1], sys.argv[2], sys.argv[3]
broker = os.environ["TIDE_KAFKA"]
sys.path.insert(0, os.path.join(source, "tests", "golden"))
import hostile

LATER = (300 * hostile.DAY, 321 * hostile.DAY)  # closing records stand so far behind the last real one
DEADLINE_S = 60


def config(folder, name, group, **words):
    """One of topics that are called `name`, for one group."""
    path = os.path.join(folder, group + ".yaml")
    words = {"policy": "first", "horizon": "200d", "skew": "60d", "start": "earliest", **words}
    text = hostile.CONFIG % {"predictions": f"topic: {name}-p", "labels": f"topic: {name}-l", **words}
    open(path, "w").write(text + f"""
outputs: {{results: {{topic: {group}-results}}, alerts: {{topic: {group}-alerts}}, dead_letters: {{topic: {group}-dead}}}}
kafka: {{bootstrap.servers: "{broker}", group.id: {group}, transactional.id: {group}, session.timeout.ms: 6000}}
""")
    return path


def put(topics, partitions, name, messages):
    """Creates the topics, and puts (message, partition or -1) into name-p and name-l."""
    data = b"".join(b"%s-%c %d %d %d %d %s\n%s%s" % (
        name.encode(), ord(m.topic[0]), partition, m.arrival, -1 if m.key is None else len(m.key), len(m.value),
        m.kind.encode(), (m.key or "").encode(), m.value) for m, partition in messages)
    subprocess.run([send, broker, str(partitions), *topics], input=data, check=True)


def closing(partitions):
    """What pushes every watermark past the last window, then what lets go of that."""
    for later in LATER:
        for i in range(partitions):
            for topic, rest in (("predictions", {"model": "car-loan", "model_version": "1", "features": {},
                                                 "prediction": 1, "score": .5}), ("labels", {"label": 1})):
                key = f"closing-{later}-{i}"
                value = json.dumps({"prediction_id": key, "ts": end + later, **rest}).encode()
                yield hostile.Message(end + later, topic, key, "closing", value), i


def consume(topic, form):
    return subprocess.run(["kcat", "-C", "-q", "-b", broker, "-t", topic, "-o", "beginning", "-e", "-X",
                           "isolation.level=read_committed", "-f", form], check=True, stdout=subprocess.PIPE).stdout


def shape(lines):
    """Sorted lines of all but the input side, and the totals of that, up to the last window."""
    records = [(line, json.loads(line)) for line in lines]
    records = [(line, r) for line, r in records if r["window_start"] <= end]
    return (sorted(line for line, r in records if r["side"] != "input"),
            hostile.input_totals(r for _, r in records))


def run_until(path, group, reached):
    """Lets a worker run until `reached` says of the lines of results that it is enough."""
    worker = subprocess.Popen([tidemark, "run", path], stdout=subprocess.DEVNULL, stderr=log)
    deadline = time.monotonic() + DEADLINE_S
    while not reached(consume(group + "-results", "%s\n").splitlines()):
        if worker.poll() is not None or time.monotonic() > deadline:
            worker.kill()
            lines, totals = shape(consume(group + "-results", "%s\n").splitlines())
            sys.exit(f"{group}: {len(lines)} results, {totals}, exit {worker.poll()}\n{open(log.name).read()[-4000:]}")
        time.sleep(0.2)
    return worker


def finish(worker):
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(60) == 130, worker.returncode


def dead_letters(topic):
    """(topic, key, value, time, kind, reason) of each, which are read by their lengths."""
    data, at, found = consume(topic, "%T\t%K\t%S\t%h\n%k%s\n"), 0, collections.Counter()
    while at < len(data):
        line = data.index(b"\n", at)
        stamp, key_size, size, headers = data[at:line].split(b"\t", 3)
        headers = headers.decode()
        key_end = line + 1 + max(0, int(key_size))
        key = data[line + 1:key_end].decode() if int(key_size) >= 0 else None
        at = key_end + int(size) + 1
        of = {name: re.search(rf"(?:^|,){re.escape(name)}=([^,]*)", headers)[1] for name in
              ("origin", *("__tidemark.errors." + part for part in
                           ("topic", "partition", "offset", "timestamp", "stage", "code", "message")))}
        assert of["__tidemark.errors.timestamp"] == stamp.decode() and of["__tidemark.errors.message"], headers
        found[("predictions" if of["__tidemark.errors.topic"].endswith("-p") else "labels", key, data[key_end:at - 1],
               int(stamp), of["origin"], of["__tidemark.errors.code"])] += 1
    return found


def file_results(folder):
    for topic in sent:
        hostile.lines_write(os.path.join(folder, topic + ".jsonl"), sent[topic])
    path, out = os.path.join(folder, "files.yaml"), os.path.join(folder, "files.jsonl")
    open(path, "w").write(hostile.CONFIG % {
        "predictions": "file: predictions.jsonl", "labels": "file: labels.jsonl", "policy": "first",
        "horizon": "200d", "skew": "60d", "start": "earliest"})
    subprocess.run([tidemark, "replay", path, "--results", out], check=True, stdout=subprocess.DEVNULL)
    return shape(open(out, "rb").read().splitlines())[0]


def kcat_writes_like_us():
    """What stands in the lines that files are made of is what kcat -J writes of the topics."""
    for topic in sent:
        out = subprocess.run(["kcat", "-C", "-q", "-J", "-b", broker, "-t", "all1-" + topic[0], "-o", "beginning", "-e"],
                             check=True, stdout=subprocess.PIPE).stdout.split(b"\n")
        for line, m in zip(out, sent[topic]):
            key = None if m.key is None else m.key.encode()
            ours = b'"key":%s,"payload":%s}' % (hostile.text(key), hostile.text(m.value))
            assert line.endswith(ours) and b'"ts":%d,' % m.arrival in line, (line, ours)


def everything(folder, partitions, wanted):
    name = f"all{partitions}"
    path = config(folder, name, name)
    closers = list(closing(partitions))
    put([f"{name}-{kind}" for kind in ("p", "l", "dead")], partitions, name, [(m, -1) for m in messages] + closers)
    subprocess.run([tidemark, "check", "--create-topics", "--partitions", "1", path], check=True,
                   stdout=subprocess.DEVNULL)
    totals = hostile.outcomes(messages, "first")
    for topic, outcome in (("predictions", "accepted"), ("labels", "matched")):
        totals[(topic, outcome)] += partitions  # the first closing ones are charged to the last window
    out = os.path.join(folder, "topics.jsonl")
    subprocess.run([tidemark, "replay", path, "--from", "kafka", "--results", out], check=True,
                   stdout=subprocess.DEVNULL, stderr=log)
    assert shape(open(out, "rb").read().splitlines()) == (wanted, totals), "replay of topics differs"
    # who begins with a group of his own cannot know that an orphan never had a prediction
    totals[("labels", "before_start")] = totals.pop(("labels", "unmatched"))
    finish(run_until(path, name, lambda lines: shape(lines) == (wanted, totals)))
    refused = collections.Counter((m.topic, m.key, m.value, m.arrival, m.kind, reason)
                                  for m, reason in hostile.dead(messages))
    found = dead_letters(name + "-dead")
    assert found == refused, (found - refused, refused - found)
    print(f"{name}: {len(wanted)} results equal, {sum(found.values())} dead letters whole")


def middle(folder):
    """A group that begins at a time, dies while labels of before still wait, and goes on."""
    begin = 1541290000000
    until = begin // (7 * hostile.DAY) * 7 * hostile.DAY + 16 * hostile.DAY
    path = config(folder, "middle", "middle", horizon="7d", skew="5m", start=f"\"@{begin}\"")
    parts = [[(m, -1) for m in messages if (m.arrival < until) == early] for early in (True, False)]
    put(["middle-p", "middle-l", "middle-dead"], 1, "middle", parts[0])
    subprocess.run([tidemark, "check", "--create-topics", "--partitions", "1", path], check=True,
                   stdout=subprocess.DEVNULL)
    worker = run_until(path, "middle", lambda lines: shape(lines)[1][("labels", "before_start")])
    time.sleep(2)  # a commit or two later
    worker.kill()
    worker.wait()
    told = shape(consume("middle-results", "%s\n").splitlines())[1][("labels", "before_start")]
    put(["middle-p"], 1, "middle", parts[1] + list(closing(1)))
    read = {topic: [m for m in sent[topic] if m.arrival >= begin] for topic in sent}
    wanted = hostile.outcomes_defined(read, 7 * hostile.DAY, 300000, live=True)
    assert wanted[("labels", "before_start")] > told + 10 and wanted[("labels", "unmatched")] > 10, (wanted, told)
    for topic, outcome in (("predictions", "accepted"), ("labels", "matched")):
        wanted[(topic, outcome)] += 1
    finish(run_until(path, "middle", lambda lines: shape(lines)[1] == wanted))
    print(f"middle: {wanted[('labels', 'before_start')]} labels of before the start, "
          f"{told} of them told before the restart")


with tempfile.TemporaryDirectory() as folder:
    log = open(os.path.join(folder, "log"), "w")
    messages, _ = hostile.stream(source)
    sent = {topic: [m for m in messages if m.topic == topic] for topic in hostile.KINDS}
    end = messages[-1].arrival
    wanted = file_results(folder)
    assert len(wanted) > 15
    for partitions in (1, 4):
        everything(folder, partitions, wanted)
    kcat_writes_like_us()
    middle(folder)
