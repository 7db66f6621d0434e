"""Ten thousand good predictions and their labels among hostile ones, as messages in the order of
their arrival, and what has to become of each kind of them.

The good ones are examples/carloan's; dirty_carloan/hostile.jsonl.xz holds the others, and
expected.json how many of each kind there are and scikit-learn's numbers of each window.
"""
import base64, collections, gzip, json, lzma, os

DAY = 86400000
ESCAPES = {b: f"\\u{b:04X}".encode() for b in range(0x20)}
ESCAPES.update({ord(c): e for c, e in zip('"\\\b\f\n\r\t', (b'\\"', b"\\\\", b"\\b", b"\\f", b"\\n", b"\\r", b"\\t"))})
Message = collections.namedtuple("Message", "arrival topic key kind value")

# Outcome and, for what is refused, the reason. `first` and `last` are label policies.
KINDS = {
    "predictions": {
        "ok": "accepted", "ok_late_arrival": "accepted", "ok_extra_fields": "accepted",
        "ok_missing_feature_key": "accepted",
        # an exact repetition and one that says something else are both duplicates: the first wins
        "dup_exact": "duplicate", "dup_conflicting_first_wins": "duplicate",
        "far_future_ts": "future future",
        "bad_empty_value": "poison empty", "bad_malformed_json": "poison not_json",
        "bad_nan_token": "poison not_json",  # NaN is no JSON
        "bad_huge_garbage": "poison not_json",  # below 1 MiB it is read
        "bad_not_object": "poison not_object",
        "bad_deep_nesting": "poison too_deep", "bad_invalid_utf8": "poison not_utf8",
        "bad_no_id": "poison missing_id", "bad_no_ts": "poison missing_timestamp",
        "bad_ts_string": "poison bad_timestamp", "bad_ts_negative": "poison negative_timestamp",
        "bad_prediction_null": "poison missing_prediction",
        "bad_prediction_type": "poison bad_prediction",
        "bad_score_out_of_range": "poison bad_score",
        "bad_features_not_object": "poison bad_features"},
    "labels": {
        "ok": "matched", "ok_label_before_prediction": "matched",
        "label_correction": "conflict|corrected",  # by the label policy, `first` or `last`
        "dup_exact": "duplicate", "label_orphan": "unmatched",
        "bad_malformed_json": "poison not_json", "bad_label_null": "poison missing_target",
        "bad_no_id": "poison missing_id"}}


def stream(source):
    golden = os.path.join(source, "tests", "golden", "dirty_carloan")
    base = {}
    for topic in KINDS:
        path = os.path.join(source, "examples", "carloan", topic + ".jsonl.gz")
        base[topic] = {json.loads(line)["prediction_id"]: line.rstrip(b"\n") for line in gzip.open(path)}
    messages = []
    for line in lzma.open(os.path.join(golden, "hostile.jsonl.xz"), "rt", encoding="utf-8"):
        m = json.loads(line)
        value = base64.b64decode(m["value"]) if "value" in m else base[m["topic"]][m["key"]]
        messages.append(Message(m["arrival"], m["topic"], m["key"], m["kind"], value))
    replaced = {(m.topic, m.key) for m in messages if m.kind.startswith("ok")}
    for topic in KINDS:
        for i in range(50000, 60000):
            key = f"cl-{i:06d}"
            if key in base[topic] and (topic, key) not in replaced:
                value = base[topic][key]
                messages.append(Message(json.loads(value)["ts"], topic, key, "ok", value))
    messages.sort(key=lambda m: m.arrival)
    expected = json.load(open(os.path.join(golden, "expected.json")))
    for topic, kinds in expected["counts"].items():
        found = collections.Counter(m.kind for m in messages if m.topic == topic)
        assert found == kinds, (found, kinds)
    return messages, expected


def outcome(message, policy):
    word = KINDS[message.topic][message.kind].split()[0]
    return word.split("|")[policy == "last"] if "|" in word else word


def outcomes(messages, policy):
    """By (topic, outcome), of what was read."""
    return collections.Counter((m.topic, outcome(m, policy)) for m in messages)


def labels_defined(sent, horizon, skew, live=False):
    """Each label with its outcome by SPEC 1.1, 1.2, 2.2 and 8.6, under `first`, from one partition.
    Predictions come in an order of which none is late."""
    window, ttl = 7 * DAY, 3600000
    good = [(m.key, json.loads(m.value)["ts"]) for m in sent["predictions"] if m.kind.startswith("ok")]
    predicted, label, watermark = dict(good), {}, None
    began = good[0][1] // window * window + window
    for m in sent["labels"]:
        kind = outcome(m, "first")
        if kind == "poison":
            yield m, kind
            continue
        event = json.loads(m.value)
        key, ts = event["prediction_id"], event["ts"]
        if ts - skew > m.arrival:
            yield m, "future"
            continue
        if watermark is not None and (ts + ttl) // window * window + window + horizon <= watermark:
            kind = "late"
        elif key not in predicted or predicted[key] - ts > ttl or not_in_time(predicted[key], ts, horizon, watermark):
            kind = "before_start" if live and ts < began + horizon else "unmatched"
        elif key in label:
            kind = "duplicate" if label[key] == event["label"] else "conflict"
        else:
            kind, label[key] = "matched", event["label"]
        watermark = max(ts, watermark or 0)
        yield m, kind


def not_in_time(predicted, ts, horizon, watermark):
    last = predicted // (7 * DAY) * 7 * DAY + 7 * DAY + horizon
    return ts >= last or (watermark is not None and last <= watermark)


def outcomes_defined(sent, horizon, skew, live=False):
    counts = outcomes(sent["predictions"], "first")
    counts.update(("labels", kind) for _, kind in labels_defined(sent, horizon, skew, live))
    return counts


def late(sent, horizon, skew):
    """The kinds of labels that are late."""
    return [m.kind for m, kind in labels_defined(sent, horizon, skew) if kind == "late"]


def dead(messages):
    """What has to become a dead letter, with its reason."""
    return [(m, KINDS[m.topic][m.kind].split()[1]) for m in messages if " " in KINDS[m.topic][m.kind]]


def input_totals(records):
    totals = collections.Counter()
    for r in records:
        if r["side"] == "input":
            for topic, counts in r["counts"].items():
                totals.update({(topic, name): n for name, n in counts.items() if n})
    return totals


def text(data):
    """As kcat writes a key or a payload: bytes from 0x80 on as they are, UTF-8 or not."""
    return b"null" if data is None else b'"' + b"".join(ESCAPES.get(b, bytes((b,))) for b in data) + b'"'


def lines_write(path, messages):
    with open(path, "wb") as out:
        for offset, m in enumerate(messages):
            key = None if m.key is None else m.key.encode()
            out.write(b'{"topic":"%s","partition":0,"offset":%d,"tstype":"create","ts":%d,"broker":1,"key":%s,'
                      b'"payload":%s}\n' % (m.topic.encode(), offset, m.arrival, text(key), text(m.value)))


CONFIG = """
name: car-loan
problem_type: classification_binary
inputs:
  start: %(start)s
  predictions:
    format: json
    %(predictions)s
    map: {id: prediction_id, timestamp: ts, model: model, version: model_version,
          features: features, prediction: prediction, proba: score}
  labels:
    format: json
    %(labels)s
    map: {id: prediction_id, timestamp: ts, target: label}
window: {size: 7d, lateness: 6h, label_horizon: %(horizon)s, max_future_skew: %(skew)s, label_policy: %(policy)s}
rules: []
"""
