#!/usr/bin/env python3
"""Plays the year of this folder into two Kafka topics, in the order of its timestamps, through kcat.

A record's time in Kafka is now; its event time is its "ts". The key is the prediction's id, so that a
label meets its prediction in the partition of the same number. The last window stays open, as it would
in a stream that has only paused.
"""
import argparse, gzip, heapq, json, os, shutil, subprocess, sys, time

here = os.path.dirname(os.path.abspath(__file__))
DAY_MS = 86400 * 1000


def records(role, name):
    """(ts, role, line for kcat), as the file has them: it is in the order of ts."""
    with gzip.open(os.path.join(here, name), "rt", encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            yield record["ts"], role, f"{record['prediction_id']}\t{line}".encode()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--brokers", default=os.environ.get("TIDEMARK_BROKERS", "localhost:9092"))
    parser.add_argument("--predictions", default="bike.predictions", metavar="TOPIC")
    parser.add_argument("--labels", default="bike.labels", metavar="TOPIC")
    parser.add_argument("--days-per-second", type=float, default=0, help="0, the rule: all at once")
    options = parser.parse_args()
    if not shutil.which("kcat"):
        sys.exit("load.py: kcat is not there: apt-get install kcat")
    kcats = [subprocess.Popen(["kcat", "-P", "-b", options.brokers, "-t", topic, "-K", "\t"], stdin=subprocess.PIPE)
             for topic in (options.predictions, options.labels)]
    counts, first, began = [0, 0], None, time.monotonic()
    try:
        for ts, role, line in heapq.merge(records(0, "predictions.jsonl.gz"), records(1, "labels.jsonl.gz"),
                                          key=lambda record: record[:2]):
            first = ts if first is None else first
            if options.days_per_second > 0:
                due = began + (ts - first) / DAY_MS / options.days_per_second
                time.sleep(max(0, due - time.monotonic()))
            kcats[role].stdin.write(line)
            if options.days_per_second > 0:
                kcats[role].stdin.flush()
            counts[role] += 1
        for kcat in kcats:
            kcat.stdin.close()
    except BrokenPipeError:
        pass  # kcat says why, and its code tells
    if any([kcat.wait() for kcat in kcats]):
        sys.exit("load.py: kcat could not deliver")
    print(f"{counts[0]} predictions to {options.predictions}, {counts[1]} labels to {options.labels}")


main()
