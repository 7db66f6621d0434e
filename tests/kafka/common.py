"""What the tests that run `tidemark` against TIDE_KAFKA have in common: topics in, records out."""
import json, os, subprocess, sys

broker = os.environ["TIDE_KAFKA"]


def produce(topic, records, key, partition=None):
    """Each under its id, so that both topics are partitioned alike; or all into one partition."""
    lines = "".join(f"{r[key]}\t{json.dumps(r)}\n" for r in records)
    arguments = ["kcat", "-P", "-b", broker, "-t", topic, "-K", "\t"]
    if partition is not None:
        arguments += ["-p", str(partition)]
    subprocess.run(arguments, input=lines.encode(), check=True)


def consume(topic):
    """(key, value) of each that a read_committed reader sees."""
    out = subprocess.run(["kcat", "-C", "-q", "-b", broker, "-t", topic, "-o", "beginning", "-e",
                          "-X", "isolation.level=read_committed", "-f", "%k\t%s\n"],
                         check=True, stdout=subprocess.PIPE).stdout
    return [tuple(line.split(b"\t", 1)) for line in out.splitlines()]


def shape(lines, last):
    """Sorted lines of all but the input side, and the totals of the input side, up to the last window.
    None may be there twice."""
    found, totals, seen = [], {}, set()
    for line in lines:
        r = json.loads(line)
        if r["window_start"] > last:
            continue
        if r.get("side") == "input":
            identity = ("input", r["window_start"])
            for role, counts in r["counts"].items():
                for outcome, n in counts.items():
                    totals[role, outcome] = totals.get((role, outcome), 0) + n
        else:
            identity = (r.get("record_id"), r["model"], r["model_version"], str(r["segment"]), r["window_start"],
                        r["side"], r["revision"])
            found.append(line)
        if identity in seen:
            sys.exit(f"twice: {identity}")
        seen.add(identity)
    return sorted(found), totals
