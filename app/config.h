#ifndef TIDE_APP_CONFIG_H
#define TIDE_APP_CONFIG_H
#include "alerts/rule.h"
#include "base/error.h"
#include "schemas/mapping.h"
#include "windowing/folds/business.h"
#include "windowing/options.h"
/*
 * What a person said, checked: SPEC 5 and 8 as structs.
 *
 *  (1) Read from YAML (or JSON, which is YAML), at most 1 MiB. Every message names file:line:column
 *      and what to do; an unknown key gets "did you mean"; a key of a later release is refused by
 *      name, never ignored. One error is reported, the first in the file.
 *  (2) Texts live as long as the config. Secrets `${env:NAME}` and `${file:PATH}` are put in place
 *      of scalars after parsing, never in the text.
 *  (3) Paths of files are made relative to the config's folder.
 */
struct tide_input {
	const char *topic, *file; /* either may be NULL */
	const char *origin_topic; /* what `topic` is repartitioned from; NULL: it is not */
	struct tide_mapping mapping;
};

struct tide_output {
	const char *topic, *file;
	enum tide_format format;
};

enum tide_start { TIDE_START_LATEST, TIDE_START_EARLIEST, TIDE_START_AT };

struct tide_config {
	const char *path, *name;
	enum tide_problem problem;
	bool has_predictions, has_labels;
	struct tide_input predictions, labels;
	bool repartition; /* topics are those of `tidemark repartition`, by id */
	enum tide_start start;
	int64_t start_ms;
	struct tide_window_options window;
	const char *reference_records, *reference_profile; /* at most one */
	const char *positive_class; /* NULL: 1, true and their texts */
	double decision_threshold;
	struct tide_model_options *models; /* at least one; the last one's pattern is "*" */
	size_t model_count;
	struct tide_column_options *columns;
	size_t column_count;
	struct tide_segment segments[TIDE_SEGMENTS_MAX];
	size_t segment_count;
	uint64_t group_min_n; /* labelled rows of a group that fairness is measured of */
	struct tide_measures measures; /* what the maps and `business` ask for */
	struct tide_rule *rules; /* those of the default pack that apply among them (SPEC 8.7) */
	size_t rule_count;
	double false_alarms;     /* N of the budget (SPEC 7.7) */
	int64_t false_alarms_ms; /* per T */
	struct tide_output results, alerts, dead_letters;
	const char *state_topic; /* what a worker remembers; <group.id>-state unless said */
	const char *partials_topic; /* where many workers meet; NULL: one worker owns every partition */
	const char *const *kafka; /* "key=value", NULL-ended, may be empty */
	size_t memory_bytes; /* cap of pending predictions and panes */
	int64_t snapshot_interval_ms; /* between two snapshots of a partition; 0: none */
	char hash[17];       /* config_hash (SPEC 4.1) */
	char state_hash[17]; /* of what a restart must find unchanged (SPEC 8.8) */
};

/** Reads and checks a config. On success *config is owned by the caller. Errors: TIDE_ERROR_CONFIG,
 *  TIDE_ERROR_NO_INPUT (the file itself). */
int tide_config_load(const char *path, struct tide_config **config,
                     struct tide_error *error) TIDE_MUSTCHECK;
void tide_config_free(struct tide_config *config);
/** Is the detector asked about a model of this config? Whether there is a reference is not looked
 *  at. */
bool tide_config_pack_measures(const struct tide_config *config,
                               const struct tide_detector *detector);
#endif
