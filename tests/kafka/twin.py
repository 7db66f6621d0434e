#!/usr/bin/env python3
"""A worker that sleeps longer than its session finds another one at work under its name when it
wakes: it ends with 76, and the other one goes on as if nothing had been.

usage: twin.py TIDEMARK KAFKA_SEND      (TIDE_KAFKA=host:port of a broker of its own)
Two at the same time: one that has little to do, and one of those that meet in a topic of partials,
under a load that keeps a transaction open at almost any moment.
"""
import os, re, signal, subprocess, sys, tempfile, time, urllib.request, zlib
import kill_load

tidemark, send, broker = sys.argv[1], sys.argv[2], os.environ["TIDE_KAFKA"]
PARTITIONS = 2
SLEEP_S, WATCH_S, PATIENCE_S = 14, 10, 40  # a sleep outlives the session (6 s) and the transaction (10 s)
CONFIG = """name: %s
problem_type: classification_binary
models:
  amount: {problem_type: regression}
inputs:
  start: earliest
  predictions:
    topic: %s-p
    map: {id: id, timestamp: ts, model: model, version: version, features: features, prediction: prediction}
  labels:
    topic: %s-l
    map: {id: id, timestamp: ts, target: label}
window: {size: %dms, lateness: %dms, label_horizon: %dms, out_of_orderness: %dms, early_label_ttl: %dms}
memory: {snapshot_interval: 2s}
outputs: {results: {topic: %s-results}, partials: {topic: %s-partials}}
kafka: {bootstrap.servers: "%s", session.timeout.ms: 6000, transaction.timeout.ms: 10000}
"""


class Twins:
    def __init__(self, folder, name, speed, options):
        self.name, self.folder, self.speed, self.options = name, folder, speed, options
        self.path, self.logs, self.began = os.path.join(folder, name + ".yaml"), 0, time.monotonic()
        with open(self.path, "w") as out:
            out.write(CONFIG % (name, name, name, kill_load.WINDOW_MS, kill_load.LATENESS_MS, kill_load.HORIZON_MS,
                                kill_load.OUT_OF_ORDER_MS, kill_load.TTL_MS, name, name, broker))
        subprocess.run([tidemark, "check", "--create-topics", "--partitions", str(PARTITIONS), self.path],
                       check=True, stdout=subprocess.DEVNULL)
        self.events = kill_load.Load(1).events()
        self.next = next(self.events)
        self.sender = subprocess.Popen([send, broker, str(PARTITIONS), name + "-p", name + "-l"],
                                       stdin=subprocess.PIPE)
        self.first, self.second = self.start(), None

    def start(self):
        self.logs += 1
        with open(f"{self.path}.{self.logs}", "w") as log:
            return subprocess.Popen([tidemark, "run", self.path, "--http", "0", *self.options],
                                    stdout=subprocess.DEVNULL, stderr=log)

    def feed(self):
        until_ms = kill_load.START_MS + int((time.monotonic() - self.began) * self.speed * 1000)
        while self.next[0] <= until_ms:
            _, topic, key, value = self.next
            self.sender.stdin.write(b"%s-%s %d %d %d %d twin\n%s%s" % (
                self.name.encode(), topic[:1].encode(), zlib.crc32(key.encode()) % PARTITIONS,
                time.time() * 1000, len(key), len(value), key.encode(), value))
            self.next = next(self.events)
        self.sender.stdin.flush()

    def commits(self, number):
        """How many transactions the worker that was started as `number` has ended, 0 before it serves."""
        with open(f"{self.path}.{number}") as log:
            port = re.search(r"http on 127.0.0.1:(\d+)", log.read())
        try:
            text = urllib.request.urlopen(f"http://127.0.0.1:{port[1]}/metrics", timeout=5).read().decode()
        except (TypeError, OSError):
            return 0
        return int(re.search(r'tidemark_commits_total{outcome="committed"} (\d+)', text)[1])

    def tail(self):
        for number in range(1, self.logs + 1):
            print(f"--- {self.path}.{number}\n" + open(f"{self.path}.{number}").read()[-3000:])

    def end(self):
        for process in (self.first, self.second, self.sender):
            if process and process.poll() is None:
                process.kill()
                process.wait()


def wait(what, twins, done):
    """Until it is done for all of them, while the topics fill."""
    deadline = time.monotonic() + PATIENCE_S
    while not all(done(one) for one in twins):
        for one in twins:
            one.feed()
            if one.second and one.second.poll() is not None:
                raise AssertionError(f"{one.name}: the living one ended with {one.second.returncode}")
        if time.monotonic() > deadline:
            raise AssertionError("waited in vain: " + what)
        time.sleep(.05)


def wait_s(seconds, twins):
    until = time.monotonic() + seconds
    wait("time", twins, lambda _: time.monotonic() >= until)


def go(twins):
    wait("a first commit", twins, lambda one: one.commits(1) > 2)
    for one in twins:
        one.first.send_signal(signal.SIGSTOP)
    asleep = time.monotonic()
    for one in twins:
        one.second = one.start()
    wait("a commit of the second", twins, lambda one: one.commits(2) > 1)
    wait_s(asleep + SLEEP_S - time.monotonic(), twins)
    for one in twins:
        one.first.send_signal(signal.SIGCONT)
    wait("the end of the woken one", twins, lambda one: one.first.poll() is not None)
    for one in twins:
        assert one.first.returncode == 76, f"{one.name}: the woken one ended with {one.first.returncode}"
    before = [one.commits(2) for one in twins]
    wait_s(WATCH_S, twins)
    for one, commits in zip(twins, before):
        assert one.commits(2) >= commits + WATCH_S // 3, f"{one.name}: the living one commits no more"
        one.second.send_signal(signal.SIGTERM)
        assert one.second.wait(PATIENCE_S) == 130, f"{one.name}: exit {one.second.returncode} after SIGTERM"
        print(f"{one.name}: 76 and 130")


with tempfile.TemporaryDirectory() as folder:
    twins = []
    try:
        twins += [Twins(folder, "quiet", 3, ["--instance", "same"])]
        twins += [Twins(folder, "busy", 600, ["--instance", "same"])]
        go(twins)
    except (AssertionError, subprocess.SubprocessError, OSError) as failure:
        for one in twins:
            one.tail()
        sys.exit(f"twin.py: {failure}")
    finally:
        for one in twins:
            one.end()
