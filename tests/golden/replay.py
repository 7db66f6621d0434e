#!/usr/bin/env python3
"""A replay that was cut off goes on, and its files are those of one that was not; what a range, a
throttle and a terminal change is the range, the pace and what is said, and no record.

usage: replay.py TIDEMARK SOURCE_DIR
"""
import gzip, itertools, os, pty, random, signal, subprocess, sys, tempfile, time

tidemark, source = sys.argv[1], sys.argv[2]
config = os.path.join(source, "examples", "bikes", "bikes.yaml")
bikes = os.path.dirname(config)
LINES = 4000  # of the example's, to the end of May 2012
DEADLINE_S = 120


def arguments(name, *words):
    return [tidemark, "replay", config, *inputs, "--results", os.path.join(folder, name + "-r"),
            "--alerts", os.path.join(folder, name + "-a"), *words]


def run(name, *words, code=0):
    done = subprocess.run(arguments(name, *words), capture_output=True, text=True)
    assert done.returncode == code, (words, done.returncode, done.stderr)
    return done.stderr


def read(name):
    return tuple(open(os.path.join(folder, name + part), "rb").read() for part in ("-r", "-a"))


def write(name, contents):
    for part, content in zip(("-r", "-a"), contents):
        open(os.path.join(folder, name + part), "wb").write(content)


def killed(number):
    """A worker that takes 2000 records a second is stopped after its first bytes, and goes on."""
    name = f"killed{number}"
    worker = subprocess.Popen(arguments(name, "--throttle", "2000/s"), stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + DEADLINE_S
    while not (os.path.exists(os.path.join(folder, name + "-r")) and read(name)[0]):
        assert worker.poll() is None and time.monotonic() < deadline
        time.sleep(0.01)
    worker.send_signal(number)
    assert worker.wait() == -number
    assert len(read(name)[0]) < len(whole[0])
    run(name, "--resume")
    assert read(name) == whole


def in_one_order():
    """Dead letters of two inputs leave in one order, whether they are there at once or drop by drop."""
    begin = []
    for kind, path in zip(("predictions", "labels"), inputs[1::2]):
        begin += ["--" + kind, path + "-begin"]
        with open(path, "rb") as lines, open(path + "-begin", "wb") as out:
            out.writelines(b"bad %d\n" % i for i in range(20))
            out.writelines(itertools.islice(lines, 20))
    for name, words in (("once", []), ("drops", ["--throttle", "100/s"])):
        run(name, *begin, *words, "--dead-letters", os.path.join(folder, name))
    once, drops = (open(os.path.join(folder, name), "rb").read() for name in ("once", "drops"))
    assert once.count(b"\n") == 40 and once == drops


def on_a_terminal():
    """Progress is there for a terminal, and only there."""
    terminal, side = pty.openpty()
    worker = subprocess.Popen(arguments("terminal"), stdout=subprocess.DEVNULL, stderr=side)
    os.close(side)
    said = b""
    while True:
        try:
            chunk = os.read(terminal, 4096)
        except OSError:
            break
        if not chunk:
            break
        said += chunk
    os.close(terminal)
    assert worker.wait() == 0 and b"\rreplayed " in said and b" records" in said, said
    assert read("terminal") == whole


with tempfile.TemporaryDirectory() as folder:
    inputs = []
    for kind in ("predictions", "labels"):
        path = os.path.join(folder, kind)
        with gzip.open(os.path.join(bikes, kind + ".jsonl.gz"), "rb") as lines, open(path, "wb") as out:
            out.writelines(itertools.islice(lines, LINES))
        inputs += ["--" + kind, path]
    assert run("whole") == ""
    whole = read("whole")
    assert all(whole)
    rng = random.Random(5)
    for _ in range(4):
        write("cut", (content[:rng.randrange(len(content) + 1)] for content in whole))
        run("cut", "--resume")
        assert read("cut") == whole
    run("new", "--resume")
    assert read("new") == whole
    for number in (signal.SIGKILL, signal.SIGINT):
        killed(number)
    in_one_order()
    on_a_terminal()

    # What another range left is not continued, and stays.
    run("part", "--range", "2012-01-01..2012-04-01")
    part = read("part")
    assert part[0] and part != whole
    run("part", "--range", "2012-04-20..2012-05-10", "--resume", code=65)
    assert read("part") == part
    write("more", (content + b"{}\n" for content in whole))
    assert "start anew" in run("more", "--resume", code=65)

    # One range in many words.
    for words in ("@2012-01-01:2012-04-01", "@2012-01-01..@2012-04-01", "1325376000..+91d", "@1325376000000:90d24h"):
        run("same", "--range", words)
        assert read("same") == part, words
    run("open", "--range", "2012-01-01..")
    run("until", "--range", "..2011-12-15")
    lines = [set(read(name)[0].splitlines()) for name in ("until", "open", "whole")]
    assert lines[0] and lines[0] <= lines[2] and lines[1] <= lines[2]

    for wrong in (["--range", "100:200"], ["--range", "-2h"], ["--range", "-100"], ["--range", "2012"],
                  ["--throttle", "fast"], ["--run-id", "x"], ["--to-live-topics"], ["--results-topic", "x"],
                  ["--from", "there"]):
        run("wrong", *wrong, code=64)
    stdout = subprocess.run([tidemark, "replay", config, "--results", "-", "--resume"], capture_output=True)
    assert stdout.returncode == 64 and b"--resume" in stdout.stderr and not stdout.stdout, stdout
    no_broker = subprocess.run([tidemark, "replay", config, "--results-topic", "x"], capture_output=True)
    assert no_broker.returncode == 78 and b"no broker" in no_broker.stderr, no_broker
print("cut and continued 7 times; 1 passed, 0 failed")
