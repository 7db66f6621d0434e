#include "alerts/model.h"
#include "base/hash.h"
#include <math.h>
#include <string.h>

#define MODEL_DRIFTED_P 1e-3

static struct tide_model *
model_known(struct tide_model *models, struct tide_text name, char identity[65])
{
	tide_hash_sha256(name, identity, 64);
	while (models && memcmp(models->identity, identity, 64) != 0)
		models = models->next;
	return models;
}

struct tide_model *
tide_model_find(struct tide_model **models, struct tide_arena *arena, struct tide_text name)
{
	char identity[65];
	struct tide_model *model = model_known(*models, name, identity);

	if (model || !tide_pool_reserve(arena->pool, 1))
		return model;
	model = tide_pool_arena_take(arena, sizeof *model);
	memcpy(model->identity, identity, sizeof identity);
	model->next = *models;
	return *models = model;
}

static bool
model_is_judged(const struct tide_finding *finding)
{
	return finding->status == TIDE_OK && isfinite(finding->p_value) &&
	       finding->detector->family == TIDE_DRIFT && !strcmp(finding->detector->name, "drift") &&
	       !(finding->column.length && finding->column.bytes[0] == '$');
}

bool
tide_model_remember(struct tide_model **models, struct tide_arena *arena,
                    const struct tide_evidence *evidence, const struct tide_finding *findings,
                    size_t count)
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
	model = tide_model_find(models, arena, evidence->key.model);
	if (!model)
		return false;
	model->starts[model->count % TIDE_MODEL_WINDOWS] = evidence->start_ms;
	model->drifted[model->count % TIDE_MODEL_WINDOWS] = drifted;
	model->count++;
	return true;
}

bool
tide_model_recall(struct tide_model *models, struct tide_text name, int64_t start_ms,
                  bool *drifted)
{
	char identity[65];
	const struct tide_model *model = model_known(models, name, identity);

	for (size_t i = 0; model && i < model->count && i < TIDE_MODEL_WINDOWS; i++) {
		size_t at = (model->count - 1 - i) % TIDE_MODEL_WINDOWS;
		if (model->starts[at] != start_ms)
			continue;
		*drifted = model->drifted[at];
		return true;
	}
	return false;
}
