#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "detectors/drift/table.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "tests/golden/dialects_table.h"

#define COUNT_MAX 2000
#define CATEGORIES 16

struct world {
	double reference[COUNT_MAX], current[COUNT_MAX], spare[COUNT_MAX];
	uint64_t bins[2][CATEGORIES];
	struct tide_column_fold fold;
	struct tide_distribution distribution;
	struct tide_subject subject;
};

static int
ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void
world_open(struct world *world, uint64_t m, uint64_t n, bool text)
{
	world->fold = (struct tide_column_fold){.count = n};
	world->distribution = (struct tide_distribution){.counts.values = m};
	world->subject = (struct tide_subject){
		.type = text ? TIDE_COLUMN_CATEGORICAL : TIDE_COLUMN_NUMERIC,
		.fold = &world->fold,
		.distribution = &world->distribution,
		.counts.values = n,
		.spare = world->spare,
		.spare_count = COUNT_MAX};
	qsort(world->reference, m, sizeof(double), ascending);
	qsort(world->current, n, sizeof(double), ascending);
	if (!text) {
		world->subject.sorted = world->current;
		world->distribution.sorted = world->reference;
		return;
	}
	memset(world->bins, 0, sizeof world->bins);
	for (uint64_t i = 0; i < m; i++)
		world->bins[0][(size_t)world->reference[i]]++;
	for (uint64_t i = 0; i < n; i++)
		world->bins[1][(size_t)world->current[i]]++;
	world->distribution.bins = world->bins[0];
	world->fold.bins = world->bins[1];
	world->distribution.bin_count = world->fold.bin_count = CATEGORIES;
}

static void
world_of(struct world *world, const struct row *row)
{
	for (int side = 0; side < 2; side++)
		for (uint64_t i = 0; i < row->count[side]; i++)
			(side ? world->current : world->reference)[i] =
				(double)((i * i * row->a[side] + i * row->b[side] + row->a[side]) %
			                 row->modulus);
	world_open(world, row->count[0], row->count[1], row->text);
}

static struct tide_finding
judged(const char *metric, struct world *world)
{
	struct tide_finding finding = {
		.value = NAN, .p_value = NAN, .log10_p = NAN, .status = TIDE_OK};

	tide_detector_find(metric)->judge(&world->subject, &finding);
	return finding;
}

static void
every_score_matches_scipy(void **state)
{
	static struct world world;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct row *row = rows + i;
		world_of(&world, row);
		struct tide_finding finding = judged(row->metric, &world);
		if (!(fabs(finding.value - row->value) <= 1e-9 * fabs(row->value) + 1e-15))
			fail_msg("%s, row %zu: %.17g here, %.17g in the table", row->metric, i,
			         finding.value, row->value);
		if (!isnan(row->p_value))
			assert_true(fabs(finding.p_value - row->p_value) <= 1e-9);
		if (row->reason)
			assert_int_equal(
				strncmp(finding.reason, row->reason, strlen(row->reason)), 0);
	}
}

static void
bins_are_those_of_numpy(void **state)
{
	/* numpy.histogram_bin_edges([0, 1, 2, 3, 10, 20], "sturges"): 0, 5, 10, 15, 20 */
	static const double reference[] = {0, 1, 2, 3}, current[] = {10, 20};
	static const double counts[][2] = {{0, 4}, {0, 0}, {1, 0}, {1, 0}};
	static struct world world;
	struct tide_finding finding = {0};
	struct tide_table table;
	double c, r;

	(void)state;
	memcpy(world.reference, reference, sizeof reference);
	memcpy(world.current, current, sizeof current);
	world_open(&world, 4, 2, false);
	assert_true(tide_table_sturges(&table, &world.subject, false, &finding));
	for (int walk = 0; walk < 2; walk++) {
		for (size_t i = 0; i < 4; i++) {
			assert_true(tide_table_next(&table, &c, &r));
			assert_true(c == counts[i][0] && r == counts[i][1]);
		}
		assert_false(tide_table_next(&table, &c, &r));
	}
	/* "doane" of [0, 1, 2, 3]: three bins; both current values lie outside */
	assert_true(tide_table_doane(&table, &world.subject, &finding));
	assert_int_equal(table.bins, 3);
	while (tide_table_next(&table, &c, &r) && r > 0)
		assert_true(c == 0);
	assert_true(c == 2);
}

static void
one_value_is_one_bin(void **state)
{
	static struct world world;
	struct tide_finding finding = {0};
	struct tide_table table;
	double c, r;

	(void)state;
	for (size_t i = 0; i < 4; i++)
		world.reference[i] = world.current[i] = 7;
	world_open(&world, 4, 3, false);
	assert_true(tide_table_sturges(&table, &world.subject, true, &finding));
	assert_true(tide_table_next(&table, &c, &r) && c == 3 && r == 4);
	assert_false(tide_table_next(&table, &c, &r));
	assert_true(judged("evidently_psi", &world).value == 0);
	assert_true(judged("nannyml_jensen_shannon", &world).value == 0);
	assert_int_equal(judged("ttest_ind", &world).status, TIDE_UNDEFINED);
	assert_int_equal(judged("anderson_ksamp", &world).status, TIDE_UNDEFINED);
}

static void
what_is_not_kept_is_undefined(void **state)
{
	static struct world world;

	(void)state;
	world_open(&world, 4, 3, false);
	world.subject.sorted = NULL;
	for (size_t i = 0; tide_detector_at(i); i++) {
		const struct tide_detector *detector = tide_detector_at(i);
		struct tide_finding finding = {.value = 1};
		if (!(detector->needs & TIDE_ON_DEMAND) || detector->needs & TIDE_OF_TESTS ||
		    detector->needs & TIDE_NEEDS_CATEGORICAL)
			continue;
		detector->judge(&world.subject, &finding);
		assert_true(isnan(finding.value) && finding.reason);
		assert_true(finding.status == TIDE_UNDEFINED || finding.status == TIDE_NO_DATA);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_score_matches_scipy),
		cmocka_unit_test(bins_are_those_of_numpy),
		cmocka_unit_test(one_value_is_one_bin),
		cmocka_unit_test(what_is_not_kept_is_undefined),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
