#!/usr/bin/env python3
"""What the state topic can suffer between two runs, and how a person gets out of it: `run` refuses and
names the command, `state inspect` says the same, `state repair` mends it, and the results are then those
of workers that nobody disturbed. A damaged snapshot is no reason to refuse.

usage: state.py TIDEMARK      (TIDE_KAFKA=host:port of a broker of its own)
"""
import concurrent.futures, json, os, re, signal, subprocess, sys, tempfile, time

tidemark, broker = sys.argv[1], os.environ["TIDE_KAFKA"]
MINUTE, HOUR, START = 60000, 3600000, 1767225600000  # 2026-01-01T00:00:00Z
HALF, HOURS = 15, 30
BAD = set(range(4, 8)) | set(range(10, 20))  # hours of large errors: an incident is open at the half
DEADLINE_S = 120


def command(*words, code=0):
    done = subprocess.run([tidemark, *words], capture_output=True, text=True)
    assert done.returncode == code, f"{words}: exit {done.returncode}, not {code}: {done.stdout}{done.stderr}"
    return done.stdout, done.stderr


def config(folder, name, state=None):
    path = os.path.join(folder, name + ".yaml")
    topic = {use: {"topic": f"{name}-{use}"} for use in ("results", "alerts", "dead_letters")}
    json.dump({
        "name": "m", "problem_type": "regression",
        "inputs": {"start": "earliest",
                   "predictions": {"topic": f"{name}-p", "map": {"id": "id", "timestamp": "ts", "prediction": "p"}},
                   "labels": {"topic": f"{name}-l", "map": {"id": "id", "timestamp": "ts", "target": "y"}}},
        "window": {"size": "1h", "label_horizon": "1h", "out_of_orderness": "0s"},
        "rules": [{"name": "far", "metric": "mae", "above": 2, "severity": "critical", "owner": "me"}],
        "memory": {"snapshot_interval": "1s"},
        "outputs": {**topic, "state": {"topic": state or f"{name}-state"},
                    **({"partials": {"topic": f"{name}-partials"}} if name == "shared" else {})},
        "kafka": {"bootstrap.servers": broker, "group.id": name, "transactional.id": name,
                  "session.timeout.ms": "6000"}}, open(path, "w"))
    return path


def create(path):
    """A broker may be slow to show what it has made."""
    deadline = time.monotonic() + DEADLINE_S
    subprocess.run([tidemark, "check", path, "--create-topics"], capture_output=True)
    while subprocess.run([tidemark, "check", path, "--broker"], capture_output=True).returncode != 0:
        assert time.monotonic() < deadline, path
        time.sleep(0.5)


def kcat(*words, stdin=None):
    return subprocess.run(["kcat", *words, "-b", broker], input=stdin, check=True, stdout=subprocess.PIPE).stdout


def produce(topic, lines):
    """lines: (key, value) of bytes."""
    kcat("-P", "-t", topic, "-K", "\t", stdin=b"".join(key + b"\t" + value + b"\n" for key, value in lines))


def consume(topic):
    out = kcat("-C", "-q", "-t", topic, "-o", "beginning", "-e", "-X", "isolation.level=read_committed", "-f",
               "%k\t%s\n")
    return [tuple(line.split(b"\t", 1)) for line in out.splitlines()]


def fill(name, hours):
    predictions, labels = [], []
    for minute in range(60 * hours.start, 60 * hours.stop):
        key, ts = b"%d" % minute, START + minute * MINUTE
        predictions.append((key, json.dumps({"id": str(minute), "ts": ts, "p": minute % 7}).encode()))
        error = 5 if minute // 60 in BAD else 1
        labels.append((key, json.dumps({"id": str(minute), "ts": ts, "y": minute % 7 + error}).encode()))
    produce(name + "-p", predictions)
    produce(name + "-l", labels)


def windows(name):
    """None of them may be there twice."""
    found = {}
    for key, value in consume(name + "-results"):
        record = json.loads(value)
        place = (record["window_start"], record["side"], record["revision"], record["model_version"],
                 str(record["segment"]))
        if record["side"] != "input":
            assert place not in found, f"{name}: {place} twice"
            found[place] = value
    return found


def run(folder, path, name, last_hour, hours=range(0)):
    """A worker until it has judged the window of this hour, and has made a snapshot behind it. These hours come
    while it runs, so that it commits more than once."""
    log = open(os.path.join(folder, name + ".log"), "ab")
    worker = subprocess.Popen([tidemark, "run", path, "--http", "off"], stdout=log, stderr=log)
    deadline = time.monotonic() + DEADLINE_S
    for hour in hours[::3]:
        fill(name, range(hour, hour + 3))
        time.sleep(1.5)
    while not any(start == START + last_hour * HOUR and side == "label" for start, side, *_ in windows(name)):
        assert worker.poll() is None and time.monotonic() < deadline, open(log.name).read()[-3000:]
        time.sleep(0.5)
    time.sleep(2.5)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(60) == 130, open(log.name).read()[-3000:]


def inspect(path, code=0):
    """Both forms say the same."""
    out, _ = command("state", "inspect", path, "--json", code=code)
    text, error = command("state", "inspect", path, code=code)
    view = json.loads(out)
    assert view["refused"] == (code == 65) == ("a start     refuses: " in text) == ("a start refuses" in error), text
    return view, text


def copy(records, other, path):
    create(path)
    produce(other, records)


def emptied(folder, name):
    path = config(folder, name, name + "-other")
    copy([], name + "-other", path)
    return path


def shared(folder, name):
    """The same where a stage has its own offsets, those of a topic of partials."""
    return emptied(folder, name)


def truncated(folder, name):
    """Up to the last commit but one of the stage. Snapshots, which are not lines, are passed over."""
    lines = [line.split(b"\t") for line in kcat("-C", "-q", "-t", name + "-state", "-o", "beginning", "-e", "-X",
             "isolation.level=read_committed", "-f", "%k\t%s\n").splitlines()]
    records = [line for line in lines if re.fullmatch(rb"stage|(alert|drift)/[0-9a-f]{64}", line[0])]
    ends = [i for i, (key, _) in enumerate(records) if key == b"stage"]
    assert len(ends) > 1, f"{len(ends)} commits"
    path = config(folder, name, name + "-other")
    copy(records[:ends[-2] + 1], name + "-other", path)
    return path


def foreign(folder, name):
    produce(name + "-state", [(b"stage", b"s1;E=7;H=0123456789abcdef;"), (b"hello", b"world")])
    return config(folder, name)


def damaged(folder, name):
    """One record among good ones: the others stay, and with them the open incident."""
    produce(name + "-state", [(b"alert/" + b"0" * 64, b"a1;1;what"), (b"alert/" + b"1" * 64, b"\xff\x00")])
    return config(folder, name)


def snapshot(folder, name):
    produce(name + "-state", [(b"snapshot/0/000000", b"x"), (b"snapshot/1/000000", b"x")])
    return config(folder, name)


def undisturbed(folder, name):
    return config(folder, name)


def case(folder, damage, refuses):
    name = damage.__name__
    path = config(folder, name)
    create(path)
    view, text = inspect(path)
    assert "begins where `inputs.start` says" in text and view["stages"][0]["epoch"] == 0, text
    run(folder, path, name, HALF - 3, range(HALF))
    view, text = inspect(path)
    stage, kept = view["stages"][0], view["snapshots"][0]
    assert stage["epoch"] == stage["epoch_found"] > 1 and stage["open"] == 1 and stage["alert_records"] > 0, text
    assert kept["whole"] and kept["bytes"] > 100 and kept["number"] > 0, text
    assert re.search(rf"loads snapshot {kept['number']} of {kept['bytes']} bytes, reads \d+ records again and 0 new", text)
    for queue, topic in zip(view["inputs"], ("p", "l")):
        assert (queue["topic"], queue["end"], queue["read"]) == (f"{name}-{topic}", 60 * HALF, 60 * HALF), queue
        assert queue["start"] > queue["committed"] and queue["again"] == queue["read"] - queue["start"], queue
    path = damage(folder, name)
    fill(name, range(HALF, HOURS))
    view, text = inspect(path, code=65 if refuses else 0)
    assert [queue["lag"] for queue in view["inputs"][:2]] == [60 * (HOURS - HALF)] * 2, text
    if refuses:
        assert f"refuses: {name}-{'state' if damage in (foreign, damaged) else 'other'}, partition 0: " in text, text
        before = consume(name + "-results")
        _, error = command("run", path, "--http", "off", code=65)
        assert f"tidemark state repair {path}" in error, error
        out, _ = command("state", "repair", path)
        assert "nothing was written: say --yes" in out and "would forget" in out, out
        inspect(path, code=65)
        out, _ = command("state", "repair", path, "--yes")
        forgotten = {emptied: 0, shared: 0, damaged: 2, foreign: stage["alert_records"] + stage["drift_records"] + stage["follow_records"] + 1}
        assert damage is truncated or f" forgot {forgotten[damage]} records" in out, out
        view, text = inspect(path)
        assert view["stages"][0]["epoch"] == view["stages"][0]["epoch_found"], text
        assert view["stages"][0]["open"] == (name == "damaged"), text
        assert consume(name + "-results") == before
        assert "nothing to repair" in command("state", "repair", path, "--yes")[0]
    elif damage is snapshot:
        assert "rewinds: it reads " in text and "no whole snapshot" in text and not view["snapshots"][0]["whole"], text
    run(folder, path, name, HOURS - 3)
    inspect(path)
    return windows(name), sorted(value for _, value in consume(name + "-alerts"))


def group_is_awake(folder, name):
    """While a worker runs nothing is repaired."""
    path = config(folder, name)
    worker = subprocess.Popen([tidemark, "run", path, "--http", "off"], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + DEADLINE_S
    while inspect(path)[0]["members"] != 1:
        assert time.monotonic() < deadline and worker.poll() is None
    _, error = command("state", "repair", path, "--yes", code=75)
    assert f"the group {name} has 1 members: stop its workers" in error, error
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(60) == 130


REFUSED, FINE = (emptied, shared, truncated, foreign, damaged), (undisturbed, snapshot)
with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(len(REFUSED + FINE)) as pool:
    started = {damage: pool.submit(case, folder, damage, damage in REFUSED) for damage in REFUSED + FINE}
    found = {damage: one.result() for damage, one in started.items()}
    results, alerts = found[undisturbed]
    assert len(results) > 2 * (HOURS - 3) and len(alerts) == 4, (len(results), alerts)
    for damage, got in found.items():
        different = [key for key in results.keys() | got[0].keys() if results.get(key) != got[0].get(key)]
        assert not different, f"{damage.__name__}: {different[:3]}"
        if damage in (snapshot, damaged):
            assert got[1] == alerts, damage.__name__
        # a forgotten incident is not resolved, or fires anew; what had been said stays
        assert len(set(got[1]) & set(alerts)) >= 3, damage.__name__
    group_is_awake(folder, "undisturbed")
print(f"{len(REFUSED + FINE)} passed, 0 failed: {len(results)} results")
