#!/usr/bin/env python3
"""A small deployment with business and operational fields, and what its measures should be.

The records are made by a generator of its own, so they are the same everywhere; the numbers are
computed straight from the definitions of docs/spec.md 5.8 and 6.3 with exact sums (math.fsum).
tests/golden/measures.py writes the records to files, replays them and compares.
"""
import math

HOUR = 3_600_000
HORIZON = 2 * HOUR
EARLY = 3_600_000  # early_label_ttl, the default
Z = 1.959963984540054
COUNTRIES = ["FR", "DE", None]

CONFIG = """\
name: shop
problem_type: classification_binary
inputs:
  predictions:
    file: predictions.jsonl
    map: {id: id, timestamp: ts, model: model, prediction: said, proba: p, latency: ms, error: status,
          cpu: used.cpu, memory: used.rss, weight: w, amount: x.amount, country: x.country}
  labels:
    file: labels.jsonl
    map: {id: id, timestamp: at, target: was, clicked: click, loss: loss}
window: {size: 1h, label_horizon: 2h, early: [1h]}
reference: {records: reference.jsonl}
segments: [country]
business:
  big: {rate: amount > 100}
  slow: {rate: latency > 50, of: not error}
  mean_amount: {mean: amount, where: prediction == 1}
  fees: {sum: amount * 0.03, where: error == false and country != null}
  never: {mean: amount, where: country == 'XX'}
  click_through: {rate: clicked == true, of: country == 'FR' or amount > 100}
  fraud_loss: {sum: loss}
  margin: {mean: amount - loss, where: clicked}
  saved: {value_matrix: {tp: amount, fp: -4.0, fn: -amount, tn: 0}}
rules:
  - {name: saved-low, metric: saved, below: 0, certainty: 0}
  - {name: slow-high, metric: slow, above: 0.2, certainty: 0}
"""


class Numbers:
    """xorshift64*: the same numbers on every machine and in every version."""

    def __init__(self, seed):
        self.state = seed

    def below(self, n):
        x = self.state
        x ^= x >> 12
        x ^= (x << 25) & (1 << 64) - 1
        x ^= x >> 27
        self.state = x
        return (((x * 0x2545F4914F6CDD1D) & (1 << 64) - 1) >> 11) % n


def records(seed=20_260_101):
    """Predictions and labels, each in the order of their times."""
    r = Numbers(seed)
    predictions, labels = [], []
    for i in range(900):
        ts = i * 12_000 + r.below(12_000)  # three hours
        score = r.below(1000) / 1000
        p = {"id": f"p{i}", "ts": ts, "model": "m", "said": int(score >= .5), "p": score,
             "ms": r.below(90_000) / 1000, "status": [200, 200, 200, 200, 503][r.below(5)],
             "used": {"cpu": r.below(1000) / 10, "rss": 1000 + r.below(500)},
             "w": [1, 1, 2, .5][r.below(4)],
             "x": {"amount": [r.below(30_000) / 100, None, "much"][max(0, r.below(12) - 9)],
                   "country": COUNTRIES[r.below(3)]}}
        if r.below(10) == 0:
            del p["ms"]
        predictions.append(p)
        if r.below(5) == 0:
            continue
        labels.append({"id": p["id"], "at": max(0, ts + r.below(5 * HOUR // 2) - HOUR // 4),
                       "was": int(r.below(1000) < 1000 * score),
                       "click": [True, False, None][r.below(3)],
                       "loss": [r.below(9000) / 100, None][r.below(4) // 3]})
    return predictions, sorted(labels, key=lambda label: label["at"])


def corrections(labels):
    """Every sixth label is taken back ten minutes later: the other class, and other outcomes."""
    return [{**label, "at": label["at"] + 600_000, "was": 1 - label["was"],
             "click": [True, None][i % 2], "loss": i / 8} for i, label in enumerate(labels[::6])]


def number(x):
    return x if isinstance(x, (int, float)) and not isinstance(x, bool) else None


def above(x, limit):
    return number(x) is not None and x > limit


def wilson(share, n):
    middle, half = share + Z * Z / (2 * n), Z * math.sqrt(share * (1 - share) / n + Z * Z / (4 * n * n))
    low = 0 if share == 0 else (middle - half) / (1 + Z * Z / n)
    high = 1 if share == 1 else (middle + half) / (1 + Z * Z / n)
    return low, high


def effective(weights):
    return math.fsum(weights) ** 2 / math.fsum(w * w for w in weights)


def rate(rows):
    """Rows of (weight, holds)."""
    if not rows:
        return None
    n = effective([w for w, _ in rows])
    share = math.fsum(w for w, holds in rows if holds) / math.fsum(w for w, _ in rows)
    return (share, *wilson(share, n), n)


def mean(rows):
    rows = [(w, x) for w, x in rows if x is not None]
    if not rows:
        return None
    weight = math.fsum(w for w, _ in rows)
    n = effective([w for w, _ in rows])
    m = math.fsum(w * x for w, x in rows) / weight
    if n < 2:
        return m, None, None, n
    variance = math.fsum(w * (x - m) ** 2 for w, x in rows) / weight * n / (n - 1)
    half = Z * math.sqrt(variance / n)
    return m, m - half, m + half, n


def total(rows):
    shares = [w * x for w, x in rows if x is not None]
    n, s = len(shares), math.fsum(shares)
    if n < 2:
        return s, None, None, n
    variance = math.fsum((x - s / n) ** 2 for x in shares) / (n - 1)
    half = Z * math.sqrt(n * variance)
    return s, s - half, s + half, n


def quantile(values, q):
    values = sorted(values)
    n, half = len(values), Z * math.sqrt(q * (1 - q) / len(values))
    at = lambda share: values[math.floor(share * (n - 1))]
    inside = q - half >= 0 and q + half <= 1
    return at(q), at(q - half) if inside else None, at(q + half) if inside else None, n


def operations(rows):
    found = {}
    for name, values in (("latency", [p["ms"] for p in rows if "ms" in p]),
                         ("cpu", [p["used"]["cpu"] for p in rows]),
                         ("memory", [p["used"]["rss"] for p in rows])):
        found[name + "_mean"] = mean([(1, x) for x in values])
        found[name + "_max"] = (max(values), None, None, len(values))
        if name == "latency":
            for percent in (50, 90, 95, 99):
                found[f"latency_p{percent}"] = quantile(values, percent / 100)
    failed = sum(p["status"] >= 400 for p in rows) / len(rows)
    found["error_rate"] = (failed, *wilson(failed, len(rows)), len(rows))
    found["throughput"] = (len(rows) / 3600, None, None, len(rows))
    return found


def business(rows):
    amount = lambda p: number(p["x"]["amount"])
    fails = lambda p: p["status"] >= 400
    return {
        "big": rate([(p["w"], above(amount(p), 100)) for p in rows]),
        "slow": rate([(p["w"], above(p.get("ms"), 50)) for p in rows if not fails(p)]),
        "mean_amount": mean([(p["w"], amount(p)) for p in rows if p["said"] == 1]),
        "fees": total([(p["w"], amount(p) and amount(p) * .03) for p in rows
                       if not fails(p) and p["x"]["country"]]),
        "never": None,
    }


def outcomes(pairs):
    amount = lambda p: number(p["x"]["amount"])

    def saved(p, label):
        if p["said"]:
            return amount(p) if label["was"] else -4.0
        return (None if amount(p) is None else -amount(p)) if label["was"] else 0

    def margin(p, label):
        return None if amount(p) is None or label["loss"] is None else amount(p) - label["loss"]

    return {
        "click_through": rate([(p["w"], label["click"] is True) for p, label in pairs
                               if p["x"]["country"] == "FR" or above(amount(p), 100)]),
        "fraud_loss": total([(p["w"], label["loss"]) for p, label in pairs]),
        "margin": mean([(p["w"], margin(p, label)) for p, label in pairs if label["click"]]),
        "saved": total([(p["w"], saved(p, label)) for p, label in pairs]),
    }


def delays(rows, pairs):
    seconds = [(label["at"] - p["ts"]) / 1000 for p, label in pairs]
    share = len(pairs) / len(rows)
    found = {f"label_delay_p{percent}": quantile(seconds, percent / 100)
             for percent in (50, 90, 95, 99)}
    found["coverage"] = (share, *wilson(share, len(rows)), len(rows))
    return found


def reference_records():
    """Predictions and their labels in one, of another seed and with fewer failures."""
    predictions, labels = records(7_777)
    label_of = {label["id"]: label for label in labels}
    return [{**p, **label_of.get(p["id"], {"was": 0, "click": None, "loss": None}),
             "status": 200 if i % 2 else p["status"]} for i, p in enumerate(predictions)]


def expected_reference(country):
    """{metric: (value, lower, upper, n) or None}; what needs windows or a join has none."""
    rows = [p for p in reference_records() if country in ("all", p["x"]["country"])]
    pairs = [(p, p) for p in rows]
    found = {**operations(rows), **business(rows), **outcomes(pairs)}
    return {**found, "throughput": None, "coverage": None,
            **{f"label_delay_p{percent}": None for percent in (50, 90, 95, 99)}}


def rates_p(k, n, reference_k, reference_n):
    """Two-sided mid-p of the hypergeometric test, in whole numbers (docs/spec.md 7.2)."""
    total = k + reference_k
    ways = [math.comb(n, x) * math.comb(reference_n, total - x) if total - x >= 0 else 0
            for x in range(min(n, total) + 1)]
    less = sum(w for w in ways if w < ways[k])
    ties = sum(w for w in ways if w == ways[k])
    return (2 * less + ties) / (2 * math.comb(n + reference_n, total))


def last_of(label, later, limit):
    """What a label says at a time, with the delay of the first (SPEC 6.3)."""
    correction = later.get(label["id"])
    if correction is None or correction["at"] >= limit:
        return label
    return {**correction, "at": label["at"]}


def expected(last=False):
    """{(window start, country or "all", pane): {metric: (value, lower, upper, n) or None}}.

    last: under `label_policy: last`, with the corrections; early panes know none (SPEC 2.4).
    """
    predictions, labels = records()
    label_of = {label["id"]: label for label in labels}
    later = {c["id"]: c for c in corrections(labels)} if last else {}
    found = {}
    for start in range(0, 3 * HOUR, HOUR):
        for country in ["all"] + COUNTRIES:
            rows = [p for p in predictions if start <= p["ts"] < start + HOUR
                    and country in ("all", p["x"]["country"])]
            found[start, country, "prediction"] = {**operations(rows), **business(rows)}
            for pane, age, known in (("early", HOUR, {}), ("final", HORIZON, later)):
                limit = start + HOUR + age
                pairs = [(p, last_of(label_of[p["id"]], known, limit)) for p in rows
                         if p["id"] in label_of and label_of[p["id"]]["at"] < limit
                         and p["ts"] - label_of[p["id"]]["at"] <= EARLY]
                found[start, country, pane] = {**delays(rows, pairs), **outcomes(pairs)}
    return found
