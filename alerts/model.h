#ifndef TIDE_ALERTS_MODEL_H
#define TIDE_ALERTS_MODEL_H
#include "alerts/memory.h"
#include "base/pool.h"
#include "detectors/detector.h"
/*
 * What is remembered of a model from window to window: whether its inputs drifted in each of the
 * 1,024 windows up to its newest, and its part of the false-alarm budget.
 *
 *  (1) A model is known by the SHA-256 of its name, a window by its number: its start divided by
 *      its size, rounded down.
 *  (2) Inputs drifted when a column of the whole model has a drift test with p < .001. Reserved
 *      columns are the model's own output: that they moved says nothing of its inputs.
 *  (3) A model whose newest window is more than 1,024 windows older than the trigger time of what
 *      is judged is forgotten. Triggers only grow, and a pane is asked about by panes of its own
 *      window alone: what other models do cannot be seen in an answer.
 *  (4) The same window may be told again, as a rewind does: it replaces. One that is too old is
 *      passed over.
 *  (5) Windows as text: "d1;<number of the newest>;" and, from the newest back, a digit a window: 1
 *      its inputs drifted, 0 they did not, - nobody knows.
 */
#define TIDE_MODEL_WINDOWS 1024

struct tide_model {
	struct tide_memory memory;
	struct tide_model *next;
	int64_t newest;                   /* number of a window, where there is one */
	char drifted[TIDE_MODEL_WINDOWS]; /* (5), at the number modulo TIDE_MODEL_WINDOWS */
	bool has_windows, has_alpha;
	double alpha;
};

/** All zero but for the first two: empty. */
struct tide_models {
	struct tide_arena *arena;
	struct tide_memory **changed; /* where those go whose windows have changed */
	struct tide_model *first;
	int64_t swept; /* trigger times were looked at up to this number (3) */
};

/** The model of this name, or with this identity, made when new; NULL: out of memory. */
struct tide_model *tide_model_find(struct tide_models *models, struct tide_text name);
struct tide_model *tide_model_of(struct tide_models *models, const char *identity);
/** Forgets what is too old for whatever triggers from this evidence on (3). */
void tide_model_forget(struct tide_models *models, const struct tide_evidence *evidence);
/** Takes note of the findings of one final prediction-side evidence; others are passed over. False:
 *  out of memory. */
bool tide_model_remember(struct tide_models *models, const struct tide_evidence *evidence,
                         const struct tide_finding *findings, size_t count);
/** Did the inputs of this window of its model drift? False: nobody knows. */
bool tide_model_recall(const struct tide_models *models, const struct tide_evidence *evidence,
                       bool *drifted);
/** Appends (5). */
void tide_model_write(const struct tide_model *model, struct tide_buffer *value);
/** Reads (5), or nothing: no windows. False: it is neither, and the model stays as it was. */
bool tide_model_read(struct tide_model *model, struct tide_text value);
#endif
