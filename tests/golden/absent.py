#!/usr/bin/env python3
"""Replays deployments in which no label means something, and counts by hand who is labelled,
imputed, ineligible and unlabelled, and what follows for the measures (SPEC 2.3, 8.3).

usage: absent.py TIDEMARK SOURCE_DIR
The records are made here; every number is counted from them with nothing of the program.
"""
import json, os, random, subprocess, sys, tempfile

tidemark = sys.argv[1]
HOUR, DAY = 3600000, 86400000
compared = 0

CARDS = """
name: cards
problem_type: classification_binary
inputs:
  predictions:
    map: {id: id, timestamp: ts, model: model, prediction: prediction, proba: score, country: country,
          declined: declined, amount: amount}
  labels:
    map: {id: id, timestamp: ts, target: fraud}
    absent: {target: no}
    eligible: declined == false
target: {values: {no: 0, yes: 1}}
window: {size: 1d, out_of_orderness: 8h, label_horizon: 3d, label_lateness: 1d, early: [1d]}
segments: [country]
business:
  loss: {sum: amount, where: target == 1 and prediction == 0}
  cost: {value_matrix: {tp: 0, fp: 1, fn: amount, tn: 0}}
"""
SALES = """
name: sales
problem_type: regression
inputs:
  predictions: {map: {id: id, timestamp: ts, prediction: prediction}}
  labels: {map: {id: id, timestamp: ts, target: sold}, absent: {target: 0}}
window: {size: 1d, out_of_orderness: 8h, label_horizon: 2d, label_lateness: 1d, label_policy: last, early: [12h]}
"""


def same(ours, theirs, what):
    global compared
    compared += 1
    if ours != theirs and (ours is None or theirs is None or
                           abs(ours - theirs) > 1e-12 * max(abs(ours), abs(theirs))):
        sys.exit(f"{what}: {ours} here, {theirs} expected")


def replay(text, predictions, labels):
    with tempfile.TemporaryDirectory() as folder:
        for name, records in (("predictions", predictions), ("labels", labels)):
            with open(os.path.join(folder, name), "w") as file:
                file.writelines(json.dumps(record) + "\n" for record in records)
        config, results, alerts = (os.path.join(folder, name) for name in ("c.yaml", "r", "a"))
        open(config, "w").write(text)
        subprocess.run([tidemark, "replay", config, "--results", results, "--alerts", alerts,
                        "--predictions", os.path.join(folder, "predictions"),
                        "--labels", os.path.join(folder, "labels")],
                       check=True, stdout=subprocess.DEVNULL)
        return [[json.loads(line) for line in open(path)] for path in (results, alerts)]


def world(seed, target_of):
    """Predictions of ten days; few have a label, and some of these come too late."""
    draw = random.Random(seed)
    predictions, labels = [], []
    for number in range(3000):
        score = draw.random() ** 4
        record = {"id": f"c{number}", "ts": number * 10 * DAY // 3000, "model": f"m{number % 2}",
                  "score": score, "country": draw.choice("AB"), "declined": draw.random() < score,
                  "amount": draw.randrange(1, 500), "prediction": draw.choice((0, 1, 2.5))}
        target = target_of(draw, record)
        predictions.append(record)
        if target is None:
            continue
        delay = draw.randrange(0, 4 * DAY if draw.random() < .1 else 2 * DAY)
        labels.append({"id": record["id"], "ts": record["ts"] + delay, **target})
        if draw.random() < .2:
            again = {name: draw.choice((0, 4.5)) if name == "sold" else value
                     for name, value in labels[-1].items()}
            labels.append({**again, "ts": labels[-1]["ts"] + HOUR})
    labels.sort(key=lambda label: label["ts"] + draw.randrange(0, 8 * HOUR))
    return predictions, labels


def expect(predictions, labels, record, horizon, target_of, last):
    """The predictions of a label-side record, with their targets or None: the first label that was
    read, or in the end the last one."""
    start, end = record["window_start"], record["window_end"]
    early = record["timing"] == "early"
    until = end + (record["age_ms"] if early else horizon)
    found = {}
    for label in labels:
        if label["ts"] < end + horizon and (last and not early or label["id"] not in found):
            found[label["id"]] = label
    found = {name: label for name, label in found.items() if label["ts"] < until}
    rows = []
    for prediction in predictions:
        if not start <= prediction["ts"] < end:
            continue
        if record["model"] not in (prediction["model"], "sales"):
            continue
        if any(prediction[name] != value for name, value in record["segment"].items()):
            continue
        label = found.get(prediction["id"])
        rows.append((prediction, None if label is None else target_of(label)))
    return rows


def newest(results):
    """The last word on every label side, and all early panes."""
    words = {}
    for record in results:
        if record["side"] == "label":
            key = tuple(json.dumps(record[name]) for name in ("model", "segment", "window_start"))
            early = record["timing"] == "early"
            words[key + (early,)] = record
            counts = record["counts"]
            same(counts["accepted"], sum(counts.values()) - counts["accepted"], "all outcomes")
    return words.values()


def value(record, metric, column=None):
    found = [f for f in record["findings"] if f["metric"] == metric and f["column"] == column]
    return found[0]["value"] if found else None


def hold_cards():
    def target_of(draw, record):
        """Labels of frauds, and now and then of what was none; declined ones mostly have none."""
        if draw.random() < (.9 if record["score"] > .8 else .01):
            return {"fraud": "yes"} if draw.random() < .9 else {"fraud": "no"}
        return None

    predictions, labels = world(7, target_of)
    for record in predictions:
        record["prediction"] = 1 if record["score"] > .6 else 0
    results, _ = replay(CARDS, predictions, labels)
    for record in newest(results):
        what = f"{record['model']} {record['segment']} {record['window_start']} {record['timing']}"
        early = record["timing"] == "early"
        rows = expect(predictions, labels, record, 3 * DAY,
                      lambda label: label["fraud"] == "yes", False)
        eligible = [(p, t) for p, t in rows if not p["declined"]]
        labelled = [(p, t) for p, t in eligible if t is not None]
        imputed = [] if early else [(p, False) for p, t in eligible if t is None]
        same(record["counts"]["accepted"], len(rows), what)
        same(record["counts"]["ineligible"], len(rows) - len(eligible), what + " ineligible")
        same(record["counts"]["labelled"], len(labelled), what + " labelled")
        same(record["counts"]["imputed"], len(imputed), what + " imputed")
        same(record["counts"]["unlabelled"], len(eligible) - len(labelled) - len(imputed), what)
        same(record["labels"], len(labelled), what + " labels")
        same(record["coverage"], len(labelled) / len(eligible) if eligible else None, what)
        same(value(record, "coverage"), record["coverage"], what)
        judged = labelled + imputed
        for finding in record["findings"]:
            if finding["value"] is not None and finding["family"] != "operations":
                same(finding["status"] == "PRELIMINARY", early, what + " status")
        tp = sum(p["prediction"] == 1 and t for p, t in judged)
        fp = sum(p["prediction"] == 1 and not t for p, t in judged)
        fn = sum(p["prediction"] == 0 and t for p, t in judged)
        if judged:
            same(record["confusion"]["fp"], fp, what + " fp")
            same(value(record, "precision_score"), tp / (tp + fp) if tp + fp else None, what)
            same(value(record, "accuracy_score"), 1 - (fp + fn) / len(judged), what)
            pairs = [(p["score"], t) for p, t in judged]
            ranks = [(a > b) + (a == b) / 2 for a, t in pairs if t for b, u in pairs if not u]
            same(value(record, "roc_auc"), sum(ranks) / len(ranks) if ranks else None, what)
            missed = [p["amount"] for p, t in judged if p["prediction"] == 0 and t]
            same(value(record, "business_outcome", "loss"), sum(missed), what + " loss")
            same(value(record, "business_outcome", "cost"), sum(missed) + fp, what + " cost")
        delays = sum(t is not None for _, t in eligible)
        same(value(record, "label_delay_p50") is None, delays == 0, what + " delays")
    known = {p["id"]: p for p in predictions}
    unmatched = sum(record["counts"]["labels"]["unmatched"] for record in results
                    if record["side"] == "input")
    same(unmatched, sum(known[label["id"]]["declined"] or
                        label["ts"] >= (known[label["id"]]["ts"] // DAY + 4) * DAY
                        for label in labels), "labels that nobody takes")


def hold_sales():
    def target_of(draw, record):
        return {"sold": draw.choice((1, 2, 7))} if draw.random() < .3 else None

    predictions, labels = world(8, target_of)
    results, _ = replay(SALES, predictions, labels)
    for record in newest(results):
        early = record["timing"] == "early"
        rows = expect(predictions, labels, record, 2 * DAY, lambda label: label["sold"], True)
        pairs = [(p["prediction"], 0 if t is None else t) for p, t in rows
                 if t is not None or not early]
        what = f"sales {record['window_start']} {record['timing']}"
        same(record["counts"]["imputed"], 0 if early else sum(t is None for _, t in rows), what)
        if pairs:
            errors = [abs(a - b) for a, b in pairs]
            same(value(record, "mean_absolute_error"), sum(errors) / len(errors), what)


def refused(text, message):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "c.yaml")
        open(path, "w").write(text)
        done = subprocess.run([tidemark, "check", path], capture_output=True, text=True)
        if done.returncode != 78 or message not in done.stderr:
            sys.exit(f"not refused with {message!r}: {done.returncode} {done.stderr}")


def hold_config():
    refused(SALES.replace("{target: 0}", "{target: none}"), "`absent.target` should be a number")
    refused(CARDS + "rules: [{name: a, metric: accuracy, below: .9, pane: early@1d}]\n",
            "an early pane lacks the labels that say nothing")
    refused(SALES.replace("absent: {target: 0}", "absent: {}"), "`absent` needs `target`")
    refused(CARDS.replace("declined == false", "fraud == 1"), "`fraud`")
    refused(CARDS.replace("declined == false", "target == 1"), "before there is a label")
    refused(SALES.replace("prediction: prediction}", "prediction: prediction}, absent: {target: 0}"),
            "words of inputs.labels")
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "c.yaml")
        open(path, "w").write(CARDS)
        said = subprocess.run([tidemark, "check", path], capture_output=True, text=True,
                              check=True).stdout
        for part in ("no label by then counts as 0", "declined == false"):
            if part not in said:
                sys.exit(f"check does not say {part!r}: {said}")
        if "labels-missing" in said:
            sys.exit("labels-missing runs where absence is a label")


hold_cards()
hold_sales()
hold_config()
print(f"{compared} numbers")
