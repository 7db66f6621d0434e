#ifndef TIDE_WINDOWING_OPTIONS_H
#define TIDE_WINDOWING_OPTIONS_H
#include "schemas/mapping.h"
/*
 * The words of `window:` (SPEC 5.2), in milliseconds, and what the folds need to know of columns.
 *
 *  (1) size_ms > 0; every other duration >= 0; early ages ascend and are below label_horizon_ms.
 *  (2) Filled by app/config.c and the reference; only read here.
 */
#define TIDE_EARLY_MAX 8

enum tide_label_policy { TIDE_LABEL_FIRST, TIDE_LABEL_LAST };

struct tide_window_options {
	int64_t size_ms, origin_ms, lateness_ms, out_of_orderness_ms;
	int64_t label_horizon_ms, label_lateness_ms;
	int64_t early_ms[TIDE_EARLY_MAX];
	size_t early_count;
	int64_t early_label_ttl_ms, max_future_skew_ms, idle_timeout_ms;
	enum tide_label_policy label_policy;
	bool has_predictions, has_labels;
	size_t exact_rows; /* SPEC 6.1 */
};

enum tide_column_type {
	TIDE_COLUMN_UNKNOWN, /* decided by the majority of the window (SPEC 6.2) */
	TIDE_COLUMN_NUMERIC,
	TIDE_COLUMN_CATEGORICAL,
	TIDE_COLUMN_IGNORED
};

/** What the config says of the columns whose name the glob `pattern` matches; the first match
 *  counts (SPEC 8.4). */
struct tide_column_options {
	const char *pattern;
	enum tide_column_type type; /* TIDE_COLUMN_UNKNOWN: that of most reference values */
	bool ignore;
	double min_effect; /* of the drift test, in PSI; NaN: .01 (SPEC 7.3) */
};

#define TIDE_SEGMENTS_MAX 16
#define TIDE_SEGMENT_PARTS_MAX 4

/** A declared segment and where its value is found in an event (SPEC 4.3): a mapped field by its
 *  index, else a column by name. One that crosses others, `a:b`, has the values of its parts, each
 *  in the place of its part and behind the first after a TIDE_SEGMENT_BETWEEN; a part that is
 *  missing is a TIDE_SEGMENT_MISSING. */
struct tide_segment {
	const char *name;
	int field; /* index in mapping->fields, or -1 */
	size_t part_count; /* 0: it crosses nothing */
	int parts[TIDE_SEGMENT_PARTS_MAX]; /* declared segments, by index */
};
#define TIDE_SEGMENT_BETWEEN '\x1f' /* U+001F: in a value it reads as a space, as does the next */
#define TIDE_SEGMENT_MISSING '\x1e'

/** What may differ from model to model (SPEC 8.1). A model follows the first entry whose pattern is
 *  its name, else the first whose glob (`*`, `?`) matches it; the last entry's pattern is "*". */
struct tide_model_options {
	const char *pattern;
	enum tide_problem problem;
	const char *positive_class; /* NULL: 1, true and their texts (SPEC 5.3) */
	double decision_threshold;
};
#endif
