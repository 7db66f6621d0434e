#!/usr/bin/env python3
"""What state and transactions cost, and how fast a killed worker is back.

usage: live.py BUILD_DIR [COUNT [PENDING]]      (TIDE_KAFKA=host:port of a broker of its own)

COUNT predictions and their labels are put into topics. `replay --from kafka` reads them without state and
without transactions; `run` reads them with a commit a second: without snapshots, with them, and through a
partials topic. CPU is user and system time of the whole process. Then PENDING predictions wait for their
horizon (0: no such run, of either), the worker is killed (-9) while records trickle in, and started again: the CPU seconds of its first
10 ms tick at which /readyz says yes, less those of a worker with nothing to restore, are the restore; it has
caught up when its watermarks are those of the ends of the topics and a commit was made.
"""
import atexit, os, re, signal, statistics, subprocess, sys, tempfile, time, urllib.error, urllib.request

RATE, DELAY_S = 100, 300
RUNS = 3
TRICKLE_S, TRICKLED = 15, 3000
PATIENCE_S = 900
TICK_S = 1 / os.sysconf("SC_CLK_TCK")

build, brokers = sys.argv[1], os.environ["TIDE_KAFKA"]
count, pending = (int(n) for n in (sys.argv[2:4] + ["250000", "1000000"][len(sys.argv) - 2:])[:2])
tidemark = next(p for p in (f"{build}/tidemark", f"{build}/app/tidemark") if os.path.exists(p))


def lines_of(path):
    with open(path, "rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))


class Topics:
    """Generated files, and two topics that hold all but their last `kept` lines."""

    def __init__(self, folder, name, count, kept=0):
        self.folder, self.name = os.path.join(folder, name), name
        os.makedirs(self.folder)
        paths = [os.path.join(self.folder, part) for part in ("predictions", "labels", "reference.jsonl")]
        subprocess.run([f"{build}/bench/bench_generate", str(count), str(RATE), str(DELAY_S), *paths], check=True)
        self.kept, self.records = [], []
        for path in paths[:2]:
            lines = lines_of(path)
            self.records.append(lines)
            with open(path, "rb") as file, open(path + ".first", "wb") as first:
                for _ in range(lines - kept):
                    first.write(file.readline())
                self.kept.append(file.readlines())
            subprocess.run([f"{build}/bench/bench_produce", brokers, f"{name}-{os.path.basename(path)}",
                            path + ".first"], check=True)

    def trickle(self):
        """The lines that were kept, over TRICKLE_S seconds."""
        for i in range(TRICKLE_S):
            for part, lines in zip(("predictions", "labels"), self.kept):
                share = lines[len(lines) * i // TRICKLE_S:len(lines) * (i + 1) // TRICKLE_S]
                subprocess.run(["kcat", "-P", "-b", brokers, "-t", f"{self.name}-{part}", "-p", "0"],
                               input=b"".join(share), check=True)
            time.sleep(1)

    def config(self, variant, size, horizon, more=""):
        """Every variant is a group of its own, with outputs of its own."""
        name = f"{self.name}-{variant}"
        path = os.path.join(self.folder, name + ".yaml")
        with open(path, "w") as file:
            file.write(f"""name: {name}
problem_type: classification_binary
inputs:
  start: earliest
  predictions: {{topic: {self.name}-predictions, format: json, map: {{id: id, timestamp: ts, model: model,
                version: version, features: features, prediction: prediction, proba: score}}}}
  labels: {{topic: {self.name}-labels, format: json, map: {{id: id, timestamp: ts, target: label}}}}
window: {{size: {size}, lateness: 0s, label_horizon: {horizon}, max_future_skew: 36500d}}
reference: {{records: reference.jsonl}}
segments: [country]
rules:
  - {{name: recall-low, metric: recall, below: 0.1, severity: critical}}
outputs: {{results: {{topic: {name}-results}}, alerts: {{topic: {name}-alerts}},
          dead_letters: {{topic: {name}-dead}}{', partials: {topic: ' + name + '-partials}' if more == 'partials' else ''}}}
memory: {{pending: 2GiB{more if more != 'partials' else ''}}}
kafka: {{bootstrap.servers: "{brokers}"}}
""")
        return path


class Worker:
    """A `run`, from outside: what /metrics and the kernel say of it."""

    def __init__(self, path):
        self.log = tempfile.TemporaryFile("w+")
        self.began = time.monotonic()
        self.process = subprocess.Popen([tidemark, "run", path, "--http", "0"], stdout=subprocess.DEVNULL,
                                        stderr=self.log)
        self.port = None
        atexit.register(self.process.kill)

    def text(self):
        self.log.seek(0)
        return self.log.read()

    def get(self, what):
        """None: no answer, or not yes."""
        if self.process.poll() is not None:
            sys.exit(f"worker: exit {self.process.returncode}\n{self.text()}")
        if not self.port:
            found = re.search(r"http on 127.0.0.1:(\d+)", self.text())
            self.port = found and found.group(1)
        try:
            return self.port and urllib.request.urlopen(f"http://127.0.0.1:{self.port}/{what}").read().decode()
        except urllib.error.URLError:
            return None

    def wait(self, what, is_there):
        while time.monotonic() - self.began < PATIENCE_S:
            text = self.get(what)
            if text is not None and is_there(text):
                return text, time.monotonic() - self.began
            time.sleep(TICK_S)
        sys.exit(f"worker: nothing for {PATIENCE_S} s\n{self.text()}")

    def cpu_s(self):
        words = open(f"/proc/{self.process.pid}/stat").read().rsplit(")", 1)[1].split()
        return (int(words[11]) + int(words[12])) * TICK_S

    def end(self, how, code):
        """CPU seconds of its whole life."""
        self.process.send_signal(how)
        _, status, usage = os.wait4(self.process.pid, 0)
        self.process.returncode = os.waitstatus_to_exitcode(status)
        if self.process.returncode != code:
            sys.exit(f"worker: exit {self.process.returncode}\n{self.text()}")
        return usage.ru_utime + usage.ru_stime


def numbers(text, name):
    return [float(n) for n in re.findall(rf"^{name}{{.*?}} (\S+)$", text, re.M)]


def topics_make(path):
    subprocess.run([tidemark, "check", "--create-topics", path], check=True, stdout=subprocess.DEVNULL)


def run_cpu(topics, path):
    topics_make(path)
    worker = Worker(path)
    worker.wait("metrics", lambda text: numbers(text, "tidemark_records_read_total") == topics.records)
    return worker.end(signal.SIGTERM, 130)


def replay_cpu(path):
    process = subprocess.Popen([tidemark, "replay", path, "--from", "kafka"], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"replay: exit {process.returncode}")
    return usage.ru_utime + usage.ru_stime


def cost(folder):
    topics = Topics(folder, "cost", count)
    records = sum(topics.records)
    variants = {"run, no snapshots": ", snapshot_interval: 0s", "run, snapshots every 60 s": "",
                "run, snapshots every 10 s": ", snapshot_interval: 10s", "run, partials topic": "partials"}
    seconds = {name: [] for name in ("replay", *variants)}
    for i in range(RUNS):
        seconds["replay"].append(replay_cpu(topics.config("replay", "5m", "10m")))
        for j, (name, more) in enumerate(variants.items()):
            seconds[name].append(run_cpu(topics, topics.config(f"{i}{j}", "5m", "10m", more)))
    print(f"{records:,} records from topics, {RUNS} runs of each in turn, load {os.getloadavg()[0]:.1f}")
    for name, each in seconds.items():
        ratios = [a / b for a, b in zip(each, seconds["replay"])]
        print(f"  {name:26} {1e6 * statistics.median(each) / records:6.2f} us of CPU a record, "
              f"{statistics.median(ratios):.2f} times the replay ({min(ratios):.2f} to {max(ratios):.2f})", flush=True)


def idle_cpu(topics):
    """Of a worker that restores nothing, until it is ready."""
    path = topics.config("idle", "5m", "6h").replace(".yaml", "-latest.yaml")
    text = open(topics.config("idle", "5m", "6h")).read().replace("start: earliest", "start: latest")
    open(path, "w").write(text)
    topics_make(path)
    worker = Worker(path)
    worker.wait("readyz", bool)
    cpu_s = worker.cpu_s()
    worker.end(signal.SIGTERM, 130)
    return cpu_s


def back(folder):
    topics = Topics(folder, "back", pending, TRICKLED)
    path = topics.config("killed", "5m", "6h", ", snapshot_interval: 5s")
    topics_make(path)
    worker = Worker(path)
    first = [lines - TRICKLED for lines in topics.records]
    worker.wait("metrics", lambda text: numbers(text, "tidemark_records_read_total") == first)
    topics.trickle()
    text, _ = worker.wait("metrics", lambda text: numbers(text, "tidemark_records_read_total") == topics.records)
    marks = numbers(text, "tidemark_watermark_timestamp_seconds")
    worker.end(signal.SIGKILL, -9)
    idle_s = idle_cpu(topics)
    worker = Worker(path)
    _, ready_s = worker.wait("readyz", bool)
    cpu_s = worker.cpu_s() - idle_s
    text, caught_s = worker.wait("metrics", lambda text: numbers(
        text, "tidemark_watermark_timestamp_seconds") == marks)
    again = sum(numbers(text, "tidemark_records_read_total"))
    worker.end(signal.SIGTERM, 130)
    print(f"killed with {pending:,} predictions pending: restored for {cpu_s:.2f} s of CPU, "
          f"{pending / max(cpu_s, TICK_S):,.0f} a second; ready {ready_s:.1f} s after its start, caught up "
          f"after {caught_s:.1f} s, {again:,.0f} records read again, load {os.getloadavg()[0]:.1f}")


with tempfile.TemporaryDirectory(prefix="tidemark-bench.") as folder:
    print(f"tidemark {os.path.realpath(tidemark)}", flush=True)
    if count:
        cost(folder)
    if pending:
        back(folder)
