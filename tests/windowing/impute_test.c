#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "closing.h"
#include <stdio.h>

/* One model, windows of 100 ms, labels up to 50 ms after the end; no label counts as 0, and only
 * predictions that cost nothing to check have one. */
static const struct tide_expression_node is_eligible[] = {
        {.op = TIDE_LEAF_MEMORY, .of = TIDE_OF_PREDICTION}};

struct world {
	struct tide_pool pool;
	struct tide_columns *columns;
	struct tide_shape shape;
	struct tide_absence absence;
	struct tide_windows *windows;
	struct tide_panes *panes;
};

static void
world_open(struct world *world, enum tide_problem problem, int64_t label_lateness_ms)
{
	static struct tide_model_options model = {"*", TIDE_PROBLEM_BINARY, NULL, .5};

	model.problem = problem;
	*world = (struct world){
	        .columns = tide_mapping_columns_new(),
	        .absence = {.is_label = true, .target = {.kind = TIDE_VALUE_NUMBER}}};
	struct tide_window_setup setup = {.options = {.size_ms = 100,
	                                              .label_horizon_ms = 50,
	                                              .label_lateness_ms = label_lateness_ms,
	                                              .exact_rows = 20000,
	                                              .has_predictions = true,
	                                              .has_labels = true},
	                                  .models = &model,
	                                  .model_count = 1,
	                                  .prediction_mapped = true,
	                                  .proba_mapped = true,
	                                  .columns = world->columns,
	                                  .shape = &world->shape,
	                                  .absence = &world->absence};

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

static enum tide_outcome
add(struct world *world, enum tide_role role, int id, int64_t time_ms, double number, double memory)
{
	char text[16];
	struct tide_value value = {.kind = TIDE_VALUE_NUMBER, .number = number};
	struct tide_text name = {text, (size_t) snprintf(text, sizeof text, "%d", id)};
	struct tide_event event = {.role = role,
	                           .time_ms = time_ms,
	                           .key = tide_hash_keyed(name, 7),
	                           .weight = 1,
	                           .memory = memory,
	                           .score = {.kind = TIDE_VALUE_NUMBER, .number = .25},
	                           .prediction = value,
	                           .target = value};

	assert_true(tide_window_has_room(world->windows));
	return tide_window_add(world->windows, &event, 0);
}

/* The next label side; false: there is none. */
static bool
next_pane(struct world *world, int64_t clock_ms, struct tide_evidence *evidence)
{
	while (closing_next(world->panes, world->windows, clock_ms, evidence))
		if (evidence->side == TIDE_SIDE_LABEL)
			return true;
	return false;
}

static void
a_label_that_comes_after_all_takes_the_place_of_none(void **state)
{
	struct world world;
	struct tide_evidence evidence;

	(void) state;
	world_open(&world, TIDE_PROBLEM_REGRESSION, 100);
	add(&world, TIDE_PREDICTIONS, 1, 10, 5, 1);
	add(&world, TIDE_PREDICTIONS, 2, 20, 9, 1);
	assert_int_equal(add(&world, TIDE_LABELS, 1, 30, 4, 1), TIDE_MATCHED);
	assert_true(next_pane(&world, 150, &evidence));
	assert_int_equal(evidence.labelled, 1);
	assert_int_equal(evidence.imputed, 1);
	assert_true(tide_sum_round(&evidence.labels->error.absolute) == 1 + 9);
	assert_true(evidence.labels->error.max_error == 9);
	assert_false(next_pane(&world, 150, &evidence));
	assert_int_equal(add(&world, TIDE_LABELS, 2, 40, 7, 1), TIDE_MATCHED);
	assert_true(next_pane(&world, TIDE_CLOCK_END, &evidence));
	assert_int_equal(evidence.timing, TIDE_TIMING_REVISED);
	assert_int_equal(evidence.labelled, 2);
	assert_int_equal(evidence.imputed, 0);
	assert_true(tide_sum_round(&evidence.labels->error.absolute) == 1 + 2);
	assert_true(evidence.labels->error.max_error == 2);
	assert_int_equal(evidence.labels->error.taken_back, 0);
	world_close(&world);
}

static void
who_is_not_eligible_takes_no_label_and_none_in_its_stead(void **state)
{
	struct world world;
	struct tide_evidence evidence;

	(void) state;
	world_open(&world, TIDE_PROBLEM_BINARY, 0);
	world.absence.eligible = (struct tide_expression){is_eligible, 1};
	add(&world, TIDE_PREDICTIONS, 1, 10, 1, 1);
	add(&world, TIDE_PREDICTIONS, 2, 11, 1, 0);
	add(&world, TIDE_PREDICTIONS, 3, 12, 1, 0);
	add(&world, TIDE_PREDICTIONS, 4, 13, 1, 1);
	assert_int_equal(add(&world, TIDE_LABELS, 1, 30, 1, 1), TIDE_MATCHED);
	assert_int_equal(add(&world, TIDE_LABELS, 2, 30, 1, 1), TIDE_WAITING);
	assert_true(next_pane(&world, TIDE_CLOCK_END, &evidence));
	assert_int_equal(evidence.predictions, 4);
	assert_int_equal(evidence.ineligible, 2);
	assert_int_equal(evidence.labelled, 1);
	assert_int_equal(evidence.imputed, 1);
	assert_int_equal(evidence.labels->confusion.tp, 1);
	assert_int_equal(evidence.labels->confusion.fp, 1);
	assert_true(tide_evidence_coverage(&evidence) == .5);
	world_close(&world);
}

static void
without_room_for_what_is_imputed_a_close_says_so(void **state)
{
	const struct tide_window_round end = {TIDE_CLOCK_END, TIDE_CLOCK_END, TIDE_CLOCK_END};
	enum tide_window_closed closed;
	struct tide_partial partial;
	struct world world;

	(void) state;
	world_open(&world, TIDE_PROBLEM_BINARY, 0);
	for (int i = 0; i < 20000; i++)
		add(&world, TIDE_PREDICTIONS, i, 10, 0, 1);
	size_t cap_bytes = world.pool.cap_bytes;
	world.pool.cap_bytes = world.pool.held_bytes;
	while ((closed = tide_window_close(world.windows, &end, &partial)) == TIDE_CLOSED_PARTIAL)
		assert_int_equal(partial.pane.side, TIDE_SIDE_PREDICTION);
	assert_int_equal(closed, TIDE_CLOSED_NO_ROOM);
	world.pool.cap_bytes = cap_bytes; /* nothing has changed */
	assert_int_equal(tide_window_close(world.windows, &end, &partial), TIDE_CLOSED_PARTIAL);
	assert_int_equal(partial.imputed, 20000);
	assert_int_equal(tide_window_close(world.windows, &end, &partial), TIDE_CLOSED_PARTIAL);
	assert_int_equal(partial.pane.side, TIDE_SIDE_INPUT);
	world_close(&world);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_label_that_comes_after_all_takes_the_place_of_none),
	        cmocka_unit_test(who_is_not_eligible_takes_no_label_and_none_in_its_stead),
	        cmocka_unit_test(without_room_for_what_is_imputed_a_close_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
