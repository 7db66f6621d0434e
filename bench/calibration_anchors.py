#!/usr/bin/env python3
"""How often the default drift decisions of Evidently 0.7.23 and NannyML 0.13.1 alarm, on streams like
those of tests/calibration (docs/calibration.md). Their decisions are written anew from their
documented rules, with numpy alone.

usage: calibration_anchors.py [REPETITIONS]     prints Markdown

Evidently: reference of at most 1,000 rows: numbers ks (p < .05), categories chi-square with the
reference as expectation (p < .05; an unseen category is drift), two values a z test; above: numbers
Wasserstein / sd of the reference >= .1, categories Jensen-Shannon (natural logarithm) >= .1.
NannyML: Jensen-Shannon (base 2) > .1, numbers on Doane's bins of the reference, what lies outside of
them in one bin.
p of ks is the asymptotic one.
"""
import math
import sys

import numpy as np

ROWS = ((300, 30), (300, 1000), (1000, 300), (1000, 3000), (5000, 100), (5000, 300), (5000, 1000), (5000, 3000),
        (50000, 300), (50000, 3000))
SHIFTS = ((.2, 50000, 3000), (.2, 5000, 3000), (.3, 5000, 3000), (.5, 5000, 300))


def zipf(size):
    shares = 1 / np.arange(1, size + 1)
    return shares / shares.sum()


STREAMS = {
    "normal": lambda g, n: g.normal(size=n),
    "lognormal(2)": lambda g, n: np.exp(2 * g.normal(size=n)),
    "95 % zeros": lambda g, n: np.where(g.random(n) < .95, 0, np.exp(g.normal(size=n))),
    "binary, 30 %": lambda g, n: g.choice(2, n, p=[.3, .7]),
    "50 categories": lambda g, n: g.choice(50, n, p=zipf(50)),
    "255 categories": lambda g, n: g.choice(255, n, p=zipf(255)),
}
CATEGORICAL = {"binary, 30 %", "50 categories", "255 categories"}


def gamma_q(a, x):
    """Upper regularised incomplete gamma function: series, or continued fraction (Lentz)."""
    if x <= 0:
        return 1.0
    scale = math.exp(a * math.log(x) - x - math.lgamma(a))
    if x < a + 1:
        term = total = 1 / a
        k = a
        while term > total * 1e-15:
            k += 1
            term *= x / k
            total += term
        return 1 - total * scale
    b = x + 1 - a
    c, d = 1e300, 1 / b
    h = d
    for i in range(1, 1000):
        an = -i * (i - a)
        b += 2
        d = 1 / (an * d + b)
        c = b + an / c
        h *= d * c
        if abs(d * c - 1) < 1e-15:
            break
    return h * scale


def cdfs(reference, current):
    both = np.sort(np.concatenate([reference, current]))
    return (both, np.searchsorted(np.sort(reference), both, "right") / len(reference),
            np.searchsorted(np.sort(current), both, "right") / len(current))


def ks(reference, current):
    _, f, g = cdfs(reference, current)
    m, n = len(reference), len(current)
    x = np.abs(f - g).max() * math.sqrt(m * n / (m + n))
    return 2 * sum((-1) ** (k - 1) * math.exp(-2 * k * k * x * x) for k in range(1, 101)) if x > .2 else 1.0


def wasserstein(reference, current):
    both, f, g = cdfs(reference, current)
    return float((np.abs(f - g)[:-1] * np.diff(both)).sum()) / max(reference.std(), .001)


def jensen_shannon(p, q, base):
    p, q = p / p.sum(), q / q.sum()
    half = (p + q) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        left, right = (np.where(s > 0, s * np.log(s / half), 0).sum() for s in (p, q))
    return math.sqrt(max(0, (left + right) / 2 / math.log(base)))


def table(reference, current):
    size = int(max(reference.max(), current.max())) + 1
    return np.bincount(reference, minlength=size), np.bincount(current, minlength=size)


def evidently(reference, current, categorical):
    if not categorical:
        values = len(np.unique(reference))
        if len(reference) > 1000 and values > 5:
            return wasserstein(reference, current) >= .1
        return ks(reference, current) < .05
    r, c = table(reference, current)
    if len(reference) > 1000:
        return jensen_shannon(r, c, math.e) >= .1
    if (c[r == 0] > 0).any():
        return True
    m, n = len(reference), len(current)
    if (r + c > 0).sum() <= 2:
        pooled = (r[0] + c[0]) / (m + n)
        z = (r[0] / m - c[0] / n) / math.sqrt(max(1e-300, pooled * (1 - pooled) * (1 / m + 1 / n)))
        return math.erfc(abs(z) / math.sqrt(2)) < .05
    expected = r[r > 0] * n / m
    square = ((c[r > 0] - expected) ** 2 / expected).sum()
    return gamma_q((len(expected) - 1) / 2, square / 2) < .05


def nannyml(reference, current, categorical):
    if categorical or len(np.unique(reference)) <= 50:
        values = np.unique(reference)
        p = np.array([(reference == v).sum() for v in values]) / len(reference)
        q = np.array([(current == v).sum() for v in values]) / len(current)
    else:
        edges = np.histogram_bin_edges(reference, "doane")
        p = np.histogram(reference, edges)[0] / len(reference)
        q = np.histogram(current, edges)[0] / len(current)
    if 1 - q.sum() > 1e-12:
        p, q = np.append(p, 0), np.append(q, 1 - q.sum())
    return jensen_shannon(p, q, 2) > .1


def rates(name, m, n, repetitions, shift=0):
    g = np.random.default_rng([m, n, list(STREAMS).index(name)])
    count = [0, 0]
    for _ in range(repetitions):
        reference, current = STREAMS[name](g, m), STREAMS[name](g, n)
        current = current + shift if shift else current
        for i, decide in enumerate((evidently, nannyml)):
            count[i] += bool(decide(reference, current, name in CATEGORICAL))
    return [c / repetitions for c in count]


def main():
    repetitions = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    print(f"Alarms without drift, {repetitions} repetitions\n")
    print("| m | n |" + "".join(f" {name} |" for name in STREAMS))
    print("|---:|---:|" + "---:|" * len(STREAMS))
    for m, n in ROWS:
        cells = ["{:.3f} / {:.3f}".format(*rates(name, m, n, repetitions)) for name in STREAMS]
        print(f"| {m} | {n} | " + " | ".join(cells) + " |", flush=True)
    print("\n| shift of a normal | n | m | Evidently | NannyML |\n|---|---:|---:|---:|---:|")
    for shift, m, n in SHIFTS:
        print("| {} sd | {} | {} | {:.3f} | {:.3f} |".format(shift, n, m, *rates("normal", m, n, repetitions, shift)),
              flush=True)


if __name__ == "__main__":
    main()
