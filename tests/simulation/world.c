#include "tests/simulation/world.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

uint64_t
world_random(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);

	z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
	return z ^ (z >> 31);
}

int64_t
world_below(uint64_t *state, int64_t below)
{
	return below > 0 ? (int64_t)(world_random(state) % (uint64_t)below) : 0;
}

bool
world_chance(uint64_t *state, int64_t in)
{
	return world_below(state, in) == 0;
}

int64_t
world_window(const struct world *world, int64_t time_ms)
{
	return time_ms - time_ms % world->size_ms; /* no time is negative */
}

static int64_t
below(struct world *world, int64_t limit)
{
	return world_below(&world->state, limit);
}

static bool
chance(struct world *world, int64_t in)
{
	return world_chance(&world->state, in);
}

static void
options_draw(struct world *world)
{
	static const int64_t sizes_ms[] = {1000, 5000, 60000};
	int64_t size_ms = world->size_ms = sizes_ms[below(world, 3)];

	world->start_ms = 1000 * size_ms + below(world, 100) * size_ms;
	world->windows = 6 + (int)below(world, 20);
	world->partitions = 1 + (int)below(world, WORLD_PARTITIONS_MAX);
	world->regression = chance(world, 3);
	world->scores = !world->regression && chance(world, 2);
	world->has_labels = !chance(world, 12);
	world->has_predictions = !world->has_labels || !chance(world, 20);
	world->models = 1 + (int)below(world, 2);
	world->versions = 1 + (int)below(world, 2);
	world->segments = (int)below(world, 2);
	world->label_models = chance(world, 2);
	world->shared_ids = world->models > 1 && chance(world, 2);
	world->out_of_orderness_ms = chance(world, 2) ? 0 : below(world, size_ms);
	world->lateness_ms = chance(world, 2) ? 0 : below(world, size_ms);
	world->horizon_ms = 1 + below(world, 3 * size_ms);
	if (world->has_labels && world->lateness_ms > world->horizon_ms)
		world->lateness_ms = world->horizon_ms; /* else a final pane lacks predictions */
	world->label_lateness_ms = chance(world, 3) ? 1 + below(world, 2 * size_ms) : 0;
	world->early_ttl_ms = below(world, 2 * size_ms);
	world->skew_ms = chance(world, 2) ? 0 : below(world, 5 * size_ms);
	world->last_policy = chance(world, 3);
	world->idle = world->has_labels && world->has_predictions && chance(world, 6);
	world->idle_timeout_ms = world->idle ? 20 + below(world, 400) : INT64_C(86400000);
	if (world->horizon_ms > 10 && chance(world, 3)) {
		world->early_count = 1 + (int)below(world, 2);
		world->early_ms[0] = 1 + below(world, world->horizon_ms / 2);
		world->early_ms[1] = world->early_ms[0] + 1 +
				     below(world, world->horizon_ms - world->early_ms[0] - 2);
	}
	world->disorder_ms[0] = chance(world, 2) ? 0 : below(world, 2 * size_ms);
	world->disorder_ms[1] = chance(world, 2) ? 0 : below(world, 2 * size_ms);
}

/* By dice of its own: what else a seed says stays as it is. */
static void
absence_draw(struct world *world)
{
	uint64_t state = world->seed * 2 + 2;
	bool joined = world->has_labels && world->has_predictions;

	world->absent = joined && world_chance(&state, 4);
	world->eligible = joined && world_chance(&state, 4);
}

static void
rules_draw(struct world *world)
{
	static const char *const outcome[][2] = {{"accuracy", "recall"}, {"mae", "mean_error"}};

	world->rule_count = (int)below(world, WORLD_RULES_MAX + 1);
	for (int i = 0; i < world->rule_count; i++) {
		struct world_rule *rule = &world->rules[i];
		bool column = !world->has_labels || chance(world, 3);
		snprintf(rule->metric, sizeof rule->metric, "%s",
			 column ? "missing" : outcome[world->regression][below(world, 2)]);
		rule->columns = column;
		rule->above = column || world->regression;
		rule->threshold = column ? .3 : world->regression ? (double)below(world, 4) : .5;
		rule->threshold += (double)below(world, 10) / 100;
		rule->for_n = 1 + (int)below(world, 4);
		rule->for_m = 1 + (int)below(world, rule->for_n);
		rule->resolve_after = (int)below(world, 4);
		rule->min_n = chance(world, 3) ? 1 + (int)below(world, 8) : 0;
		rule->segments = world->segments && chance(world, 2);
		rule->clear = chance(world, 3) ? rule->threshold + (rule->above ? -.1 : .1) : NAN;
	}
}

static struct world_record *
record_new(struct world *world, int role, int64_t id)
{
	int partition = (int)(id % world->partitions);
	struct world_queue *queue = &world->queues[role * world->partitions + partition];

	if (queue->count == queue->room) {
		queue->room = queue->room ? 2 * queue->room : 64;
		queue->records = realloc(queue->records, queue->room * sizeof *queue->records);
		TIDE_ASSERT(queue->records);
	}
	struct world_record *record = &queue->records[queue->count++];
	memset(record, 0, sizeof *record);
	record->id = id;
	record->x = NAN;
	return record;
}

/* record_ms is when it came to its queue: the queue's order. */
static void
record_place(struct world *world, int role, struct world_record *record, int64_t time_ms)
{
	record->time_ms = time_ms;
	record->record_ms = time_ms + below(world, world->disorder_ms[role] + 1);
	if (chance(world, 60))
		record->kind = WORLD_POISON;
	else if (chance(world, 80)) {
		record->kind = WORLD_FUTURE;
		record->time_ms = record->record_ms + world->skew_ms + 1 +
				  below(world, 40 * world->size_ms);
	}
}

static void
prediction_text(const struct world *world, struct world_record *record)
{
	char column[32] = "null", version[24] = "";

	if (!isnan(record->x))
		snprintf(column, sizeof column, "%g", record->x);
	if (world->versions > 1)
		snprintf(version, sizeof version, "\"version\":\"%d\",", record->version);
	record->length = (size_t)snprintf(
	    record->text, sizeof record->text,
	    "{\"id\":\"i%lld\",\"ts\":%lld,\"model\":\"m%d\",%s\"features\":{\"x\":%s,"
	    "\"seg\":\"s%d\"},\"prediction\":%g%s}",
	    (long long)record->id, (long long)record->time_ms, record->model, version, column,
	    record->segment, record->value,
	    !world->scores ? "" : record->value > 0 ? ",\"score\":0.75" : ",\"score\":0.25");
}

static void
label_text(const struct world *world, struct world_record *record)
{
	char model[24] = "";

	if (world->label_models && record->model >= 0)
		snprintf(model, sizeof model, "\"model\":\"m%d\",", record->model);
	record->length = (size_t)snprintf(
	    record->text, sizeof record->text, "{\"id\":\"i%lld\",\"ts\":%lld,%s\"label\":%g}",
	    (long long)record->id, (long long)record->time_ms, model, record->value);
}

static void
record_write(struct world *world, int role, struct world_record *record)
{
	static const char *const broken[] = {"", "{", "[1]", "{\"id\":null,\"ts\":5}",
					     "{\"id\":\"a\",\"ts\":\"then\",\"label\":1}"};

	if (record->kind == WORLD_POISON) {
		record->length = (size_t)snprintf(record->text, sizeof record->text, "%s",
						  broken[below(world, 5)]);
	} else if (role == 0) {
		prediction_text(world, record);
	} else {
		label_text(world, record);
	}
	TIDE_ASSERT(record->length + 64 < sizeof record->text);
}

static double
value_draw(struct world *world, bool bad)
{
	if (world->regression)
		return (double)below(world, bad ? 40 : 8) / 4;
	return (double)below(world, 2);
}

static void
label_draw(struct world *world, const struct world_record *prediction, double truth)
{
	int64_t early_ms = chance(world, 6) ? below(world, 2 * world->early_ttl_ms + 2) : 0;
	int64_t delay_ms = below(world, chance(world, 6) ? 2 * world->horizon_ms + world->size_ms
							 : world->horizon_ms);
	int64_t time_ms = prediction->time_ms + (early_ms ? -early_ms : delay_ms);
	int model = prediction->model;

	for (int times = 1; times > 0; times--) {
		struct world_record *label = record_new(world, 1, prediction->id);
		label->model = world->shared_ids && chance(world, 2) ? -1 : model;
		label->value = truth;
		record_place(world, 1, label, time_ms);
		record_write(world, 1, label);
		if (chance(world, 8)) {
			times++;
			time_ms += below(world, world->size_ms);
			truth = chance(world, 2) ? truth : value_draw(world, true);
		}
	}
}

static void
case_draw(struct world *world, int64_t id, int64_t time_ms)
{
	/* stretches of bad windows, so that rules have something to say */
	bool bad = (world_window(world, time_ms) / world->size_ms / 3 + (int64_t)world->seed) % 2;
	struct world_record prediction = {.id = id, .time_ms = time_ms};
	double truth = value_draw(world, false);

	for (int i = 0; i < world->models; i++) {
		bool mine = world->shared_ids || id % world->models == i;
		for (int times = mine; times > 0; times--) {
			struct world_record *record = record_new(world, 0, id);
			record->model = i;
			record->version = (int)below(world, world->versions);
			record->segment = (int)below(world, 3);
			record->value = chance(world, bad ? 2 : 10) ? value_draw(world, bad) : truth;
			record->x = chance(world, bad ? 2 : 8) ? NAN : (double)below(world, 50);
			record_place(world, 0, record, time_ms);
			record_write(world, 0, record);
			prediction = *record;
			prediction.time_ms = time_ms;
			if (chance(world, 20))
				times++;
			time_ms += chance(world, 4) ? below(world, world->size_ms) : 0;
		}
	}
	if (!chance(world, 5))
		label_draw(world, &prediction, truth);
	if (chance(world, 40)) {
		prediction.id = 100000 + id; /* nobody predicted it */
		label_draw(world, &prediction, truth);
	}
}

static int
record_order(const void *a, const void *b)
{
	const struct world_record *x = a, *y = b;

	if (x->record_ms != y->record_ms)
		return x->record_ms < y->record_ms ? -1 : 1;
	return (x->id > y->id) - (x->id < y->id);
}

static int64_t
cases_draw(struct world *world)
{
	int64_t span_ms = world->windows * world->size_ms, last_ms = 0;
	int64_t cases = 60 + below(world, chance(world, 8) ? 900 : 240);
	int64_t gap = chance(world, 3) ? 2 + below(world, world->windows) : INT64_MAX;

	for (int64_t id = 0; id < cases; id++) {
		int64_t time_ms = below(world, span_ms);
		if (time_ms / world->size_ms % gap != 1) /* windows without predictions */
			case_draw(world, id, world->start_ms + time_ms);
	}
	for (int i = 0; i < world->queues_count; i++) {
		struct world_queue *queue = &world->queues[i];
		if (queue->count)
			qsort(queue->records, queue->count, sizeof *queue->records, record_order);
		for (size_t j = 0; j < queue->count; j++)
			if (queue->records[j].record_ms + world->skew_ms > last_ms)
				last_ms = queue->records[j].record_ms + world->skew_ms;
	}
	return last_ms;
}

static void
closers_add(struct world *world, int64_t last_ms)
{
	int64_t step_ms = 4 * world->size_ms + world->horizon_ms + world->label_lateness_ms +
			  world->lateness_ms + world->out_of_orderness_ms + world->early_ttl_ms;
	int64_t time_ms = world_window(world, last_ms) + step_ms;

	world->limit_ms = world_window(world, time_ms - world->out_of_orderness_ms);
	world->close_ms = time_ms;
	for (int round = 0; round < 3; round++, time_ms += step_ms) {
		for (int i = 0; i < world->queues_count; i++) {
			int role = i / world->partitions;
			int64_t id = 200000 + 4 * round * world->partitions + i % world->partitions;
			id += (i % world->partitions - id % world->partitions + world->partitions) %
			      world->partitions;
			struct world_record *record = record_new(world, role, id);
			record->time_ms = record->record_ms = time_ms;
			record->closing = true;
			record_write(world, role, record);
		}
	}
	world->end_ms = time_ms;
}

/* One queue ends early, without what closes it. */
static void
silence_draw(struct world *world)
{
	struct world_queue *queue = &world->queues[below(world, world->queues_count)];

	queue->count = (size_t)below(world, (int64_t)queue->count - 3);
}

void
world_make(struct world *world, uint64_t seed)
{
	*world = (struct world){.seed = seed, .state = seed * 2 + 1};
	options_draw(world);
	absence_draw(world);
	rules_draw(world);
	world->queues_count = 2 * world->partitions;
	for (int i = 0; i < world->queues_count; i++) {
		world->queues[i].role = i / world->partitions;
		world->queues[i].partition = i % world->partitions;
	}
	closers_add(world, cases_draw(world));
	if (world->idle)
		silence_draw(world);
	bool labels_stray = world->disorder_ms[1] > world->out_of_orderness_ms;
	bool predictions_stray = world->disorder_ms[0] > world->out_of_orderness_ms;
	int64_t first_ms = world->early_count ? world->early_ms[0] : world->horizon_ms;
	world->exact = !(labels_stray && (world->early_count || world->label_lateness_ms)) &&
		       !(predictions_stray && world->lateness_ms > first_ms);
	world->followed = world->exact && !world->idle && world->has_predictions &&
			  world->has_labels && seed % 3 == 0;
}

void
world_free(struct world *world)
{
	for (int i = 0; i < world->queues_count; i++)
		free(world->queues[i].records);
}

/* 60 rows a model, of which every sixth was wrong. */
static void
reference_write(const struct world *world, const char *path)
{
	char name[WORLD_PATH_MAX];

	snprintf(name, sizeof name, "%s.reference", path);
	FILE *out = fopen(name, "w");
	TIDE_ASSERT(out);
	for (int i = 0; i < 60 * world->models; i++)
		fprintf(out, "{\"id\":%d,\"ts\":%d,\"model\":\"m%d\",\"version\":\"0\","
			     "\"features\":{\"x\":%d},\"prediction\":%d,\"score\":0.5,"
			     "\"label\":%d}\n",
			i, i, i % world->models, i % 9, i % 2,
			(i + (i / world->models % 6 == 0)) % 2);
	fclose(out);
}

static void
config_rules(const struct world *world, FILE *out)
{
	for (int i = 0; i < world->rule_count; i++) {
		const struct world_rule *rule = &world->rules[i];
		fprintf(out, "%s  - {name: r%d, metric: %s, %s: %g, for: %d of %d", i ? "" : "rules:\n",
			i, rule->metric, rule->above ? "above" : "below", rule->threshold,
			rule->for_m, rule->for_n);
		if (rule->columns)
			fputs(", columns: [x]", out);
		if (rule->resolve_after)
			fprintf(out, ", resolve_after: %d", rule->resolve_after);
		if (rule->min_n)
			fprintf(out, ", min_n: %d", rule->min_n);
		if (rule->segments)
			fputs(", segments: all", out);
		if (!isnan(rule->clear))
			fprintf(out, ", clear: %g", rule->clear);
		fputs(", severity: warning}\n", out);
	}
	if (world->followed)
		fprintf(out, "%s  - {name: followed, metric: risk, above: 0.1, severity: warning}\n",
			world->rule_count ? "" : "rules:\n");
}

void
world_config(const struct world *world, const char *path)
{
	FILE *out = fopen(path, "w");

	TIDE_ASSERT(out);
	fprintf(out, "name: world\nproblem_type: %s\ninputs:\n",
		world->regression ? "regression" : "classification_binary");
	if (world->has_predictions)
		fprintf(out, "  predictions: {topic: p, format: json, map: {id: id, timestamp: ts, "
			     "model: model, %sfeatures: features, prediction: prediction%s}}\n",
			world->versions > 1 ? "version: version, " : "",
			world->scores ? ", proba: score" : "");
	if (world->has_labels)
		fprintf(out, "  labels: {topic: l, format: json, map: {id: id, timestamp: ts, "
			     "%starget: label}%s%s}\n", world->label_models ? "model: model, " : "",
			world->absent ? ", absent: {target: 0}" : "",
			world->eligible ? ", eligible: prediction < 1" : "");
	fprintf(out, "window: {size: %lldms, lateness: %lldms, out_of_orderness: %lldms, "
		     "max_future_skew: %lldms, early_label_ttl: %lldms, idle_timeout: %lldms",
		(long long)world->size_ms, (long long)world->lateness_ms,
		(long long)world->out_of_orderness_ms, (long long)world->skew_ms,
		(long long)world->early_ttl_ms, (long long)world->idle_timeout_ms);
	if (world->has_labels)
		fprintf(out, ", label_horizon: %lldms, label_lateness: %lldms, label_policy: %s",
			(long long)world->horizon_ms, (long long)world->label_lateness_ms,
			world->last_policy ? "last" : "first");
	if (world->has_labels && world->early_count == 1)
		fprintf(out, ", early: [%lldms]", (long long)world->early_ms[0]);
	if (world->has_labels && world->early_count == 2)
		fprintf(out, ", early: [%lldms, %lldms]", (long long)world->early_ms[0],
			(long long)world->early_ms[1]);
	fputs("}\n", out);
	if (world->segments)
		fputs("segments: [seg]\n", out);
	if (world->followed) {
		reference_write(world, path);
		fprintf(out, "reference: {records: %s.reference}\n", path);
	}
	config_rules(world, out);
	fclose(out);
}

void
world_config_remove(const char *path)
{
	char name[WORLD_PATH_MAX];

	unlink(path);
	snprintf(name, sizeof name, "%s.reference", path);
	unlink(name);
}
