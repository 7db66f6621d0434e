#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "closing.h"
#include <stdio.h>

/* Models of several kinds in one job; windows of 100 ms, labels up to 50 ms after the end. */
static const struct tide_model_options models[] = {
        {"yes-*", TIDE_PROBLEM_BINARY, "yes", .5},
        {"price", TIDE_PROBLEM_REGRESSION, NULL, .5},
        {"pri*", TIDE_PROBLEM_NONE, NULL, .5},
        {"*", TIDE_PROBLEM_MULTICLASS, NULL, .5},
};

struct world {
	struct tide_pool pool;
	struct tide_columns *columns;
	struct tide_shape shape;
	struct tide_windows *windows;
	struct tide_panes *panes;
};

static void
world_open(struct world *world, enum tide_label_policy policy, int64_t early_ms)
{
	*world = (struct world){.columns = tide_mapping_columns_new()};
	struct tide_window_setup setup = {.options = {.size_ms = 100,
	                                              .label_horizon_ms = 50,
	                                              .early_label_ttl_ms = 30,
	                                              .label_policy = policy,
	                                              .early_ms = {early_ms},
	                                              .early_count = early_ms > 0,
	                                              .exact_rows = 100,
	                                              .has_predictions = true,
	                                              .has_labels = true},
	                                  .models = models,
	                                  .model_count = 4,
	                                  .prediction_mapped = true,
	                                  .proba_mapped = true,
	                                  .columns = world->columns,
	                                  .shape = &world->shape};

	tide_pool_init(&world->pool, 64 << 20);
	world->windows = tide_window_new(&setup, &world->pool);
	world->panes = tide_panes_new(&setup, &world->pool);
	assert_non_null(world->windows);
}

static void
world_close(struct world *world)
{
	tide_panes_free(world->panes);
	tide_window_free(world->windows);
	tide_pool_fini(&world->pool);
	tide_mapping_columns_free(world->columns);
}

static struct tide_value
value_of(const char *text)
{
	struct tide_value value = {.kind = TIDE_VALUE_TEXT, .text = tide_text_of(text)};

	if (tide_text_read_number(value.text, &value.number))
		value.kind = TIDE_VALUE_NUMBER;
	return value;
}

static enum tide_outcome
predict(struct world *world, const char *model, const char *version, const char *id,
        int64_t time_ms, const char *prediction)
{
	struct tide_event event = {.role = TIDE_PREDICTIONS,
	                           .time_ms = time_ms,
	                           .key = tide_hash_keyed(tide_text_of(id), 7),
	                           .model = tide_text_of(model),
	                           .version = tide_text_of(version),
	                           .weight = 1,
	                           .prediction = value_of(prediction)};

	assert_true(tide_window_has_room(world->windows));
	return tide_window_add(world->windows, &event, 0);
}

static enum tide_outcome
label(struct world *world, const char *model, const char *id, int64_t time_ms, const char *target)
{
	struct tide_event event = {.role = TIDE_LABELS,
	                           .time_ms = time_ms,
	                           .key = tide_hash_keyed(tide_text_of(id), 7),
	                           .model = tide_text_of(model),
	                           .weight = 1,
	                           .target = value_of(target)};

	assert_true(tide_window_has_room(world->windows));
	return tide_window_add(world->windows, &event, 0);
}

/* Goes on to the next label-side pane of all versions; false at the end. */
static bool
next_pane(struct world *world, struct tide_evidence *evidence)
{
	while (closing_next(world->panes, world->windows, TIDE_CLOCK_END, evidence))
		if (evidence->side == TIDE_SIDE_LABEL && evidence->key.version.length == 0)
			return true;
	return false;
}

static void
each_model_takes_a_label_as_its_own_problem_says(void **state)
{
	struct world world;
	struct tide_evidence evidence;

	(void) state;
	world_open(&world, TIDE_LABEL_FIRST, 0);
	predict(&world, "yes-1", "", "a", 10, "yes");
	predict(&world, "price", "", "a", 10, "5");
	predict(&world, "prime", "", "a", 10, "5");
	predict(&world, "other", "", "a", 10, "5");
	predict(&world, "other", "", "b", 10, "no");
	assert_int_equal(label(&world, "", "a", 20, "4"), TIDE_MATCHED);
	assert_int_equal(label(&world, "", "b", 20, "yes"), TIDE_MATCHED);
	assert_int_equal(label(&world, "prime", "a", 20, "4"), TIDE_WAITING);

	assert_true(next_pane(&world, &evidence)); /* other: classes are texts */
	assert_int_equal(evidence.problem, TIDE_PROBLEM_MULTICLASS);
	uint8_t four = tide_classes_find(evidence.classes, TIDE_TEXT("4"));
	uint8_t five = tide_classes_find(evidence.classes, TIDE_TEXT("5"));
	assert_int_equal(tide_labelled_confusion(evidence.labels, four, five), 1);
	assert_int_equal(evidence.labelled, 2);
	assert_true(next_pane(&world, &evidence)); /* price: the numbers themselves */
	assert_true(tide_sum_round(&evidence.labels->error.error) == 1);
	assert_true(next_pane(&world, &evidence)); /* yes-1: 4 is not its positive class */
	assert_int_equal(evidence.labels->confusion.fp, 1);
	assert_false(next_pane(&world, &evidence)); /* prime has no label side */
	world_close(&world);
}

static void
a_model_that_answers_later_gets_the_label_too(void **state)
{
	struct world world;
	struct tide_evidence evidence;
	uint64_t outcomes[TIDE_OUTCOMES] = {0};

	(void) state;
	world_open(&world, TIDE_LABEL_FIRST, 0);
	predict(&world, "price", "1", "a", 10, "5");
	assert_int_equal(label(&world, "", "a", 20, "4"), TIDE_MATCHED);
	assert_int_equal(label(&world, "", "a", 21, "4"), TIDE_DUPLICATE);
	assert_int_equal(label(&world, "", "b", 22, "4"), TIDE_WAITING);
	predict(&world, "price", "2", "a", 40, "7");
	predict(&world, "yes-1", "1", "a", 41, "yes");
	predict(&world, "price", "2", "b", 42, "8");
	assert_int_equal(tide_window_pending(world.windows), 4 + 3);
	while (closing_next(world.panes, world.windows, TIDE_CLOCK_END, &evidence)) {
		for (size_t i = 0; evidence.counts && i < TIDE_OUTCOMES; i++)
			outcomes[i] += evidence.counts->outcomes[TIDE_LABELS][i];
		if (evidence.side != TIDE_SIDE_LABEL || evidence.key.version.length)
			continue;
		if (tide_text_is(evidence.key.model, "price")) {
			assert_int_equal(evidence.labelled, 3);
			assert_true(tide_sum_round(&evidence.labels->error.error) == 1 + 3 + 4);
		} else {
			assert_int_equal(evidence.labels->confusion.fp, 1);
		}
	}
	/* one outcome a label, the first in the order of SPEC 2.2: the second label of a never was
	 * the first of any prediction */
	assert_int_equal(outcomes[TIDE_MATCHED], 2);
	assert_int_equal(outcomes[TIDE_DUPLICATE], 1);
	assert_int_equal(outcomes[TIDE_UNMATCHED] + outcomes[TIDE_WAITING], 0);
	assert_int_equal(tide_window_pending(world.windows), 0);
	world_close(&world);
}

static void
a_label_that_was_taken_is_kept_as_long_as_it_may_be_early(void **state)
{
	struct world world;
	struct tide_evidence evidence;

	(void) state;
	world_open(&world, TIDE_LABEL_FIRST, 0);
	predict(&world, "price", "", "a", 10, "5");
	label(&world, "", "a", 80, "4"); /* may be early for a prediction of 110 of another model */
	label(&world, "", "b", 80, "4"); /* and this one for its own */
	assert_int_equal(tide_window_pending(world.windows), 3);
	while (closing_next(world.panes, world.windows, 99, &evidence))
		;
	assert_int_equal(tide_window_pending(world.windows), 3);
	while (closing_next(world.panes, world.windows, 199, &evidence))
		;
	assert_int_equal(tide_window_pending(world.windows), 2); /* a window of 110 may want them */
	while (closing_next(world.panes, world.windows, 200, &evidence))
		;
	assert_int_equal(tide_window_pending(world.windows), 0);
	world_close(&world);
}

static void
a_correction_takes_class_and_error_back(void **state)
{
	struct world world;
	struct tide_evidence evidence;

	(void) state;
	world_open(&world, TIDE_LABEL_LAST, 0);
	predict(&world, "m", "", "a", 10, "x");
	predict(&world, "price", "", "b", 10, "5");
	predict(&world, "price", "", "c", 10, "5");
	label(&world, "", "a", 20, "y");
	assert_int_equal(label(&world, "", "a", 21, "x"), TIDE_CORRECTED);
	label(&world, "", "b", 20, "105");
	label(&world, "", "c", 20, "7");
	assert_int_equal(label(&world, "", "b", 21, "4"), TIDE_CORRECTED);
	assert_true(next_pane(&world, &evidence));
	uint8_t x = tide_classes_find(evidence.classes, TIDE_TEXT("x"));
	uint8_t y = tide_classes_find(evidence.classes, TIDE_TEXT("y"));
	assert_int_equal(tide_labelled_confusion(evidence.labels, x, x), 1);
	assert_int_equal(tide_labelled_confusion(evidence.labels, y, x), 0);
	assert_true(next_pane(&world, &evidence));
	const struct tide_error_fold *error = &evidence.labels->error;
	assert_int_equal(error->rows.count, 2);
	assert_int_equal(error->taken_back, 1);
	const double *sorted = tide_score_curve_sorted(&error->rows, evidence.scratch);
	assert_true(sorted[0] == 1 && sorted[1] == 2);
	world_close(&world);
}

/* The correction is read, and folded, before the early pane leaves. */
static void
an_early_pane_knows_first_labels_and_the_final_one_the_last(void **state)
{
	static const struct {
		enum tide_timing timing;
		uint64_t labelled;
		double error;
	} panes[] = {{TIDE_TIMING_EARLY, 1, -95}, {TIDE_TIMING_FINAL, 2, 1 - 2}};
	struct world world;
	struct tide_evidence evidence;

	(void) state;
	world_open(&world, TIDE_LABEL_LAST, 20);
	predict(&world, "price", "", "a", 10, "5");
	predict(&world, "price", "", "b", 10, "5");
	assert_int_equal(label(&world, "", "a", 119, "100"), TIDE_MATCHED);
	assert_int_equal(label(&world, "", "a", 119, "4"), TIDE_CORRECTED);
	assert_int_equal(label(&world, "", "b", 120, "100"), TIDE_MATCHED);
	assert_int_equal(label(&world, "", "b", 121, "7"), TIDE_CORRECTED);
	for (size_t i = 0; i < 2; i++) {
		assert_true(next_pane(&world, &evidence));
		assert_int_equal(evidence.timing, panes[i].timing);
		assert_int_equal(evidence.labelled, panes[i].labelled);
		assert_true(tide_sum_round(&evidence.labels->error.error) == panes[i].error);
	}
	assert_false(next_pane(&world, &evidence));
	world_close(&world);
}

static void
scores_go_to_bins_once_a_cell_has_more_than_exact_rows(void **state)
{
	static const size_t rows[] = {100, 101, 2000};

	(void) state;
	for (size_t i = 0; i < 3; i++) {
		struct world world;
		struct tide_evidence evidence;
		world_open(&world, TIDE_LABEL_FIRST, 0);
		for (size_t j = 0; j < rows[i]; j++) {
			char id[24];
			snprintf(id, sizeof id, "%zu", j);
			struct tide_value score = {.kind = TIDE_VALUE_NUMBER,
			                           .number = (double) (j % 250) / 256};
			struct tide_event event = {.role = TIDE_PREDICTIONS,
			                           .time_ms = 10,
			                           .key = tide_hash_keyed(tide_text_of(id), 7),
			                           .model = TIDE_TEXT("yes-1"),
			                           .score = score,
			                           .prediction = value_of("yes")};
			assert_true(tide_window_has_room(world.windows));
			tide_window_add(world.windows, &event, 0);
			label(&world, "", id, 20, j % 2 ? "yes" : "no");
		}
		assert_true(next_pane(&world, &evidence));
		const struct tide_score_curve *curve =
		        tide_score_curve(&evidence.labels->score, &evidence.label_shape->score, 0,
		                         evidence.scratch);
		assert_int_equal(curve->exact, rows[i] <= 100);
		assert_int_equal(curve->positives + curve->negatives, rows[i]);
		world_close(&world);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(each_model_takes_a_label_as_its_own_problem_says),
	        cmocka_unit_test(a_model_that_answers_later_gets_the_label_too),
	        cmocka_unit_test(a_label_that_was_taken_is_kept_as_long_as_it_may_be_early),
	        cmocka_unit_test(a_correction_takes_class_and_error_back),
	        cmocka_unit_test(scores_go_to_bins_once_a_cell_has_more_than_exact_rows),
	        cmocka_unit_test(an_early_pane_knows_first_labels_and_the_final_one_the_last),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
