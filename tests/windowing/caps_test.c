#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "closing.h"
#include <stdio.h>
#include <string.h>

/* A window keeps two models and three values of the segment apart; one model is named. */
static const struct tide_segment segments[] = {{.name = "country", .field = 0}};
static const struct tide_model_options models[] = {{"champion", TIDE_PROBLEM_REGRESSION, NULL, .5},
                                                   {"*", TIDE_PROBLEM_REGRESSION, NULL, .5}};

#define VALUES 12
#define MODELS 5

struct world {
	struct tide_pool pool;
	struct tide_columns *columns;
	struct tide_shape shape;
	struct tide_windows *windows;
	struct tide_panes *panes;
};

static void
world_open(struct world *world)
{
	*world = (struct world){.columns = tide_mapping_columns_new()};
	struct tide_window_setup setup = {.options = {.size_ms = 1000,
	                                              .label_horizon_ms = 1000,
	                                              .label_policy = TIDE_LABEL_LAST,
	                                              .exact_rows = 1000,
	                                              .has_predictions = true,
	                                              .has_labels = true},
	                                  .models = models,
	                                  .model_count = 2,
	                                  .segments = segments,
	                                  .segment_count = 1,
	                                  .prediction_mapped = true,
	                                  .values_max = 3,
	                                  .columns = world->columns,
	                                  .shape = &world->shape};

	tide_pool_init(&world->pool, 64 << 20);
	world->windows = tide_window_new(&setup, &world->pool);
	world->panes = tide_panes_new(&setup, &world->pool);
	assert_non_null(world->windows);
}

static void
add(struct world *world, enum tide_role role, size_t number, double value)
{
	char id[24], country[24], model[24] = "champion";
	snprintf(id, sizeof id, "%zu", number);
	snprintf(country, sizeof country, "c%zu", number % VALUES);
	if (number % MODELS)
		snprintf(model, sizeof model, "m%zu", number % MODELS);
	struct tide_value field = {.kind = TIDE_VALUE_TEXT, .text = tide_text_of(country)};
	struct tide_value number_value = {.kind = TIDE_VALUE_NUMBER, .number = value};
	struct tide_event event = {.role = role,
	                           .time_ms = 10,
	                           .key = tide_hash_keyed(tide_text_of(id), 7),
	                           .model = tide_text_of(model),
	                           .prediction = number_value,
	                           .target = number_value,
	                           .fields = &field,
	                           .field_count = 1};

	assert_true(tide_window_has_room(world->windows));
	tide_window_add(world->windows, &event, 0);
}

struct said {
	char text[8192];
	size_t length, cells, capped;
};

/* Everything that the panes say, as text. */
static void
close_all(struct world *world, struct said *said)
{
	struct tide_evidence e;

	*said = (struct said){.length = 0};
	while (closing_next(world->panes, world->windows, TIDE_CLOCK_END, &e)) {
		if (e.side == TIDE_SIDE_INPUT)
			continue;
		double error = 0;
		size_t rows = 0;
		if (e.labels) {
			error = tide_sum_round(&e.labels->error.error);
			rows = e.labels->error.rows.count;
		}
		said->cells++;
		said->capped += e.capped;
		said->length += (size_t) snprintf(
		        said->text + said->length, sizeof said->text - said->length,
		        "%.*s|%d|%.*s|%d|%d|%llu|%llu|%zu|%g\n", (int) e.key.model.length,
		        e.key.model.bytes, e.key.segment, (int) e.key.value.length,
		        e.key.value.bytes ? e.key.value.bytes : "", (int) e.side, e.capped,
		        (unsigned long long) e.predictions, (unsigned long long) e.labelled, rows,
		        error);
		assert_true(said->length < sizeof said->text);
	}
	tide_panes_free(world->panes);
	tide_window_free(world->windows);
	tide_pool_fini(&world->pool);
	tide_mapping_columns_free(world->columns);
}

static void
fill(struct said *said, size_t step)
{
	struct world world;
	size_t rows = VALUES * MODELS;

	world_open(&world);
	for (size_t i = 0; i < rows; i++)
		add(&world, TIDE_PREDICTIONS, i * step % rows, 1);
	for (size_t i = 0; i < rows; i++) /* wrong at first, and most cells have given way */
		add(&world, TIDE_LABELS, i * step % rows, -9);
	for (size_t i = 0; i < rows; i++)
		add(&world, TIDE_LABELS, i * step % rows, (double) (i * step % rows));
	close_all(&world, said);
}

static void
what_gives_way_to_a_cap_depends_on_no_order(void **state)
{
	static struct said first, other;

	(void) state;
	fill(&first, 1);
	/* both sides of: champion, the 3 kept of the other 4 models and `__other__`, each with its
	 * total and at most 3 countries and `__other__` */
	assert_true(first.cells <= 2 * 5 * 5);
	assert_true(first.capped >= 2 * 5);
	assert_non_null(strstr(first.text, "champion|-1||0|0|12|0"));
	assert_non_null(strstr(first.text, "champion|0|__other__|1|1|"));
	assert_non_null(strstr(first.text, "__other__|-1||1|1|12|12|12|"));
	for (size_t step = 7; step < 60; step += 6) { /* no divisor of 60 */
		if (step % 5 == 0)
			continue;
		fill(&other, step);
		assert_string_equal(other.text, first.text);
	}
}

static void
more_combinations_than_65536_are_no_error(void **state)
{
	struct world world;
	static struct said said;

	(void) state;
	world_open(&world);
	for (size_t i = 0; i < 70000; i++) {
		char country[24];
		snprintf(country, sizeof country, "x%zu", i);
		struct tide_value field = {.kind = TIDE_VALUE_TEXT, .text = tide_text_of(country)};
		struct tide_event event = {.role = TIDE_PREDICTIONS,
		                           .time_ms = 10,
		                           .key = tide_hash_keyed(field.text, 7),
		                           .model = TIDE_TEXT("champion"),
		                           .fields = &field,
		                           .field_count = 1};
		assert_true(tide_window_has_room(world.windows));
		assert_int_equal(tide_window_add(world.windows, &event, 0), TIDE_ACCEPTED);
	}
	close_all(&world, &said);
	assert_int_equal(said.cells, 2 * 5);
	assert_non_null(strstr(said.text, "champion|0|__other__|0|1|69997|"));
}

/* 2000 predictions a window, each with a value of its own. */
static size_t
peak_of_unique_values(size_t window_count)
{
	struct world world;
	struct tide_evidence e;

	world_open(&world);
	for (size_t i = 0; i < window_count * 2000; i++) {
		char country[32];
		snprintf(country, sizeof country, "value %zu", i);
		struct tide_value field = {.kind = TIDE_VALUE_TEXT, .text = tide_text_of(country)};
		struct tide_event event = {.role = TIDE_PREDICTIONS,
		                           .time_ms = (int64_t) i / 2,
		                           .key = tide_hash_keyed(field.text, 7),
		                           .model = TIDE_TEXT("champion"),
		                           .fields = &field,
		                           .field_count = 1};
		assert_true(tide_window_has_room(world.windows));
		tide_window_add(world.windows, &event, event.time_ms);
		while (closing_next(world.panes, world.windows, event.time_ms, &e))
			;
	}
	assert_true(tide_window_pending(world.windows) <= 2 * 2000);
	size_t peak_bytes = world.pool.peak_bytes;
	tide_panes_free(world.panes);
	tide_window_free(world.windows);
	tide_pool_fini(&world.pool);
	tide_mapping_columns_free(world.columns);
	return peak_bytes;
}

static void
names_that_came_once_do_not_stay_for_good(void **state)
{
	(void) state;
	size_t few = peak_of_unique_values(10), many = peak_of_unique_values(40);
	assert_true(many <= few + few / 10);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(what_gives_way_to_a_cap_depends_on_no_order),
	        cmocka_unit_test(more_combinations_than_65536_are_no_error),
	        cmocka_unit_test(names_that_came_once_do_not_stay_for_good),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
