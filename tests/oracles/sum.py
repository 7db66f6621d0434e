"""Writes tests/golden/sum_table.h: exact sums by fractions, checked against math.fsum.

Run from the root of the sources (Python >= 3.11, nothing else):
    python3 tests/oracles/sum.py > tests/golden/sum_table.h
"""
import math
import random
import struct
import sys
from fractions import Fraction

random.seed(20260101)
TINY = 5e-324
BIG = sys.float_info.max


def any_double():
    while True:
        x = struct.unpack("<d", random.randbytes(8))[0]
        if math.isfinite(x):
            return x


def nearest(value):
    """Correctly rounded: float(Fraction) is, but for overflow."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


cases = [
    [], [0.0, -0.0], [1.0], [-1.0], [TINY], [-TINY, -TINY], [2.0**-1022, -TINY],
    [1e308, 1e308, -1e308], [BIG, BIG], [BIG, 2.0**969], [BIG, 2.0**970], [-BIG, -2.0**970],
    [BIG, 2.0**970, -TINY], [1e100, 1.0, -1e100], [1.0, 2.0**-53], [1.0, 2.0**-53, TINY],
    [1.0, 2.0**-52, 2.0**-53], [1.0, -2.0**-54], [1.0, 2.0**-53, -TINY], [0.1] * 10,
    [1e16, 1.0, 1e-16], [2.0**32, -1.0], [-2.0**-1074 * 2**53, TINY], [BIG] * 9 + [-BIG] * 9 + [3.0],
    [2.0**(32 * i - 1074) for i in range(66)], [-(2.0**(32 * i - 1074)) for i in range(66)],
]
for size in (2, 3, 7, 20):
    for _ in range(12):
        cases.append([any_double() for _ in range(size)])
        cases.append([random.uniform(-1, 1) * 2.0**random.randint(-60, 60) for _ in range(size)])
        cases.append([random.uniform(-1, 1) * 2.0**random.randint(-1074, -1020) for _ in range(size)])
        near = [any_double() for _ in range(size)]
        cases.append(near + [-x for x in near] + [random.uniform(-1, 1) * TINY * 2**random.randint(0, 60)])
cases = [c for c in cases if len(c) <= 70]

print("/* Written by tests/oracles/sum.py: fractions, math.fsum of CPython %d.%d. Do not edit. */" %
      sys.version_info[:2])
values, rows = [], []
for case in cases:
    exact = sum((Fraction(x) for x in case), Fraction(0))
    hi = nearest(exact)
    lo = 0.0 if math.isinf(hi) else nearest(exact - Fraction(hi))
    try:
        assert math.fsum(case) == hi, (case, hi)
    except OverflowError:
        pass
    rows.append("\t{ %d, %d, %s, %s }," % (len(values), len(case), *(
        "INFINITY" if x == math.inf else "-INFINITY" if x == -math.inf else x.hex() for x in (hi, lo))))
    values += case
print("static const double values[] = {")
for i in range(0, len(values), 3):
    print("\t" + " ".join(x.hex() + "," for x in values[i:i + 3]))
print("};\n\nstatic const struct sum_case cases[] = {\n" + "\n".join(rows) + "\n};\n")

rows = []
for offset in (0.0, 1.0, 1e3, 1e8, 1e12, 1e15):
    for scale in (1e-6, 1.0, 1e130, 1e-130):
        data = [(offset + random.gauss(0, 1)) * scale for _ in range(5)]
        exact = [Fraction(x) for x in data]
        mean = sum(exact) / 5
        variance = sum((x - mean)**2 for x in exact) / 4
        rows.append("\t{ { %s }, %s }," % (", ".join(x.hex() for x in data), float(variance).hex()))
print("static const struct variance_case variances[] = {\n" + "\n".join(rows) + "\n};")
