"""What the golden tests share: replaying a config, and holding its numbers to a table."""
import json, os, subprocess, sys


class Golden:
    def __init__(self, tidemark):
        self.tidemark = tidemark
        self.compared = 0

    def replay(self, folder, text):
        """Replays a config; returns the bytes of the results and the records in them."""
        config, results = os.path.join(folder, "config.yaml"), os.path.join(folder, "results.jsonl")
        open(config, "w").write(text)
        subprocess.run([self.tidemark, "replay", config, "--results", results], check=True,
                       stdout=subprocess.DEVNULL)
        data = open(results, "rb").read()
        return data, [json.loads(line) for line in data.splitlines()]

    def close(self, ours, theirs, what, absolute=0):
        self.compared += 1
        if abs(ours - theirs) > max(1e-9 * max(abs(ours), abs(theirs)), absolute):
            sys.exit(f"{what}: {ours} here, {theirs} in the table")

    def hold(self, record, row, columns, excused, absolute=0):
        """Holds one label-side record to one row. `excused` says whether a finding that is not OK
        is a difference on purpose."""
        what = f"window {row['start']} {record['segment']}"
        assert record["predictions"] == int(row["n_pred"]), what
        assert record["labels"] == int(row["n_labeled"]), what
        measured = {f["metric"]: f for f in record["findings"] if not f["column"]}
        for column, metric in columns.items():
            finding, text = measured[metric], row[column]
            if finding["status"] == "OK":
                if text == "":
                    sys.exit(f"{what} {metric}: {finding['value']} here, none in the table")
                self.close(finding["value"], float(text), f"{what} {metric}", absolute)
            elif text != "" and not excused(metric, row):
                sys.exit(f"{what} {metric}: {finding['reason']} here, {text} in the table")

    def done(self, least):
        if self.compared < least:
            sys.exit(f"only {self.compared} numbers compared")
        print(f"{self.compared} numbers equal; 1 passed, 0 failed")


def label_side(records):
    """The label-side records of all versions, by (window start, (segment, value) or ())."""
    found = {}
    for r in records:
        if r["side"] == "label" and r["model_version"] is None:
            found[(r["window_start"], *[part for pair in r["segment"].items() for part in pair])] = r
    return found


def put(text, old, new):
    """Replaces a part of a config that has to be there."""
    assert old in text, old
    return text.replace(old, new)
