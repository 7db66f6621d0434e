"""Writes tests/golden/risk_table.h: the e-process of risk (SPEC 7.10), from its definition.

Rows are drawn one by one and every step is done anew on all rows of the evidence, in exact fractions
for the losses and in 60 digits for the rest; the code has sums of doubles and closed forms.

Run from the root of the sources (Python >= 3.11, nothing else):
    python3 tests/oracles/risk.py > tests/golden/risk_table.h
"""
import random
import sys
from decimal import Decimal as D, getcontext
from fractions import Fraction
from math import comb

getcontext().prec = 60
random.seed(20260202)
HOUR = 3600000
THETAS = [D(2) ** k / 64 for k in range(8)]
PEAK = D(2) ** 40


def dec(fraction):
    return D(fraction.numerator) / D(fraction.denominator)


def e_value(n, s, level):
    """Mean over theta of e^(theta losses) over its largest expectation."""
    return sum((t * s).exp() / (1 + level * (t.exp() - 1)) ** n for t in THETAS) / len(THETAS)


def bisect(low, high, is_low):
    for _ in range(90):
        middle = (low + high) / 2
        low, high = (middle, high) if is_low(middle) else (low, middle)
    return low


def lower(n, s):
    return bisect(D(0), s / n, lambda m: e_value(n, s, m) > 40)


def total(losses):
    return dec(sum(losses, Fraction(0)))


def level_of(mean, n, shares):
    b = dec(mean)
    if shares:
        k = int(mean * n)
        tail = lambda p: sum(comb(n, i) * p**i * (1 - p)**(n - i) for i in range(k + 1))
        upper = bisect(b, D(1), lambda p: tail(p) > D("0.01")) if k < n else D(1)
    else:
        part = lambda a, c: D(0) if a == 0 else a * (a / c).ln()
        upper = bisect(b, D(1),
                       lambda p: n * (part(b, p) + part(1 - b, 1 - p)) < D(100).ln())
    return min(upper + max(b / 5, 2 * (b * (1 - b) / n).sqrt()), D(1))


def follow(windows, hours, level):
    """(rows, mean, lower, upper, ln e) of each window: (start in windows, losses)."""
    past, season, peak, number, out = [], [], D(1), None, []
    size = max(24, hours)

    def end():
        nonlocal past, season, peak
        if not season:
            return
        calm = total(season) <= level * len(season)
        past, season = past + season, []
        e = e_value(len(past), total(past), level)
        peak = max(peak, min(e, PEAK))
        if e < 1 or (peak >= PEAK and calm):
            past, peak = [], D(1)

    for start, losses in windows:
        of = start * hours // size
        if number is not None and of != number:
            end()
        number = of
        season = season + losses
        rows = past + season
        n, s = len(rows), total(rows)
        low, high = lower(n, s), 1 - lower(n, n - s)
        if (start + 1) * hours // size != of:
            end()
        out.append((n, s / n, low, high, peak.ln()))
    return out


def shares(rates, rows):
    return [(i, [Fraction(random.random() < r) for _ in range(rows)]) for i, r in enumerate(rates)]


def bounded(rates, rows):
    draw = lambda r: Fraction(int(min(random.expovariate(1 / r), 1) * 256), 256)
    return [(i, [draw(r) for _ in range(rows)]) for i, r in enumerate(rates)]


def table():
    cases = [  # hours of a window, windows, mean of the reference, its rows, 0/1 losses
        (6, shares([.1] * 8 + [.3] * 12 + [.05] * 12, 25), Fraction(1, 10), 2000, True),
        (6, shares([.05, .15, .15, .05] * 5, 20), Fraction(1, 10), 500, True),
        (24, shares([.5] * 6 + [.1] * 6, 120), Fraction(1, 8), 400, True),
        (48, bounded([.1] * 4 + [.2] * 4, 60), Fraction(3, 32), 1000, False),
        (7, [w for i, w in enumerate(bounded([.3] * 20, 9)) if i % 5 != 2], Fraction(1, 4), 300, False),
        (24, shares([.02] * 3, 50), Fraction(0), 100, True),
        (24, shares([.9] * 3, 50), Fraction(1), 100, True),
    ]
    print("/* Written by tests/oracles/risk.py: CPython %d.%d, decimal. Do not edit. */" %
          sys.version_info[:2])
    print("static const struct {\n\tint hours;\n\tdouble mean, n;\n\tint shares;\n\tdouble level;\n"
          "\tsize_t first, count;\n} cases[] = {")
    rows = []
    for hours, windows, mean, n, is_shares in cases:
        level = level_of(mean, n, is_shares)
        first = len(rows)
        for (start, losses), answer in zip(windows, follow(windows, hours, level)):
            rows.append((start, len(losses), dec(sum(losses, Fraction(0)))) + answer)
        print("\t{%d, %r, %d, %d, %r, %d, %d}," %
              (hours, float(mean), n, is_shares, float(level), first, len(rows) - first))
    print("};\nstatic const struct {\n\tint start;\n\tdouble rows, losses;\n"
          "\tdouble n, mean, lower, upper, e_log;\n} steps[] = {")
    for row in rows:
        print("\t{%d, %d, %r,\n\t %d, %s}," % (row[0], row[1], float(row[2]), row[3],
                                             ", ".join("%.17g" % x for x in row[4:])))
    print("};")


if __name__ == "__main__":
    table()
