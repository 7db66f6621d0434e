#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "closing.h"

/* Windows of 100 ms, labels up to 50 ms after the end, labels at most 30 ms early. */
struct world {
	struct tide_pool pool;
	struct tide_columns *columns;
	struct tide_shape shape;
	struct tide_windows *windows;
	struct tide_panes *panes;
	struct tide_model_options model;
};

static void
world_open(struct world *world, enum tide_label_policy policy)
{
	*world = (struct world){.columns = tide_mapping_columns_new(),
	                        .model = {"*", TIDE_PROBLEM_REGRESSION, NULL, .5}};
	struct tide_window_setup setup = {.options = {.size_ms = 100,
	                                              .label_horizon_ms = 50,
	                                              .early_label_ttl_ms = 30,
	                                              .label_policy = policy,
	                                              .has_predictions = true,
	                                              .has_labels = true},
	                                  .models = &world->model,
	                                  .model_count = 1,
	                                  .prediction_mapped = true,
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

static enum tide_outcome
add(struct world *world, enum tide_role role, const char *id, int64_t time_ms, double value,
    int64_t watermark_ms)
{
	struct tide_value number = {.kind = TIDE_VALUE_NUMBER, .number = value};
	struct tide_event event = {.role = role,
	                           .time_ms = time_ms,
	                           .key = tide_hash_keyed(tide_text_of(id), 7),
	                           .model = TIDE_TEXT("m"),
	                           .weight = 1,
	                           .prediction = number,
	                           .target = number};

	assert_true(tide_window_has_room(world->windows));
	return tide_window_add(world->windows, &event, watermark_ms);
}

/* The label side's absolute error of the window from start_ms, at the end of time. */
static double
absolute_error(struct world *world, int64_t start_ms, uint64_t *labelled)
{
	struct tide_evidence evidence;
	double sum = -1;

	while (closing_next(world->panes, world->windows, TIDE_CLOCK_END, &evidence)) {
		if (evidence.side != TIDE_SIDE_LABEL || evidence.start_ms != start_ms)
			continue;
		*labelled = evidence.labelled;
		sum = tide_sum_round(&evidence.labels->error.absolute);
	}
	return sum;
}

static void
every_boundary_of_lateness_is_exact(void **state)
{
	struct world world;

	(void) state;
	world_open(&world, TIDE_LABEL_FIRST);
	assert_int_equal(add(&world, TIDE_PREDICTIONS, "a", 50, 1, 99), TIDE_ACCEPTED);
	assert_int_equal(add(&world, TIDE_PREDICTIONS, "b", 50, 1, 100), TIDE_LATE);
	assert_int_equal(add(&world, TIDE_PREDICTIONS, "a", 60, 1, 99), TIDE_DUPLICATE);
	assert_int_equal(add(&world, TIDE_LABELS, "a", 149, 2, 149), TIDE_MATCHED);
	assert_int_equal(add(&world, TIDE_LABELS, "a", 150, 2, 149), TIDE_WAITING);
	assert_int_equal(add(&world, TIDE_LABELS, "x", 10, 2, 150), TIDE_LATE);
	world_close(&world);
}

static void
the_first_label_wins_and_the_last_takes_it_back(void **state)
{
	static const struct {
		enum tide_label_policy policy;
		enum tide_outcome outcome;
		double error;
	} cases[] = {{TIDE_LABEL_FIRST, TIDE_CONFLICT, 1}, {TIDE_LABEL_LAST, TIDE_CORRECTED, 4}};

	(void) state;
	for (size_t i = 0; i < 2; i++) {
		struct world world;
		uint64_t labelled = 0;
		world_open(&world, cases[i].policy);
		add(&world, TIDE_PREDICTIONS, "a", 10, 1, TIDE_NO_TIME);
		assert_int_equal(add(&world, TIDE_LABELS, "a", 20, 2, 10), TIDE_MATCHED);
		assert_int_equal(add(&world, TIDE_LABELS, "a", 21, 2, 10), TIDE_DUPLICATE);
		assert_int_equal(add(&world, TIDE_LABELS, "a", 22, 5, 10), cases[i].outcome);
		assert_true(absolute_error(&world, 0, &labelled) == cases[i].error);
		assert_int_equal(labelled, 1);
		world_close(&world);
	}
}

static void
a_label_that_came_first_waits_for_its_prediction(void **state)
{
	struct world world;
	uint64_t labelled = 0;

	(void) state;
	world_open(&world, TIDE_LABEL_FIRST);
	assert_int_equal(add(&world, TIDE_LABELS, "a", 5, 9, TIDE_NO_TIME), TIDE_WAITING);
	assert_int_equal(add(&world, TIDE_LABELS, "a", 6, 8, 5), TIDE_WAITING);
	assert_int_equal(add(&world, TIDE_LABELS, "b", 5, 9, 5), TIDE_WAITING);
	assert_int_equal(add(&world, TIDE_PREDICTIONS, "a", 35, 1, TIDE_NO_TIME), TIDE_ACCEPTED);
	assert_int_equal(add(&world, TIDE_PREDICTIONS, "b", 36, 1, 30), TIDE_ACCEPTED);
	/* a: 9, the first that was read; b came too early */
	assert_true(absolute_error(&world, 0, &labelled) == 8);
	assert_int_equal(labelled, 1);
	assert_int_equal(tide_window_pending(world.windows), 0);
	world_close(&world);
}

/* The outcomes of labels over all records of the input side, at the end of time. */
static void
labels_count(struct world *world, uint64_t counts[TIDE_OUTCOMES])
{
	struct tide_evidence evidence;

	while (closing_next(world->panes, world->windows, TIDE_CLOCK_END, &evidence))
		for (size_t i = 0; evidence.side == TIDE_SIDE_INPUT && i < TIDE_OUTCOMES; i++)
			counts[i] += evidence.counts->outcomes[TIDE_LABELS][i];
}

/* The first window ends at 200, the horizon is 50. */
static void
a_label_older_than_the_first_windows_horizon_may_be_of_before_the_start(void **state)
{
	static const struct {
		bool began;
		uint64_t before, unmatched;
	} cases[] = {{false, 0, 2}, {true, 1, 1}};

	(void) state;
	for (size_t i = 0; i < 2; i++) {
		struct world world;
		uint64_t counts[TIDE_OUTCOMES] = {0};
		world_open(&world, TIDE_LABEL_FIRST);
		if (cases[i].began)
			assert_true(tide_window_begin(world.windows, 0, TIDE_CLOCK_END));
		for (int32_t other = 1; cases[i].began && other < 100; other++)
			assert_true(tide_window_begin(world.windows, other, TIDE_CLOCK_END));
		add(&world, TIDE_LABELS, "x", 249, 1, TIDE_NO_TIME);
		add(&world, TIDE_PREDICTIONS, "a", 150, 1, TIDE_NO_TIME);
		if (cases[i].began)
			assert_true(tide_window_begin(world.windows, 0, 200));
		add(&world, TIDE_LABELS, "a", 249, 1, 249);
		add(&world, TIDE_LABELS, "y", 250, 1, 249);
		labels_count(&world, counts);
		assert_int_equal(counts[TIDE_MATCHED], 1);
		assert_int_equal(counts[TIDE_BEFORE_START], cases[i].before);
		assert_int_equal(counts[TIDE_UNMATCHED], cases[i].unmatched);
		world_close(&world);
	}
}

static void
a_label_of_a_partition_without_a_prediction_is_of_before_its_start(void **state)
{
	struct world world;
	uint64_t counts[TIDE_OUTCOMES] = {0};

	(void) state;
	world_open(&world, TIDE_LABEL_FIRST);
	assert_true(tide_window_begin(world.windows, 0, TIDE_CLOCK_END));
	add(&world, TIDE_LABELS, "x", 1000000, 1, TIDE_NO_TIME);
	labels_count(&world, counts);
	assert_int_equal(counts[TIDE_BEFORE_START], 1);
	world_close(&world);
}

/* Panes and input records that leave by `clock_ms`, by start. */
static void
close_until(struct world *world, int64_t clock_ms, size_t panes[4], size_t inputs[4])
{
	struct tide_evidence evidence;

	while (closing_next(world->panes, world->windows, clock_ms, &evidence))
		++*(evidence.side == TIDE_SIDE_INPUT ? &inputs[evidence.start_ms / 100]
		                                     : &panes[evidence.start_ms / 100]);
}

/* Its last pane leaves at 150: a partition that was idle until now has a watermark of 20. */
static void
a_window_that_has_left_is_not_opened_again(void **state)
{
	struct world world;
	size_t panes[4] = {0}, inputs[4] = {0};

	(void) state;
	world_open(&world, TIDE_LABEL_FIRST);
	add(&world, TIDE_PREDICTIONS, "a", 30, 1, TIDE_NO_TIME);
	close_until(&world, 149, panes, inputs);
	assert_int_equal(add(&world, TIDE_PREDICTIONS, "b", 40, 1, 20), TIDE_ACCEPTED);
	close_until(&world, 150, panes, inputs);
	assert_int_equal(add(&world, TIDE_PREDICTIONS, "c", 40, 1, 20), TIDE_LATE);
	assert_int_equal(add(&world, TIDE_PREDICTIONS, "d", 100, 1, 20), TIDE_ACCEPTED);
	close_until(&world, TIDE_CLOCK_END, panes, inputs);
	assert_int_equal(panes[0], 2);
	assert_int_equal(panes[1], 2);
	assert_int_equal(inputs[0], 1);
	assert_int_equal(inputs[1], 1);
	world_close(&world);
}

/* Read at 110, where the watermark stands at 90 from then on: the first record is charged to the
 * window of its own time, the second to the one before. */
static void
an_input_record_before_the_first_time_is_not_lost(void **state)
{
	struct world world;
	size_t panes[4] = {0}, inputs[4] = {0};

	(void) state;
	world_open(&world, TIDE_LABEL_FIRST);
	add(&world, TIDE_PREDICTIONS, "a", 110, 1, TIDE_NO_TIME);
	close_until(&world, TIDE_NO_TIME, panes, inputs);
	add(&world, TIDE_PREDICTIONS, "b", 110, 1, 90);
	close_until(&world, 90, panes, inputs);
	assert_int_equal(inputs[0] + inputs[1], 0);
	close_until(&world, TIDE_CLOCK_END, panes, inputs);
	assert_int_equal(inputs[0], 1);
	assert_int_equal(inputs[1], 1);
	world_close(&world);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_boundary_of_lateness_is_exact),
	        cmocka_unit_test(the_first_label_wins_and_the_last_takes_it_back),
	        cmocka_unit_test(a_label_that_came_first_waits_for_its_prediction),
	        cmocka_unit_test(
	                a_label_older_than_the_first_windows_horizon_may_be_of_before_the_start),
	        cmocka_unit_test(a_label_of_a_partition_without_a_prediction_is_of_before_its_start),
	        cmocka_unit_test(a_window_that_has_left_is_not_opened_again),
	        cmocka_unit_test(an_input_record_before_the_first_time_is_not_lost),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
