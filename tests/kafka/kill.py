#!/usr/bin/env python3
"""Workers are killed, frozen, sent away and brought back while the topics fill, and the brokers are
restarted; afterwards every record that a read_committed reader sees is compared with what an oracle
computes from the input topics alone (kill_oracle.py). Nothing may be lost, doubled or different.

usage: kill.py TIDEMARK KAFKA_SEND [--workers N] [--kills N] [--pauses N] [--leaves N] [--restarts N]
               [--nodes 1|3] [--partials PARTITIONS] [--speed X] [--seed N] [--keep DIR]
Several workers share the input through a topic of partials, one does without. A seed gives the same
load and the same order of blows; what they hit is up to the machine.
"""
import argparse, collections, ctypes, json, os, random, re, shutil, signal, socket, subprocess, sys, tempfile, time, zlib
import kill_load, kill_oracle

here = os.path.dirname(os.path.abspath(__file__))
PARTITIONS = 6
SESSION_S, PAUSE_S = 6, 25  # a pause outlives the session (6 s) and the transaction (10 s)
TICK_S = .02
CATCH_UP_S = 240
# An assertion of librdkafka 2.0.2 in a client that was put out while its broker was away: nothing of it is visible.
CLIENT_GAVE_UP = re.compile(r".*\brd\w*\.[ch]:\d+.*")
RESTARTED = (69, 75, 76)  # what a supervisor restarts; anything else that we did not ask for is a failure
TOPICS = {"predictions": "kill-p", "labels": "kill-l"}
OUTPUTS = {"results": "kill-results", "alerts": "kill-alerts", "dead_letters": "kill-dead"}
CONFIG = """name: kill
problem_type: classification_binary
models:
  amount: {problem_type: regression}
inputs:
  start: earliest
  predictions:
    topic: kill-p
    map: {id: id, timestamp: ts, model: model, version: version, features: features, prediction: prediction,
          region: region}
  labels:
    topic: kill-l
    map: {id: id, timestamp: ts, target: label}
window: {size: %dms, lateness: %dms, label_horizon: %dms, out_of_orderness: %dms, early_label_ttl: %dms,
         idle_timeout: 1h}
memory: {snapshot_interval: 2s}
segments: [region]
%soutputs:
  results: {topic: kill-results}
  alerts: {topic: kill-alerts}
  dead_letters: {topic: kill-dead}
%skafka: {bootstrap.servers: "%s", session.timeout.ms: 6000, transaction.timeout.ms: 10000}
"""
libc = ctypes.CDLL(None)


def spawn(arguments, **more):
    """Dies with this program, however that ends."""
    return subprocess.Popen(arguments, preexec_fn=lambda: libc.prctl(1, signal.SIGKILL), **more)


class Failure(Exception):
    pass


class Brokers:
    """One node, or three that keep every record three times."""

    def __init__(self, folder, nodes):
        self.script, self.nodes, self.restart, self.down = os.path.join(here, "broker.sh"), nodes, [], None
        self.folders = [os.path.join(folder, f"broker-{node}") for node in range(1, nodes + 1)]
        self.port = self.free_ports(2 * nodes)
        self.address = ",".join(f"127.0.0.1:{self.port + 2 * node}" for node in range(nodes))
        starting = [self.call("start", node) for node in range(nodes)]
        if any([one.wait() for one in starting]):
            raise Failure("the broker does not start")

    @staticmethod
    def free_ports(count):
        for _ in range(50):
            port = random.SystemRandom().randrange(20000, 30000)
            try:
                for i in range(count):
                    with socket.socket() as one:
                        one.bind(("127.0.0.1", port + i))
                return port
            except OSError:
                pass
        raise Failure("no free ports")

    def call(self, verb, node):
        arguments = [self.script, verb, self.folders[node]]
        if verb == "start":
            arguments += [str(self.port), str(node + 1), str(self.nodes)]
        return subprocess.Popen(arguments, start_new_session=True)

    def strike(self, node):
        """A node of three dies and comes back with its log; one that is alone is restarted in order."""
        if self.nodes > 1:
            os.kill(int(open(os.path.join(self.folders[node], "pid")).read()), signal.SIGKILL)
            self.restart, self.down = ["start"], node
        else:
            self.restart, self.down = ["stop", "start"], node
        self.doing = None

    def tick(self):
        """True: a node has come back just now."""
        if self.down is None or (self.doing and self.doing.poll() is None):
            return False
        if self.doing and self.doing.returncode:
            raise Failure(f"broker {self.down + 1} does not {self.restart} again")
        if self.restart:
            self.doing = self.call(self.restart.pop(0), self.down)
            return False
        self.down = None
        return True

    def close(self):
        for node in range(self.nodes):
            if os.path.isdir(self.folders[node]):
                self.call("stop", node).wait()


class Feed:
    """Sends the load as event time passes, `speed` times as fast as ours. A sender may give up when a
    broker dies: then another goes on, and what the first had not sent is no part of the input."""

    def __init__(self, brokers, send, seed, speed):
        self.events, self.speed, self.began = kill_load.Load(seed).events(), speed, time.monotonic()
        self.next = next(self.events)
        self.arguments = [send, brokers.address, str(PARTITIONS), *TOPICS.values()]
        self.sender = spawn(self.arguments, stdin=subprocess.PIPE)

    def put(self, topic, partition, key, value):
        self.sender.stdin.write(b"%s %d %d %d %d kill\n%s%s" % (
            TOPICS[topic].encode(), partition, time.time() * 1000, len(key), len(value), key.encode(), value))

    def tick(self):
        until_ms = kill_load.START_MS + int((time.monotonic() - self.began) * self.speed * 1000)
        try:
            while self.next[0] <= until_ms:
                _, topic, key, value = self.next
                self.put(topic, zlib.crc32(key.encode()) % PARTITIONS, key, value)
                self.next = next(self.events)
            self.sender.stdin.flush()
        except BrokenPipeError:
            self.sender.wait(60)
            self.sender = spawn(self.arguments, stdin=subprocess.PIPE)

    def close(self):
        """Sends closing records, too; returns the last window that they close."""
        for _ in range(3):
            try:
                for partition in range(PARTITIONS):
                    for topic, key, value in kill_load.closing(self.next[0], partition):
                        self.put(topic, partition, key, value)
                self.sender.stdin.close()
            except BrokenPipeError:
                pass
            if self.sender.wait(60) == 0:
                return kill_oracle.window_of(self.next[0])
            self.sender = spawn(self.arguments, stdin=subprocess.PIPE)
        raise Failure(f"kafka_send ended with {self.sender.returncode}")


class Worker:
    """One name, the process that has it now, and frozen ones that had it before."""

    def __init__(self, run, number):
        self.run, self.number, self.process, self.wakes, self.zombies = run, number, None, None, []
        self.launches = 0
        self.start(0)

    def start(self, after_s):
        self.process, self.starts = None, time.monotonic() + after_s
        self.acts, self.leaving = self.starts + self.run.random.uniform(.3, 6), False

    def launch(self):
        options = self.run.options
        named = ["--instance", str(self.number)] if options.workers > 1 else []
        self.launches += 1
        self.log = os.path.join(self.run.folder, f"worker-{self.number}-{self.launches}.log")
        with open(self.log, "wb") as log:
            self.process = spawn([options.tidemark, "run", self.run.config, "--http", "off", *named],
                                 stdout=subprocess.DEVNULL, stderr=log)

    def say(self, what):
        self.run.say(f"worker {self.number} [{self.process.pid if self.process else '-'}] {what}")

    def tick(self):
        now = time.monotonic()
        for zombie in self.zombies[:]:
            self.tick_zombie(zombie, now)
        if not self.process:
            if now >= self.starts:
                self.launch()
        elif self.process.poll() is not None:
            self.ended(self.process.returncode)
        elif self.wakes and now >= self.wakes:
            self.say("wakes")
            self.process.send_signal(signal.SIGCONT)
            self.wakes, self.acts = None, now + self.run.random.uniform(1, 6)
        elif not self.wakes and not self.leaving and now >= self.acts:
            self.suffer(now)

    def tick_zombie(self, zombie, now):
        process, wakes, woken, path = zombie
        if not woken and now >= wakes:
            self.say(f"sees its predecessor {process.pid} wake")
            process.send_signal(signal.SIGCONT)
            self.zombies[self.zombies.index(zombie)] = (process, wakes, True, path)
        elif woken and process.poll() is not None:
            self.zombies.remove(zombie)
            self.run.exits["woken", process.returncode] += 1
            with open(path, errors="replace") as log:
                last = log.read()[-4000:]
            if process.returncode == -signal.SIGABRT and CLIENT_GAVE_UP.search(last):
                self.say(f"had a predecessor whose Kafka client gave up: {CLIENT_GAVE_UP.search(last)[0]}")
            elif process.returncode not in RESTARTED:
                raise Failure(f"a fenced worker ended with {process.returncode}\n{last}")
        elif woken and now > wakes + 60:
            raise Failure(f"a fenced worker ({process.pid}) lives on")

    def ended(self, code):
        self.run.exits["by itself" if not self.leaving else "asked", code] += 1
        if self.leaving:
            self.say(f"left with {code}")
            if code not in (130, 75):
                raise Failure(f"exit {code} after SIGTERM")
            self.start(self.run.random.choice((0, 1, SESSION_S + 3)))
        elif code not in RESTARTED:
            raise Failure(f"worker {self.number} ended with {code}")
        else:
            self.say(f"ended with {code}")
            self.start(.2)

    def suffer(self, now):
        what = self.run.deal()
        if what == "kill":
            self.say("killed")
            self.process.kill()
            self.process.wait()
            self.start(0)
        elif what == "leave":
            self.say("is asked to leave")
            self.process.terminate()
            self.leaving = True
        elif what in ("pause", "replace"):
            self.say("frozen" + (" and replaced" if what == "replace" else ""))
            self.process.send_signal(signal.SIGSTOP)
            if what == "pause":
                self.wakes = now + PAUSE_S
            else:
                self.zombies.append((self.process, now + PAUSE_S, False, self.log))
                self.start(0)
        else:
            self.acts = now + .5

    def close(self, deadline):
        """SIGTERM, and the exit that it asks for."""
        self.leaving = True
        self.process.terminate()
        if self.process.wait(max(1, deadline - time.monotonic())) != 130:
            raise Failure(f"worker {self.number}: exit {self.process.returncode} after SIGTERM")

    def end(self):
        for process in [self.process, *(zombie[0] for zombie in self.zombies)]:
            if process and process.poll() is None:
                process.kill()
                process.wait()


class Run:
    def __init__(self, options, folder):
        self.options, self.folder, self.began = options, folder, time.monotonic()
        self.random, self.exits, self.dealt = random.Random(options.seed), collections.Counter(), collections.Counter()
        self.brokers, self.feed, self.workers = None, None, []
        replaced = options.pauses if options.workers == 1 else options.pauses // 2
        self.deck = (["kill"] * options.kills + ["replace"] * replaced + ["pause"] * (options.pauses - replaced) +
                     ["leave"] * options.leaves + ["broker"] * options.restarts)
        self.random.shuffle(self.deck)

    def say(self, what):
        print(f"{time.monotonic() - self.began:7.2f} {what}", flush=True)

    def prepare(self):
        self.brokers = Brokers(self.folder, self.options.nodes)
        partials = "  partials: {topic: kill-partials}\n" if self.options.workers > 1 else ""
        self.config = os.path.join(self.folder, "kill.yaml")
        with open(self.config, "w") as out:
            out.write(CONFIG % (kill_load.WINDOW_MS, kill_load.LATENESS_MS, kill_load.HORIZON_MS,
                                kill_load.OUT_OF_ORDER_MS, kill_load.TTL_MS, kill_oracle.RULES_YAML, partials,
                                self.brokers.address))
        self.create_topics()
        self.feed = Feed(self.brokers, self.options.send, self.options.seed, self.options.speed)
        self.workers = [Worker(self, number) for number in range(self.options.workers)]

    def create_topics(self):
        """The topic of partials has one partition unless it is there with more: then a config in which it
        is that of results, compacted, too, makes it."""
        if self.options.partials > 1:
            with open(self.config) as config:
                lines = [line for line in config if not line.startswith("  partials:")]
            other = self.config + ".other"
            for results, partitions in (("kill-results", PARTITIONS), ("kill-partials", self.options.partials)):
                with open(other, "w") as out:
                    out.write("".join(lines).replace("kill-results", results))
                self.create(other, partitions)
        self.create(self.config, PARTITIONS)

    def create(self, config, partitions):
        """A node may not know yet what has just been made, so it is asked again."""
        for left in reversed(range(5)):
            made = subprocess.run([self.options.tidemark, "check", "--create-topics", "--partitions",
                                   str(partitions), config], stdout=subprocess.DEVNULL)
            if made.returncode == 0:
                return
            if not left:
                raise Failure(f"check --create-topics ended with {made.returncode}")
            time.sleep(1)

    def deal(self):
        """The next blow of the deck, if it may fall now: one worker is always awake, and a broker that is
        alone is not away when a worker is struck."""
        if not self.deck or (self.brokers.down is not None and self.options.nodes == 1):
            return None
        what = self.deck.pop()
        frozen = sum(worker.wakes is not None for worker in self.workers)
        if (what == "pause" and frozen + 1 >= self.options.workers) or (
                what == "broker" and self.brokers.down is not None):
            self.deck.insert(self.random.randrange(len(self.deck) + 1), what)
            return None
        self.dealt[what] += 1
        if what == "broker":
            node = self.random.randrange(self.options.nodes)
            self.say(f"broker {node + 1} is struck")
            self.brokers.strike(node)
        return what

    def tick(self):
        self.feed.tick()
        if self.brokers.tick():
            self.say("the broker is back")
        for worker in self.workers:
            worker.tick()
        time.sleep(TICK_S)

    def torment(self):
        count = len(self.deck)
        deadline = time.monotonic() + 120 + 6 * count / self.options.workers + PAUSE_S * self.options.pauses
        while self.deck or self.brokers.down is not None or any(w.wakes or w.zombies for w in self.workers):
            self.tick()
            if time.monotonic() > deadline:
                raise Failure(f"{len(self.deck)} of {count} blows are not dealt in time")

    def consume(self, topic, form, isolation="read_committed"):
        return subprocess.run(["kcat", "-C", "-q", "-b", self.brokers.address, "-t", topic, "-o", "beginning", "-e",
                               "-X", "isolation.level=" + isolation, "-f", form],
                              check=True, stdout=subprocess.PIPE, timeout=120).stdout

    def messages(self, topic, isolation="read_committed"):
        """(partition, offset, time, headers, key, value) of each, read by their lengths."""
        data, at = self.consume(topic, "%p\t%o\t%T\t%K\t%S\t%h\n%k%s\n", isolation), 0
        while at < len(data):
            line = data.index(b"\n", at)
            partition, offset, stamp, key_size, size, headers = data[at:line].split(b"\t", 5)
            value = line + 1 + max(0, int(key_size))
            at = value + int(size) + 1
            yield (int(partition), int(offset), int(stamp), headers.decode(), data[line + 1:value], data[value:at - 1])

    def inputs(self):
        read = {}
        for topic, name in TOPICS.items():
            read[topic] = {partition: [] for partition in range(PARTITIONS)}
            for partition, offset, stamp, _, _, value in self.messages(name):
                read[topic][partition].append((offset, stamp, value))
        return read

    def let_run(self, seconds):
        """At least so long, and until every worker is up."""
        until, deadline = time.monotonic() + seconds, time.monotonic() + 60
        while time.monotonic() < until or not all(worker.process for worker in self.workers):
            for worker in self.workers:
                worker.tick()
            if time.monotonic() > deadline:
                raise Failure("not all workers come up")
            time.sleep(TICK_S)

    def wait_for(self, wanted):
        """Until every topic holds as many different records as it should, and what would be too much had
        its time to come; what they say is judged later."""
        deadline = time.monotonic() + CATCH_UP_S
        while True:
            found = {topic: len(set(self.consume(OUTPUTS[topic], form).splitlines())) for topic, form in (
                ("results", "%k\n"), ("alerts", "%s\n"), ("dead_letters", "%p %o\n"))}
            self.let_run(2)
            if all(found[topic] >= wanted[topic] for topic in wanted):
                return self.say("everything is there")
            if time.monotonic() > deadline:
                return self.say(f"only {found} of {wanted}")  # the judge says what is missing

    def judge(self, expected, last_ms):
        verdict = kill_oracle.Verdict()
        pairs = {topic: [(m[4], m[5]) for m in self.messages(OUTPUTS[topic])] for topic in ("results", "alerts")}
        kill_oracle.judge_results(verdict, expected, pairs["results"], last_ms)
        kill_oracle.judge_alerts(verdict, expected, pairs["alerts"], last_ms)
        dead = []
        for _, _, _, headers, _, value in self.messages(OUTPUTS["dead_letters"]):
            header = dict(part.split("=", 1) for part in headers.split(",") if "=" in part)
            of = {name: header["__tidemark.errors." + name] for name in ("topic", "partition", "offset", "code")}
            topic = "predictions" if of["topic"] == TOPICS["predictions"] else "labels"
            dead.append((topic, int(of["partition"]), int(of["offset"]), of["code"], value))
        kill_oracle.judge_dead(verdict, expected, dead)
        self.replay(verdict, pairs, last_ms)
        return verdict

    def replay(self, verdict, pairs, last_ms):
        """What the oracle does not know of the records is compared with a replay, as bytes."""
        out = {topic: os.path.join(self.folder, topic + ".jsonl") for topic in pairs}
        subprocess.run([self.options.tidemark, "replay", self.config, "--from", "kafka", "--results", out["results"],
                        "--alerts", out["alerts"]], check=True, stdout=subprocess.DEVNULL, timeout=300)
        for topic, records in pairs.items():
            with open(out[topic], "rb") as lines:
                again = self.by_identity(lines.read().splitlines(), last_ms)
            verdict.same_bytes(f"{topic} of a replay", again, self.by_identity((value for _, value in records), last_ms))

    @staticmethod
    def by_identity(values, last_ms):
        """Input records are left out: a group that begins calls some labels before_start [8.6]."""
        found = {}
        for value in values:
            r = json.loads(value)
            if r["window_start"] <= last_ms and r["side"] != "input":
                found[r.get("record_id"), r["model"], r["model_version"], str(r["segment"]), r["window_start"],
                      r["side"], r["revision"]] = value
        return found

    def report(self, expected, verdict, seconds):
        aborted = {}
        for topic in OUTPUTS:
            every = self.consume(OUTPUTS[topic], "%o\n", "read_uncommitted").count(b"\n")
            aborted[topic] = every - self.consume(OUTPUTS[topic], "%o\n").count(b"\n")
        print(json.dumps({
            "seed": self.options.seed, "workers": self.options.workers, "nodes": self.options.nodes,
            "partitions": PARTITIONS, "partitions of partials": self.options.partials, **self.dealt,
            "seconds": round(seconds), "records": sum(sum(counts.values()) for counts in expected.inputs.values()),
            "windows": len(expected.inputs), "results": len(expected.results) + len(expected.inputs),
            "results while blows fell": self.meanwhile, "alerts": len(expected.alerts),
            "dead_letters": len(expected.dead),
            "given up in transactions, never seen": aborted,
            "exits": {f"{code} {how}": n for (how, code), n in sorted(self.exits.items(), key=str)},
            **{kind: verdict.counts[kind] for kind in ("lost", "doubled", "invented", "different")}}, indent=1))

    def go(self):
        self.prepare()
        self.torment()
        seconds = time.monotonic() - self.began
        self.say("the last blow is dealt")
        self.meanwhile = self.consume(OUTPUTS["results"], "%o\n").count(b"\n")
        last_ms = self.feed.close()
        expected = kill_oracle.Expected(self.inputs(), last_ms)
        self.wait_for({"results": len(expected.results) + len(expected.inputs), "alerts": sum(expected.alerts.values()),
                       "dead_letters": len(expected.dead)})
        for worker in self.workers:
            worker.close(time.monotonic() + 60)
        verdict = self.judge(expected, last_ms)
        self.report(expected, verdict, seconds)
        if verdict.counts:
            raise Failure("\n".join(verdict.words))
        if not all(expected.dead) or len(expected.results) < 100 or len(expected.alerts) < 10:
            raise Failure("too little came in to judge by")

    def close(self):
        for worker in self.workers:
            worker.end()
        if self.feed and self.feed.sender.poll() is None:
            self.feed.sender.kill()
        if self.brokers:
            self.brokers.close()

    def tail(self):
        for worker in self.workers:
            print(f"--- {worker.log}\n" + open(worker.log, errors="replace").read()[-3000:])


def options_of(arguments):
    parser = argparse.ArgumentParser()
    parser.add_argument("tidemark")
    parser.add_argument("send")
    for name, default in (("workers", 3), ("kills", 100), ("pauses", 10), ("leaves", 6), ("restarts", 2), ("nodes", 1), ("partials", 1),
                          ("seed", random.SystemRandom().randrange(10**6))):
        parser.add_argument("--" + name, type=int, default=default)
    parser.add_argument("--speed", type=float, default=90)
    parser.add_argument("--keep")
    return parser.parse_args(arguments)


def main():
    options = options_of(sys.argv[1:])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = options.keep or tempfile.mkdtemp(prefix="tidemark-kill.")
    os.makedirs(folder, exist_ok=True)
    run = Run(options, folder)
    print(f"seed {options.seed}: {len(run.deck)} blows", flush=True)
    try:
        run.go()
    except (Failure, subprocess.SubprocessError, OSError) as failure:
        run.tail()
        sys.exit(f"kill.py, seed {options.seed}: {failure}")
    finally:
        run.close()
        if not options.keep:
            shutil.rmtree(folder, ignore_errors=True)


main()
