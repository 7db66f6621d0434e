"""Writes tests/golden/statistics_table.h: values of the test distributions at chosen points.

Needs scipy==1.17.1 and mpmath==1.4.1. Run from the root of the sources:
    python3 tests/oracles/statistics.py > tests/golden/statistics_table.h
Everything is mpmath at 60 digits except Kolmogorov-Smirnov, which is SciPy.
"""
import random
import sys
import time

import mpmath as mp
import numpy
import scipy
from scipy import stats

mp.mp.dps = 60
random.seed(20260101)
rows = []


def emit(name, args, value, tolerance):
    args = [float(a) for a in args] + [0.0] * (4 - len(args))
    rows.append('\t{ "%s", { %s }, %s, %g },' % (
        name, ", ".join("%.17g" % a if abs(a) != float("inf") else "INFINITY" for a in args),
        mp.nstr(mp.mpf(value), 20, min_fixed=0, max_fixed=0), tolerance))


def both(name, args, tail, tolerance, log_tolerance):
    """A tail: its value where that is a normal double, and its logarithm where it is below .7"""
    if tail > mp.mpf("1e-300"):
        emit(name + "_sf", args, tail, tolerance)
    if tail < 0.7:
        emit(name + "_log_sf", args, mp.log(tail), log_tolerance)


def solve(f, u):
    """The root of f near u by secants; f is nearly linear there."""
    v = u + mp.mpf("1e-8")
    at_u, at_v = f(u), f(v)
    for _ in range(40):
        if at_u == at_v or abs(u - v) < mp.mpf("1e-45"):
            break
        u, v, at_u = v, v - at_v * (v - u) / (at_v - at_u), at_v
        at_v = f(v)
    return v


def gamma_q(a, x):
    a, x = mp.mpf(a), mp.mpf(x)
    if x > a:  # continued fraction, backwards
        n = 400 + int(60 * mp.sqrt(a)) if x < 3 * a + 50 else 400
        f = mp.mpf(0)
        for i in range(n, 0, -1):
            f = -i * (i - a) / (x + 2 * i + 1 - a + f)
        return mp.exp(a * mp.log(x) - x - mp.loggamma(a)) / (x + 1 - a + f)
    term = total = 1 / a
    i = 1
    while term > total * mp.mpf("1e-62"):
        term *= x / (a + i)
        total += term
        i += 1
    return 1 - total * mp.exp(a * mp.log(x) - x - mp.loggamma(a))


def beta_p(a, b, y, more=0):
    """I_y(a, b) by the series of positive terms; y away from 1."""
    term = total = 1 / a
    i = 0
    while term > total * mp.mpf(10)**(-62 - more):
        term *= y * (a + b + i) / (a + 1 + i)
        total += term
        i += 1
    return total * mp.exp(a * mp.log(y) + b * mp.log1p(-y) + mp.loggamma(a + b) -
                          mp.loggamma(a) - mp.loggamma(b))


def beta_q(a, b, y):
    a, b, y = mp.mpf(a), mp.mpf(b), mp.mpf(y)
    if y * (a + b) <= a:
        return 1 - beta_p(a, b, y)
    kernel = (a * mp.log(y * (a + b) / a) + b * mp.log((1 - y) * (a + b) / b)) / mp.log(10)
    if y < 0.3 and kernel > -700:  # 1 - P, with the digits that cancel to spare
        with mp.workdps(90 - int(kernel)):
            return 1 - beta_p(a, b, y, 30 - int(kernel))
    return beta_p(b, a, 1 - y)


def mixture(tail, step, rate):
    """Poisson(rate) mixture of tail(j), by recurrence from j = 0 (mpmath does not underflow)."""
    rate = mp.mpf(rate)
    q, d, ratio = tail(0), *step(0)
    weight, total, j = mp.exp(-rate), mp.mpf(0), 0
    while weight and (j < rate or weight * q > total * mp.mpf("1e-35")):
        total += weight * q
        q += d
        d *= ratio(j)
        j += 1
        weight *= rate / j
    return total


def ncx2(x, df, lam):
    a, h = mp.mpf(df) / 2, mp.mpf(x) / 2
    return mixture(lambda j: gamma_q(a + j, h), lambda j: (
        mp.exp((a + j) * mp.log(h) - h - mp.loggamma(a + j + 1)), lambda i: h / (a + i + 1)),
        mp.mpf(lam) / 2)


def ncf(x, d1, d2, lam):
    a, b = mp.mpf(d1) / 2, mp.mpf(d2) / 2
    y = mp.mpf(d1) * mp.mpf(x) / (mp.mpf(d1) * mp.mpf(x) + mp.mpf(d2))
    return mixture(lambda j: beta_q(a + j, b, y), lambda j: (
        mp.exp((a + j) * mp.log(y) + b * mp.log1p(-y) + mp.loggamma(a + j + b) -
               mp.loggamma(a + j + 1) - mp.loggamma(b)),
        lambda i: y * (a + b + i) / (a + i + 1)), mp.mpf(lam) / 2)


def normal():
    for x in (-30, -8.5, -3, -1, -0.2, 0, 0.3, 0.9, 1.1, 2, 5, 8, 12.3, 25, 37, 60, 151, 1000):
        tail = mp.erfc(mp.mpf(x) / mp.sqrt(2)) / 2
        both("normal", [x], tail, 1e-12, 1e-13)
    for p in (1e-320, 1e-300, 1e-200, 1e-50, 1e-20, 1e-12, 1e-9, 1e-5, 1e-3, .01, .024, .0751,
              .025, .05, .074999, .1, .25, .4, .49, .4999, .5, .50001, .6, .8, .95, .975, .999,
              1 - 2.0**-30, 1 - 2.0**-53):
        z = solve(lambda t: mp.log(mp.erfc(-t / mp.sqrt(2)) / 2) - mp.log(mp.mpf(p)),
                  mp.mpf(float(stats.norm.ppf(p))))
        emit("normal_quantile", [p], 0 if p == .5 else z, 2e-15)


def t_sf(x, df):
    x, df = mp.mpf(x), mp.mpf(df)
    with mp.workdps(300):  # 1 - y is as small as df / x^2
        tail = beta_q(mp.mpf(1) / 2, df / 2, x * x / (x * x + df)) / 2
    return tail if x >= 0 else 1 - tail


def student():
    for df in (0.5, 1, 2, 3.7, 10, 29, 200, 1e4, 1e6):
        for x in (-4, -.3, 1e-8, .1, 1.3, 2.5, 7, 20, 90):
            tail = t_sf(x, df)
            if tail > mp.mpf("1e-300"):
                emit("t_sf", [x, df], tail, 1e-12)
        for p in (1e-100, 1e-12, 1e-4, .025, .2, .3, .45, .49999, .7, .975, .9999):
            q = min(mp.mpf(p), 1 - mp.mpf(p))
            start = mp.mpf(float(-stats.t.ppf(float(q), df)))
            if not mp.isfinite(start) or abs(start) > 1e100:
                continue
            if start == 0:
                start = mp.mpf("1e-5")
            root = solve(lambda u: mp.log(t_sf(mp.exp(u), df)) - mp.log(q),
                         mp.log(abs(start)))
            emit("t_quantile", [p, df], mp.exp(root) * (-1 if p < .5 else 1), 1e-12)


def chi2_f():
    for df in (.3, 1, 2, 3, 9, 10, 39, 100, 239, 1000, 1e4, 1e5):
        for share in (.01, .5, .9, 1, 1.1, 1.5, 2.5, 5, 30, 300, 3000):
            if df * share < 3e5:
                both("chi2", [df * share, df], gamma_q(mp.mpf(df) / 2, mp.mpf(df * share) / 2),
                     1e-12, 1e-13)
    both("chi2", [23100, 9], gamma_q(4.5, 11550), 1e-12, 1e-13)
    for d1 in (1, 2, 9, 39, 500):
        for d2 in (1, 3.5, 12, 60, 1000, 1e5):
            for x in (.01, .6, 1, 1.3, 2, 5, 30, 1000):
                y = mp.mpf(d1) * mp.mpf(x) / (mp.mpf(d1) * mp.mpf(x) + mp.mpf(d2))
                both("f", [x, d1, d2], beta_q(mp.mpf(d1) / 2, mp.mpf(d2) / 2, y), 1e-12, 1e-13)


def noncentral():
    for df in (1, 9, 39, 239):
        for lam in (.01, 1, 10, 100, 1000, 1e4, 1e5):
            mean, sd = df + lam, (2 * df + 4 * lam) ** .5
            for z in (-4, -1, 0, 1, 3, 8, 20, 60):
                x = round(mean + z * sd, 3)
                if x > 0 and (lam < 2e4 or z in (-1, 1, 8, 60)):
                    both("ncx2", [x, df, lam], ncx2(x, df, lam), 1e-11, 1e-12)
    both("ncx2", [60000, 9, 200], ncx2(60000, 9, 200), 1e-11, 1e-12)
    for d1, d2 in ((1, 5), (9, 30), (9, 1000), (39, 100), (9, 1e5)):
        for lam in (.5, 10, 300, 5000, 1e5):
            for factor in (.3, .9, 1, 1.1, 2, 10, 100):
                x = round((1 + lam / d1) * factor, 3)
                if lam < 2e4 or factor in (.9, 2, 10):
                    both("ncf", [x, d1, d2, lam], ncf(x, d1, d2, lam), 1e-11, 1e-12)


def rates():
    for k, n in ((0, 0), (0, 10), (1, 10), (5, 10), (10, 10), (3, 1e6), (999998, 1e6),
                 (12.5, 40.25), (5e8, 1e9), (1e-3, 1e9)):
        k, n = mp.mpf(k), mp.mpf(n)
        for z in (1, 1.959963984540054, 6):
            if n > 0:
                z = mp.mpf(z)
                half = z * mp.sqrt(k * (n - k) / n + z * z / 4)
                emit("wilson_low", [k, n, z], (k + z * z / 2 - half) / (n + z * z), 1e-13)
                emit("wilson_high", [k, n, z], (k + z * z / 2 + half) / (n + z * z), 1e-13)
    for k, n in ((0, 10), (1, 10), (5, 10), (10, 10), (3, 1e4), (9998, 1e4), (12.5, 40.25),
                 (500, 1000), (4e3, 1e4)):
        for alpha in (.05, 1e-6, 1e-30):
            # The bounds solve their defining equation: bisection, then secants.
            for side in ("low", "high"):
                if (side == "low" and k == 0) or (side == "high" and k == n):
                    continue
                a, b = (k, n - k + 1) if side == "low" else (k + 1, n - k)
                a, b, tail = mp.mpf(a), mp.mpf(b), mp.mpf(alpha) / 2
                y = lambda u: 1 / (1 + mp.exp(-u))
                f = (lambda u: mp.log(beta_q(b, a, 1 - y(u)))) if side == "low" else \
                    (lambda u: mp.log(beta_q(a, b, y(u))))
                sign = 1 if side == "low" else -1
                v, step = mp.log(a / b), mp.mpf(64)
                while step > 1e-2:  # the log tail is monotone in the log-odds
                    step /= 2
                    v += step * sign * (1 if f(v) < mp.log(tail) else -1)
                root = solve(lambda u: f(u) - mp.log(tail), v)
                emit("clopper_pearson_" + side, [k, n, alpha], y(root), 1e-12)


def mid_p(k1, n1, k2, n2):
    n, events = n1 + n2, k1 + k2
    low, high = max(0, events - n2), min(n1, events)
    fact = lambda m: mp.loggamma(m + 1)
    log = lambda x: (fact(n1) - fact(x) - fact(n1 - x) + fact(n2) - fact(events - x) -
                     fact(n2 - events + x) - fact(n) + fact(events) + fact(n - events))
    observed = mp.exp(log(k1))
    mode = (n1 + 1) * (events + 1) // (n + 2)
    mode = min(max(mode, low), high)
    sd = (n1 / n * n2 / n * events * (1 - events / n)) ** .5
    span = int(abs(k1 - mode) + 11 * sd + 40)
    total = mp.mpf(0)
    above, below = mp.exp(mp.mpf("1e-7")), mp.exp(-mp.mpf("1e-7"))
    for direction in (1, -1):
        x = mode if direction > 0 else mode - 1
        if not low <= x <= high:
            continue
        p = mp.exp(log(x))
        while low <= x <= high and abs(x - mode) <= span:
            if p < observed * below:
                total += p
            elif p <= observed * above:
                total += p / 2
            if direction > 0:
                p = p * (n1 - x) * (events - x) / ((x + 1) * (n2 - events + x + 1))
            else:
                p = p * x * (n2 - events + x) / ((n1 - x + 1) * (events - x + 1))
            x += direction
    return total


def rate_test():
    points = [(0, 5, 5, 5), (3, 10, 7, 10), (5, 10, 5, 10), (0, 100, 1, 100), (2, 7, 8, 9),
              (10, 1000, 40, 1000), (0, 3, 12, 4000), (999, 1000, 900, 1000),
              (100, 10**6, 160, 10**6), (5000, 10**6, 5600, 10**6), (5000, 10**6, 9000, 10**6),
              (10, 10**9, 60, 10**9), (10**5, 10**9, 101000, 10**9), (3, 50, 10**5, 10**9),
              (10**6, 10**9, 1005000, 10**9), (400, 1000, 10**8, 10**9), (5 * 10**8, 10**9, 500050000, 10**9),
              (5 * 10**8, 10**9, 5 * 10**8 + 3, 10**9), (10**9, 10**9, 10**9 - 30, 10**9),
              (2000, 2000, 10**3, 10**6), (50000, 10**5, 20000, 10**5)]
    for _ in range(120):
        n1, n2 = random.randint(1, 60), random.randint(1, 60)
        points.append((random.randint(0, n1), n1, random.randint(0, n2), n2))
    for k1, n1, k2, n2 in points:
        if max(0, k1 + k2 - n2) == min(n1, k1 + k2):
            continue
        p = mid_p(k1, n1, k2, n2)
        if p > mp.mpf("1e-300"):
            emit("rate_test", [k1, n1, k2, n2], p, 1e-11)
        if p < .7:
            emit("rate_test_log10", [k1, n1, k2, n2], mp.log10(p), 1e-12)


def kolmogorov():
    for n in (1, 2, 5, 14, 60, 140, 200, 256, 257, 300, 1000, 5000, 20000, 100000, 1000000):
        for z in (.2, .35, .5, .7, .9, 1.2, 1.45, 1.49, 1.7, 1.99, 2.1, 3, 5, 12):
            d = z / n ** .5
            if d < 1:
                emit("kolmogorov_sf", [d, n], float(stats.kstwo.sf(d, n)), 0)
    from scipy.stats._stats_py import _attempt_exact_2kssamp
    pairs = [(3, 3), (5, 7), (10, 20), (13, 200), (100, 101), (300, 700), (1000, 1000),
             (1, 9999), (997, 1009), (5000, 10000), (2500, 3000), (10000, 10000)]
    for n1, n2 in pairs:
        g = int(numpy.gcd(n1, n2))
        for z in (.3, .6, .8, 1, 1.36, 2, 3, 6):
            d = z * ((n1 + n2) / n1 / n2) ** .5
            lcm = n1 // g * n2
            d = round(d * lcm) / lcm
            if 0 < d <= 1:
                ok, _, p = _attempt_exact_2kssamp(n1, n2, g, d, "two-sided")
                if ok and p > 1e-300:
                    emit("kolmogorov_two", [d, n1, n2], float(p), 1e-9)


for part in (normal, student, chi2_f, noncentral, rates, rate_test, kolmogorov):
    began = time.monotonic()
    part()
    print("%s: %d s" % (part.__name__, time.monotonic() - began), file=sys.stderr)
print("/* Written by tests/oracles/statistics.py: mpmath %s, SciPy %s. Do not edit. */" %
      (mp.__version__, scipy.__version__))
print("static const struct point points[] = {")
print("\n".join(rows))
print("};")
