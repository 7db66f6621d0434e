#include "app/config_part.h"
#include "app/config_value.h"
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))


static int
read_id(struct tide_config_reader *reader, struct yaml_node_s *node, void *into)
{
	struct tide_mapping *mapping = into;
	const char **parts;

	if (!tide_config_yaml_is_list(node)) {
		mapping->id_count = 1;
		return tide_config_yaml_text(reader, node, &mapping->id[0]);
	}
	if (tide_config_yaml_length(node) > TIDE_ID_PARTS_MAX)
		return tide_config_yaml_fail(reader, node, "`id` has more than %d parts",
			TIDE_ID_PARTS_MAX);
	if (tide_config_yaml_texts(reader, node, &parts, &mapping->id_count) != 0)
		return -1;
	memcpy(mapping->id, parts, mapping->id_count * sizeof(*parts));
	return 0;
}

static int
read_unit(struct tide_config_reader *reader, struct yaml_node_s *node, void *into)
{
	static const char *const words[] = {"ms", "s", "us", "ns", "rfc3339"};
	size_t index;

	if (tide_config_yaml_word(reader, node, words, COUNT(words), &index) != 0)
		return -1;
	((struct tide_mapping *) into)->unit = (enum tide_time_unit) index;
	return 0;
}

static int
read_timestamp(struct tide_config_reader *reader, struct yaml_node_s *node, void *into)
{
	static const struct tide_config_key keys[] = {
		{"field", TIDE_CONFIG_TEXT, offsetof(struct tide_mapping, timestamp), NULL},
		{"unit", TIDE_CONFIG_READ, 0, read_unit},
	};
	static const struct tide_config_table table = TIDE_CONFIG_TABLE("`timestamp`", keys, NULL);
	struct tide_mapping *mapping = into;

	if (!tide_config_yaml_is_map(node))
		return tide_config_yaml_text(reader, node, &mapping->timestamp);
	if (tide_config_yaml_walk(reader, node, &table, into) != 0)
		return -1;
	if (mapping->timestamp == NULL)
		return tide_config_yaml_fail(reader, node,
			"`timestamp` needs `field`: say {field: ts, unit: ms}");
	return 0;
}

static int
read_features(struct tide_config_reader *reader, struct yaml_node_s *node, void *into)
{
	struct tide_mapping *mapping = into;

	if (!tide_config_yaml_is_list(node))
		return tide_config_yaml_text(reader, node, &mapping->features);
	if (tide_config_yaml_length(node) > TIDE_COLUMNS_MAX)
		return tide_config_yaml_fail(reader, node, "`features` has more than %d paths",
			TIDE_COLUMNS_MAX);
	return tide_config_yaml_texts(reader, node, &mapping->column_paths,
		&mapping->column_path_count);
}

static int
read_classes(struct tide_config_reader *reader, struct yaml_node_s *node, void *into)
{
	struct tide_mapping *mapping = into;

	return tide_config_yaml_texts(reader, node, &mapping->classes, &mapping->class_count);
}

static int
read_form(struct tide_config_reader *reader, struct yaml_node_s *node, void *into)
{
	static const char *const words[] = {"number", "array", "object"};
	size_t index;

	if (tide_config_yaml_word(reader, node, words, COUNT(words), &index) != 0)
		return -1;
	*(bool *) into = index == 2;
	return 0;
}

/* Without `form` a list of classes means an array. */
static int
check_form(struct tide_config_reader *reader, struct yaml_node_s *node,
           const struct tide_mapping *mapping)
{
	struct yaml_node_s *form = tide_config_yaml_find(reader, node, "form");
	const char *word = form != NULL ? tide_config_yaml_raw(form) : "";

	if (strcmp(word, "array") == 0 && mapping->class_count == 0)
		return tide_config_yaml_fail(reader, form,
			"an array of `proba` needs `classes`, in the order of its places");
	if (strcmp(word, "number") == 0 && mapping->class_count > 0)
		return tide_config_yaml_fail(reader, form,
			"`proba` is one number, so it takes no `classes`");
	return 0;
}

static int
read_proba(struct tide_config_reader *reader, struct yaml_node_s *node, void *into)
{
	static const struct tide_config_key keys[] = {
		{"field", TIDE_CONFIG_TEXT, offsetof(struct tide_mapping, proba), NULL},
		{"classes", TIDE_CONFIG_READ, 0, read_classes},
		{"form", TIDE_CONFIG_READ, offsetof(struct tide_mapping, proba_is_classes),
			read_form},
	};
	static const struct tide_config_table table = TIDE_CONFIG_TABLE("`proba`", keys, NULL);
	struct tide_mapping *mapping = into;

	if (!tide_config_yaml_is_map(node))
		return tide_config_yaml_text(reader, node, &mapping->proba);
	if (tide_config_yaml_walk(reader, node, &table, into) != 0)
		return -1;
	if (mapping->proba == NULL)
		return tide_config_yaml_fail(reader, node,
			"`proba` needs `field`: say {field: scores, classes: [a, b]}");
	return check_form(reader, node, mapping);
}

static int
read_field(struct tide_config_reader *reader, struct yaml_node_s *key, struct yaml_node_s *value,
           void *into)
{
	struct tide_mapping *mapping = into;
	const char **words = mapping->role == TIDE_LABELS ? reader->owned->label_words
							   : reader->owned->prediction_words;

	if (mapping->field_count == TIDE_FIELDS_MAX)
		return tide_config_yaml_fail(reader, key, "`map` has more than %d extra fields",
			TIDE_FIELDS_MAX);
	if (tide_config_yaml_text(reader, key, &words[mapping->field_count]) != 0)
		return -1;
	return tide_config_yaml_text(reader, value, &mapping->fields[mapping->field_count++]);
}

#define WORD(word) {#word, TIDE_CONFIG_TEXT, offsetof(struct tide_mapping, word), NULL}
static const struct tide_config_key map_keys[] = {
	{"id", TIDE_CONFIG_READ, 0, read_id},
	{"timestamp", TIDE_CONFIG_READ, 0, read_timestamp},
	{"features", TIDE_CONFIG_READ, 0, read_features},
	{"proba", TIDE_CONFIG_READ, 0, read_proba},
	WORD(model), WORD(version), WORD(prediction), WORD(target), WORD(latency), WORD(error),
	WORD(cpu), WORD(memory), WORD(weight),
};
#undef WORD

static int
read_map(struct tide_config_reader *reader, struct yaml_node_s *node, void *into)
{
	static const struct tide_config_table table =
		TIDE_CONFIG_TABLE("`map`", map_keys, read_field);

	return tide_config_yaml_walk(reader, node, &table, into);
}

static bool
field_used(const struct tide_config_owned *owned, enum tide_role role, const char *word)
{
	const struct tide_config *config = &owned->config;
	const struct tide_mapping *mapping =
		role == TIDE_LABELS ? &config->labels.mapping : &config->predictions.mapping;
	const char *const *words =
		role == TIDE_LABELS ? owned->label_words : owned->prediction_words;

	for (size_t i = 0; i < config->segment_count; i++)
		if (strcmp(config->segments[i].name, word) == 0)
			return true;
	for (size_t i = 0; i < mapping->field_count; i++)
		if (strcmp(words[i], word) == 0)
			return (owned->fields_used[role] >> i & 1) != 0;
	return false;
}

/* One or two edits away from a known word, and less than half of it edited. */
static int
check_word(struct tide_config_reader *reader, struct yaml_node_s *key, struct yaml_node_s *value,
           void *into)
{
	const char *word = tide_config_yaml_raw(key);

	(void) value;
	for (size_t i = 0; i < COUNT(map_keys); i++) {
		size_t distance = tide_config_value_distance(word, map_keys[i].name);

		if (distance == 0)
			return 0;
		if (distance > 2 || 2 * distance >= strlen(word)
		    || field_used(reader->owned, *(enum tide_role *) into, word))
			continue;
		return tide_config_yaml_fail(reader, key,
			"`map` has no word `%.64s`; did you mean `%s`? (a field of your own needs "
			"a segment or a business measure that uses it)",
			word, map_keys[i].name);
	}
	return 0;
}

int
tide_config_input_finish(struct tide_config_reader *reader, struct yaml_node_s *root)
{
	static const char *const names[] = {"predictions", "labels"};
	static const struct tide_config_table table = {"`map`", NULL, 0, check_word};
	struct yaml_node_s *inputs = tide_config_yaml_find(reader, root, "inputs");

	if (tide_config_labels_finish(reader, tide_config_yaml_find(reader, inputs, "labels")) != 0)
		return -1;
	for (enum tide_role role = TIDE_PREDICTIONS; role <= TIDE_LABELS; role++) {
		struct yaml_node_s *input = tide_config_yaml_find(reader, inputs, names[role]);

		if (input != NULL
		    && tide_config_yaml_walk(reader, tide_config_yaml_find(reader, input, "map"),
			       &table, &role) != 0)
			return -1;
	}
	return 0;
}

int
tide_config_input_format(struct tide_config_reader *reader, struct yaml_node_s *node, void *into)
{
	static const char *const words[] = {"json", "avro"};
	size_t index;

	if (tide_config_yaml_word(reader, node, words, COUNT(words), &index) != 0)
		return -1;
	*(enum tide_format *) into = (enum tide_format) index;
	return 0;
}

static int
read_input(struct tide_config_reader *reader, struct yaml_node_s *node, struct tide_input *input,
           const char *what)
{
	static const struct tide_config_key keys[] = {
		{"topic", TIDE_CONFIG_TEXT, offsetof(struct tide_input, topic), NULL},
		{"file", TIDE_CONFIG_PATH, offsetof(struct tide_input, file), NULL},
		{"format", TIDE_CONFIG_READ, offsetof(struct tide_input, mapping.format),
			tide_config_input_format},
		{"map", TIDE_CONFIG_READ, offsetof(struct tide_input, mapping), read_map},
		{"absent", TIDE_CONFIG_READ, 0, tide_config_labels_read},
		{"eligible", TIDE_CONFIG_READ, 0, tide_config_labels_read},
		{"preset", TIDE_CONFIG_LATER, 0, NULL},
		{"schema", TIDE_CONFIG_READ, offsetof(struct tide_input, mapping),
			tide_config_schema_read},
		{"frame", TIDE_CONFIG_READ, offsetof(struct tide_input, mapping.confluent_frame),
			tide_config_schema_frame},
	};
	struct tide_config_table table = TIDE_CONFIG_TABLE(what, keys, NULL);

	if (tide_config_yaml_walk(reader, node, &table, input) != 0)
		return -1;
	if (tide_config_yaml_find(reader, node, "map") == NULL)
		return tide_config_yaml_fail(reader, node,
			"%s needs `map`: say where id, timestamp and the rest stand", what);
	return tide_config_schema_check(reader, node, &input->mapping);
}

static int
read_predictions(struct tide_config_reader *reader, struct yaml_node_s *node, void *into)
{
	struct tide_config *config = into;

	config->has_predictions = true;
	config->predictions.mapping.role = TIDE_PREDICTIONS;
	return read_input(reader, node, &config->predictions, "`predictions`");
}

static int
read_labels(struct tide_config_reader *reader, struct yaml_node_s *node, void *into)
{
	struct tide_config *config = into;
	struct tide_mapping *mapping = &config->labels.mapping;

	config->has_labels = true;
	mapping->role = TIDE_LABELS;
	if (read_input(reader, node, &config->labels, "`labels`") != 0)
		return -1;
	if (mapping->id_count == 0)
		return tide_config_yaml_fail(reader, node,
			"`labels.map` needs `id`, the word that joins a label to its prediction");
	if (mapping->target == NULL && mapping->field_count == 0)
		return tide_config_yaml_fail(reader, node,
			"`labels.map` needs `target`: say where the true value stands");
	return 0;
}

static int
read_start(struct tide_config_reader *reader, struct yaml_node_s *node, void *into)
{
	struct tide_config *config = into;
	const char *text;
	double ms;

	if (tide_config_yaml_text(reader, node, &text) != 0)
		return -1;
	if (strcmp(text, "latest") == 0) {
		config->start = TIDE_START_LATEST;
		return 0;
	}
	if (strcmp(text, "earliest") == 0) {
		config->start = TIDE_START_EARLIEST;
		return 0;
	}
	config->start = TIDE_START_AT;
	if (text[0] == '@' && tide_config_value_time(text + 1, &config->start_ms))
		return 0;
	if (text[0] == '@' && tide_text_read_number(tide_text_of(text + 1), &ms) && ms >= 0
	    && ms < 0x1p53) {
		config->start_ms = (int64_t) ms;
		return 0;
	}
	return tide_config_yaml_fail(reader, node,
		"expected latest, earliest, @ms or @2026-01-02T03:04:05Z, but this is `%.64s`",
		tide_config_yaml_raw(node));
}

static int
read_repartition(struct tide_config_reader *reader, struct yaml_node_s *node, void *into)
{
	static const char *const words[] = {"false", "true"};
	struct tide_config *config = into;
	size_t index;

	if (tide_config_yaml_word(reader, node, words, COUNT(words), &index) != 0)
		return -1;
	config->repartition = index == 1;
	return 0;
}

/* Records are put together by their ids. */
static int
check_repartition(struct tide_config_reader *reader, struct yaml_node_s *node,
                  const struct tide_config *config)
{
	const struct tide_input *predictions = &config->predictions, *labels = &config->labels;

	if (!config->repartition)
		return 0;
	node = tide_config_yaml_find(reader, node, "repartition");
	if (!config->has_predictions || !config->has_labels)
		return tide_config_yaml_fail(reader, node,
			"`repartition` brings labels to their predictions, and `inputs` has only one "
			"of them: take it out");
	if (predictions->mapping.id_count == 0)
		return tide_config_yaml_fail(reader, node,
			"`repartition` puts predictions where their ids belong: `predictions.map` "
			"needs `id`");
	if (predictions->topic != NULL && labels->topic != NULL
	    && strcmp(predictions->topic, labels->topic) == 0)
		return tide_config_yaml_fail(reader, node,
			"`repartition` reads two topics, and both inputs are in %.64s: take it out",
			labels->topic);
	return 0;
}

int
tide_config_input_read(struct tide_config_reader *reader, struct yaml_node_s *node, void *into)
{
	static const struct tide_config_key keys[] = {
		{"predictions", TIDE_CONFIG_READ, 0, read_predictions},
		{"labels", TIDE_CONFIG_READ, 0, read_labels},
		{"start", TIDE_CONFIG_READ, 0, read_start},
		{"repartition", TIDE_CONFIG_READ, 0, read_repartition},
	};
	static const struct tide_config_table table = TIDE_CONFIG_TABLE("`inputs`", keys, NULL);
	struct tide_config *config = into;

	if (tide_config_yaml_walk(reader, node, &table, into) != 0)
		return -1;
	if (!config->has_predictions && !config->has_labels)
		return tide_config_yaml_fail(reader, node,
			"`inputs` needs `predictions` or `labels`, or both");
	return check_repartition(reader, node, config);
}
