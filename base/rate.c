#include "base/rate.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/special.h"

#define LN_10 2.30258509299404568402
#define LOG_SQRT_TWO_PI 0.91893853320467274178
#define TRIALS_MAX UINT64_C(1000000000)

/* Outcomes whose ln P differ by no more tie: (2) of tide_rate_test. */
#define TIE 1e-7

static bool
rate_valid(double k, double n)
{
	return k >= 0.0 && k <= n && !isinf(n);
}

struct tide_rate_interval
tide_rate_wilson(double k, double n, double z)
{
	struct tide_rate_interval interval = { NAN, NAN };
	double square = z * z;
	double root;

	if (!rate_valid(k, n) || !(z >= 0.0) || isinf(z))
		return interval;
	interval.low = 0.0;
	interval.high = 1.0;
	if (n == 0.0)
		return interval;
	/* (n + z^2) times the larger root; the smaller follows from the product of the roots. */
	root = k + 0.5 * square + z * sqrt(k * ((n - k) / n) + 0.25 * square);
	if (k > 0.0)
		interval.low = k * (k / n) / root;
	if (k < n)
		interval.high = fmin(1.0, root / (n + square));
	return interval;
}

/* From odds to a share. */
static double
odds_share(double odds)
{
	return isinf(odds) ? 1.0 : odds / (1.0 + odds);
}

struct tide_rate_interval
tide_rate_clopper_pearson(double k, double n, double alpha)
{
	struct tide_rate_interval interval = { NAN, NAN };
	double tail = 0.5 * alpha;

	if (!rate_valid(k, n) || !(alpha > 0.0 && alpha < 1.0))
		return interval;
	interval.low = 0.0;
	interval.high = 1.0;
	if (k > 0.0)
		interval.low = odds_share(
			tide_special_beta_quantile(k, n - k + 1.0, tail, 1.0 - tail));
	if (k < n)
		interval.high = odds_share(
			tide_special_beta_quantile(k + 1.0, n - k, 1.0 - tail, tail));
	return interval;
}

/** The two-by-two table with fixed margins; an outcome is the count of events in sample 1. */
struct table {
	int64_t n1;		/* trials of sample 1 */
	int64_t n2;		/* trials of sample 2 */
	int64_t events;		/* of both samples */
	int64_t low;		/* smallest outcome */
	int64_t high;		/* largest outcome */
	int64_t mode;		/* most probable outcome */
	double margins_log;	/* what all outcomes share of ln P */
};

/* What Stirling's formula leaves of ln(m!) once m ln m - m is gone. */
static double
stirling_rest(int64_t m)
{
	if (m == 0)
		return 0.0;
	return LOG_SQRT_TWO_PI + 0.5 * log((double)m) + tide_special_stirling_error((double)m);
}

static void
table_start(struct table *table, int64_t k1, int64_t n1, int64_t k2, int64_t n2)
{
	int64_t n = n1 + n2;

	table->n1 = n1;
	table->n2 = n2;
	table->events = k1 + k2;
	table->low = table->events > n2 ? table->events - n2 : 0;
	table->high = table->events < n1 ? table->events : n1;
	/* Both factors are below 2^31 + 2, their product fits in 63 bits. */
	table->mode = (n1 + 1) * (table->events + 1) / (n + 2);
	table->margins_log = stirling_rest(n1) + stirling_rest(n2) +
		stirling_rest(table->events) + stirling_rest(n - table->events) -
		stirling_rest(n);
}

/* The part one cell has in -ln P: its deviance from the expected count, and Stirling's rest. */
static double
cell_log(int64_t count, double expected, double excess)
{
	return tide_special_deviance((double)count, expected, excess) + stirling_rest(count);
}

static double
table_log(const struct table *table, int64_t x)
{
	double n = (double)(table->n1 + table->n2);
	double share = (double)table->events / n;
	double rest = (double)(table->n1 + table->n2 - table->events) / n;
	/* Expected minus observed in integers: as doubles the two would cancel. */
	int64_t numerator = table->n1 * table->events - x * (table->n1 + table->n2);
	double excess = (double)numerator / n;

	return table->margins_log -
		cell_log(x, (double)table->n1 * share, excess) -
		cell_log(table->n1 - x, (double)table->n1 * rest, -excess) -
		cell_log(table->events - x, (double)table->n2 * share, -excess) -
		cell_log(table->n2 - table->events + x, (double)table->n2 * rest, excess);
}

/* The largest outcome up to the mode with ln P <= level; low - 1 if there is none. */
static int64_t
cut_below(const struct table *table, double level)
{
	int64_t low = table->low - 1;
	int64_t high = table->mode;

	while (low < high) {
		int64_t x = high - (high - low) / 2;

		if (table_log(table, x) <= level)
			low = x;
		else
			high = x - 1;
	}
	return low;
}

/* The smallest outcome beyond the mode with ln P <= level; high + 1 if there is none. */
static int64_t
cut_above(const struct table *table, double level)
{
	int64_t low = table->mode + 1;
	int64_t high = table->high + 1;

	while (low < high) {
		int64_t x = low + (high - low) / 2;

		if (table_log(table, x) <= level)
			high = x;
		else
			low = x + 1;
	}
	return low;
}

/* P(x - 1) / P(x) for direction -1, P(x + 1) / P(x) for direction 1. */
static double
table_ratio(const struct table *table, int64_t x, int direction)
{
	double a = (double)x;
	double b = (double)(table->n1 - x);
	double c = (double)(table->events - x);
	double d = (double)(table->n2 - table->events + x);

	if (direction < 0)
		return a * d / ((b + 1.0) * (c + 1.0));
	return b * c / ((a + 1.0) * (d + 1.0));
}

/* Sum of P(x) / P(observed) outward from `x`, halved until `whole` is reached. */
static double
tail_sum(const struct table *table, int64_t x, int64_t whole, int direction, double log_observed)
{
	double sum = 0.0;
	double term;

	if (x < table->low || x > table->high)
		return 0.0;
	term = exp(table_log(table, x) - log_observed);
	for (; x >= table->low && x <= table->high; x += direction) {
		bool ties = direction < 0 ? x > whole : x < whole;

		sum += ties ? 0.5 * term : term;
		if (!ties && term < 1e-21 * sum)
			break;
		term *= table_ratio(table, x, direction);
	}
	return sum;
}

double
tide_rate_test(uint64_t k1, uint64_t n1, uint64_t k2, uint64_t n2, double *log10_p)
{
	struct table table;
	double log_observed, log_p, sum;

	if (log10_p != NULL)
		*log10_p = NAN;
	if (n1 > TRIALS_MAX || n2 > TRIALS_MAX || k1 > n1 || k2 > n2)
		return NAN;
	if (log10_p != NULL)
		*log10_p = 0.0;
	table_start(&table, (int64_t)k1, (int64_t)n1, (int64_t)k2, (int64_t)n2);
	if (table.low == table.high)
		return 1.0; /* (3) */
	log_observed = table_log(&table, (int64_t)k1);
	sum = tail_sum(&table, cut_below(&table, log_observed + TIE),
		cut_below(&table, log_observed - TIE), -1, log_observed);
	sum += tail_sum(&table, cut_above(&table, log_observed + TIE),
		cut_above(&table, log_observed - TIE), 1, log_observed);
	log_p = fmin(0.0, log_observed + log(sum));
	if (log10_p != NULL)
		*log10_p = log_p / LN_10;
	return exp(log_p);
}
