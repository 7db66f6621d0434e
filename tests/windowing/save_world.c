#include "tests/windowing/save_world.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

#define STEP_MS 3
#define JITTER_MS 90
#define DISORDER_MS 60
#define IDS_BACK 60
#define SILENT_MS 280

static const struct tide_model_options models[] = {
        {"yes-*", TIDE_PROBLEM_BINARY, "yes", .5},
        {"price", TIDE_PROBLEM_REGRESSION, NULL, .5},
        {"none", TIDE_PROBLEM_NONE, NULL, .5},
        {"*", TIDE_PROBLEM_MULTICLASS, NULL, .5},
};
static const struct tide_segment segments[] = {{.name = "country", .field = 0},
                                                {.name = "channel", .field = 1}};
static const char *const named[] = {"k0", "k1", "k2"};
static const char *const names[] = {"yes-1", "yes-2", "price", "none", "m0",
                                    "m1",    "m2",    "m3",    "m4",   "m5"};

/* The reference knows two columns. */
static const double edges[] = {2, 4, 8}, fine[] = {1, 2, 3, 4, 6, 8};
static const uint8_t bin_of[] = {0, 0, 1, 1, 2, 2, 3};
static const struct tide_text categories[] = {{"a", 1}, {"b", 1}, {"c", 1}};
static const struct tide_column_shape shapes[] = {
        {.type = TIDE_COLUMN_NUMERIC,
         .edges = edges,
         .edge_count = 3,
         .fine = fine,
         .fine_count = 6,
         .bin_of = bin_of,
         .fence_low = 1,
         .fence_high = 9,
         .reference_min = 0,
         .reference_max = 10},
        {.type = TIDE_COLUMN_CATEGORICAL, .categories = categories, .category_count = 3},
};
static const struct tide_shape shape = {.columns = shapes, .count = 2};

/* Leaves, each an expression of its own. */
static const struct tide_expression_node amount = {.op = TIDE_LEAF_FIELD, .index = 2};
static const struct tide_expression_node paid = {.op = TIDE_LEAF_FIELD, .index = 0};
static const struct tide_expression_node kept = {.op = TIDE_LEAF_KEPT};
static const struct tide_expression_node outcome = {.op = TIDE_LEAF_OUTCOME};
static const struct tide_expression of_amount = {&amount, 1}, of_paid = {&paid, 1};

static uint64_t
mix(uint64_t x)
{
	x += UINT64_C(0x9e3779b97f4a7c15);
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

/* A number below `end` that goes with (seed, event, what). */
static uint64_t
chosen(const struct world *world, uint64_t number, uint64_t what, uint64_t end)
{
	return mix(mix(mix(world->seed) + number) + what) % end;
}

static struct tide_window_options
options_of(uint64_t seed)
{
	return (struct tide_window_options){
	        .size_ms = 100,
	        .lateness_ms = seed % 5 == 2 ? 260 : 40,
	        .label_horizon_ms = 150,
	        .label_lateness_ms = seed & 1 ? 60 : 0,
	        .early_ms = {30, 80},
	        .early_count = seed >> 1 & 1 ? 2 : 0,
	        .early_label_ttl_ms = 70,
	        .label_policy = seed >> 2 & 1 ? TIDE_LABEL_LAST : TIDE_LABEL_FIRST,
	        .has_predictions = true,
	        .has_labels = true,
	        .exact_rows = seed >> 3 & 1 ? 12 : 1000,
	};
}

static void
measures_make(struct world *world)
{
	world->business[0] = (struct tide_business){
	        .name = "volume", .kind = TIDE_BUSINESS_SUM, .value[0] = of_amount};
	world->business[1] = (struct tide_business){.name = "kept",
	                                            .kind = TIDE_BUSINESS_MEAN,
	                                            .labelled = true,
	                                            .where = {&outcome, 1},
	                                            .value[0] = {&kept, 1}};
	world->business[2] = (struct tide_business){.name = "paid",
	                                            .kind = TIDE_BUSINESS_RATE,
	                                            .labelled = true,
	                                            .value[0] = {&outcome, 1}};
	world->business[3] = (struct tide_business){.name = "matrix",
	                                            .kind = TIDE_BUSINESS_MATRIX,
	                                            .labelled = true,
	                                            .value = {{&kept, 1},
	                                                      {&outcome, 1},
	                                                      {&kept, 1},
	                                                      {&outcome, 1}}};
	world->measures = (struct tide_measures){.mapped = 15,
	                                         .business = world->business,
	                                         .business_count = WORLD_MEASURES,
	                                         .kept = &of_amount,
	                                         .kept_count = 1,
	                                         .outcome = &of_paid,
	                                         .outcome_count = 1};
}

bool
tide_world_open(struct world *world, uint64_t seed, size_t names_first, size_t cap_bytes)
{
	*world = (struct world){.seed = seed, .columns = tide_mapping_columns_new()};
	TIDE_ASSERT(world->columns);
	tide_mapping_column(world->columns, TIDE_TEXT("x"), 0);
	tide_mapping_column(world->columns, TIDE_TEXT("c"), 0);
	for (size_t i = names_first; i > 0; i--) {
		char name[24];
		snprintf(name, sizeof name, "u%zu", i - 1);
		tide_mapping_column(world->columns, tide_text_of(name), 0);
	}
	for (size_t i = 0; i < 4; i++)
		world->watermarks_ms[i / 2][i % 2] = TIDE_NO_TIME;
	measures_make(world);
	world->setup = (struct tide_window_setup){.options = options_of(seed),
	                                          .models = models,
	                                          .model_count = 4,
	                                          .segments = segments,
	                                          .segment_count =
	                                                  seed >> 4 & 3 ? seed >> 4 & 1 : 2,
	                                          .prediction_mapped = seed % 7 != 0,
	                                          .proba_mapped = true,
	                                          .weight_mapped = seed >> 6 & 1,
	                                          .classes = named,
	                                          .class_count = seed % 3 ? 3 : 0,
	                                          .values_max = 3,
	                                          .columns = world->columns,
	                                          .shape = &shape,
	                                          .measures = seed % 5 ? &world->measures : NULL};
	tide_pool_init(&world->pool, cap_bytes);
	world->windows = tide_window_new(&world->setup, &world->pool);
	tide_pool_init(&world->panes_pool, (size_t) 1 << 30);
	world->panes = tide_panes_new(&world->setup, &world->panes_pool);
	return world->windows != NULL;
}

void
tide_world_close(struct world *world)
{
	tide_panes_free(world->panes);
	tide_pool_fini(&world->panes_pool);
	tide_window_free(world->windows);
	tide_pool_fini(&world->pool);
	tide_mapping_columns_free(world->columns);
}

static struct tide_value
text_value(const char *text)
{
	struct tide_value value = {.kind = TIDE_VALUE_TEXT, .text = tide_text_of(text)};

	if (tide_text_read_number(value.text, &value.number))
		value.kind = TIDE_VALUE_NUMBER;
	return value;
}

static struct tide_value
number_value(double number)
{
	return (struct tide_value){.kind = TIDE_VALUE_NUMBER, .number = number};
}

static const char *const words[] = {"yes", "no", "k0", "k1", "k2", "k3", "k4", "1", "2.5", "7"};
#define WORDS (sizeof words / sizeof *words)

static void
columns_fill(const struct world *world, uint64_t number, struct said *said,
             struct tide_event *event)
{
	static const char *const open[] = {"u0", "u1", "u2", "u3"};

	said->values[0] = chosen(world, number, 20, 9)
	                          ? number_value((double) chosen(world, number, 21, 120) / 8)
	                          : text_value("x");
	said->values[1] = text_value(&"abcdef"[chosen(world, number, 22, 6)]);
	said->values[1].text.length = 1;
	said->values[2] = text_value(words[chosen(world, number, 23, WORDS)]);
	said->values[3] = number_value((double) chosen(world, number, 24, 4));
	said->values[0].column = 0;
	said->values[1].column = 1;
	for (uint64_t i = 0; i < 2; i++)
		said->values[2 + i].column = tide_mapping_column(
		        world->columns,
		        tide_text_of(open[2 * i + chosen(world, number, 25 + i, 2)]), 0);
	event->values = said->values;
	event->value_count = chosen(world, number, 27, 4) + 1;
}

static void
prediction_fill(const struct world *world, uint64_t number, struct said *said,
                struct tide_event *event)
{
	event->version = tide_text_of(chosen(world, number, 8, 3) ? "v1" : "v2");
	event->prediction = tide_text_is(event->model, "price")
	                            ? number_value((double) chosen(world, number, 9, 80) / 4)
	                            : text_value(words[chosen(world, number, 10, 7)]);
	event->score = number_value((double) chosen(world, number, 11, 11) / 10);
	event->weight = (double) (chosen(world, number, 12, 8) + 1) / 4;
	event->latency_ms = (double) chosen(world, number, 13, 500);
	event->cpu = chosen(world, number, 14, 3) ? .5 : NAN;
	event->error = chosen(world, number, 15, 20) == 0;
	for (uint64_t i = 0; i < 4; i++) {
		said->classes[i] = tide_text_of(words[i + 1]);
		said->scores[i] = chosen(world, number, 16 + i, 5) ? .25 * (double) i : NAN;
	}
	if (tide_text_matches(event->model, "m*")) {
		event->scores = said->scores;
		event->classes = said->classes;
		event->score_count = 4;
	}
	columns_fill(world, number, said, event);
}

void
tide_world_event(const struct world *world, uint64_t number, struct said *said,
                 struct tide_event *event)
{
	uint64_t id = number / 3 + IDS_BACK - chosen(world, number, 1, IDS_BACK);
	int64_t jitter_ms = (int64_t) chosen(world, number, 2, JITTER_MS);

	*said = (struct said){0};
	tide_event_init(event, chosen(world, number, 3, 5) < 2 ? TIDE_PREDICTIONS : TIDE_LABELS);
	snprintf(said->id, sizeof said->id, "id-%llu", (unsigned long long) id);
	snprintf(said->country, sizeof said->country, "country %d",
	         (int) chosen(world, number, 4, 12));
	snprintf(said->channel, sizeof said->channel, "%d", (int) chosen(world, number, 5, 3));
	event->partition = (int32_t) (id % 2);
	event->time_ms = 500 + (int64_t) number * STEP_MS + JITTER_MS - jitter_ms;
	event->key = tide_hash_keyed(tide_text_of(said->id), 7);
	event->weight = 1;
	if (event->role == TIDE_PREDICTIONS || chosen(world, number, 6, 2))
		event->model = tide_text_of(names[id % 10]);
	event->target = text_value(words[chosen(world, number, 7, WORDS)]);
	said->fields[0] = event->role == TIDE_PREDICTIONS ? text_value(said->country)
	                                                  : number_value((double) (number % 3));
	if (chosen(world, number, 28, 6))
		said->fields[1] = text_value(said->channel);
	said->fields[2] = number_value((double) chosen(world, number, 29, 100));
	event->fields = said->fields;
	event->field_count = WORLD_FIELDS;
	if (event->role == TIDE_PREDICTIONS)
		prediction_fill(world, number, said, event);
}

enum tide_outcome
tide_world_step(struct world *world, uint64_t number)
{
	struct tide_event event = {0};
	struct said said;

	tide_world_event(world, number, &said, &event);
	int64_t silent_ms = TIDE_NO_TIME;
	int64_t *watermark_ms = &world->watermarks_ms[event.role][event.partition];
	if (chosen(world, number, 30, 10) == 0) { /* of a queue that nobody waited for */
		event.time_ms -= event.time_ms < SILENT_MS ? 0 : SILENT_MS;
		watermark_ms = &silent_ms;
	}
	if (number == 0)
		TIDE_ASSERT(tide_window_begin(world->windows, 1, 800));
	TIDE_ASSERT(tide_window_has_room(world->windows));
	enum tide_outcome became = tide_window_add(world->windows, &event, *watermark_ms);
	if (event.time_ms - DISORDER_MS > *watermark_ms)
		*watermark_ms = event.time_ms - DISORDER_MS;
	if (number % 37 == 0) {
		TIDE_ASSERT(tide_window_has_room(world->windows));
		tide_window_charge(world->windows, event.role, TIDE_POISON, event.time_ms);
	}
	return became;
}

static int64_t
least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

bool
tide_world_next(struct world *world, bool end, struct tide_evidence *evidence)
{
	int64_t(*at_ms)[2] = world->watermarks_ms;
	int64_t predictions_ms = least(at_ms[TIDE_PREDICTIONS][0], at_ms[TIDE_PREDICTIONS][1]);
	int64_t all_ms = least(predictions_ms, least(at_ms[TIDE_LABELS][0], at_ms[TIDE_LABELS][1]));

	int64_t clock_ms = end ? TIDE_CLOCK_END : all_ms;
	const struct tide_window_round round = {clock_ms, clock_ms,
	                                        end ? TIDE_CLOCK_END : predictions_ms};
	struct tide_buffer room;
	tide_text_buffer_init(&room, 64 << 20);
	TIDE_ASSERT(tide_panes_take(world->panes, 0, 1, world->windows, &round, false, &room) ==
	            TIDE_PANES_OK);
	tide_text_buffer_fini(&room);
	return tide_panes_close(world->panes, evidence) == TIDE_PANES_OK;
}
