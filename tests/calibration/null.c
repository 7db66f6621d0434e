#include "tests/calibration/calibration.h"
#include "tests/calibration/stream.h"
#include <math.h>
#include <stdio.h>

#define LEVELS 3
#define COARSE .075 /* instead of .06: X^2 of two cells of few rows takes few values */
#define NS 6
#define MS 4
#define STREAMS (sizeof streams / sizeof *streams)

static const struct stream streams[] = {
        {.name = "continuous", .kind = STREAM_CONTINUOUS},
        {.name = "integers 0 to 5", .kind = STREAM_LATTICE, .size = 6, .first = .3},
        {.name = "binary, 30 %", .kind = STREAM_CATEGORIES, .size = 2, .first = .3},
        {.name = "binary, 5 %", .kind = STREAM_CATEGORIES, .size = 2, .first = .05},
        {.name = "binary and 3 empty cells",
         .kind = STREAM_CATEGORIES,
         .size = 2,
         .first = .3,
         .empty = 3},
        {.name = "50 categories", .kind = STREAM_CATEGORIES, .size = 50},
        {.name = "255 categories", .kind = STREAM_CATEGORIES, .size = 255},
        {.name = "engine: normal", .kind = STREAM_NORMAL},
        {.name = "engine: lognormal(2)", .kind = STREAM_LOGNORMAL},
        {.name = "engine: 95 % zeros", .kind = STREAM_ZEROS},
        {.name = "engine: integers 0 to 5", .kind = STREAM_INTEGERS, .size = 6, .first = .3},
        {.name = "engine: 255 categories", .kind = STREAM_TEXTS, .size = 255},
};
static const uint64_t ms[MS] = {300, 1000, 5000, 50000};
static const uint64_t ns[NS] = {30, 100, 300, 1000, 3000, 10000};
static const struct level {
	double alpha, low, high;
	uint64_t runs_min; /* fewer repetitions cannot see the level */
} levels[LEVELS] = {{.05, .035, .06, 0}, {.001, 0, .002, 2000}, {1e-4, 0, 4e-4, 20000}};

struct tally {
	uint64_t tested, rejected[LEVELS];
};
struct row {
	uint64_t runs;
	struct tally tallies[NS];
};

static void
tally_add(struct tally *tally, const struct tide_column_test *test)
{
	if (isnan(test->plain_p))
		return;
	tally->tested++;
	for (size_t i = 0; i < LEVELS; i++)
		tally->rejected[i] += test->plain_p < levels[i].alpha;
}

static void
row_run(size_t number, size_t m, const struct calibration_size *size, struct row *row)
{
	const struct stream *stream = &streams[number];
	static struct stream_pair pair;
	struct random random;

	row->runs = !stream_is_values(stream)      ? size->counts
	            : ms[m] > size->values_m_max ? 0
	            : ms[m] > 10000              ? size->values_large
	                                         : size->values;
	random_start(&random, 1000 * number + m);
	for (uint64_t i = 0; i < row->runs; i++) {
		stream_start(stream, &random, ms[m], &pair);
		for (size_t n = 0; n < NS; n++) {
			stream_grow(stream, &random, ns[n] - (n ? ns[n - 1] : 0), &pair);
			struct tide_column_test test = stream_test(&pair);
			tally_add(&row->tallies[n], &test);
		}
		stream_end(&pair);
	}
}

/* One number of the table; true: outside its bounds. */
static bool
cell_print(const struct tally *tally, uint64_t runs, size_t level, bool coarse)
{
	const struct level *l = &levels[level];
	double share = (double) tally->rejected[level] / (double) runs;
	/* often too small for two cells, and then there is no test: an upper bound is left */
	double low = (double) tally->tested < .95 * (double) runs ? 0 : l->low;
	double high = coarse && l->alpha > .01 ? COARSE : l->high;
	bool bad = runs >= l->runs_min &&
	           !calibration_within(tally->rejected[level], runs, low, high);

	if (runs < l->runs_min || tally->tested == 0)
		printf(" - |");
	else if (l->alpha > .01)
		printf(" %.4f%s |", share, bad ? " !" : "");
	else
		printf(" %.2g%s |", share, bad ? " !" : "");
	return bad;
}

static size_t
level_print(struct row rows[STREAMS][MS], size_t level)
{
	size_t bad = 0;

	printf("\n### Share of p < %g\n\n| column | m | repetitions |", levels[level].alpha);
	for (size_t n = 0; n < NS; n++)
		printf(" n = %llu |", (unsigned long long) ns[n]);
	puts("\n|---|---:|---:|---:|---:|---:|---:|---:|---:|");
	for (size_t i = 0; i < STREAMS * MS; i++) {
		const struct row *row = &rows[i / MS][i % MS];
		if (row->runs == 0 || row->runs < levels[level].runs_min)
			continue;
		printf("| %s | %llu | %llu |", streams[i / MS].name,
		       (unsigned long long) ms[i % MS], (unsigned long long) row->runs);
		for (size_t n = 0; n < NS; n++)
			bad += cell_print(&row->tallies[n], row->runs, level,
			                  streams[i / MS].size == 2 && ns[n] < 100);
		puts("");
	}
	return bad;
}

size_t
calibration_null(const struct calibration_size *size)
{
	static struct row rows[STREAMS][MS];
	size_t bad = 0;

	for (size_t i = 0; i < STREAMS; i++)
		for (size_t m = 0; m < MS; m++)
			row_run(i, m, size, &rows[i][m]);
	puts("## No drift: the plain test");
	for (size_t level = 0; level < LEVELS; level++)
		bad += level_print(rows, level);
	return bad;
}
