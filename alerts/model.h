#ifndef TIDE_ALERTS_MODEL_H
#define TIDE_ALERTS_MODEL_H
#include "detectors/detector.h"
/*
 * What is remembered of a model from window to window: whether its inputs drifted in each of the
 * last 64, and its part of the false-alarm budget.
 *
 *  (1) A model is known by the SHA-256 of its name; models are a list, NULL the empty one.
 *  (2) Inputs drifted when a column of the whole model has a drift test with p < .001. Reserved
 *      columns are the model's own output: that they moved says nothing of its inputs.
 */
#define TIDE_MODEL_WINDOWS 64

struct tide_model {
	struct tide_model *next;
	char identity[65];
	int64_t starts[TIDE_MODEL_WINDOWS];
	bool drifted[TIDE_MODEL_WINDOWS];
	size_t count; /* windows ever remembered; the newest at (count - 1) % TIDE_MODEL_WINDOWS */
	bool has_alpha;
	double alpha;
};

/** The model of this name, made when new; NULL: out of memory. */
struct tide_model *tide_model_find(struct tide_model **models, struct tide_arena *arena,
                                   struct tide_text name);
/** Takes note of the findings of one final prediction-side evidence; others are passed over. False:
 *  out of memory. */
bool tide_model_remember(struct tide_model **models, struct tide_arena *arena,
                         const struct tide_evidence *evidence, const struct tide_finding *findings,
                         size_t count);
/** Did the inputs of the window that starts then drift? False: nobody knows. */
bool tide_model_recall(struct tide_model *models, struct tide_text name, int64_t start_ms,
                       bool *drifted);
#endif
