#!/usr/bin/env python3
"""What SPEC 7.1 to 7.4 say of examples/bikes, computed from its records alone.

    python3 tests/oracles/backtest.py    (needs mpmath==1.4.1; statistics() below needs nothing)

writes tests/golden/bikes/backtest.csv, the dispersion of every column over the windows of the
reference, each held against all the others, and tests/golden/bikes/drift_null.csv, the test of every
column in windows of the predictions: X^2, df, and the logarithms of both p by the noncentral F with
40 digits.
"""
import bisect, csv, gzip, json, math, os
from collections import Counter, defaultdict

DAY = 86_400_000
SIZES = (7, 28)
ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
MIN_EFFECT = 0.01


def records(name):
    for line in gzip.open(os.path.join(ROOT, "examples", "bikes", name), "rt"):
        record = json.loads(line)
        yield record["ts"], {**record["features"], "$prediction": record["prediction"]}


def quantile(values, q):
    place = q * (len(values) - 1)
    low = math.floor(place)
    high = min(low + 1, len(values) - 1)
    return values[low] + (place - low) * (values[high] - values[low])


def binnings(reference):
    """By column: a function from a value to its cell, None where it has none."""
    columns = defaultdict(list)
    for _, row in reference:
        for name, value in row.items():
            if value is not None:
                columns[name].append(value)
    found = {}
    for name, values in columns.items():
        if isinstance(values[0], str):
            known = sorted(set(values))  # the last cell is that of values that the reference lacks
            found[name] = len(known) + 1, lambda v, known=known: known.index(v) if v in known else len(known)
        else:
            values.sort()
            k = max(2, min(10, len(values) // 50))
            edges = sorted({quantile(values, i / k) for i in range(1, k)})
            found[name] = len(edges) + 1, lambda v, edges=edges: bisect.bisect_left(edges, v)
    return found


def counts(rows, cells):
    """By size, window start and column: how many values lie in each cell."""
    found = defaultdict(Counter)
    for size in SIZES:
        for ts, row in rows:
            start = ts // (size * DAY) * size * DAY
            for name, value in row.items():
                cell = None if value is None else cells[name][1](value)
                if cell is not None:
                    found[size, start, name][cell] += 1
    return {key: [count[i] for i in range(cells[key[2]][0])] for key, count in found.items()}


def pearson(current, reference, categorical):
    """X^2 and df; neighbours that expect less than 5 in the smaller sample are one cell until it does,
    categories that expect less are one cell together, with those that the reference lacks."""
    n, m = sum(current), sum(reference)
    if categorical and sum(current[:-1]) == 0:
        return 0, 0  # nothing but unseen values: no test
    rows = list(zip(current, reference))
    small = lambda c, r: min(n, m) * (c + r) < 5 * (n + m)
    if categorical:
        rare = [row for row in rows[:-1] if small(*row)] + rows[-1:]
        rows = [row for row in rows[:-1] if not small(*row)] + [tuple(map(sum, zip(*rare)))]
    lumps, c, r = [], 0, 0
    for ci, ri in rows:
        c, r = c + ci, r + ri
        if not small(c, r):
            lumps.append([c, r])
            c = r = 0
    if lumps:
        lumps[-1][0] += c
        lumps[-1][1] += r
    square = sum(n * m * (c / n - r / m) ** 2 / (c + r) for c, r in lumps)
    return square, len(lumps) - 1


def statistics():
    """Dispersions by (size, column), and the tests by (size, start, column)."""
    reference = list(records("reference.jsonl.gz"))
    cells = binnings(reference)
    texts = {name for _, row in reference for name, value in row.items() if isinstance(value, str)}
    own = counts(reference, cells)
    whole = {}
    for (size, _, name), count in own.items():
        if size == SIZES[0]:
            whole[name] = [a + b for a, b in zip(whole.get(name, [0] * len(count)), count)]
    tests = defaultdict(list)
    for (size, _, name), count in sorted(own.items()):
        square, df = pearson(count, [w - c for w, c in zip(whole[name], count)], name in texts)
        if df > 0:
            tests[size, name].append((square, df))
    spread = {key: (len(found), max(1, sum(x / df for x, df in found) / len(found)),
                    sum(df for _, df in found) / 3) for key, found in tests.items()}
    live = {}
    for (size, start, name), count in counts(list(records("predictions.jsonl.gz")), cells).items():
        square, df = pearson(count, whole[name], name in texts)
        n, m = sum(count), sum(whole[name])
        if df > 0:
            live[size, start, name] = square, df, n * m / (n + m)
    return spread, live


def tail(f, d1, d2, lam):
    """ln of Pr(noncentral F > f) as a Poisson mixture of incomplete beta functions."""
    import mpmath as mp
    x = d2 / (d2 + d1 * f)
    total, j = mp.mpf(0), 0
    while True:
        weight = mp.exp(-lam / 2 + j * mp.log(lam / 2) - mp.loggamma(j + 1)) if lam else mp.mpf(1)
        term = weight * mp.betainc(d2 / 2, d1 / 2 + j, 0, x, regularized=True)
        total += term
        if lam == 0 or (j > lam / 2 and term < total * mp.mpf("1e-30")):
            return mp.log10(total)
        j += 1


def main():
    import mpmath as mp
    mp.mp.dps = 40
    golden = os.path.join(ROOT, "tests", "golden", "bikes")
    spread, live = statistics()
    with open(os.path.join(golden, "backtest.csv"), "w") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["size", "column", "windows", "phi", "df"])
        for (size, name), (windows, phi, df) in sorted(spread.items()):
            out.writerow([f"{size}d", name, windows, repr(phi), repr(df)])
    with open(os.path.join(golden, "drift_null.csv"), "w") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["size", "start", "column", "square", "df", "log10_p", "plain_log10_p"])
        for (size, start, name), (square, df, ne) in sorted(live.items()):
            windows, phi, phi_df = spread[size, name]
            if size == 7 and start // (7 * DAY) % 5:
                continue  # every fifth week is enough
            f = mp.mpf(square) / (df * mp.mpf(phi))
            p = tail(f, df, mp.mpf(phi_df), mp.mpf(ne) * MIN_EFFECT / mp.mpf(phi))
            out.writerow([f"{size}d", start, name, repr(square), df, mp.nstr(p, 15),
                          mp.nstr(tail(f, df, mp.mpf(phi_df), mp.mpf(0)), 15)])


if __name__ == "__main__":
    main()
