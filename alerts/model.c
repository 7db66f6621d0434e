#include "alerts/model.h"
#include "base/hash.h"
#include <math.h>
#include <string.h>

#define MODEL_DRIFTED_P 1e-3
#define MODEL_UNKNOWN   '-'

/* The number of the window that a time is in, where windows are as long as this one. */
static int64_t
model_window(const struct tide_evidence *evidence, int64_t time_ms)
{
	int64_t size_ms = evidence->end_ms - evidence->start_ms;

	TIDE_ASSERT(size_ms > 0);
	return time_ms / size_ms - (time_ms % size_ms < 0);
}

static size_t
model_slot(int64_t window)
{
	return (size_t) ((uint64_t) window % TIDE_MODEL_WINDOWS);
}

static struct tide_model *
model_known(const struct tide_models *models, const char *identity)
{
	struct tide_model *model = models->first;

	while (model && memcmp(model->memory.identity, identity, TIDE_MEMORY_DIGITS) != 0)
		model = model->next;
	return model;
}

struct tide_model *
tide_model_of(struct tide_models *models, const char *identity)
{
	struct tide_model *model = model_known(models, identity);

	if (model || !tide_pool_reserve(models->arena->pool, 1))
		return model;
	model = tide_pool_arena_take(models->arena, sizeof *model);
	model->memory.kind = TIDE_MEMORY_DRIFT;
	memcpy(model->memory.identity, identity, TIDE_MEMORY_DIGITS);
	model->next = models->first;
	return models->first = model;
}

struct tide_model *
tide_model_find(struct tide_models *models, struct tide_text name)
{
	char identity[TIDE_MEMORY_DIGITS + 1];

	tide_hash_sha256(name, identity, TIDE_MEMORY_DIGITS);
	return tide_model_of(models, identity);
}

void
tide_model_forget(struct tide_models *models, const struct tide_evidence *evidence)
{
	int64_t now = model_window(evidence, evidence->trigger_ms);

	if (now <= models->swept)
		return;
	models->swept = now;
	for (struct tide_model *model = models->first; model; model = model->next) {
		if (!model->has_windows || now - model->newest <= TIDE_MODEL_WINDOWS)
			continue;
		model->has_windows = false;
		tide_memory_change(models->changed, &model->memory);
	}
}

static bool
model_is_judged(const struct tide_finding *finding)
{
	return finding->status == TIDE_OK && isfinite(finding->p_value) &&
	       finding->detector->family == TIDE_DRIFT && !strcmp(finding->detector->name, "drift") &&
	       !(finding->column.length && finding->column.bytes[0] == '$');
}

/* The ring turns on to this window; those between are unknown. */
static void
model_advance(struct tide_model *model, int64_t window)
{
	if (!model->has_windows || window - model->newest >= TIDE_MODEL_WINDOWS)
		memset(model->drifted, MODEL_UNKNOWN, sizeof model->drifted);
	else
		for (int64_t w = model->newest + 1; w <= window; w++)
			model->drifted[model_slot(w)] = MODEL_UNKNOWN;
	model->has_windows = true;
	model->newest = window;
}

static void
model_note(struct tide_models *models, struct tide_model *model, int64_t window, char drifted)
{
	if (!model->has_windows || window > model->newest)
		model_advance(model, window);
	if (model->newest - window >= TIDE_MODEL_WINDOWS ||
	    model->drifted[model_slot(window)] == drifted)
		return;
	model->drifted[model_slot(window)] = drifted;
	tide_memory_change(models->changed, &model->memory);
}

bool
tide_model_remember(struct tide_models *models, const struct tide_evidence *evidence,
                    const struct tide_finding *findings, size_t count)
{
	bool judged = false, drifted = false;
	struct tide_model *model;

	if (evidence->timing != TIDE_TIMING_FINAL || evidence->side != TIDE_SIDE_PREDICTION ||
	    evidence->key.version.length || evidence->key.segment >= 0)
		return true;
	for (size_t i = 0; i < count; i++) {
		if (!model_is_judged(&findings[i]))
			continue;
		judged = true;
		drifted = drifted || findings[i].p_value < MODEL_DRIFTED_P;
	}
	if (!judged)
		return true;
	model = tide_model_find(models, evidence->key.model);
	if (!model)
		return false;
	model_note(models, model, model_window(evidence, evidence->start_ms), drifted ? '1' : '0');
	return true;
}

bool
tide_model_recall(const struct tide_models *models, const struct tide_evidence *evidence,
                  bool *drifted)
{
	int64_t window = model_window(evidence, evidence->start_ms);
	char identity[TIDE_MEMORY_DIGITS + 1], known;
	const struct tide_model *model;

	tide_hash_sha256(evidence->key.model, identity, TIDE_MEMORY_DIGITS);
	model = model_known(models, identity);
	if (!model || !model->has_windows || window > model->newest ||
	    model->newest - window >= TIDE_MODEL_WINDOWS)
		return false;
	known = model->drifted[model_slot(window)];
	*drifted = known == '1';
	return known != MODEL_UNKNOWN;
}

void
tide_model_write(const struct tide_model *model, struct tide_buffer *value)
{
	size_t count = TIDE_MODEL_WINDOWS;

	while (model->drifted[model_slot(model->newest - (int64_t) count + 1)] == MODEL_UNKNOWN)
		count--; /* the newest is known */
	tide_text_put_string(value, "d1");
	tide_memory_put_number(value, model->newest);
	tide_text_put(value, ";", 1);
	for (size_t i = 0; i < count; i++)
		tide_text_put(value, &model->drifted[model_slot(model->newest - (int64_t) i)], 1);
}

/* A semicolon and the digits of windows, the newest of which is known. */
static bool
model_is_windows(struct tide_text text)
{
	if (text.length < 2 || text.length > 1 + TIDE_MODEL_WINDOWS || text.bytes[0] != ';' ||
	    text.bytes[1] == MODEL_UNKNOWN)
		return false;
	for (size_t i = 1; i < text.length; i++)
		if (!memchr("01-", text.bytes[i], 3))
			return false;
	return true;
}

bool
tide_model_read(struct tide_model *model, struct tide_text value)
{
	struct tide_text rest;
	int64_t newest;

	if (value.length == 0) {
		model->has_windows = false;
		return true;
	}
	if (value.length < 2 || memcmp(value.bytes, "d1", 2) != 0)
		return false;
	rest = (struct tide_text){value.bytes + 2, value.length - 2};
	if (!tide_memory_read_number(&rest, &newest) || !model_is_windows(rest))
		return false;
	model->has_windows = false;
	model_advance(model, newest);
	for (size_t i = 1; i < rest.length; i++)
		model->drifted[model_slot(newest - (int64_t) i + 1)] = rest.bytes[i];
	return true;
}
