#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "detectors/drift/pair.h"
#include "detectors/reference.h"
#include <math.h>
#include <string.h>

static const struct tide_column_options options[] = {
        {"code", TIDE_COLUMN_CATEGORICAL, false, NAN},
        {"sec*", TIDE_COLUMN_UNKNOWN, true, NAN},
        {"amount", TIDE_COLUMN_NUMERIC, false, .05},
};

struct world {
	struct tide_columns *columns;
	struct tide_reference *reference;
	uint32_t code, secret, amount, plain;
};

static void
world_open(struct world *world)
{
	world->columns = tide_mapping_columns_new();
	world->reference = tide_reference_new(TIDE_PROBLEM_REGRESSION, world->columns, options, 3);
	assert_non_null(world->reference);
	world->code = tide_mapping_column(world->columns, TIDE_TEXT("code"), 0);
	world->secret = tide_mapping_column(world->columns, TIDE_TEXT("secret"), 0);
	world->amount = tide_mapping_column(world->columns, TIDE_TEXT("amount"), 0);
	world->plain = tide_mapping_column(world->columns, TIDE_TEXT("plain"), 0);
}

static void
world_close(struct world *world)
{
	tide_reference_free(world->reference);
	tide_mapping_columns_free(world->columns);
}

/* A record whose columns all hold `number`, and a text where `text` says so. */
static void
learn(struct world *world, double number, bool text)
{
	struct tide_value values[4];
	struct tide_event event = {.values = values, .value_count = 4};

	for (size_t i = 0; i < 4; i++)
		values[i] = (struct tide_value){.kind = TIDE_VALUE_NUMBER, .number = number};
	values[0].column = world->code;
	values[1].column = world->secret;
	values[2].column = world->amount;
	values[3].column = world->plain;
	if (text) {
		values[2].kind = TIDE_VALUE_TEXT;
		values[2].text = TIDE_TEXT("n/a");
	}
	event.prediction = (struct tide_value){.kind = TIDE_VALUE_NUMBER, .number = number};
	assert_true(tide_reference_learn(world->reference, &event));
}

static void
the_config_says_what_a_column_is(void **state)
{
	struct world world;

	(void) state;
	world_open(&world);
	for (int i = 0; i < 40; i++)
		learn(&world, i % 4, i < 30);
	assert_true(tide_reference_cut(world.reference));
	const struct tide_shape *shape = tide_reference_shape(world.reference);
	assert_int_equal(shape->columns[world.code].type, TIDE_COLUMN_CATEGORICAL);
	assert_int_equal(shape->columns[world.code].category_count, 4);
	assert_int_equal(shape->columns[world.secret].type, TIDE_COLUMN_IGNORED);
	assert_int_equal(shape->columns[world.amount].type, TIDE_COLUMN_NUMERIC);
	assert_true(shape->columns[world.amount].min_effect == .05);
	assert_int_equal(shape->columns[world.plain].type, TIDE_COLUMN_NUMERIC);
	assert_true(shape->columns[world.plain].min_effect == .01);
	world_close(&world);
}

static void
every_bin_and_every_decile_is_made_of_whole_fine_cells(void **state)
{
	(void) state;
	for (int count = 7; count < 1200; count = 2 * count + 1) {
		struct world world;

		world_open(&world);
		for (int i = 0; i < count; i++)
			learn(&world, sqrt(i * 7 % count), false);
		assert_true(tide_reference_cut(world.reference));
		const struct tide_column_shape *column =
		        &tide_reference_shape(world.reference)->columns[world.plain];
		size_t bins = count / 50 < 2 ? 2 : count / 50 > 10 ? 10 : (size_t) count / 50;
		assert_int_equal(column->edge_count, bins - 1);
		assert_int_equal(column->decile_count, count < 10 ? column->decile_count : 9);
		assert_true(column->fine_count < TIDE_COLUMN_FINE_MAX);
		for (size_t i = 1; i < column->fine_count; i++)
			assert_true(column->fine[i - 1] < column->fine[i]);
		for (size_t i = 0; i <= column->fine_count; i++) {
			size_t bin = 0;
			while (i > 0 && bin < column->edge_count &&
			       column->edges[bin] <= column->fine[i - 1])
				bin++;
			assert_int_equal(column->bin_of[i], bin);
		}
		for (size_t i = 0; i < column->decile_count; i++) {
			size_t at = 0;
			while (at < column->fine_count && column->fine[at] < column->deciles[i])
				at++;
			assert_true(at < column->fine_count &&
			            column->fine[at] <= column->deciles[i]);
		}
		world_close(&world);
	}
}

static void
fences_stand_one_and_a_half_quartile_ranges_out(void **state)
{
	struct world world;

	(void) state;
	world_open(&world);
	for (int i = 0; i <= 100; i++)
		learn(&world, i, false);
	assert_true(tide_reference_cut(world.reference));
	const struct tide_column_shape *column =
	        &tide_reference_shape(world.reference)->columns[world.plain];
	assert_true(column->fence_low == 25 - 1.5 * 50 && column->fence_high == 75 + 1.5 * 50);
	assert_true(column->reference_min == 0 && column->reference_max == 100);
	world_close(&world);
}

/* The evidence of one cell whose only column is `plain`. */
static void
keep(struct world *world, const char *model, const double *values, size_t count)
{
	static struct tide_column_fold *folds[8];
	struct tide_cell cell = {.columns = folds, .column_count = world->plain + 1};
	struct tide_pool pool;
	struct tide_arena arena;
	struct tide_evidence evidence = {.side = TIDE_SIDE_PREDICTION,
	                                 .key = {.model = tide_text_of(model), .segment = -1},
	                                 .predictions = count + 2,
	                                 .cell = &cell,
	                                 .columns = world->columns,
	                                 .shape = tide_reference_shape(world->reference)};
	const struct tide_column_shape *shape = &evidence.shape->columns[world->plain];

	tide_pool_init(&pool, 1 << 20);
	tide_pool_arena_init(&arena, &pool);
	folds[world->plain] = tide_column_new(shape, 1000, &arena);
	for (size_t i = 0; i < count; i++) {
		struct tide_value value = {.kind = TIDE_VALUE_NUMBER, .number = values[i]};
		tide_column_add(folds[world->plain], shape, &value, &arena);
	}
	assert_true(tide_reference_keep(world->reference, &evidence));
	tide_pool_arena_fini(&arena);
	tide_pool_fini(&pool);
}

static void
cells_and_their_values_are_found_by_their_keys(void **state)
{
	static const double values[] = {3, 1, 2};
	struct world world;
	char model[8] = "m000";

	(void) state;
	world_open(&world);
	for (int i = 0; i < 200; i++)
		learn(&world, i, false);
	assert_true(tide_reference_cut(world.reference));
	for (int i = 0; i < 600; i++) { /* more cells than there are buckets */
		model[1] = (char) ('0' + i / 100);
		model[2] = (char) ('0' + i / 10 % 10);
		model[3] = (char) ('0' + i % 10);
		keep(&world, model, values, 1 + (size_t) i % 3);
	}
	struct tide_cell_key key = {.model = TIDE_TEXT("m407"), .segment = -1};
	const struct tide_distribution *kept =
	        tide_reference_distribution(world.reference, &key, TIDE_TEXT("plain"));
	assert_non_null(kept);
	assert_int_equal(kept->counts.values, 3);
	assert_int_equal(kept->counts.missing, 2);
	assert_true(kept->sorted[0] == 1 && kept->sorted[1] == 2 && kept->sorted[2] == 3);
	double n;
	assert_true(tide_reference_value(world.reference, &key, tide_detector_find("mean"),
	                                 TIDE_TEXT("plain"), &n) == 2);
	assert_true(n == 3);
	assert_null(tide_reference_distribution(world.reference, &key, TIDE_TEXT("code")));
	assert_true(tide_reference_has(world.reference, &key));
	key.model = TIDE_TEXT("m600");
	assert_false(tide_reference_has(world.reference, &key));
	const struct tide_cell_key *last = NULL, *next;
	size_t cells = 0;
	for (; (next = tide_reference_next(world.reference, last)); last = next)
		cells++;
	assert_int_equal(cells, 600);
	assert_true(tide_text_is(last->model, "m599"));
	world_close(&world);
}

static const struct tide_finding *
finding_of(const struct tide_finding *findings, size_t count, const char *metric,
           const char *column)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(findings[i].detector->name, metric) == 0 &&
		    tide_text_is(findings[i].column, column))
			return findings + i;
	return NULL;
}

static void
a_new_and_a_vanished_column_are_told_from_a_known_one(void **state)
{
	static struct tide_finding findings[1024];
	static const double values[] = {1, 2, 3, 4};
	struct tide_column_fold *folds[8] = {NULL};
	struct tide_cell cell = {.columns = folds};
	double room[64];
	struct tide_scratch scratch = {room, 64};
	struct tide_pool pool;
	struct tide_arena arena;
	struct world world;

	(void) state;
	world_open(&world);
	for (int i = 0; i < 4; i++)
		learn(&world, values[i], false);
	assert_true(tide_reference_cut(world.reference));
	keep(&world, "m", values, 4);
	const struct tide_shape *shape = tide_reference_shape(world.reference);
	struct tide_evidence evidence = {.side = TIDE_SIDE_PREDICTION,
	                                 .key = {.model = TIDE_TEXT("m"), .segment = -1},
	                                 .predictions = 4,
	                                 .cell = &cell,
	                                 .columns = world.columns,
	                                 .shape = shape};
	tide_pool_init(&pool, 1 << 20);
	tide_pool_arena_init(&arena, &pool);
	cell.column_count = world.code + 1;
	folds[world.code] = tide_column_new(&shape->columns[world.code], 8, &arena);
	for (int i = 0; i < 3; i++) {
		struct tide_value value = {.kind = TIDE_VALUE_NUMBER, .number = 1};
		tide_column_add(folds[world.code], &shape->columns[world.code], &value, &arena);
	}
	size_t count = tide_detector_judge(&evidence, world.reference, &scratch, findings, 1024);
	assert_true(finding_of(findings, count, "new_column", "code")->value == .75);
	assert_null(finding_of(findings, count, "new_column", "plain"));
	assert_true(finding_of(findings, count, "vanished_column", "plain")->value == 1);
	assert_true(finding_of(findings, count, "missing", "plain")->value == 1);
	assert_null(finding_of(findings, count, "missing", "secret"));
	evidence.key.model = TIDE_TEXT("another");
	count = tide_detector_judge(&evidence, world.reference, &scratch, findings, 1024);
	assert_null(finding_of(findings, count, "new_column", "code"));
	tide_pool_arena_fini(&arena);
	tide_pool_fini(&pool);
	world_close(&world);
}

/* SplitMix64 (Steele, Lea and Flood 2014), and a normal deviate of two of its numbers. */
static double
uniform(uint64_t *seed)
{
	uint64_t z = *seed += UINT64_C(0x9E3779B97F4A7C15);

	z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
	return ((double) ((z ^ z >> 31) >> 11) + .5) * 0x1p-53;
}

static double
normal(uint64_t *seed)
{
	double radius = sqrt(-2 * log(uniform(seed)));

	return radius * cos(6.283185307179586 * uniform(seed));
}

/* Rows of entities of ten rows each, which share `icc` of their variance. */
static void
entities_draw(double *values, size_t count, double icc, uint64_t *seed)
{
	double entity = 0;

	for (size_t i = 0; i < count; i++) {
		if (i % 10 == 0)
			entity = normal(seed);
		values[i] = sqrt(icc) * entity + sqrt(1 - icc) * normal(seed);
	}
}

#define WINDOWS 30
#define WINDOW_ROWS 300
#define CLEAN 40 /* windows that are judged against each reference */

/* A reference of WINDOWS windows with its back-test, of model "m". */
static void
reference_draw(struct world *world, double icc, uint64_t *seed)
{
	static double values[WINDOWS * WINDOW_ROWS];

	world_open(world);
	entities_draw(values, WINDOWS * WINDOW_ROWS, icc, seed);
	for (size_t i = 0; i < WINDOWS * WINDOW_ROWS; i++)
		learn(world, values[i], false);
	assert_true(tide_reference_cut(world->reference));
	for (size_t i = 0; i < WINDOWS * WINDOW_ROWS; i++) {
		struct tide_value value = {.kind = TIDE_VALUE_NUMBER,
		                           .number = values[i],
		                           .column = world->plain};
		struct tide_event event = {
		        .model = TIDE_TEXT("m"), .values = &value, .value_count = 1};
		assert_true(tide_reference_backtest_tally(world->reference, &event,
		                                          (int64_t) (i / WINDOW_ROWS)));
	}
	keep(world, "m", values, WINDOWS * WINDOW_ROWS);
	assert_true(tide_reference_backtest_judge(world->reference, 1));
}

/* Shares of clean windows with a plain p below .05: of rows as they come, and by the back-test. */
static void
rejections(double icc, int references, double *iid, double *measured, double *phi)
{
	const struct tide_cell_key key = {.model = TIDE_TEXT("m"), .segment = -1};
	double values[WINDOW_ROWS];
	uint64_t seed = 20261;

	*iid = *measured = *phi = 0;
	for (int i = 0; i < references; i++) {
		struct world world;
		reference_draw(&world, icc, &seed);
		const struct tide_backtest *backtest =
		        tide_reference_backtest(world.reference, key.model, TIDE_TEXT("plain"));
		const struct tide_distribution *kept =
		        tide_reference_distribution(world.reference, &key, TIDE_TEXT("plain"));
		assert_int_equal(backtest->windows, WINDOWS);
		*phi += backtest->phi / references;
		for (int window = 0; window < CLEAN; window++) {
			uint64_t bins[10] = {0};
			struct tide_pair pair;
			entities_draw(values, WINDOW_ROWS, icc, &seed);
			for (size_t row = 0; row < WINDOW_ROWS; row++) {
				struct tide_value value = {.kind = TIDE_VALUE_NUMBER,
				                           .number = values[row]};
				bins[tide_column_bin(&tide_reference_shape(world.reference)
				                              ->columns[world.plain],
				                     &value)]++;
			}
			assert_true(tide_pair_counts(&pair, bins, kept->bins, 10));
			*iid += tide_pair_judge(&pair, 0, NULL).plain_p < .05;
			*measured += tide_pair_judge(&pair, 0, backtest).plain_p < .05;
		}
		world_close(&world);
	}
	*iid /= references * CLEAN;
	*measured /= references * CLEAN;
}

static void
entities_of_many_rows_alarm_without_a_back_test_and_not_with_one(void **state)
{
	double iid, measured, phi;

	(void) state;
	rejections(.3, 60, &iid, &measured, &phi);
	assert_true(phi > 1.2 && phi < 2.2);
	assert_true(iid > .15);
	assert_true(measured > .02 && measured < .09);
	rejections(0, 60, &iid, &measured, &phi);
	assert_true(phi < 1.15);
	assert_true(iid > .035 && iid < .065); /* the dispersion is never below 1: cautious */
	assert_true(measured > .015 && measured <= iid);
}

static void
a_column_fails_by_windows_beyond_what_chance_gives(void **state)
{
	static const double log10_p[] = {-9, -6, -4.5, -2.5};
	struct tide_backtest backtest = {.windows = 53, .log10_p = log10_p, .count = 4};

	(void) state;
	assert_int_equal(tide_reference_backtest_breaches(&backtest, 1e-5), 2);
	assert_int_equal(tide_reference_backtest_breaches(&backtest, .5), 4);
	assert_false(tide_reference_backtest_fails(NULL, 1e-5));
	assert_true(tide_reference_backtest_fails(&backtest, 1e-5));
	assert_false(tide_reference_backtest_fails(&backtest, 1e-7)); /* one is never enough */
	backtest.windows = 20000; /* Pr(Binomial(20000, 1e-5) >= 2) = .0175 */
	assert_false(tide_reference_backtest_fails(&backtest, 1e-5));
	backtest.windows = 13000; /* .0077 */
	assert_true(tide_reference_backtest_fails(&backtest, 1e-5));
	backtest.windows = 53; /* Pr(Binomial(53, .01) >= 4) = .0018: no alpha counts beyond .01 */
	assert_true(tide_reference_backtest_fails(&backtest, .5));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_config_says_what_a_column_is),
	        cmocka_unit_test(every_bin_and_every_decile_is_made_of_whole_fine_cells),
	        cmocka_unit_test(fences_stand_one_and_a_half_quartile_ranges_out),
	        cmocka_unit_test(a_new_and_a_vanished_column_are_told_from_a_known_one),
	        cmocka_unit_test(entities_of_many_rows_alarm_without_a_back_test_and_not_with_one),
	        cmocka_unit_test(a_column_fails_by_windows_beyond_what_chance_gives),
	        cmocka_unit_test(cells_and_their_values_are_found_by_their_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
