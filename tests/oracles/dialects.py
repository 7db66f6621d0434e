"""Writes tests/golden/dialects_table.h: scores of small samples that need no file.

Needs scipy==1.17.1. Run from the root of the sources:
    python3 tests/oracles/dialects.py > tests/golden/dialects_table.h
Value i of a sample is (i i a + i b + a) mod c, c the same on both sides; text: the same number as a
category. The tests by default are chosen as the documentation of Evidently 0.7 has it, its scores
computed with SciPy; the other rows are SciPy's own.
"""
import collections
import math
import warnings

import scipy
from scipy import stats

assert scipy.__version__ == "1.17.1"
warnings.simplefilter("ignore")


def sample(a, b, c, count):
    return [float((i * i * a + i * b + a) % c) for i in range(count)]


def table(x, y):
    values = sorted(set(x) | set(y))
    r, c = collections.Counter(x), collections.Counter(y)
    return [r[v] for v in values], [c[v] for v in values]


def z(x, y):
    r, c = table(x, y)
    if len(r) == 1:
        return 1.0
    p, q, s = r[1] / len(x), c[1] / len(y), (r[1] + c[1]) / (len(x) + len(y))
    deviation = math.sqrt(s * (1 - s) * (1 / len(x) + 1 / len(y)))
    return 2 * stats.norm.sf(abs(p - q) / deviation)


def chisquare(x, y):
    r, c = table(x, y)
    return stats.chisquare(c, [v * len(y) / len(x) for v in r]).pvalue


def jensenshannon(x, y):
    from scipy.spatial import distance
    return distance.jensenshannon(*table(x, y))


def wasserstein(x, y):
    import numpy
    return stats.wasserstein_distance(x, y) / numpy.std(x)


def ks(x, y):
    return stats.ks_2samp(x, y).pvalue


print("""/* Written by tests/oracles/dialects.py: scores by SciPy 1.17.1. */
static const struct row {
	const char *metric;
	bool text;
	uint64_t a[2], b[2], count[2], modulus; /* reference, current */
	double value, p_value;                  /* NAN: not compared */
	const char *reason;                     /* its beginning, or NULL */
} rows[] = {""")


def emit(metric, text, a, b, count, c, value, p=None, reason=None):
    print("\t{ \"%s\", %s, { %d, %d }, { %d, %d }, { %d, %d }, %d, %r, %s,\n\t  %s }," % (
        metric, "true" if text else "false", *a, *b, *count, c, float(value),
        "NAN" if p is None else repr(float(p)), '"%s: "' % reason if reason else "NULL"))


defaults = [  # text, rows of the reference, modulus, the test
    (False, 1000, 2, z), (False, 1000, 5, chisquare), (False, 1000, 97, ks), (False, 400, 7, ks),
    (True, 1000, 2, z), (True, 900, 11, chisquare), (True, 60, 1, z),
    (False, 1001, 2, jensenshannon), (False, 1001, 5, jensenshannon),
    (False, 1001, 97, wasserstein), (True, 1001, 11, jensenshannon)]
for text, m, c, test in defaults:
    a, b, n = (3, 4), (5, 8), 90
    x, y = sample(a[0], b[0], c, m), sample(a[1], b[1], c, n)
    emit("evidently_drift_score", text, a, b, (m, n), c, test(x, y), None, test.__name__)
for c in (2, 5, 9):
    a, b, count = (3, 4), (5, 8), (200, 70)
    x, y = sample(a[0], b[0], c, count[0]), sample(a[1], b[1], c, count[1])
    rows = table(x, y)
    test = stats.chi2_contingency(rows)
    emit("nannyml_chi2", True, a, b, count, c, test.statistic, test.pvalue)
    test = stats.chi2_contingency(rows, correction=False, lambda_="log-likelihood")
    emit("g_test", True, a, b, count, c, test.statistic, test.pvalue)
for c in (11, 1009, 100003):
    a, b, count = (3, 4), (5, 8), (200, 70)
    x, y = sample(a[0], b[0], c, count[0]), sample(a[1], b[1], c, count[1])
    test = stats.ttest_ind(x, y)
    emit("ttest_ind", False, a, b, count, c, test.statistic, test.pvalue)
    test = stats.mannwhitneyu(x, y)
    emit("mannwhitneyu", False, a, b, count, c, test.statistic, test.pvalue)
    test = stats.anderson_ksamp([x, y])
    emit("anderson_ksamp", False, a, b, count, c, test.statistic, test.pvalue)
    test = stats.cramervonmises_2samp(x, y)
    emit("cramervonmises_2samp", False, a, b, count, c, test.statistic, test.pvalue)
    emit("energy_distance", False, a, b, count, c, stats.energy_distance(x, y))
    emit("evidently_mannw", False, a, b, count, c,
         stats.mannwhitneyu(x, y, alternative="less").pvalue)
print("};")
