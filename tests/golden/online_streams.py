"""The sequences of values that online detectors are held to, and what River says of them.

streams.txt.xz has a stream a line: its name and its values, as digits 0 and 1 or as thousandths. The
others are the losses of the data sets in the tree, in the order in which labels came and in that of
the predictions, and two sequences of what was predicted.
"""
import csv, gzip, json, lzma, os


def made(folder):
    with lzma.open(os.path.join(folder, "streams.txt.xz"), "rt") as lines:
        for line in lines:
            name, *values = line.split()
            if len(values) == 1:
                yield name, [float(digit) for digit in values[0]]
            else:
                yield name, [int(value) / 1000 for value in values]


def example(source, name, loss):
    folder = os.path.join(source, "examples", name)
    read = lambda part: [json.loads(line) for line in gzip.open(os.path.join(folder, part), "rt")]
    predictions, labels = read("predictions.jsonl.gz"), read("labels.jsonl.gz")
    predicted = {row["prediction_id"]: row["prediction"] for row in predictions}
    label = {row["prediction_id"]: row["label"] for row in labels}
    yield name + "_label_order", [loss(predicted[row["prediction_id"]], row["label"]) for row in labels]
    yield name + "_prediction_order", [loss(predicted[id], label[id]) for id in predicted if id in label]
    what = "score" if "score" in predictions[0] else "prediction"
    yield f"{name}_{what}", [row[what] for row in predictions]


def cards(source):
    path = os.path.join(source, "tests", "golden", "cards", "records.csv.xz")
    rows = [row for row in csv.DictReader(lzma.open(path, "rt")) if row["label"]]
    loss = lambda row: float(row["prediction"] != row["label"])
    yield "cards_prediction_order", [loss(row) for row in rows]
    yield "cards_label_order", [loss(row) for row in sorted(rows, key=lambda row: int(row["label_ts"]))]


def streams(source):
    """Name and values of every stream."""
    yield from made(os.path.join(source, "tests", "golden", "detectors"))
    yield from example(source, "carloan", lambda prediction, label: float(prediction != label))
    yield from example(source, "bikes", lambda prediction, label: abs(prediction - label))
    yield from cards(source)


def is_errors(values):
    return set(values) <= {0, 1}


def answers(source):
    """(stream, detector) -> [drifts, values that begin a warning], as indices from 0."""
    path = os.path.join(source, "tests", "golden", "detectors", "river.csv.xz")
    return {(row["stream"], row["detector"]): [[int(i) for i in row[kind].split()]
                                               for kind in ("drifts", "warnings")]
            for row in csv.DictReader(lzma.open(path, "rt"))}
