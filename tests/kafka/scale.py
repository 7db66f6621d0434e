#!/usr/bin/env python3
"""One, two and four workers, one and eight partitions, in memory or through a topic of partials, live
and replayed, from topics and from files: the same results and alerts, byte for byte, after sorting.

usage: scale.py TIDEMARK SOURCE_DIR [--all] [--every N] [--jobs N] [--only TEXT] [--seed N]
                                                   (TIDE_KAFKA=host:port of a broker of its own)
The data are examples/carloan, every Nth id of it, and those of scale_load.py, which also come while
workers are killed (-9). Side "input" is compared by totals. Of a key only the last revision is
compared, and none may be there twice. Without --all a part of the shapes is run.
"""
import argparse, collections, concurrent.futures, gzip, json, os, random, re, signal, subprocess, tempfile, time
import scale_load
from common import broker, consume, produce, shape

LATER = 400 * 86400000  # closing records stand so far behind the last real one
DEADLINE_S = 180
KILLS, PARTS = 4, 3
Shape = collections.namedtuple("Shape", "name partitions workers partials kills", defaults=(0,))
SHAPES = (Shape("1-1", 1, 1, 0), Shape("8-1", 8, 1, 0), Shape("8-1-topic", 8, 1, 1), Shape("8-2", 8, 2, 1),
          Shape("8-4", 8, 4, 1), Shape("8-4-two", 8, 4, 2), Shape("8-4-killed", 8, 4, 1, KILLS),
          Shape("8-4-two-killed", 8, 4, 2, KILLS), Shape("8-1-two-killed", 8, 1, 2, KILLS))
FEW = ("made-1-1", "made-8-1-two-killed", "made-8-2", "made-8-4-two-killed", "carloan-8-1", "carloan-8-4")


class Failure(Exception):
    pass


def call(*words):
    return subprocess.run([options.tidemark, *words], check=True, stdout=subprocess.DEVNULL, stderr=log)


def make(path, partitions):
    """A broker may not know yet what has just been made, so it is asked again."""
    for _ in range(10):
        made = subprocess.run([options.tidemark, "check", "--create-topics", "--partitions", str(partitions), path],
                              stdout=subprocess.DEVNULL, stderr=log)
        if made.returncode == 0:
            return
        time.sleep(.5)
    raise Failure(f"{path}: check --create-topics ended with {made.returncode}")


def last_revisions(lines, last):
    """Of each key, and the totals of the input side."""
    found, totals = shape(lines, last)
    newest = {}
    for line in found:
        r = json.loads(line)
        key = (r.get("record_id"), r["model"], r["model_version"], str(r["segment"]), r["window_start"], r["side"])
        if r["revision"] >= newest.get(key, (-1,))[0]:
            newest[key] = r["revision"], line
    # a group that begins calls some labels before_start that a replay calls unmatched [8.6]
    totals["labels", "unmatched"] = totals.get(("labels", "unmatched"), 0) + totals.pop(("labels", "before_start"), 0)
    return sorted(line for _, line in newest.values()), totals


class Data:
    """Records, the config that reads them, and what a replay of them as files finds."""

    def __init__(self, name, config, key, predictions, labels):
        self.name, self.config, self.key, self.records = name, config, key, (predictions, labels)
        self.last = max(r["ts"] for r in predictions + labels)
        end = self.last + LATER
        self.closers = (dict(predictions[0], ts=end), {key: None, "ts": end, "label": labels[0]["label"]})
        self.folder = os.path.join(folder, name)
        os.makedirs(self.folder, exist_ok=True)
        for kind, records in zip(("predictions", "labels"), self.records):
            with open(os.path.join(self.folder, kind + ".jsonl"), "w") as out:
                out.writelines(json.dumps(r) + "\n" for r in records)
        self.wanted = self.replay(self.write("files", config))
        if len(self.wanted["results"][0]) < 100 or len(self.wanted["alerts"][0]) < 5:
            raise Failure(f"{name}: too little to compare")

    def write(self, name, text):
        path = os.path.join(self.folder, name + ".yaml")
        with open(path, "w") as out:
            out.write(text)
        return path

    def replay(self, path, *words):
        out = {kind: os.path.join(self.folder, kind) for kind in ("results", "alerts")}
        call("replay", path, "--results", out["results"], "--alerts", out["alerts"], *words)
        found = {}
        for kind, name in out.items():
            with open(name, "rb") as lines:
                found[kind] = last_revisions(lines.read().splitlines(), self.last)
        return found

    def inputs(self, name):
        return [f"{self.name}-{name}-{kind}" for kind in ("predictions", "labels")]

    def config_of(self, name, inputs, outputs):
        """The name of the config stands in every record, so it is the same for all: the group differs."""
        text = self.config.replace("inputs:\n", "inputs:\n  start: earliest\n")
        for kind, topic in zip(("predictions", "labels"), inputs):
            text = text.replace(f"    file: {kind}.jsonl\n", f"    topic: {topic}\n")
        return self.write(name, text + f"""
memory: {{snapshot_interval: 1s}}
outputs: {{{", ".join(f"{kind}: {{topic: {name}-{kind}}}" for kind in outputs)}}}
kafka: {{bootstrap.servers: "{broker}", group.id: {name}, transactional.id: {name}, session.timeout.ms: 6000}}
""")

    def create(self, one):
        name = f"{self.name}-{one.name}"
        inputs = self.inputs(one.name)
        if one.partials > 1:  # a config whose state it is makes one with more than one partition
            path = self.config_of(f"{name}-made", self.inputs(f"{one.name}-none"), ("results",))
            with open(path) as made:
                text = made.read().replace("outputs: {", f"outputs: {{state: {{topic: {name}-partials}}, ")
            make(self.write(f"{name}-made", text), one.partials)
        outputs = ("results", "alerts", "dead_letters", *(("partials",) if one.partials else ()))
        path = self.config_of(name, inputs, outputs)
        make(path, one.partitions)
        return name, path, inputs

    def fill(self, topics, partitions, part=0, parts=1):
        """One part of the records; behind the last one a closing record a partition."""
        for topic, records in zip(topics, self.records):
            produce(topic, records[len(records) * part // parts:len(records) * (part + 1) // parts], self.key)
        if part + 1 == parts:
            for topic, record in zip(topics, self.closers):
                for i in range(partitions):
                    produce(topic, [dict(record, **{self.key: f"closing-{i}"})], self.key, i)

    def of(self, partitions):
        """What is wanted, with the closing records, which stand behind the last window of a partition."""
        results, totals = self.wanted["results"]
        more = {("predictions", "accepted"): partitions, ("labels", "matched"): partitions}
        more = {key: totals.get(key, 0) + n for key, n in more.items()}
        return {"results": (results, {**totals, **more}), "alerts": self.wanted["alerts"]}


class Workers:
    def __init__(self, path, one):
        self.random = random.Random(f"{options.seed} {one.name}")
        self.path, self.one, self.logs = path, one, [f"{path}.{i}.log" for i in range(one.workers)]
        self.all = [self.start(i) for i in range(one.workers)]

    def start(self, i):
        name = ["--instance", f"w{i}"] if self.one.partials else []
        with open(self.logs[i], "w") as log:
            return subprocess.Popen([options.tidemark, "run", self.path, "--http", "off", *name],
                                    stdout=subprocess.DEVNULL, stderr=log)

    def words(self):
        return [open(name, errors="replace").read() for name in self.logs]

    def meet(self):
        """Until the partitions are shared out, so that no worker finds all done."""
        deadline = time.monotonic() + DEADLINE_S
        while sum(int((re.findall(r"(\d+) partitions are ours", words) or [0])[-1]) for words in self.words()) != (
                self.one.partitions) or not all("partitions are ours" in words for words in self.words()):
            self.watch()
            if time.monotonic() > deadline:
                raise Failure("the workers do not meet")
            time.sleep(.1)

    def watch(self):
        for worker in self.all:
            if worker.poll() is not None:
                raise Failure(f"a worker ended with {worker.returncode}")

    def kill_one(self):
        i = self.random.randrange(len(self.all))
        self.all[i].kill()
        self.all[i].wait()
        self.all[i] = self.start(i)

    def end(self):
        for worker in self.all:
            worker.send_signal(signal.SIGTERM)
        for worker in self.all:
            if worker.wait(60) != 130:
                raise Failure(f"exit {worker.returncode} after SIGTERM")

    def close(self):
        for worker in self.all:
            if worker.poll() is None:
                worker.kill()
                worker.wait()

    def tell(self):
        for name, words in zip(self.logs, self.words()):
            print(f"--- {name}\n{words[-3000:]}")


def difference(got, wanted):
    words = [f"{len(got[0])} records, {len(wanted[0])} wanted"]
    for many, what in ((set(got[0]) - set(wanted[0]), "got"), (set(wanted[0]) - set(got[0]), "wanted")):
        words += [f"{len(many)} are only {what}: {sorted(many)[0][:900].decode()}"] if many else []
    if got[1] != wanted[1]:
        words += [f"totals {got[1]}", f"wanted {wanted[1]}"]
    return "\n".join(words)


def wait_for(workers, name, data, wanted):
    """Until all that is wanted is there, by its number, and the input side by its totals."""
    deadline = time.monotonic() + DEADLINE_S
    while True:
        workers.watch()
        got = last_revisions([value for _, value in consume(name + "-results")], data.last)
        if len(got[0]) >= len(wanted[0]) and sum(got[1].values()) >= sum(wanted[1].values()):
            return
        if time.monotonic() > deadline:
            raise Failure(f"{name}: not in time: {difference(got, wanted)}")
        time.sleep(.5)


def feed(data, one, inputs, workers):
    """In parts, as the workers read; behind each some are killed."""
    parts = PARTS * (one.kills + 1)
    for part in range(parts):
        data.fill(inputs, one.partitions, part, parts)
        if part % PARTS == PARTS - 1 and part + 1 < parts:
            time.sleep(workers.random.uniform(.5, 2))
            workers.kill_one()
            workers.meet()


def compare(data, name, wanted):
    for kind, expected in wanted.items():
        got = last_revisions([value for _, value in consume(f"{name}-{kind}")], data.last)
        if got != expected:
            raise Failure(f"{name}: {kind} differ: {difference(got, expected)}")


def live(data, one):
    name, path, inputs = data.create(one)
    wanted, began = data.of(one.partitions), time.monotonic()
    workers = Workers(path, one)
    try:
        workers.meet()
        feed(data, one, inputs, workers)
        wait_for(workers, name, data, wanted["results"])
        workers.end()
        compare(data, name, wanted)
    except Failure:
        workers.tell()
        raise
    finally:
        workers.close()
    print(f"{name}: {len(wanted['results'][0])} results, {len(wanted['alerts'][0])} alerts, "
          f"{time.monotonic() - began:.1f} s", flush=True)
    return path


def replayed(data, path, partitions):
    wanted, found = data.of(partitions), data.replay(path, "--from", "kafka")
    for kind, expected in wanted.items():
        if found[kind] != expected:
            raise Failure(f"replay of {partitions} partitions: {kind} differ: {difference(found[kind], expected)}")
    print(f"{data.name}: a replay of {partitions} partitions is the same", flush=True)


def carloan(every):
    examples = os.path.join(os.path.abspath(options.source), "examples", "carloan")
    text, kept = open(os.path.join(examples, "carloan.yaml")).read(), {}
    for kind in ("predictions", "labels", "reference"):
        with gzip.open(os.path.join(examples, kind + ".jsonl.gz"), "rt") as lines:
            kept[kind] = [r for r in map(json.loads, lines) if int(r["prediction_id"].split("-")[1]) % every == 0]
        text = text.replace(kind + ".jsonl.gz", kind + ".jsonl")
    os.makedirs(os.path.join(folder, "carloan"))
    with open(os.path.join(folder, "carloan", "reference.jsonl"), "w") as out:
        out.writelines(json.dumps(r) + "\n" for r in kept["reference"])
    return Data("carloan", text, "prediction_id", kept["predictions"], kept["labels"])


def generated(seed):
    return Data("made", scale_load.CONFIG, "id", *scale_load.records(seed))


def shapes_of(data):
    named = [(f"{data.name}-{one.name}", one) for one in SHAPES]
    return [one for name, one in named if options.only in name and (options.all or options.only or name in FEW)]


def main():
    """A run waits for its group more than it works, so several run at once."""
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for data in (generated(options.seed), carloan(options.every)):
            shapes = shapes_of(data)
            paths = dict(zip((one.partitions for one in shapes), pool.map(lambda one: live(data, one), shapes)))
            for partitions, path in paths.items():
                replayed(data, path, partitions)


parser = argparse.ArgumentParser()
parser.add_argument("tidemark")
parser.add_argument("source")
parser.add_argument("--all", action="store_true")
parser.add_argument("--only", default="", help="of all, those with this in their name")
for name, default in (("every", 4), ("jobs", 3), ("seed", 1)):
    parser.add_argument("--" + name, type=int, default=default)
options = parser.parse_args()
with tempfile.TemporaryDirectory() as folder, open(os.path.join(folder, "log"), "w+") as log:
    try:
        main()
    except (Failure, subprocess.SubprocessError) as failure:
        log.flush()
        print(open(log.name).read()[-4000:])
        raise SystemExit(f"scale.py, seed {options.seed}: {failure}")
