"""What must stand in the topics of kill.py, computed from its input topics and nothing else.

Written from docs/spec.md (numbers in brackets), in plain Python and the simplest way there is: all
of the input at once, exact fractions, no code of the program. An input is
{topic: {partition: [(offset, record time, value), ...]}} in the order of offsets.
"""
import collections, json
from fractions import Fraction
from kill_load import HORIZON_MS, LATENESS_MS, OUT_OF_ORDER_MS, TTL_MS, WINDOW_MS

SKEW_MS = 300000
RANK = ("matched", "duplicate", "conflict", "unmatched", "before_start", "late")  # [2.2]
MODELS = {"yes-no": "binary", "amount": "regression"}
# name: metric, column, model, side, breaches, M, N, calm windows that resolve, least rows
RULES = {
    "wrong": ("accuracy_score", None, "yes-no", "label", lambda v: v < .6, 2, 3, 1, 4),
    "far": ("mean_absolute_error", None, "amount", "label", lambda v: v > 4, 2, 3, 2, 4),
    "empty": ("missing", "x", None, "prediction", lambda v: v >= .4, 2, 2, 1, 0),
}
RULES_YAML = """rules:
  - {name: wrong, metric: accuracy_score, below: 0.6, certainty: 0, for: 2 of 3, min_n: 4, segments: all,
     severity: critical}
  - {name: far, metric: mean_absolute_error, above: 4, certainty: 0, for: 2 of 3, min_n: 4, resolve_after: 2,
     severity: warning}
  - {name: empty, metric: missing, columns: [x], at_least: 0.4, certainty: 0, for: 2 of 2, segments: all,
     severity: info}
"""


def window_of(time_ms):
    return time_ms // WINDOW_MS * WINDOW_MS


def decoded(topic, value):
    """(record, None), or (None, the reason why nobody can read it) [3.8]."""
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return None, "not_utf8"
    try:
        record = json.loads(text)
    except ValueError:
        return None, "not_json"
    if not isinstance(record, dict):
        return None, "not_object"
    outcome = "prediction" if topic == "predictions" else "label"
    for field, name, type in (("id", "id", str), ("ts", "timestamp", int),
                              (outcome, outcome.replace("label", "target"), (int, float))):
        if record.get(field) is None:
            return None, f"missing_{name}"
        if not isinstance(record[field], type):
            return None, f"bad_{name}"
        if name == "timestamp" and record[field] < 0:
            return None, "negative_timestamp"
    return record, None


class Queue:
    """One partition of a topic: its records as (offset, record, W before it), and what was refused."""

    def __init__(self, topic, records):
        self.entries, self.dead, self.charges = [], {}, []
        watermark, first = None, None
        for offset, arrival_ms, value in records:
            record, reason = decoded(topic, value)
            if record and record["ts"] > arrival_ms + SKEW_MS:
                record, reason = None, "future"
            if reason:
                self.dead[offset] = (reason, value)
                self.charges.append((watermark, "future" if reason == "future" else "poison"))
                continue
            self.entries.append((offset, record, watermark))
            first = record["ts"] if first is None else first
            by_ms = record["ts"] - OUT_OF_ORDER_MS
            watermark = by_ms if watermark is None else max(watermark, by_ms)
        self.first = first

    def charge(self, counts, topic):
        for watermark, outcome in self.charges:
            counts[window_of(self.first if watermark is None else watermark)][topic, outcome] += 1


def is_over(end_ms, watermark):
    return watermark is not None and end_ms <= watermark


def join(predictions, labels):
    """Adds the outcome of each record to the charges of its queue; returns the accepted predictions,
    each with its first label under "truth"."""
    accepted, known = [], {}
    for _, record, watermark in predictions.entries:
        end_ms = window_of(record["ts"]) + WINDOW_MS
        key = record["model"], record["version"], record["id"]
        if is_over(end_ms + LATENESS_MS, watermark):
            outcome = "late"
        elif key in known and not is_over(known[key] + HORIZON_MS, watermark):
            outcome = "duplicate"
        else:
            outcome, known[key] = "accepted", end_ms
            accepted.append(dict(record, end=end_ms))
        predictions.charges.append((watermark, outcome))
    by_id = collections.defaultdict(list)
    for record in accepted:
        by_id[record["id"]].append(record)
    began_ms = window_of(predictions.entries[0][1]["ts"]) + WINDOW_MS  # [8.6]
    for _, label, watermark in labels.entries:
        last_ms = window_of(label["ts"] + TTL_MS) + WINDOW_MS + HORIZON_MS
        outcomes = ["late" if is_over(last_ms, watermark) else
                    "before_start" if label["ts"] - HORIZON_MS < began_ms else "unmatched"]
        for record in by_id[label["id"]] if outcomes != ["late"] else ():
            horizon_ms = record["end"] + HORIZON_MS
            if (label["ts"] >= horizon_ms or is_over(horizon_ms, watermark) or
                    record["ts"] - label["ts"] > TTL_MS):
                continue
            if "truth" not in record:
                record["truth"] = label["label"]
                outcomes.append("matched")
            else:
                outcomes.append("duplicate" if record["truth"] == label["label"] else "conflict")
        labels.charges.append((watermark, min(outcomes, key=RANK.index)))
    return accepted


def cells(accepted):
    """{(model, version or None, segment as text, window): records} [4.3]."""
    versions, found = collections.defaultdict(set), collections.defaultdict(list)
    for record in accepted:
        versions[record["model"], record["end"]].add(record["version"])
    for record in accepted:
        several = len(versions[record["model"], record["end"]]) > 1
        for version in (None, record["version"])[:1 + several]:
            for segment in ({}, {"region": record.get("region")}):
                found[record["model"], version, json.dumps(segment), record["end"] - WINDOW_MS].append(record)
    return found


def quotient(sum, n):
    """An exact sum is rounded once, and divided once; nothing of nothing is no number."""
    return float(sum) / n if n else None


def measures(model, records):
    """(side: {field or (metric, column): value}) of one cell and window."""
    xs = [Fraction(r["features"]["x"]) for r in records if "x" in r["features"]]
    rows = [r for r in records if "truth" in r]
    prediction = {"predictions": len(records), "labels": None, ("rows", None): len(records),
                  ("mean", "x"): quotient(sum(xs), len(xs)),
                  # without a reference a column that a cell never sees is none of its columns
                  ("missing", "x"): (len(records) - len(xs)) / len(records) if xs else None,
                  ("mean", "$prediction"): quotient(sum(Fraction(r["prediction"]) for r in records), len(records))}
    label = {"predictions": len(records), "labels": len(rows), "coverage": len(rows) / len(records)}
    if MODELS[model] == "binary":
        count = collections.Counter((r["prediction"], r["truth"]) for r in rows)
        tp, fp, tn, fn = count[1, 1], count[1, 0], count[0, 0], count[0, 1]
        label.update({"confusion": {"tp": tp, "fp": fp, "tn": tn, "fn": fn},
                      ("accuracy_score", None): quotient(tp + tn, len(rows)),
                      ("precision_score", None): quotient(tp, tp + fp), ("recall_score", None): quotient(tp, tp + fn)})
    else:
        errors = [abs(Fraction(r["prediction"] - r["truth"])) for r in rows]
        label["mean_absolute_error", None] = quotient(sum(errors), len(rows))
    return {"prediction": prediction, "label": label}


def alerts_of(rule, name, series):
    """The transitions of one rule in one cell: series is [(window, value, n)] in order [5.5]."""
    _, _, _, _, breaches, m, n_windows, resolve_after, least = rule
    recent, firing, calm, resolved = [], False, 0, None
    for start, value, n in series:
        if value is None or n < least:
            continue
        breach = breaches(value)
        recent = (recent + [(start, breach)])[-n_windows:]
        calm = calm + 1 if firing and not breach else 0
        if firing and calm >= resolve_after:
            firing, calm, resolved = False, 0, start
            yield name, "resolved", first, start, value
        elif not firing and breach and sum(b for _, b in recent) >= m:
            firing, calm = True, 0
            first = min(s for s, b in recent if b and (resolved is None or s > resolved))
            yield name, "firing", first, start, value


class Expected:
    """results: {(model, version, segment, window, side): {field or (metric, column): value}};
    inputs: {window: {(topic, outcome): count}}; alerts: Counter of (rule, model, segment, state,
    first window, window, value); dead: {(topic, partition, offset): (reason, value)}."""

    def __init__(self, topics, last_ms):
        accepted, self.inputs, self.dead = [], collections.defaultdict(collections.Counter), {}
        for partition in topics["predictions"]:
            queues = {topic: Queue(topic, topics[topic][partition]) for topic in topics}
            accepted += join(queues["predictions"], queues["labels"])
            for topic, queue in queues.items():
                queue.charge(self.inputs, topic)
                for offset, why in queue.dead.items():
                    self.dead[topic, partition, offset] = why
        self.inputs = {start: counts for start, counts in self.inputs.items() if start <= last_ms}
        self.results, self.alerts = {}, collections.Counter()
        for (model, version, segment, start), records in cells(accepted).items():
            if start <= last_ms:
                for side, values in measures(model, records).items():
                    self.results[model, version, segment, start, side] = values
        self.weigh()

    def weigh(self):
        series = collections.defaultdict(list)
        for (model, version, segment, start, side), values in sorted(self.results.items(), key=lambda r: r[0][3]):
            for name, (metric, column, of, rule_side, *_) in RULES.items():
                wanted = version is None and side == rule_side and of in (None, model)
                if wanted and (segment == "{}" or name != "far"):
                    n = values["labels"] if side == "label" else values["predictions"]
                    series[name, model, segment].append((start, values[metric, column], n))
        for (name, model, segment), windows in series.items():
            for name, state, first, start, value in alerts_of(RULES[name], name, windows):
                self.alerts[name, model, segment, state, first, start, value] += 1


class Verdict:
    """Counts of what was lost, doubled or differs, with the first few of each in words."""

    def __init__(self):
        self.counts, self.words = collections.Counter(), []

    def against(self, kind, what):
        self.counts[kind] += 1
        if self.counts[kind] <= 5:
            self.words.append(f"{kind}: {what}")

    def sets(self, name, wanted, found):
        """Both are {identity: how often}."""
        for identity in wanted.keys() | found.keys():
            w, f = wanted.get(identity, 0), found.get(identity, 0)
            for kind, n in (("lost", w > f), ("doubled", w and f > w), ("invented", f and not w)):
                if n:
                    self.against(kind, f"{name} {identity}"[:300] + f": {f} of {w}")

    def equal(self, name, wanted, found):
        if wanted != found:
            self.against("different", f"{name}: {found!r}, not {wanted!r}")

    def same_bytes(self, name, wanted, found):
        """Both are {identity: bytes}."""
        self.sets(name, dict.fromkeys(wanted, 1), dict.fromkeys(found, 1))
        for identity in wanted.keys() & found.keys():
            w, f = wanted[identity], found[identity]
            if w != f:
                at = next((i for i, pair in enumerate(zip(w, f)) if pair[0] != pair[1]), min(len(w), len(f)))
                self.against("different", f"{name} {identity}: {f[at - 40:at + 80]}, not {w[at - 40:at + 80]}")


def value_of(result, name):
    if isinstance(name, str):
        return result[name]
    found = [f["value"] for f in result["findings"] if (f["metric"], f["column"], f["dialect"]) == (*name, None)]
    return found[0] if found else None


def judge_results(verdict, expected, records, last_ms):
    """records: [(key, value)] as a read_committed reader sees them."""
    keys, found, inputs = collections.Counter(), collections.Counter(), collections.Counter()
    for key, value in records:
        result = json.loads(value)
        start = result["window_start"]
        if start > last_ms:
            continue
        keys[key, result["revision"]] += 1
        name = f"{key.decode()} at {start}"
        verdict.equal(name + " is the last word", (0, True, True, "final", 1, 1), tuple(
            result[f] for f in ("revision", "is_final", "complete", "timing", "part", "parts")))
        if result["side"] == "input":
            inputs[start] += 1
            counts = {(topic, outcome): n for topic, of in result["counts"].items() for outcome, n in of.items() if n}
            verdict.equal(name, dict(expected.inputs.get(start, {})), counts)
            continue
        identity = (result["model"], result["model_version"], json.dumps(result["segment"]), start, result["side"])
        found[identity] += 1
        for field, value in expected.results.get(identity, {}).items():
            verdict.equal(f"{name} {field}", value, value_of(result, field))
    verdict.sets("result", dict.fromkeys(expected.results, 1), found)
    verdict.sets("input record", dict.fromkeys(expected.inputs, 1), inputs)
    for key, n in keys.items():
        if n > 1:
            verdict.against("doubled", f"key and revision {key}: {n}")


def judge_alerts(verdict, expected, records, last_ms):
    found, ids, incidents = collections.Counter(), collections.Counter(), {}
    for key, value in records:
        alert = json.loads(value)
        if alert["window_start"] > last_ms:
            continue
        cell = alert["rule"], alert["model"], json.dumps(alert["segment"])
        first = alert["first_window_start"]
        found[(*cell, alert["state"], first, alert["window_start"], alert["value"])] += 1
        ids[alert["record_id"]] += 1
        verdict.equal(f"key of {cell} {first}", alert["alert_id"], key.decode())
        verdict.equal(f"alert_id of {cell} {first}", incidents.setdefault((*cell, first), alert["alert_id"]),
                      alert["alert_id"])
    verdict.sets("alert", expected.alerts, found)
    verdict.equal("alert ids are as many as incidents", len(incidents), len(set(incidents.values())))
    for id, n in ids.items():
        if n > 1:
            verdict.against("doubled", f"record_id {id}: {n}")


def judge_dead(verdict, expected, records):
    """records: [(topic, partition, offset, reason, value)]."""
    verdict.sets("dead letter", {(*place, *why): 1 for place, why in expected.dead.items()},
                 collections.Counter(records))
