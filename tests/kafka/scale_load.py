"""Predictions and labels of scale.py without a late record, the same for the same seed.

records(seed) gives (predictions, labels), each in the order of sending. Two models, one of them with
two versions that answer to the same ids; labels that come twice (with the same and with another
value), before their prediction, without one, beyond the horizon or never; predictions that come
twice. Nothing is out of order by more than OUT_OF_ORDER_MS, so nothing is late in any partition.
"""
import random

START_MS = 1700000400000  # a whole number of windows
WINDOWS, WINDOW_MS, OUT_OF_ORDER_MS = 30, 600000, 30000
HORIZON_MS, TTL_MS = 900000, 60000
STEP_MS = 1500  # between two predictions
CONFIG = f"""name: scale
problem_type: classification_binary
models:
  amount: {{problem_type: regression}}
inputs:
  predictions:
    file: predictions.jsonl
    map: {{id: id, timestamp: ts, model: model, version: version, features: features, prediction: prediction,
          proba: score, region: region}}
  labels:
    file: labels.jsonl
    map: {{id: id, timestamp: ts, target: label}}
window: {{size: {WINDOW_MS}ms, lateness: 30s, label_horizon: {HORIZON_MS}ms, label_lateness: 2m, early: [2m],
         out_of_orderness: {OUT_OF_ORDER_MS}ms, early_label_ttl: {TTL_MS}ms, idle_timeout: 1h}}
segments: [region]
rules:
  - {{name: wrong, metric: accuracy_score, below: 0.7, certainty: 0, for: 2 of 3, min_n: 20, segments: all, severity: critical}}
  - {{name: far, metric: mean_absolute_error, above: 4, certainty: 0, for: 2 of 3, min_n: 20, severity: warning}}
  - {{name: empty, metric: missing, columns: [x], at_least: 0.4, certainty: 0, for: 2 of 2, segments: all, severity: info}}
"""


def prediction(r, number, now_ms):
    """(record, its label)"""
    window = (now_ms - START_MS) // WINDOW_MS
    wrong, empty = window % 11 in (3, 4, 5, 9), window % 13 in (6, 7)
    record = {"id": f"s{number}", "ts": now_ms, "region": r.choice(("north", "south", "east")),
              "features": {} if r.random() < (.6 if empty else .1) else {"x": r.gauss(0, 1)}}
    if r.random() < .6:
        truth, chance = r.randrange(2), .35 if wrong else .85
        answer = truth if r.random() < chance else 1 - truth
        record.update(model="yes-no", version="1", prediction=answer, score=abs(answer - r.random() / 2))
    else:
        truth = r.gauss(100, 10)
        record.update(model="amount", version="1", prediction=truth + r.gauss(0, 9 if wrong else 2))
    return record, truth


def labels(r, record, truth):
    """(time of sending, record) of each."""
    delay_ms = r.randrange(HORIZON_MS)
    if r.random() < .03:
        delay_ms = -r.randrange(TTL_MS // 2)
    elif r.random() < .03:
        delay_ms = HORIZON_MS + r.randrange(2 * WINDOW_MS)
    label = {"id": record["id"], "ts": record["ts"] + delay_ms, "label": truth}
    sent_ms = label["ts"] + r.randrange(OUT_OF_ORDER_MS)
    yield sent_ms, label
    if r.random() < .03:
        yield sent_ms, dict(label, label=truth if r.random() < .5 else 1 - truth)


def records(seed):
    r, sent = random.Random(seed), ([], [])
    for number in range(WINDOWS * WINDOW_MS // STEP_MS):
        record, truth = prediction(r, number, START_MS + number * STEP_MS)
        sent_ms = record["ts"] + r.randrange(OUT_OF_ORDER_MS)
        sent[0].append((sent_ms, record))
        if r.random() < .03:
            sent[0].append((sent_ms, dict(record, features={})))
        if record["model"] == "yes-no" and r.random() < .1:
            sent[0].append((sent_ms, dict(record, version="2", prediction=r.randrange(2))))
        if r.random() < .9:
            sent[1].extend(labels(r, record, truth))
        if r.random() < .01:
            sent[1].append((sent_ms, {"id": f"orphan-{number}", "ts": record["ts"], "label": 1}))
    return [[record for _, record in sorted(one, key=lambda pair: pair[0])] for one in sent]
