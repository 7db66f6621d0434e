#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "detectors/calibration.h"
#include "detectors/detector.h"
#include "detectors/reference.h"
#include "detectors/reference_profile.h"
#include <math.h>
#include <string.h>

#define ROOM 4096

/* One prediction-side cell of a binary model, and a reference with nothing but a calibration. */
struct world {
	struct tide_pool pool;
	struct tide_arena arena;
	struct tide_cell cell;
	struct tide_label_shape shape;
	struct tide_classes classes;
	struct tide_score_scratch scratch;
	double values[2 * ROOM];
	struct tide_score_point points[ROOM];
	struct tide_evidence evidence;
	struct tide_columns *columns;
	struct tide_reference *reference;
	struct tide_finding findings[256];
	size_t count;
};

static void
world_open(struct world *world, size_t exact_rows, bool weighted,
           const struct tide_calibration_block *blocks, size_t count, bool used)
{
	const struct tide_cell_key key = {.model = TIDE_TEXT("m"), .segment = -1};
	const struct tide_calibration calibration = {blocks, count, used};

	memset(world, 0, sizeof *world);
	tide_pool_init(&world->pool, 16 << 20);
	tide_pool_arena_init(&world->arena, &world->pool);
	assert_true(tide_pool_reserve(&world->pool, 200));
	tide_classes_init(&world->classes);
	world->shape = (struct tide_label_shape){TIDE_PROBLEM_BINARY,
	                                         {exact_rows, 1, true, weighted}};
	world->scratch = (struct tide_score_scratch){
	        .rows = ROOM, .values = world->values, .points = world->points};
	world->columns = tide_mapping_columns_new();
	world->reference = tide_reference_new(TIDE_PROBLEM_BINARY, world->columns, NULL, 0);
	assert_non_null(world->reference);
	assert_null(tide_reference_profile_calibration(world->reference, &key, &calibration));
	world->evidence = (struct tide_evidence){.side = TIDE_SIDE_PREDICTION,
	                                         .problem = TIDE_PROBLEM_BINARY,
	                                         .key = key,
	                                         .cell = &world->cell,
	                                         .label_shape = &world->shape,
	                                         .classes = &world->classes,
	                                         .columns = world->columns,
	                                         .scratch = &world->scratch};
}

static void
world_close(struct world *world)
{
	tide_reference_free(world->reference);
	tide_mapping_columns_free(world->columns);
	tide_pool_arena_fini(&world->arena);
	tide_pool_fini(&world->pool);
}

static void
put(struct world *world, double score, double weight)
{
	tide_cell_scored(&world->cell, &world->shape, score >= .5, &score, weight, &world->arena);
	world->cell.predictions++;
}

static const struct tide_finding *
found(struct world *world, const char *metric)
{
	world->scratch.of = NULL;
	world->evidence.predictions = world->cell.predictions;
	world->count = tide_detector_judge(&world->evidence, world->reference, NULL,
	                                   world->findings, 256);
	for (size_t i = 0; i < world->count; i++)
		if (strcmp(world->findings[i].detector->name, metric) == 0)
			return &world->findings[i];
	return NULL;
}

static void
is(struct world *world, const char *metric, double value)
{
	const struct tide_finding *finding = found(world, metric);

	assert_non_null(finding);
	assert_int_equal(finding->status, TIDE_OK);
	if (!(fabs(finding->value - value) <= 1e-12))
		fail_msg("%s is %.17g, not %.17g", metric, finding->value, value);
}

static const struct tide_calibration_block two[] = {{.1, .3, .2, 100}, {.5, .9, .8, 400}};

/* .2 and .4 were said to be negative, .6 twice positive; .8, .5, .8 and .8 of them are right. */
static void
the_expected_confusion_follows_from_calibrated_scores(void **state)
{
	static struct world world;

	(void)state;
	world_open(&world, 100, false, two, 2, true);
	put(&world, .6, 1);
	put(&world, .2, 1);
	put(&world, .4, 1);
	put(&world, .6, 1);
	is(&world, "estimated_accuracy_score", (.8 + .5 + .8 + .8) / 4);
	is(&world, "estimated_precision_score", .8);
	is(&world, "estimated_recall_score", 1.6 / 2.3);
	is(&world, "estimated_specificity", 1.3 / 1.7);
	is(&world, "estimated_f1_score", 3.2 / (3.2 + .4 + .7));
	/* negatives .4, .5, .8 at falling scores: the positives above and half of their own */
	is(&world, "estimated_roc_auc", (.4 * .8 + .5 * (1.6 + .25) + .8 * (2.1 + .1)) / (2.3 * 1.7));
	/* precision: two outcomes of .8, and the share of the second block */
	double share = (.8 * 400 + .5) / 401;
	double variance = 2 * .16 / 4 + share * (1 - share) / 401;
	const struct tide_finding *finding = found(&world, "estimated_precision_score");
	assert_true(fabs(finding->lower - (.8 - 1.959963984540054 * sqrt(variance))) < 1e-12);
	assert_true(finding->upper == 1);
	assert_true(finding->n == 4);
	world_close(&world);
}

/* The mean of the row between the blocks has half of either block's variance, squared. */
static void
a_score_between_two_blocks_has_something_of_both_errors(void **state)
{
	static struct world world;
	double first = (.2 * 100 + .5) / 101, second = (.8 * 400 + .5) / 401;

	(void)state;
	world_open(&world, ROOM, false, two, 2, true);
	for (size_t i = 0; i < 1000; i++)
		put(&world, .4, 1);
	double variance = .25 / 1000 + .25 * first * (1 - first) / 101 +
	                  .25 * second * (1 - second) / 401;
	const struct tide_finding *finding = found(&world, "estimated_accuracy_score");
	assert_true(fabs(finding->value - .5) < 1e-12);
	assert_true(fabs(finding->upper - (.5 + 1.959963984540054 * sqrt(variance))) < 1e-12);
	world_close(&world);
}

static void
scores_outside_of_the_reference_are_unreliable_beyond_one_in_twenty(void **state)
{
	static struct world world;

	(void)state;
	world_open(&world, 100, false, two, 2, true);
	for (size_t i = 0; i < 19; i++)
		put(&world, .6, 1);
	put(&world, .05, 1);
	is(&world, "estimated_accuracy_score", .8);
	put(&world, .95, 1);
	const struct tide_finding *finding = found(&world, "estimated_accuracy_score");
	assert_int_equal(finding->status, TIDE_UNRELIABLE);
	assert_true(fabs(finding->value - .8) < 1e-12);
	assert_non_null(finding->reason);
	world_close(&world);
}

static void
what_has_no_denominator_is_undefined_and_no_score_is_no_data(void **state)
{
	static struct world world;

	(void)state;
	world_open(&world, 100, false, two, 2, true);
	put(&world, NAN, 1);
	assert_int_equal(found(&world, "estimated_accuracy_score")->status, TIDE_NO_DATA);
	assert_int_equal(found(&world, "prediction_entropy")->status, TIDE_NO_DATA);
	put(&world, .2, 1);
	assert_int_equal(found(&world, "estimated_precision_score")->status, TIDE_UNDEFINED);
	is(&world, "estimated_recall_score", 0);
	world.evidence.key.model = TIDE_TEXT("another");
	assert_null(found(&world, "estimated_accuracy_score"));
	world_close(&world);
}

/* 3 rows of weight 1 are a row of weight 3 in the value, and less of it in the interval. */
static void
weights_count_in_the_value_and_in_its_interval(void **state)
{
	static struct world many, heavy;

	(void)state;
	world_open(&many, 100, false, two, 2, true);
	world_open(&heavy, 100, true, two, 2, true);
	for (size_t i = 0; i < 4; i++)
		put(&many, i ? .2 : .8, 1);
	put(&heavy, .2, 3);
	put(&heavy, .8, 1);
	put(&heavy, .8, 0);
	static const char *const metrics[] = {"estimated_accuracy_score", "estimated_roc_auc",
	                                      "estimated_specificity"};
	for (size_t i = 0; i < 3; i++) {
		is(&heavy, metrics[i], found(&many, metrics[i])->value);
		assert_true(found(&heavy, metrics[i])->lower < found(&many, metrics[i])->lower);
	}
	assert_true(found(&heavy, "estimated_accuracy_score")->n == 2);
	world_close(&many);
	world_close(&heavy);
}

/* Past exact_rows a score is the middle of its bin: 1 % of it away. */
static void
bins_give_nearly_what_the_rows_give(void **state)
{
	static struct world exact, binned;
	static const char *const metrics[] = {"estimated_accuracy_score", "estimated_f1_score",
	                                      "estimated_roc_auc"};

	(void)state;
	world_open(&exact, ROOM, false, two, 2, true);
	world_open(&binned, 10, false, two, 2, true);
	for (size_t i = 0; i < 1000; i++) {
		put(&exact, .1 + .0008 * (double)(i * 7919 % 1000), 1);
		put(&binned, .1 + .0008 * (double)(i * 7919 % 1000), 1);
	}
	for (size_t i = 0; i < 3; i++) {
		double value = found(&exact, metrics[i])->value;
		const struct tide_finding *finding = found(&binned, metrics[i]);
		assert_true(finding->value != value);
		assert_true(fabs(finding->value - value) < 5e-3);
		assert_true(finding->lower < value && value < finding->upper);
	}
	world_close(&exact);
	world_close(&binned);
}

/* Calibrates `count` points, best first: their positives and negatives. */
static bool
learn(struct tide_calibration *calibration, const struct tide_score_point *points, size_t count)
{
	static struct tide_calibration_block blocks[512];
	static struct tide_score_point spare[1024];
	const struct tide_calibration_room room = {blocks, spare};
	struct tide_score_curve curve = {.points = points, .count = count, .exact = true};

	for (size_t i = 0; i < count; i++) {
		curve.positives += points[i].positives;
		curve.negatives += points[i].negatives;
	}
	curve.positive_rows = curve.positives;
	curve.negative_rows = curve.negatives;
	return tide_calibration_learn(calibration, &curve, &room);
}

/* By hand: 3 of 4 at .7 and 1 of 2 at .8 violate and are pooled with each other, to 4 of 6. */
static void
adjacent_violators_are_pooled(void **state)
{
	static const struct tide_score_point points[] = {
	        {.9, 5, 0}, {.8, 1, 1}, {.7, 3, 1}, {.3, 1, 3}, {.1, 1, 3}};
	struct tide_calibration calibration;
	struct tide_calibration_walk walk;

	(void)state;
	assert_true(learn(&calibration, points, 5));
	assert_int_equal(calibration.count, 3);
	calibration.used = true;
	tide_calibration_start(&walk, &calibration);
	assert_true(tide_calibration_share(&walk, 1) == 1);
	assert_true(tide_calibration_share(&walk, .8) == 4 / 6.);
	assert_true(tide_calibration_share(&walk, .75) == 4 / 6.);
	assert_true(fabs(tide_calibration_share(&walk, .5) - (.25 + (4 / 6. - .25) / 2)) < 1e-15);
	assert_true(tide_calibration_share(&walk, .2) == .25);
	assert_true(tide_calibration_share(&walk, 0) == .25);
	assert_true(calibration.blocks[0].rows == 8);
	assert_false(learn(&calibration, points, 1));
}

/* Scores that are right, 100 rows each, against the same shares behind scores that are not. */
static void
a_calibration_is_used_only_where_it_mends_something(void **state)
{
	struct tide_score_point points[99];
	struct tide_calibration calibration;

	(void)state;
	for (int i = 0; i < 99; i++)
		points[i] = (struct tide_score_point){(99 - i) / 100., 99 - i, 1 + i};
	assert_true(learn(&calibration, points, 99));
	assert_false(calibration.used);
	for (int i = 0; i < 99; i++)
		points[i].score *= points[i].score;
	assert_true(learn(&calibration, points, 99));
	assert_true(calibration.used);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_expected_confusion_follows_from_calibrated_scores),
	        cmocka_unit_test(a_score_between_two_blocks_has_something_of_both_errors),
	        cmocka_unit_test(scores_outside_of_the_reference_are_unreliable_beyond_one_in_twenty),
	        cmocka_unit_test(what_has_no_denominator_is_undefined_and_no_score_is_no_data),
	        cmocka_unit_test(weights_count_in_the_value_and_in_its_interval),
	        cmocka_unit_test(bins_give_nearly_what_the_rows_give),
	        cmocka_unit_test(adjacent_violators_are_pooled),
	        cmocka_unit_test(a_calibration_is_used_only_where_it_mends_something),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
