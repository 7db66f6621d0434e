#include "app/config_detectors.h"
#include "app/config_part.h"
#include "base/hash.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Every key is written, defaults too and in byte order, so that a default that is spelled out gives
 * the same hash. What a person cannot see in a result (topics, files, memory, kafka) is left out.
 */
#define CANONICAL_BYTES_MAX (16u << 20)

static void
put_texts(struct tide_buffer *out, const char *key, const char *const *texts, size_t count)
{
	tide_text_json_key(out, key);
	tide_text_json_open(out, '[');
	for (size_t i = 0; i < count; i++)
		tide_text_json_string(out, texts[i]);
	tide_text_json_close(out, ']');
}

/* Extra fields in the order of their words, not of the file. */
static void
put_fields(struct tide_buffer *out, const struct tide_mapping *mapping, const char *const *words)
{
	unsigned char order[TIDE_FIELDS_MAX];

	for (size_t i = 0; i < mapping->field_count; i++) {
		size_t at = i;

		for (; at > 0 && strcmp(words[order[at - 1]], words[i]) > 0; at--)
			order[at] = order[at - 1];
		order[at] = (unsigned char) i;
	}
	tide_text_json_key(out, "fields");
	tide_text_json_open(out, '{');
	for (size_t i = 0; i < mapping->field_count; i++)
		tide_text_json_put_string(out, words[order[i]], mapping->fields[order[i]]);
	tide_text_json_close(out, '}');
}

static void
put_map(struct tide_buffer *out, const char *key, const struct tide_mapping *mapping,
        const char *const *words)
{
	tide_text_json_key(out, key);
	tide_text_json_open(out, '{');
	put_texts(out, "classes", mapping->classes, mapping->class_count);
	put_texts(out, "columns", mapping->column_paths, mapping->column_path_count);
	tide_text_json_put_string(out, "cpu", mapping->cpu);
	tide_text_json_put_string(out, "error", mapping->error);
	tide_text_json_put_string(out, "features", mapping->features);
	put_fields(out, mapping, words);
	put_texts(out, "id", mapping->id, mapping->id_count);
	tide_text_json_put_string(out, "latency", mapping->latency);
	tide_text_json_put_string(out, "memory", mapping->memory);
	tide_text_json_put_string(out, "model", mapping->model);
	tide_text_json_put_string(out, "prediction", mapping->prediction);
	tide_text_json_put_string(out, "proba", mapping->proba);
	tide_text_json_put_bool(out, "proba_is_classes", mapping->proba_is_classes);
	tide_text_json_put_string(out, "target", mapping->target);
	tide_text_json_put_string(out, "timestamp", mapping->timestamp);
	tide_text_json_put_integer(out, "unit", (int64_t) mapping->unit);
	tide_text_json_put_string(out, "version", mapping->version);
	tide_text_json_put_string(out, "weight", mapping->weight);
	tide_text_json_close(out, '}');
}

/* Measures in the order of their names, expressions as they were written. */
static void
put_business(struct tide_buffer *out, const struct tide_config_owned *owned)
{
	static const char *const keys[TIDE_CONFIG_BUSINESS_KEYS] = {
		"fn", "fp", "mean", "of", "rate", "sum", "tn", "tp", "where"};
	const struct tide_business *business = owned->business;
	unsigned char order[TIDE_BUSINESS_MAX];

	tide_text_json_key(out, "business");
	tide_text_json_open(out, '{');
	for (size_t i = 0; i < owned->config.measures.business_count; i++) {
		size_t at = i;

		for (; at > 0 && strcmp(business[order[at - 1]].name, business[i].name) > 0; at--)
			order[at] = order[at - 1];
		order[at] = (unsigned char) i;
	}
	for (size_t i = 0; i < owned->config.measures.business_count; i++) {
		tide_text_json_key(out, business[order[i]].name);
		tide_text_json_open(out, '{');
		for (size_t key = 0; key < TIDE_CONFIG_BUSINESS_KEYS; key++)
			tide_text_json_put_string(out, keys[key], owned->business_texts[order[i]][key]);
		tide_text_json_close(out, '}');
	}
	tide_text_json_close(out, '}');
}

/* In the order of the file, which counts: the first pattern that matches is taken. */
static void
put_models(struct tide_buffer *out, const struct tide_config *config)
{
	tide_text_json_key(out, "models");
	tide_text_json_open(out, '[');
	for (size_t i = 0; i < config->model_count; i++) {
		const struct tide_model_options *model = &config->models[i];

		tide_text_json_open(out, '{');
		tide_text_json_put_number(out, "decision_threshold", model->decision_threshold);
		tide_text_json_put_string(out, "pattern", model->pattern);
		tide_text_json_put_string(out, "positive_class", model->positive_class);
		tide_text_json_put_integer(out, "problem_type", (int64_t) model->problem);
		tide_text_json_close(out, '}');
	}
	tide_text_json_close(out, ']');
}

static void
put_columns(struct tide_buffer *out, const struct tide_config *config)
{
	tide_text_json_key(out, "columns");
	tide_text_json_open(out, '[');
	for (size_t i = 0; i < config->column_count; i++) {
		const struct tide_column_options *column = &config->columns[i];

		tide_text_json_open(out, '{');
		tide_text_json_put_bool(out, "ignore", column->ignore);
		tide_text_json_put_number(out, "min_effect", column->min_effect);
		tide_text_json_put_string(out, "pattern", column->pattern);
		tide_text_json_put_integer(out, "type", (int64_t) column->type);
		tide_text_json_close(out, '}');
	}
	tide_text_json_close(out, ']');
}

/* What the words of a record stand for, in pairs. */
static void
put_values(struct tide_buffer *out, const struct tide_mapping *mapping)
{
	tide_text_json_key(out, "values");
	tide_text_json_open(out, '[');
	for (size_t i = 0; i < mapping->value_count; i++) {
		tide_text_json_string(out, mapping->values[i].from);
		tide_text_json_text(out, mapping->values[i].to.text);
	}
	tide_text_json_close(out, ']');
}

/* In canonical text, in which outcomes are compared. */
static void
put_absent(struct tide_buffer *out, const struct tide_absence *absence)
{
	char room[TIDE_TEXT_NUMBER_SIZE];

	if (!absence->is_label) {
		tide_text_json_put_string(out, "absent", NULL);
		return;
	}
	tide_text_json_key(out, "absent");
	tide_text_json_text(out, tide_event_value_text(&absence->target, room));
}

static void
put_rule(struct tide_buffer *out, const struct tide_rule *rule)
{
	static const char *const ops[] = {"above", "at_least", "below", "at_most"};
	static const char *const sides[] = {"number", "times", "share", "plus", "std"};

	tide_text_json_open(out, '{');
	tide_text_json_put_bool(out, "all_columns", rule->all_columns);
	tide_text_json_put_bool(out, "all_segments", rule->all_segments);
	tide_text_json_put_number(out, "certainty", rule->certainty);
	tide_text_json_put_bool(out, "clear", rule->has_clear);
	tide_text_json_put_number(out, "clear_number", rule->clear_number);
	tide_text_json_put_string(out, "clear_side", sides[rule->clear_side]);
	put_texts(out, "columns", rule->columns, rule->column_count);
	if (rule->has_critical) {
		tide_text_json_put_number(out, "critical_number", rule->critical_number);
		tide_text_json_put_string(out, "critical_side", sides[rule->critical_side]);
	}
	tide_text_json_put_integer(out, "early_age", rule->early_age_ms);
	tide_text_json_put_bool(out, "each_version", rule->each_version);
	tide_text_json_put_integer(out, "for_m", rule->for_m);
	tide_text_json_put_integer(out, "for_n", rule->for_n);
	tide_text_json_put_string(out, "metric", rule->metric);
	tide_text_json_put_number(out, "min_n", rule->min_n);
	tide_text_json_put_string(out, "name", rule->name);
	tide_text_json_put_number(out, "number", rule->number);
	tide_text_json_put_string(out, "op", ops[rule->op]);
	tide_text_json_put_string(out, "owner", rule->owner);
	if (rule->remind_ms)
		tide_text_json_put_integer(out, "remind", rule->remind_ms);
	tide_text_json_put_integer(out, "resolve_after", rule->resolve_after);
	tide_text_json_put_string(out, "route", rule->route);
	tide_text_json_put_string(out, "runbook", rule->runbook);
	put_texts(out, "segments", rule->segments, rule->segment_count);
	tide_text_json_put_string(out, "severity", rule->severity);
	tide_text_json_put_string(out, "side", sides[rule->side]);
	tide_text_json_put_bool(out, "tested", rule->tested);
	tide_text_json_close(out, '}');
}

static void
put_window(struct tide_buffer *out, const struct tide_window_options *window)
{
	tide_text_json_key(out, "window");
	tide_text_json_open(out, '{');
	tide_text_json_key(out, "early");
	tide_text_json_open(out, '[');
	for (size_t i = 0; i < window->early_count; i++)
		tide_text_json_integer(out, window->early_ms[i]);
	tide_text_json_close(out, ']');
	tide_text_json_put_integer(out, "early_label_ttl", window->early_label_ttl_ms);
	tide_text_json_put_integer(out, "idle_timeout", window->idle_timeout_ms);
	tide_text_json_put_integer(out, "label_horizon", window->label_horizon_ms);
	tide_text_json_put_integer(out, "label_lateness", window->label_lateness_ms);
	tide_text_json_put_integer(out, "label_policy", (int64_t) window->label_policy);
	tide_text_json_put_integer(out, "lateness", window->lateness_ms);
	tide_text_json_put_integer(out, "max_future_skew", window->max_future_skew_ms);
	tide_text_json_put_integer(out, "origin", window->origin_ms);
	tide_text_json_put_integer(out, "out_of_orderness", window->out_of_orderness_ms);
	tide_text_json_put_integer(out, "size", window->size_ms);
	tide_text_json_close(out, '}');
}

/* Hashes the bytes of a file where they lie: a reference may be larger than memory. */
static int
hash_file(const char *path, char hex[65], struct tide_error *error)
{
	int file = open(path, O_RDONLY | O_CLOEXEC);
	struct stat status;
	void *bytes = NULL;
	size_t length;

	if (file < 0 || fstat(file, &status) != 0 || !S_ISREG(status.st_mode)) {
		const char *why = file < 0 ? strerror(errno) : "it is not a file";

		if (file >= 0)
			(void) close(file);
		return tide_error_stop(error, TIDE_ERROR_NO_INPUT,
			"the reference %s cannot be read: %s", path, why);
	}
	length = (size_t) status.st_size;
	if (length > 0)
		bytes = mmap(NULL, length, PROT_READ, MAP_PRIVATE, file, 0);
	(void) close(file);
	if (bytes == MAP_FAILED)
		return tide_error_stop(error, TIDE_ERROR_NO_INPUT,
			"the reference %s cannot be read: %s", path, strerror(errno));
	tide_hash_sha256((struct tide_text){length > 0 ? bytes : "", length}, hex, 64);
	if (length > 0)
		(void) munmap(bytes, length);
	return 0;
}

static void
put_reference(struct tide_buffer *out, const struct tide_config *config, const char *hex)
{
	tide_text_json_key(out, "reference");
	tide_text_json_open(out, '{');
	tide_text_json_put_string(out, "profile", config->reference_profile != NULL ? hex : NULL);
	tide_text_json_put_string(out, "records", config->reference_records != NULL ? hex : NULL);
	tide_text_json_close(out, '}');
}

static void
put_alerting(struct tide_buffer *out, const struct tide_config *config)
{
	tide_text_json_key(out, "alerting");
	tide_text_json_open(out, '{');
	tide_text_json_put_number(out, "false_alarms", config->false_alarms);
	tide_text_json_put_integer(out, "per", config->false_alarms_ms);
	tide_text_json_close(out, '}');
}

static void
put_detectors(struct tide_buffer *out, const struct tide_config *config)
{
	const char *dialect;

	tide_text_json_key(out, "detectors");
	tide_text_json_open(out, '{');
	for (size_t i = 0; (dialect = tide_config_detectors_dialect(i)) != NULL; i++)
		tide_text_json_put_bool(out, dialect, (config->dialects & 1u << i) != 0);
	tide_text_json_close(out, '}');
}

static void
put_fairness(struct tide_buffer *out, const struct tide_config *config)
{
	tide_text_json_key(out, "fairness");
	tide_text_json_open(out, '{');
	tide_text_json_put_integer(out, "min_n", (int64_t) config->group_min_n);
	tide_text_json_close(out, '}');
}

/* One that crosses others is a list of them, as it is written. */
static void
put_segments(struct tide_buffer *out, const struct tide_config *config)
{
	tide_text_json_key(out, "segments");
	tide_text_json_open(out, '[');
	for (size_t i = 0; i < config->segment_count; i++) {
		const struct tide_segment *segment = &config->segments[i];

		if (segment->part_count == 0) {
			tide_text_json_string(out, segment->name);
			continue;
		}
		tide_text_json_open(out, '[');
		for (size_t j = 0; j < segment->part_count; j++)
			tide_text_json_string(out, config->segments[segment->parts[j]].name);
		tide_text_json_close(out, ']');
	}
	tide_text_json_close(out, ']');
}

static void
put_rules(struct tide_buffer *out, const struct tide_config *config)
{
	tide_text_json_key(out, "rules");
	tide_text_json_open(out, '[');
	for (size_t i = 0; i < config->rule_count; i++)
		put_rule(out, &config->rules[i]);
	tide_text_json_close(out, ']');
}

/* The first 16 digits of the hash of all that makes the answers, or of all but rules and alerting,
 * which a worker may change without forgetting what it has read (SPEC 8.8). */
static bool
hash_of(const struct tide_config_owned *owned, const char *reference, bool with_rules,
        char hash[17])
{
	const struct tide_config *config = &owned->config;
	struct tide_buffer out;

	tide_text_buffer_init(&out, CANONICAL_BYTES_MAX);
	tide_text_json_open(&out, '{');
	put_absent(&out, &config->absence);
	if (with_rules)
		put_alerting(&out, config);
	put_business(&out, owned);
	put_columns(&out, config);
	tide_text_json_put_string(&out, "eligible", config->eligible);
	if (with_rules)
		put_detectors(&out, config);
	if (with_rules)
		put_fairness(&out, config);
	put_map(&out, "labels", &config->labels.mapping, owned->label_words);
	put_models(&out, config);
	tide_text_json_put_string(&out, "name", config->name);
	put_map(&out, "predictions", &config->predictions.mapping, owned->prediction_words);
	put_reference(&out, config, reference);
	if (with_rules)
		put_rules(&out, config);
	put_segments(&out, config);
	put_values(&out, &config->predictions.mapping);
	put_window(&out, &config->window);
	tide_text_json_close(&out, '}');
	bool failed = out.failed;
	if (!failed)
		tide_hash_sha256((struct tide_text){out.bytes, out.length}, hash, 16);
	tide_text_buffer_fini(&out);
	return !failed;
}

int
tide_config_hash_fill(struct tide_config_owned *owned, struct tide_error *error)
{
	struct tide_config *config = &owned->config;
	const char *path = config->reference_records != NULL ? config->reference_records
	                                                      : config->reference_profile;
	char reference[65] = "";

	if (path != NULL && hash_file(path, reference, error) != 0)
		return -1;
	if (!hash_of(owned, reference, true, config->hash)
	    || !hash_of(owned, reference, false, config->state_hash))
		return tide_error_stop(error, TIDE_ERROR_MEMORY, "out of memory while hashing %s",
			config->path);
	return 0;
}
