#!/usr/bin/env python3
"""Replays weighted rows of every problem and holds its measures to scikit-learn's sample_weight.

usage: weights.py TIDEMARK SOURCE_DIR
The records come from tests/oracles/weights.py, the tables in tests/golden/weights from the same file
with scikit-learn 1.9.1. Held at 1e-9 relative: values and the ends of intervals on n_eff.
"""
import csv, json, os, sys, tempfile
from golden import Golden, label_side, put

tidemark, source = sys.argv[1], sys.argv[2]
sys.path.insert(0, os.path.join(source, "tests", "oracles"))
sys.dont_write_bytecode = True
import weights

golden = Golden(tidemark)
here = os.path.join(source, "tests", "golden", "weights")


def replay(folder, predictions, labels, text):
    """The findings of the final label-side panes, by segment."""
    for name, records in (("predictions", predictions), ("labels", labels)):
        with open(os.path.join(folder, name + ".jsonl"), "w") as file:
            file.writelines(json.dumps(record) + "\n" for record in records)
    records = label_side(golden.replay(folder, text)[1])
    return {key[-1] if len(key) > 1 else "all": r for key, r in records.items()}


def findings(record):
    return {(f["metric"], (f["column"] or "").removeprefix("$label:")): f for f in record["findings"]
            if f["family"] == "performance"}


def hold(problem, found):
    for segment in weights.SEGMENTS:
        record, (rows, weighted) = found[segment], weights.rows_of(problem, segment)
        assert record["labels"] == len(rows) > len(weighted), f"{problem} {segment}"
        table = [row for row in csv.DictReader(open(os.path.join(here, problem + ".csv")))
                 if row["segment"] == segment]
        ours = findings(record)
        assert ours.keys() == {(row["metric"], row["class"]) for row in table}, \
            ours.keys() ^ {(row["metric"], row["class"]) for row in table}
        for row in table:
            finding, what = ours[row["metric"], row["class"]], f"{problem} {segment} {row}"
            assert finding["status"] == "OK", f"{what}: {finding}"
            for end in ("value", "lower", "upper"):
                if row[end]:
                    golden.close(finding[end], float(row[end]), f"{what} {end}", 1e-12)
                else:
                    assert finding[end] is None, f"{what} {end}: {finding}"
            if row["metric"] in ("accuracy_score", "log_loss", "mean_error", "cohen_kappa_score", "roc_auc"):
                assert finding["n"] == len(weighted), f"{what}: n counts rows"


def wrong(problem, labels):
    """A first label for every third row that is not the one that it is given in the end."""
    answers = {"binary": lambda was: 1 - was, "regression": lambda was: was + 7,
               "multiclass": lambda was: weights.CLASSES[weights.CLASSES.index(was) - 1]}
    return [label | {"was": answers[problem](label["was"]), "ts": label["ts"] - 1}
            for label in labels[::3]]


def measured(found):
    return {segment: findings(record) for segment, record in found.items()}


with tempfile.TemporaryDirectory() as folder:
    for problem in weights.PROBLEMS:
        predictions, labels = weights.records(problem)
        text = weights.config(problem)
        found = replay(folder, predictions, labels, text)
        hold(problem, found)
        assert measured(replay(folder, predictions[::-1], labels[::-1], text)) == measured(found), "order"
        last = put(text, "label_horizon: 1h", "label_horizon: 1h, label_policy: last")
        taken_back = replay(folder, predictions, wrong(problem, labels) + labels, last)
        assert measured(taken_back) == measured(found), f"{problem}: taken back"
        # twice the weights say the same; weights of 1 are no weights, to the bit
        twice = [p | {"w": 2 * p.get("w", 1)} for p in predictions]
        hold(problem, replay(folder, twice, labels, text))
        ones = [p | {"w": 1} for p in predictions]
        unmapped = put(text, "weight: w, ", "")
        plain = measured(replay(folder, predictions, labels, put(text, "weight: w, ", "")))
        assert measured(replay(folder, ones, labels, text)) == plain, f"{problem}: weights of 1"
golden.done(600)
