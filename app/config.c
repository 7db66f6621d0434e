#include "app/config.h"
#include "app/config_business.h"
#include "app/config_part.h"
#include "app/config_value.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define AT(member) offsetof(struct tide_config, member)

static int
read_reference(struct tide_config_reader *reader, struct yaml_node_s *node, void *into)
{
	static const struct tide_config_key keys[] = {
		{"records", TIDE_CONFIG_PATH, AT(reference_records), NULL},
		{"profile", TIDE_CONFIG_PATH, AT(reference_profile), NULL},
		{"learn", TIDE_CONFIG_LATER, 0, NULL},
		{"compare", TIDE_CONFIG_LATER, 0, NULL},
	};
	static const struct tide_config_table table =
		TIDE_CONFIG_TABLE("`reference`", keys, NULL);
	struct tide_config *config = into;

	if (tide_config_yaml_walk(reader, node, &table, into) != 0)
		return -1;
	if ((config->reference_records != NULL) == (config->reference_profile != NULL))
		return tide_config_yaml_fail(reader, node,
			"`reference` takes one of `records` and `profile`");
	return 0;
}

static int
read_false_alarms(struct tide_config_reader *reader, struct yaml_node_s *node, void *into)
{
	struct tide_config *config = into;
	const char *text;

	if (tide_config_yaml_text(reader, node, &text) != 0)
		return -1;
	if (!tide_config_value_rate(text, &config->false_alarms, &config->false_alarms_ms))
		return tide_config_yaml_fail(reader, node,
			"expected a rate like `1 per 30d`, but this is `%.64s`",
			tide_config_yaml_raw(node));
	return 0;
}

static int
read_alerting(struct tide_config_reader *reader, struct yaml_node_s *node, void *into)
{
	static const struct tide_config_key keys[] = {
		{"false_alarms", TIDE_CONFIG_READ, 0, read_false_alarms},
		{"routes", TIDE_CONFIG_LATER, 0, NULL},
		{"silences", TIDE_CONFIG_LATER, 0, NULL},
		{"group_by", TIDE_CONFIG_LATER, 0, NULL},
		{"resolve_after", TIDE_CONFIG_LATER, 0, NULL},
	};
	static const struct tide_config_table table = TIDE_CONFIG_TABLE("`alerting`", keys, NULL);

	return tide_config_yaml_walk(reader, node, &table, into);
}

static int
read_output(struct tide_config_reader *reader, struct yaml_node_s *node, void *into)
{
	static const struct tide_config_key keys[] = {
		{"topic", TIDE_CONFIG_TEXT, offsetof(struct tide_output, topic), NULL},
		{"file", TIDE_CONFIG_PATH, offsetof(struct tide_output, file), NULL},
		{"format", TIDE_CONFIG_READ, offsetof(struct tide_output, format),
			tide_config_input_format},
	};
	static const struct tide_config_table table = TIDE_CONFIG_TABLE("an output", keys, NULL);

	return tide_config_yaml_walk(reader, node, &table, into);
}

/* Our own: never a file, never in a format. */
static int
read_topic(struct tide_config_reader *reader, struct yaml_node_s *node, void *into)
{
	static const struct tide_config_key keys[] = {
		{"topic", TIDE_CONFIG_TEXT, 0, NULL},
	};
	static const struct tide_config_table table =
		TIDE_CONFIG_TABLE("`state` or `partials`", keys, NULL);

	return tide_config_yaml_walk(reader, node, &table, into);
}

static int
read_outputs(struct tide_config_reader *reader, struct yaml_node_s *node, void *into)
{
	static const struct tide_config_key keys[] = {
		{"results", TIDE_CONFIG_READ, AT(results), read_output},
		{"alerts", TIDE_CONFIG_READ, AT(alerts), read_output},
		{"dead_letters", TIDE_CONFIG_READ, AT(dead_letters), read_output},
		{"state", TIDE_CONFIG_READ, AT(state_topic), read_topic},
		{"partials", TIDE_CONFIG_READ, AT(partials_topic), read_topic},
	};
	static const struct tide_config_table table = TIDE_CONFIG_TABLE("`outputs`", keys, NULL);

	return tide_config_yaml_walk(reader, node, &table, into);
}

/* `into` is the end of the array of properties, moved on by each of them. */
static int
read_property(struct tide_config_reader *reader, struct yaml_node_s *key,
              struct yaml_node_s *value, void *into)
{
	const char *name = tide_config_yaml_raw(key), *text, ***end = into;
	size_t size;
	char *property;

	if (tide_config_yaml_text(reader, value, &text) != 0)
		return -1;
	size = strlen(name) + strlen(text) + 2;
	property = tide_config_yaml_keep(reader, size);
	if (property == NULL)
		return -1;
	(void) snprintf(property, size, "%s=%s", name, text);
	*(*end)++ = property;
	return 0;
}

static int
read_kafka(struct tide_config_reader *reader, struct yaml_node_s *node, void *into)
{
	static const struct tide_config_table table = {"`kafka`", NULL, 0, read_property};
	struct tide_config *config = into;
	const char **properties, **end;

	properties = end = tide_config_yaml_keep(reader,
		(TIDE_CONFIG_PAIRS_MAX + 1) * sizeof(*properties));
	if (properties == NULL)
		return -1;
	config->kafka = properties;
	return tide_config_yaml_walk(reader, node, &table, &end);
}

static int
read_pending(struct tide_config_reader *reader, struct yaml_node_s *node, void *into)
{
	const char *text;

	if (tide_config_yaml_text(reader, node, &text) != 0)
		return -1;
	if (!tide_config_value_size(text, into))
		return tide_config_yaml_fail(reader, node,
			"expected a size like `1 GiB` or `512 MiB`, but this is `%.64s`",
			tide_config_yaml_raw(node));
	return 0;
}

static int
read_memory(struct tide_config_reader *reader, struct yaml_node_s *node, void *into)
{
	static const struct tide_config_key keys[] = {
		{"pending", TIDE_CONFIG_READ, AT(memory_bytes), read_pending},
		{"snapshot_interval", TIDE_CONFIG_DURATION, AT(snapshot_interval_ms), NULL},
	};
	static const struct tide_config_table table = TIDE_CONFIG_TABLE("`memory`", keys, NULL);

	return tide_config_yaml_walk(reader, node, &table, into);
}

static const struct tide_config_key top_keys[] = {
	{"name", TIDE_CONFIG_TEXT, AT(name), NULL},
	{"problem_type", TIDE_CONFIG_READ, AT(problem), tide_config_model_problem},
	{"inputs", TIDE_CONFIG_READ, 0, tide_config_input_read},
	{"window", TIDE_CONFIG_READ, AT(window), tide_config_window_read},
	{"reference", TIDE_CONFIG_READ, 0, read_reference},
	{"positive_class", TIDE_CONFIG_TEXT, AT(positive_class), NULL},
	{"decision_threshold", TIDE_CONFIG_READ, AT(decision_threshold),
		tide_config_model_threshold},
	{"models", TIDE_CONFIG_READ, 0, tide_config_model_read},
	{"target", TIDE_CONFIG_READ, 0, tide_config_model_target},
	{"columns", TIDE_CONFIG_READ, 0, tide_config_model_columns},
	{"segments", TIDE_CONFIG_READ, 0, tide_config_segment_read},
	{"fairness", TIDE_CONFIG_READ, 0, tide_config_segment_fairness},
	{"business", TIDE_CONFIG_READ, 0, tide_config_business_read},
	{"rules", TIDE_CONFIG_READ, 0, tide_config_pack_read},
	{"alerting", TIDE_CONFIG_READ, 0, read_alerting},
	{"outputs", TIDE_CONFIG_READ, 0, read_outputs},
	{"kafka", TIDE_CONFIG_READ, 0, read_kafka},
	{"memory", TIDE_CONFIG_READ, 0, read_memory},
	{"labels", TIDE_CONFIG_LATER, 0, NULL},
	{"compare", TIDE_CONFIG_LATER, 0, NULL},
	{"learn", TIDE_CONFIG_LATER, 0, NULL},
	{"eligible", TIDE_CONFIG_LATER, 0, NULL},
	{"detectors", TIDE_CONFIG_LATER, 0, NULL},
	{"packs", TIDE_CONFIG_LATER, 0, NULL},
	{"http", TIDE_CONFIG_LATER, 0, NULL},
	{"registry", TIDE_CONFIG_LATER, 0, NULL},
	{"state", TIDE_CONFIG_LATER, 0, NULL},
};

/* What only the whole can say: keys that must be there, and parts that depend on each other. */
/* Another group has other topics of its own. *topic stays where it is said already. */
static int
name_topic(struct tide_config_reader *reader, const char *use, const char **named)
{
	const struct tide_config *config = &reader->owned->config;
	const char *group = NULL;
	size_t size;
	char *topic;

	if (*named != NULL)
		return 0;
	for (const char *const *given = config->kafka; *given != NULL; given++)
		if (strncmp(*given, "group.id=", 9) == 0)
			group = *given + 9;
	size = strlen(group != NULL ? group : config->name) + strlen(use) + sizeof "tidemark--";
	topic = tide_config_yaml_keep(reader, size);
	if (topic == NULL)
		return -1;
	(void) snprintf(topic, size, "%s%s-%s", group != NULL ? "" : "tidemark-",
		group != NULL ? group : config->name, use);
	*named = topic;
	return 0;
}

/* Who reads topics reads what was put in order by id. */
static int
name_topics(struct tide_config_reader *reader, struct tide_config *config)
{
	const struct {
		struct tide_input *input;
		const char *use;
	} inputs[] = {{&config->predictions, "predictions-by-id"},
		{&config->labels, "labels-by-id"}};

	for (size_t i = 0; config->repartition && i < sizeof(inputs) / sizeof(inputs[0]); i++) {
		struct tide_input *input = inputs[i].input;

		if (input->topic == NULL)
			continue;
		input->origin_topic = input->topic;
		input->topic = NULL;
		if (name_topic(reader, inputs[i].use, &input->topic) != 0)
			return -1;
	}
	return name_topic(reader, "state", &config->state_topic);
}

static int
finish(struct tide_config_reader *reader, struct yaml_node_s *root)
{
	struct tide_config *config = &reader->owned->config;
	struct yaml_node_s *window = tide_config_yaml_find(reader, root, "window");

	if (config->name == NULL)
		return tide_config_yaml_fail(reader, root, "`name` is missing; say name: my-model");
	if (tide_config_model_finish(reader, root, tide_config_yaml_find(reader, root, "models"))
	    != 0)
		return -1;
	if (!config->has_predictions && !config->has_labels)
		return tide_config_yaml_fail(reader, root,
			"`inputs` is missing; say where predictions and labels come from");
	if (window == NULL)
		return tide_config_yaml_fail(reader, root,
			"`window` is missing; say window: {size: 1h}");
	if (config->has_labels && tide_config_yaml_find(reader, window, "label_horizon") == NULL)
		return tide_config_yaml_fail(reader, window,
			"`window` needs `label_horizon`, because there are labels: say e.g. 1d");
	config->window.has_predictions = config->has_predictions;
	config->window.has_labels = config->has_labels;
	if (config->predictions.mapping.model == NULL)
		config->predictions.mapping.model_name = config->name;
	/* Where predictions name their model, a label without one joins every model (SPEC 8.2). */
	if (config->labels.mapping.model == NULL && config->predictions.mapping.model == NULL)
		config->labels.mapping.model_name = config->name;
	tide_config_segment_finish(reader->owned);
	if (name_topics(reader, config) != 0)
		return -1;
	if (tide_config_business_finish(reader) != 0 || tide_config_input_finish(reader, root) != 0)
		return -1;
	return tide_config_pack_finish(reader, tide_config_yaml_find(reader, root, "rules"));
}

static int
read_root(struct tide_config_reader *reader, struct yaml_node_s *root)
{
	static const struct tide_config_table table =
		TIDE_CONFIG_TABLE("the config", top_keys, NULL);

	if (root == NULL)
		return tide_error_stop(reader->error, TIDE_ERROR_CONFIG,
			"%s:1:1: the config is empty; begin with name: and problem_type:",
			reader->path);
	if (tide_config_yaml_walk(reader, root, &table, &reader->owned->config) != 0
	    || finish(reader, root) != 0)
		return -1;
	return tide_config_hash_fill(reader->owned, reader->error);
}

static int
read_owned(struct tide_config_reader *reader)
{
	struct tide_config *config = &reader->owned->config;
	size_t path_length = strlen(reader->path), folder_length = path_length;
	char *path = tide_config_yaml_keep(reader, path_length + 1);
	char *folder = tide_config_yaml_keep(reader, path_length + 1);
	const char **no_kafka = tide_config_yaml_keep(reader, sizeof(*no_kafka));

	if (path == NULL || folder == NULL || no_kafka == NULL)
		return -1;
	memcpy(path, reader->path, path_length);
	while (folder_length > 0 && path[folder_length - 1] != '/')
		folder_length--;
	memcpy(folder, path, folder_length);
	reader->folder = folder;
	config->path = path;
	config->kafka = no_kafka;
	config->decision_threshold = 0.5;
	config->memory_bytes = (size_t) 4 << 30;
	config->snapshot_interval_ms = 60000;
	config->group_min_n = 30;
	config->false_alarms = 1;
	config->false_alarms_ms = INT64_C(30) * 86400000;
	config->window.early_label_ttl_ms = 3600000;
	config->window.max_future_skew_ms = 300000;
	config->window.idle_timeout_ms = 60000;
	config->window.exact_rows = 65536;
	return tide_config_file_read(reader, read_root);
}

int
tide_config_load(const char *path, struct tide_config **config, struct tide_error *error)
{
	struct tide_config_reader reader = {.path = path, .error = error};
	int result;

	reader.owned = calloc(1, sizeof(*reader.owned));
	if (reader.owned == NULL)
		result = tide_error_stop(error, TIDE_ERROR_MEMORY, "out of memory while reading %s",
			path);
	else
		result = read_owned(&reader);
	if (result == 0)
		*config = &reader.owned->config;
	else if (reader.owned != NULL)
		tide_config_free(&reader.owned->config);
	return result;
}

void
tide_config_free(struct tide_config *config)
{
	struct tide_config_owned *owned = (void *) config;
	struct tide_config_piece *next;

	if (owned == NULL)
		return;
	for (struct tide_config_piece *piece = owned->pieces; piece != NULL; piece = next) {
		next = piece->next;
		free(piece);
	}
	free(owned);
}
