"""Writes tests/golden/ranks_table.h: two-sample tests of SciPy on samples that need no file.

Needs scipy==1.17.1. Run from the root of the sources:
    python3 tests/oracles/ranks.py > tests/golden/ranks_table.h
Value i of a sample is (i i a + i b + a) mod c, the modulus being the same on both sides.
"""
import scipy
from scipy import stats

assert scipy.__version__ == "1.17.1"


def sample(a, b, c, count):
    return sorted(float((i * i * a + i * b + a) % c) for i in range(count))


shapes = [(30, 40, 1009), (30, 40, 7), (200, 25, 100003), (200, 25, 13), (21, 9, 1009),
          (500, 800, 99991), (500, 800, 3), (3000, 90, 211), (9, 9, 5), (5000, 5000, 1000003)]
print("""/* Written by tests/oracles/ranks.py: two-sample tests of SciPy 1.17.1. */
static const struct row {
	const char *name;
	uint64_t a[2], b[2], count[2], modulus;
	double statistic, p_value; /* NAN: not compared */
} rows[] = {""")
for number, (n, m, c) in enumerate(shapes):
    for shift in (0, 1, 2):
        a, b = (3, 3 + shift), (17 + number, 5)
        x, y = sample(a[0], b[0], c, n), sample(a[1], b[1], c, m)
        if shift == 2:
            y = sorted(v + (c // 6) for v in y)

        def emit(name, statistic, p):
            print("\t{ \"%s\", { %d, %d }, { %d, %d }, { %d, %d }, %d, %r, %s }," % (
                name + ("_shifted" if shift == 2 else ""), *a, *b, n, m, c, float(statistic),
                "NAN" if p is None else repr(float(p))))

        import warnings
        warnings.simplefilter("ignore")
        test = stats.anderson_ksamp([x, y], midrank=True)
        emit("anderson_darling", test.statistic, test.pvalue)
        test = stats.cramervonmises_2samp(x, y)
        emit("cramer_von_mises", test.statistic, test.pvalue if max(n, m) > 20 else None)
        for side in ("two-sided", "less"):
            test = stats.mannwhitneyu(x, y, alternative=side)
            emit("mann_whitney" + ("_less" if side == "less" else ""), test.statistic, test.pvalue)
        emit("energy_distance", stats.energy_distance(x, y), None)
print("};")
