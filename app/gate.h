#ifndef TIDE_APP_GATE_H
#define TIDE_APP_GATE_H
#include "alerts/threshold.h"
#include "app/config.h"
#include "base/text.h"
#include <stdio.h>
/*
 * May this model be deployed? Thresholds over the values of a model, all failures at once.
 *
 *  (1) Values come from a run of the engine or from result records; of both only cells of all
 *      segments and final panes count, and of one place the last value.
 *  (2) A metric that was not measured, or is UNDEFINED, fails. There is a check for each threshold,
 *      model and window.
 *  (3) The baseline is another model, or version, in the same window, else the reference.
 */
#define TIDE_GATE_EVER_MS INT64_C(253402300800000) /* the end of the year 9999 */

struct tide_gate_options {
	const char *model, *version;                   /* of the candidate; NULL: each, all versions */
	const char *baseline_model, *baseline_version; /* NULL: the candidate's; both: the reference */
};

struct tide_gate_value {
	struct tide_text model, version;
	int64_t start_ms, end_ms;
	struct tide_text metric, column; /* metric: canonical */
	double value, reference, lower, upper, n; /* NaN: there is none */
	struct tide_text reason;         /* why there is no value */
	bool multiclass;
	size_t order; /* as they came; with what follows set by tide_gate_add */
	char *block;  /* the texts of a value that is kept */
};

struct tide_gate_check {
	const struct tide_threshold *threshold;
	const struct tide_gate_value *value; /* NULL: not measured */
	struct tide_text model;
	int64_t start_ms, end_ms;
	double baseline; /* NaN: there is none */
	unsigned failures;
};

struct tide_gate {
	struct tide_config *texts; /* keeps what the thresholds name */
	struct tide_threshold *thresholds;
	size_t threshold_count;
	struct tide_gate_value *values;
	size_t value_count, value_room;
	struct tide_gate_check *checks;
	size_t check_count, failed_count;
	bool failed; /* out of memory */
};

/** Reads the thresholds: a mapping of metrics, also below `thresholds` or `job: {thresholds}`.
 *  Errors: TIDE_ERROR_CONFIG, TIDE_ERROR_NO_INPUT. */
int tide_gate_thresholds(struct tide_gate *gate, const char *path, const struct tide_config *config,
                         struct tide_error *error) TIDE_MUSTCHECK;
/** Takes a value where a threshold asks for its metric; texts are copied. */
void tide_gate_add(struct tide_gate *gate, const struct tide_gate_value *value);
/** Takes one result record; others than results are passed over. False: it is no JSON object. */
bool tide_gate_record(struct tide_gate *gate, struct tide_text json);
/** Makes the checks, by model and window. False: out of memory. */
bool tide_gate_judge(struct tide_gate *gate,
                     const struct tide_gate_options *options) TIDE_MUSTCHECK;
void tide_gate_free(struct tide_gate *gate);

/* For people, for CI systems (JUnit's XML), for a comment on a change (Markdown). */
void tide_gate_print_text(const struct tide_gate *gate, struct tide_buffer *out);
void tide_gate_print_junit(const struct tide_gate *gate, const char *name,
                           struct tide_buffer *out);
void tide_gate_print_markdown(const struct tide_gate *gate, const char *name,
                              struct tide_buffer *out);
#endif
