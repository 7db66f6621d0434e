#!/usr/bin/env python3
"""Measures a build of tidemark against a reader that does nothing, on the same records.

usage: measure.py BUILD_DIR cpu|memory|topics [COUNT_SMALL COUNT_LARGE]

cpu     records a CPU second of `replay`, and its CPU beside that of bench_read_lines: runs of both in
        turn, medians, one ratio. Memory of the same runs, and bytes a pending prediction.
memory  only the claim that memory does not grow with the input: exits 1 if the peak at COUNT_LARGE is
        more than 10 % from that at COUNT_SMALL. RSS is held to that too where no sanitizer is in the build.
topics  the same as cpu from a Kafka topic, against bench_consume; $TIDE_KAFKA names the broker.

CPU is user and system time of the whole process, all threads. Ratios are of one run on one machine;
rates are of this machine and are printed for orientation.
"""
import os, re, statistics, subprocess, sys, tempfile

RATE, DELAY_S = 100, 300
WINDOW = {"cpu": ("5m", "10m"), "topics": ("5m", "10m"), "memory": ("1m", "2m")}
RUNS = 5

build, what = sys.argv[1], sys.argv[2]
sizes = [int(n) for n in sys.argv[3:5]] or ([40000, 160000] if what == "memory" else [250000, 1000000])
tidemark = next(p for p in (f"{build}/tidemark", f"{build}/app/tidemark") if os.path.exists(p))
sanitized = "TIDE_SANITIZE:STRING=\n" not in open(f"{build}/CMakeCache.txt").read()


class Run:
    """One finished process: what it printed, its CPU seconds, its peak RSS."""

    def __init__(self, *command):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.text = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            sys.exit(f"{' '.join(command)}: exit {process.returncode}")
        self.cpu_s = usage.ru_utime + usage.ru_stime
        self.rss_mib = usage.ru_maxrss / 1024

    def number(self, pattern):
        found = re.search(pattern, self.text)
        if not found:
            sys.exit(f"no {pattern} in: {self.text}")
        return float(found.group(1))


class Stream:
    """Generated files of one size, and their configs."""

    def __init__(self, folder, count, delay_s=DELAY_S, rate=RATE):
        self.count, self.folder = count, os.path.join(folder, f"{count}-{rate}")
        os.makedirs(self.folder, exist_ok=True)
        self.files = [os.path.join(self.folder, name + ".jsonl") for name in ("predictions", "labels", "reference")]
        subprocess.run([f"{build}/bench/bench_generate", str(count), str(rate), str(delay_s), *self.files], check=True)
        self.labels = sum(block.count(b"\n") for block in iter(lambda f=open(self.files[1], "rb"): f.read(1 << 20), b""))

    def config(self, size, horizon, extra=""):
        path = os.path.join(self.folder, f"{size}-{horizon}.yaml")
        with open(path, "w") as file:
            file.write(f"""name: bench
problem_type: classification_binary
inputs:
  predictions: {{file: predictions.jsonl, topic: bench.predictions, format: json, map: {{id: id, timestamp: ts, model: model,
                version: version, features: features, prediction: prediction, proba: score}}}}
  labels: {{file: labels.jsonl, topic: bench.labels, format: json, map: {{id: id, timestamp: ts, target: label}}}}
window: {{size: {size}, lateness: 0s, label_horizon: {horizon}, early_label_ttl: 5m}}
reference: {{records: reference.jsonl}}
segments: [country]
rules:
  - {{name: recall-low, metric: recall, below: 0.1, severity: critical}}
memory: {{pending: 1GiB}}
{extra}""")
        return path

    def replay(self, window, *options):
        run = Run(tidemark, "replay", self.config(*window), *options)
        # read, accepted, matched, and no other outcome
        if (run.number(r"predictions +(\d+) +\d+ +0\n") != self.count
                or run.number(r"labels +(\d+) +0 +\d+\n") != self.labels):
            sys.exit(f"not every record was joined:\n{run.text}")
        run.pool_mib = run.number(r"held at most ([\d.]+) MiB")
        return run


def beside(name, stream, replay, nothing):
    """Both in turn, the first round for warmth only."""
    replay(), nothing()
    pairs = [(replay(), nothing()) for _ in range(RUNS)]
    ours = statistics.median(a.cpu_s for a, _ in pairs)
    theirs = statistics.median(b.cpu_s for _, b in pairs)
    spread = [a.cpu_s / b.cpu_s for a, b in pairs]
    records = stream.count + stream.labels
    print(f"{stream.count:>9,} predictions, {stream.labels:,} labels, {RUNS} runs of each in turn, load {os.getloadavg()[0]:.1f}")
    print(f"  tidemark      {records / ours:>12,.0f} records a CPU second ({1e6 * ours / records:.2f} us a record)")
    print(f"  {name:13} {records / theirs:>12,.0f} records a CPU second ({1e6 * theirs / records:.2f} us a record)")
    print(f"  ratio of CPU  {ours / theirs:>12.1f} ({min(spread):.1f} to {max(spread):.1f})", flush=True)
    return pairs[-1][0]


def pending_bytes(folder):
    """Growth of the pool by each prediction more that is pending: the same 30 minutes at two rates."""
    slow, fast = (Stream(folder, 1800 * rate, rate=rate).replay(("5m", "10m")) for rate in (RATE, 4 * RATE))
    return (fast.pool_mib - slow.pool_mib) * 2**20 / (3 * RATE * 15 * 60)


def compare(small, large, what):
    ratio = large / small
    print(f"peak {what}: {small:.1f} MiB and {large:.1f} MiB, ratio {ratio:.3f}")
    return abs(ratio - 1) <= 0.10


def memory(folder):
    small, large = (Stream(folder, n, 60).replay(WINDOW["memory"]) for n in sizes)
    fine = compare(small.pool_mib, large.pool_mib, "of pending predictions and windows")
    if not sanitized:
        fine &= compare(small.rss_mib, large.rss_mib, "RSS")
    sys.exit(0 if fine else "memory grows with the input")


def cpu(folder):
    peaks = []
    for count in sizes:
        stream = Stream(folder, count)
        peaks.append(beside("read_lines", stream, lambda: stream.replay(WINDOW["cpu"]),
                            lambda: Run(f"{build}/bench/bench_read_lines", *stream.files[:2])))
    compare(peaks[0].pool_mib, peaks[1].pool_mib, "of pending predictions and windows")
    compare(peaks[0].rss_mib, peaks[1].rss_mib, "RSS")
    print(f"bytes a pending prediction: {pending_bytes(folder):.1f}")


def topics(folder):
    brokers = os.environ["TIDE_KAFKA"]
    stream = Stream(folder, sizes[0])
    for topic, file in zip(("bench.predictions", "bench.labels"), stream.files):
        subprocess.run([f"{build}/bench/bench_produce", brokers, topic, file], check=True)
    stream.config(*WINDOW["topics"])
    kafka = f"kafka: {{bootstrap.servers: '{brokers}'}}\n"
    plain = stream.config
    stream.config = lambda size, horizon: plain(size, horizon, kafka)
    beside("consume", stream, lambda: stream.replay(WINDOW["topics"], "--from", "kafka"),
           lambda: Run(f"{build}/bench/bench_consume", brokers, "bench.predictions", "bench.labels"))


with tempfile.TemporaryDirectory(prefix="tidemark-bench.") as folder:
    print(f"tidemark {os.path.realpath(tidemark)}{', with sanitizers' if sanitized else ''}", flush=True)
    {"cpu": cpu, "memory": memory, "topics": topics}[what](folder)
