#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "detectors/drift/pair.h"
#include <math.h>
#include <string.h>

/* A column cut in two bins, each of two fine cells; the median is the one decile edge. */
static const double edges[] = {2}, fine_edges[] = {1, 2, 3};
static const uint8_t bin_of[] = {0, 0, 1, 1};
static const struct tide_column_shape shape = {.type = TIDE_COLUMN_NUMERIC,
                                               .edges = edges,
                                               .edge_count = 1,
                                               .fine = fine_edges,
                                               .fine_count = 3,
                                               .bin_of = bin_of,
                                               .deciles = edges,
                                               .decile_count = 1,
                                               .reference_min = 0,
                                               .reference_max = 4,
                                               .fence_low = -1,
                                               .fence_high = 5,
                                               .min_effect = .01};

struct world {
	struct tide_pool pool;
	struct tide_arena arena;
	struct tide_evidence evidence;
	struct tide_column_fold *fold;
	struct tide_distribution distribution;
	struct tide_subject subject;
	double sorted[64], spare[64];
};

static void
world_open(struct world *world, const double *values, size_t count)
{
	*world = (struct world){.evidence = {.predictions = count + 1}};
	tide_pool_init(&world->pool, 1 << 20);
	tide_pool_arena_init(&world->arena, &world->pool);
	world->fold = tide_column_new(&shape, 64, &world->arena);
	for (size_t i = 0; i < count; i++) {
		struct tide_value value = {.kind = TIDE_VALUE_NUMBER, .number = values[i]};
		tide_column_add(world->fold, &shape, &value, &world->arena);
	}
	tide_numbers_copy(&world->fold->numbers, world->sorted);
	tide_numbers_sort(world->sorted, world->spare, count);
	world->subject = (struct tide_subject){
	        .evidence = &world->evidence,
	        .type = TIDE_COLUMN_NUMERIC,
	        .shape = &shape,
	        .fold = world->fold,
	        .counts = tide_detector_counts(world->fold, count + 1),
	        .sorted = world->sorted,
	        .spare = world->spare,
	        .spare_count = 64,
	};
}

/* The reference: `fine` counts on the fine cells, and these values, which may be NULL. */
static void
world_refer(struct world *world, const uint64_t fine[4], const uint64_t bins[2],
            const double *sorted)
{
	world->distribution = (struct tide_distribution){.bins = bins,
	                                                 .bin_count = 2,
	                                                 .fine = fine,
	                                                 .fine_count = 4,
	                                                 .min = 0,
	                                                 .max = 4,
	                                                 .sorted = sorted,
	                                                 .spread = 2,
	                                                 .spread_extreme = .5};
	world->distribution.counts.values = bins[0] + bins[1];
	world->distribution.counts.rows = bins[0] + bins[1];
	world->subject.distribution = &world->distribution;
	world->subject.test = tide_pair_test(&world->subject);
}

static void
world_close(struct world *world)
{
	tide_pool_arena_fini(&world->arena);
	tide_pool_fini(&world->pool);
}

static struct tide_finding
judged(const char *name, const struct world *world)
{
	struct tide_finding finding = {.detector = tide_detector_find(name),
	                               .value = NAN,
	                               .reference = NAN,
	                               .lower = NAN,
	                               .upper = NAN,
	                               .p_value = NAN,
	                               .log10_p = NAN,
	                               .status = TIDE_OK};

	finding.detector->judge(&world->subject, &finding);
	return finding;
}

static bool
near(double a, double b)
{
	return fabs(a - b) <= 1e-12 * fmax(1, fabs(b));
}

static void
rates_count_what_they_say(void **state)
{
	static const double values[] = {0, -2, 7, 1, 2.5, 0};
	struct world world;

	(void) state;
	world_open(&world, values, 6);
	struct tide_value bad = {.kind = TIDE_VALUE_TEXT, .text = {"x", 1}};
	tide_column_add(world.fold, &shape, &bad, &world.arena);
	world.subject.counts = tide_detector_counts(world.fold, 10);
	assert_true(near(judged("missing", &world).value, .3));
	assert_true(near(judged("mistyped", &world).value, .1));
	assert_true(near(judged("nonfinite", &world).value, 0));
	assert_true(near(judged("zeros", &world).value, 2. / 6));
	assert_true(near(judged("negatives", &world).value, 1. / 6));
	assert_true(near(judged("out_of_range", &world).value, 2. / 6));
	assert_true(near(judged("outliers", &world).value, 2. / 6));
	assert_true(near(judged("distinct", &world).value, 5));
	assert_true(near(judged("p50", &world).value, .5));
	assert_true(near(judged("p95", &world).value, 2.5 + .75 * 4.5));
	assert_true(judged("constant", &world).value == 0);
	world_close(&world);
}

static void
quantiles_from_cells_lie_between_their_bounds(void **state)
{
	static const double values[] = {.5, .6, 1.5, 2.5, 2.6, 2.7, 3.5};
	struct world world;

	(void) state;
	world_open(&world, values, 7);
	for (const char *const *name = (const char *const[]){"p01", "p25", "p50", "p99", NULL};
	     *name; name++) {
		world.subject.sorted = world.sorted;
		struct tide_finding exact = judged(*name, &world);
		world.subject.sorted = NULL;
		struct tide_finding cells = judged(*name, &world);
		assert_true(isnan(exact.lower) && !exact.reason);
		assert_true(cells.lower <= exact.value && exact.value <= cells.upper);
		assert_true(cells.lower <= cells.value && cells.value <= cells.upper);
		assert_non_null(cells.reason);
	}
	world_close(&world);
}

static void
without_a_reference_quantiles_of_many_values_come_from_a_sketch(void **state)
{
	struct world world;
	struct tide_column_fold *parts[2], *merged;
	struct tide_sketch *whole;

	(void) state;
	world_open(&world, NULL, 0);
	world.fold = tide_column_new(NULL, 64, &world.arena);
	merged = tide_column_like(world.fold, &world.arena);
	parts[0] = tide_column_like(world.fold, &world.arena);
	parts[1] = tide_column_like(world.fold, &world.arena);
	for (int i = 0; i < 100; i++) { /* 100 are too many to keep, 50 are not */
		struct tide_value value = {.kind = TIDE_VALUE_NUMBER, .number = 1 + i};
		tide_column_add(world.fold, NULL, &value, &world.arena);
		tide_column_add(parts[i % 2], NULL, &value, &world.arena);
	}
	tide_column_merge(merged, parts[1], &world.arena);
	assert_null(merged->sketch);
	tide_column_merge(merged, parts[0], &world.arena);
	whole = world.fold->sketch;
	assert_non_null(whole);
	assert_int_equal(tide_sketch_count(whole), 100);
	assert_int_equal(tide_sketch_count(merged->sketch), 100);
	for (int percent = 0; percent <= 100; percent++)
		assert_true(tide_sketch_quantile(whole, percent / 100.) ==
		            tide_sketch_quantile(merged->sketch, percent / 100.));
	world.subject = (struct tide_subject){.evidence = &world.evidence, .fold = world.fold};
	struct tide_finding p50 = judged("p50", &world);
	assert_true(p50.lower <= 50 && 50 <= p50.upper && p50.upper < 51.1 && p50.reason);
	world_close(&world);
}

static void
distances_on_bins_match_hand_computed_values_and_carry_the_p_of_the_column(void **state)
{
	static const uint64_t fine[] = {125, 125, 125, 125}, bins[] = {250, 250};
	double values[40], psi = (1e-4 - .5) * log(1e-4 / .5) + .5 * log(2);
	struct world world;

	(void) state;
	for (size_t i = 0; i < 40; i++)
		values[i] = 3 + (double) i / 40;
	world_open(&world, values, 40);
	world_refer(&world, fine, bins, NULL);
	assert_true(near(judged("psi", &world).value, psi));
	assert_true(near(judged("total_variation", &world).value, .5));
	assert_true(near(judged("l_infinity", &world).value, .5));
	double p = judged("drift", &world).p_value;
	assert_true(p > 0 && p < 1e-6);
	static const char *const effects[] = {"psi", "kl_divergence", "hellinger", "jensen_shannon",
	                                      "total_variation", "ks", "wasserstein"};
	for (size_t i = 0; i < sizeof effects / sizeof *effects; i++) {
		struct tide_finding finding = judged(effects[i], &world);
		assert_true(finding.p_value == p);
		assert_true(finding.reference > 0 && finding.value > finding.reference);
	}
	/* X^2 = ne (p - q)^2 / s (1 - s) with p = 0, q = .5, s = 250 / 540 */
	double s = 250. / 540, ne = 40. * 500 / 540;
	assert_true(near(judged("chi_square", &world).value, ne * .25 / (s * (1 - s))));
	assert_true(judged("chi_square", &world).p_value < p);
	assert_true(near(judged("psi", &world).reference, 1 / ne));
	world_close(&world);
}

static void
distances_of_distribution_functions_are_exact_or_bounded(void **state)
{
	static const double values[] = {.5, .5, 1.5, 3.5}, reference[] = {0, .25, 1.75, 2.5, 4};
	static const uint64_t fine[] = {2, 1, 1, 1}, bins[] = {3, 2};
	struct world world;

	(void) state;
	world_open(&world, values, 4);
	world_refer(&world, fine, bins, reference);
	/* F - G is -.2 -.4 .1 .35 .15 -.05 .2 from 0 .25 .5 1.5 1.75 2.5 3.5 on */
	double area = .2 * .25 + .4 * .25 + .1 * 1 + .35 * .25 + .15 * .75 + .05 * 1 + .2 * .5;
	assert_true(near(judged("ks", &world).value, .4));
	assert_true(near(judged("ks_2samp", &world).value, .4));
	assert_true(near(judged("wasserstein", &world).value, area));
	assert_true(near(judged("wasserstein_distance", &world).value, area));
	world.subject.sorted = NULL;
	struct tide_finding ks = judged("ks", &world), area_of_cells = judged("wasserstein", &world);
	assert_true(ks.lower <= .4 && .4 <= ks.upper && ks.reason);
	assert_true(area_of_cells.lower <= area && area <= area_of_cells.upper);
	assert_int_equal(judged("ks_2samp", &world).status, TIDE_UNDEFINED);
	world.distribution.spread_extreme = 1.5;
	assert_int_equal(judged("wasserstein", &world).status, TIDE_UNSTABLE);
	world_close(&world);
}

static void
unseen_categories_are_each_a_category_of_their_own(void **state)
{
	static const struct tide_text known[] = {{"a", 1}, {"b", 1}};
	static const struct tide_column_shape categories = {
	        .type = TIDE_COLUMN_CATEGORICAL, .categories = known, .category_count = 2};
	static const char *const words[] = {"a", "b", "c", "d", "d"};
	static const uint64_t bins[] = {6, 4};
	struct world world;

	(void) state;
	world_open(&world, NULL, 0);
	world.fold = tide_column_new(&categories, 0, &world.arena);
	for (size_t i = 0; i < 5; i++) {
		struct tide_value value = {.kind = TIDE_VALUE_TEXT, .text = {words[i], 1}};
		tide_column_add(world.fold, &categories, &value, &world.arena);
	}
	world.subject.fold = world.fold;
	world.subject.type = TIDE_COLUMN_CATEGORICAL;
	world.subject.shape = &categories;
	world.subject.counts = tide_detector_counts(world.fold, 5);
	world.distribution = (struct tide_distribution){.bins = bins, .bin_count = 2};
	world.distribution.counts = (struct tide_counts){.rows = 10, .values = 10};
	world.subject.distribution = &world.distribution;
	/* |.2 - .6| + |.2 - .4| + .2 + .4, halved */
	assert_true(near(judged("tvd", &world).value, .6));
	/* cells (1, 6) (1, 4) (1, 0) (2, 0): sum (c m - r n)^2 / (n m (c + r)) */
	double square = (20. * 20 / 7 + 10. * 10 / 5 + 10. * 10 + 20. * 20 / 2) / 50;
	assert_true(near(judged("chi2_contingency", &world).value, square));
	assert_true(near(judged("unseen", &world).value, .6));
	world.fold->others.more = true;
	assert_int_equal(judged("tvd", &world).status, TIDE_UNDEFINED);
	world_close(&world);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(rates_count_what_they_say),
	        cmocka_unit_test(quantiles_from_cells_lie_between_their_bounds),
	        cmocka_unit_test(without_a_reference_quantiles_of_many_values_come_from_a_sketch),
	        cmocka_unit_test(
	                distances_on_bins_match_hand_computed_values_and_carry_the_p_of_the_column),
	        cmocka_unit_test(distances_of_distribution_functions_are_exact_or_bounded),
	        cmocka_unit_test(unseen_categories_are_each_a_category_of_their_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
