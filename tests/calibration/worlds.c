#include "detectors/drift/pair.h"
#include "tests/calibration/calibration.h"
#include "tests/calibration/random.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS      1000 /* of a window */
#define REFERENCE 28   /* windows of the reference */
#define LIVE      10   /* windows behind them that are judged */
#define BINS      10
#define SCORES    10   /* of an entity */
#define TWO_PI    6.283185307179586
#define MIN_EFFECT .01
#define ALPHA      4.6e-5

/* Rows that are not independent, or not of one law: harmless, yet no sample of the reference. */
static const struct world {
	const char *name;
	double icc;            /* correlation of the scores of an entity; 0: each row by itself */
	double season;         /* height, in sd, ... */
	unsigned period;       /* ... and length, in windows */
	double wander, memory; /* sd and correlation of the means of windows */
	double at_most;        /* of plain p < .05 after the back-test; 0: only stated */
} worlds[] = {
        {.name = "independent rows", .at_most = .06},
        {.name = "entities scored 10 times, icc .1", .icc = .1, .at_most = .09},
        {.name = "entities scored 10 times, icc .3", .icc = .3, .at_most = .09},
        {.name = "entities scored 10 times, icc .7", .icc = .7, .at_most = .09},
        {.name = "daily season of .5 sd, windows of 6 h", .season = .5, .period = 4},
        {.name = "weekly season of .5 sd, windows of 1 d", .season = .5, .period = 7},
        {.name = "means wander, AR(1) .8, sd .05", .wander = .05, .memory = .8},
        {.name = "means wander, AR(1) .8, sd .2", .wander = .2, .memory = .8},
};

struct rates {
	uint64_t windows;
	uint64_t plain[2], small[2], alarms[2]; /* p < .05, p < .001, min_effect: before, after */
};

static double
mean_of(const struct world *world, size_t window, struct random *random, double *wander)
{
	double fresh = sqrt(1 - world->memory * world->memory) * random_normal(random);

	*wander = window ? world->memory * *wander + fresh : random_normal(random);
	return world->wander * *wander +
	       (world->period ? world->season * sin(TWO_PI * (double) (window % world->period) /
	                                            world->period)
	                      : 0);
}

static void
window_draw(const struct world *world, double mean, struct random *random, double *rows)
{
	double own = 0, shared = sqrt(world->icc), rest = sqrt(1 - world->icc);

	for (size_t i = 0; i < ROWS; i++) {
		if (i % SCORES == 0)
			own = random_normal(random);
		rows[i] = mean + shared * own + rest * random_normal(random);
	}
}

static int
order(const void *left, const void *right)
{
	double a = *(const double *) left, b = *(const double *) right;

	return (a > b) - (a < b);
}

static void
cut(const double *rows, double edges[BINS - 1])
{
	static double sorted[REFERENCE * ROWS];
	size_t count = sizeof sorted / sizeof *sorted;

	memcpy(sorted, rows, sizeof sorted);
	qsort(sorted, count, sizeof *sorted, order);
	for (size_t i = 1; i < BINS; i++) {
		double place = (double) (count - 1) * (double) i / BINS;
		size_t low = (size_t) place;
		edges[i - 1] = sorted[low] +
		               (place - (double) low) * (sorted[low + 1] - sorted[low]);
	}
}

static void
count_rows(const double *rows, const double edges[BINS - 1], uint64_t bins[BINS])
{
	memset(bins, 0, BINS * sizeof *bins);
	for (size_t i = 0; i < ROWS; i++) {
		size_t bin = 0;
		while (bin < BINS - 1 && edges[bin] < rows[i])
			bin++;
		bins[bin]++;
	}
}

static struct tide_column_test
judge(const uint64_t *current, const uint64_t *reference, const struct tide_backtest *backtest)
{
	struct tide_pair pair;

	if (!tide_pair_counts(&pair, current, reference, BINS))
		abort();
	return tide_pair_judge(&pair, MIN_EFFECT, backtest);
}

/* Each window of the reference against the others: SPEC 7.4. */
static struct tide_backtest
measure(uint64_t windows[REFERENCE][BINS], const uint64_t all[BINS])
{
	struct tide_backtest backtest = {.windows = REFERENCE};
	double ratios = 0, df = 0;

	for (size_t i = 0; i < REFERENCE; i++) {
		uint64_t rest[BINS];
		for (size_t j = 0; j < BINS; j++)
			rest[j] = all[j] - windows[i][j];
		struct tide_column_test test = judge(windows[i], rest, NULL);
		ratios += test.square / test.df;
		df += test.df;
	}
	backtest.phi = fmax(1, ratios / REFERENCE);
	backtest.df = df / 3;
	return backtest;
}

static void
deploy(const struct world *world, struct random *random, struct rates *rates)
{
	static double rows[REFERENCE + LIVE][ROWS];
	uint64_t windows[REFERENCE][BINS], all[BINS] = {0}, live[BINS];
	double edges[BINS - 1], wander = 0;

	for (size_t i = 0; i < REFERENCE + LIVE; i++)
		window_draw(world, mean_of(world, i, random, &wander), random, rows[i]);
	cut(rows[0], edges);
	for (size_t i = 0; i < REFERENCE; i++) {
		count_rows(rows[i], edges, windows[i]);
		for (size_t j = 0; j < BINS; j++)
			all[j] += windows[i][j];
	}
	struct tide_backtest backtest = measure(windows, all);
	for (size_t i = REFERENCE; i < REFERENCE + LIVE; i++) {
		count_rows(rows[i], edges, live);
		rates->windows++;
		for (int after = 0; after < 2; after++) {
			struct tide_column_test test =
			        judge(live, all, after ? &backtest : NULL);
			rates->plain[after] += test.plain_p < .05;
			rates->small[after] += test.plain_p < .001;
			rates->alarms[after] += test.p_value < ALPHA;
		}
	}
}

static bool
world_print(const struct world *world, const struct rates *rates)
{
	double n = (double) rates->windows;
	bool bad = world->at_most > 0 &&
	           !calibration_within(rates->plain[1], rates->windows, 0, world->at_most);

	printf("| %s | %.3f | %.3f%s | %.4f | %.4f | %.4f | %.4f |\n", world->name,
	       (double) rates->plain[0] / n, (double) rates->plain[1] / n, bad ? " !" : "",
	       (double) rates->small[0] / n, (double) rates->small[1] / n,
	       (double) rates->alarms[0] / n, (double) rates->alarms[1] / n);
	return bad;
}

size_t
calibration_worlds(const struct calibration_size *size)
{
	size_t bad = 0;

	printf("\n## Rows that are no sample: before and after the measured null\n\n"
	       "%llu deployments: a reference of %d windows of %d rows, then %d windows.\n\n"
	       "| world | p < .05 | after | p < .001 | after | min_effect, p < %g | after |\n"
	       "|---|---:|---:|---:|---:|---:|---:|\n",
	       (unsigned long long) size->deployments, REFERENCE, ROWS, LIVE, ALPHA);
	for (size_t i = 0; i < sizeof worlds / sizeof *worlds; i++) {
		struct rates rates = {0};
		struct random random;
		random_start(&random, 500 + i);
		for (uint64_t j = 0; j < size->deployments; j++)
			deploy(&worlds[i], &random, &rates);
		bad += world_print(&worlds[i], &rates);
	}
	return bad;
}
