#include "app/config_part.h"
#include <math.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct tide_config_key model_keys[] = {
	{"problem_type", TIDE_CONFIG_READ, offsetof(struct tide_model_options, problem),
		tide_config_model_problem},
	{"positive_class", TIDE_CONFIG_TEXT, offsetof(struct tide_model_options, positive_class),
		NULL},
	{"decision_threshold", TIDE_CONFIG_READ,
		offsetof(struct tide_model_options, decision_threshold),
		tide_config_model_threshold},
	{"target", TIDE_CONFIG_LATER, 0, NULL},
	{"proba", TIDE_CONFIG_LATER, 0, NULL},
	{"labels", TIDE_CONFIG_LATER, 0, NULL},
	{"window", TIDE_CONFIG_LATER, 0, NULL},
	{"reference", TIDE_CONFIG_LATER, 0, NULL},
	{"segments", TIDE_CONFIG_LATER, 0, NULL},
	{"columns", TIDE_CONFIG_LATER, 0, NULL},
	{"business", TIDE_CONFIG_LATER, 0, NULL},
	{"rules", TIDE_CONFIG_LATER, 0, NULL},
};

int
tide_config_model_problem(struct tide_config_reader *reader, struct yaml_node_s *node, void *into)
{
	static const char *const words[] = {"none", "classification_binary",
		"classification_multiclass", "regression"};
	size_t index;

	if (tide_config_yaml_word(reader, node, words, COUNT(words), &index) != 0)
		return -1;
	*(enum tide_problem *) into = (enum tide_problem) index;
	return 0;
}

int
tide_config_model_threshold(struct tide_config_reader *reader, struct yaml_node_s *node,
                            void *into)
{
	double *number = into;

	if (tide_config_yaml_number(reader, node, number) != 0)
		return -1;
	if (!(*number >= 0 && *number <= 1))
		return tide_config_yaml_fail(reader, node,
			"`decision_threshold` should be from 0 to 1, e.g. 0.5");
	return 0;
}

/* `into` is the config: one more model. "*" may stand anywhere; it moves to the end afterwards. */
static int
read_model(struct tide_config_reader *reader, struct yaml_node_s *key, struct yaml_node_s *value,
           void *into)
{
	static const struct tide_config_table table = TIDE_CONFIG_TABLE("a model", model_keys, NULL);
	struct tide_config *config = into;
	struct tide_model_options *model = &config->models[config->model_count];

	if (tide_config_yaml_text(reader, key, &model->pattern) != 0)
		return -1;
	config->model_count++;
	return tide_config_yaml_walk(reader, value, &table, model);
}

int
tide_config_model_read(struct tide_config_reader *reader, struct yaml_node_s *node, void *into)
{
	static const struct tide_config_table table = {"`models`", NULL, 0, read_model};
	struct tide_config *config = into;

	config->models = tide_config_yaml_keep(reader,
		(TIDE_CONFIG_PAIRS_MAX + 1) * sizeof(*config->models));
	if (config->models == NULL)
		return -1;
	return tide_config_yaml_walk(reader, node, &table, into);
}

/* What the model of this pattern leaves open, filled from the top level. */
static void
fill_model(struct tide_config_reader *reader, struct tide_model_options *model,
           struct yaml_node_s *models)
{
	const struct tide_config *config = &reader->owned->config;
	struct yaml_node_s *words = models != NULL
		? tide_config_yaml_find(reader, models, model->pattern) : NULL;

	if (words == NULL || tide_config_yaml_find(reader, words, "problem_type") == NULL)
		model->problem = config->problem;
	if (words == NULL || tide_config_yaml_find(reader, words, "positive_class") == NULL)
		model->positive_class = config->positive_class;
	if (words == NULL || tide_config_yaml_find(reader, words, "decision_threshold") == NULL)
		model->decision_threshold = config->decision_threshold;
}

/* Moves "*" behind the others, or adds it. */
static int
close_models(struct tide_config_reader *reader)
{
	struct tide_config *config = &reader->owned->config;
	struct tide_model_options rest = {.pattern = "*"};
	size_t kept = 0;

	if (config->models == NULL)
		config->models = tide_config_yaml_keep(reader, sizeof(*config->models));
	if (config->models == NULL)
		return -1;
	for (size_t i = 0; i < config->model_count; i++)
		if (strcmp(config->models[i].pattern, "*") == 0)
			rest = config->models[i];
		else
			config->models[kept++] = config->models[i];
	config->models[kept] = rest;
	config->model_count = kept + 1;
	return 0;
}

int
tide_config_model_finish(struct tide_config_reader *reader, struct yaml_node_s *root,
                         struct yaml_node_s *models)
{
	struct tide_config *config = &reader->owned->config;
	struct yaml_node_s *rest = models != NULL ? tide_config_yaml_find(reader, models, "*") : NULL;
	enum tide_problem problem;

	if (tide_config_yaml_find(reader, root, "problem_type") == NULL
	    && (rest == NULL || tide_config_yaml_find(reader, rest, "problem_type") == NULL))
		return tide_config_yaml_fail(reader, root,
			"`problem_type` is missing; say regression, classification_binary, "
			"classification_multiclass or none");
	if (close_models(reader) != 0)
		return -1;
	for (size_t i = 0; i < config->model_count; i++)
		fill_model(reader, &config->models[i], models);
	config->problem = config->models[config->model_count - 1].problem;
	/* Records of models that differ are read as a model without a problem is: any type goes. */
	problem = config->problem;
	for (size_t i = 0; i < config->model_count; i++)
		if (config->models[i].problem != problem)
			problem = TIDE_PROBLEM_NONE;
	if (problem == TIDE_PROBLEM_MULTICLASS && config->predictions.mapping.class_count == 0)
		config->predictions.mapping.proba_is_classes = true;
	config->predictions.mapping.problem = problem;
	config->labels.mapping.problem = problem;
	return 0;
}

static int
read_type(struct tide_config_reader *reader, struct yaml_node_s *node, void *into)
{
	static const char *const words[] = {"numeric", "categorical"};
	size_t index;

	if (tide_config_yaml_word(reader, node, words, COUNT(words), &index) != 0)
		return -1;
	*(enum tide_column_type *) into = index == 0 ? TIDE_COLUMN_NUMERIC : TIDE_COLUMN_CATEGORICAL;
	return 0;
}

static int
read_ignore(struct tide_config_reader *reader, struct yaml_node_s *node, void *into)
{
	static const char *const words[] = {"false", "true"};
	size_t index;

	if (tide_config_yaml_word(reader, node, words, COUNT(words), &index) != 0)
		return -1;
	*(bool *) into = index == 1;
	return 0;
}

static int
read_min_effect(struct tide_config_reader *reader, struct yaml_node_s *node, void *into)
{
	double *number = into;

	if (tide_config_yaml_number(reader, node, number) != 0)
		return -1;
	if (*number < 0)
		return tide_config_yaml_fail(reader, node,
			"`min_effect` is a PSI of 0 or more, e.g. 0.01; 0 tests for any difference");
	return 0;
}

static int
read_column(struct tide_config_reader *reader, struct yaml_node_s *key, struct yaml_node_s *value,
            void *into)
{
	static const struct tide_config_key keys[] = {
		{"type", TIDE_CONFIG_READ, offsetof(struct tide_column_options, type), read_type},
		{"ignore", TIDE_CONFIG_READ, offsetof(struct tide_column_options, ignore),
			read_ignore},
		{"min_effect", TIDE_CONFIG_READ, offsetof(struct tide_column_options, min_effect),
			read_min_effect},
		{"weight", TIDE_CONFIG_LATER, 0, NULL},
		{"pii", TIDE_CONFIG_LATER, 0, NULL},
	};
	static const struct tide_config_table table = TIDE_CONFIG_TABLE("a column", keys, NULL);
	struct tide_config *config = into;
	struct tide_column_options *column = &config->columns[config->column_count];

	if (tide_config_yaml_text(reader, key, &column->pattern) != 0)
		return -1;
	column->min_effect = NAN;
	config->column_count++;
	return tide_config_yaml_walk(reader, value, &table, column);
}

int
tide_config_model_columns(struct tide_config_reader *reader, struct yaml_node_s *node, void *into)
{
	static const struct tide_config_table table = {"`columns`", NULL, 0, read_column};
	struct tide_config *config = into;

	config->columns = tide_config_yaml_keep(reader,
		TIDE_CONFIG_PAIRS_MAX * sizeof(*config->columns));
	if (config->columns == NULL)
		return -1;
	return tide_config_yaml_walk(reader, node, &table, into);
}

/* A number where the text is one, else the text: what a record would have held. */
static int
read_word(struct tide_config_reader *reader, struct yaml_node_s *key, struct yaml_node_s *value,
          void *into)
{
	struct tide_mapping *mapping = into;
	struct tide_mapping_word *word = &mapping->values[mapping->value_count];
	const char *text;

	if (tide_config_yaml_text(reader, key, &word->from) != 0
	    || tide_config_yaml_text(reader, value, &text) != 0)
		return -1;
	word->to.text = tide_text_of(text);
	word->to.column = TIDE_NO_COLUMN;
	word->to.kind = tide_text_read_number(word->to.text, &word->to.number) ? TIDE_VALUE_NUMBER
	                                                                       : TIDE_VALUE_TEXT;
	mapping->value_count++;
	return 0;
}

static int
read_words(struct tide_config_reader *reader, struct yaml_node_s *node, void *into)
{
	static const struct tide_config_table table = {"`target.values`", NULL, 0, read_word};
	struct tide_config *config = into;
	struct tide_mapping *mapping = &config->predictions.mapping;

	mapping->values = tide_config_yaml_keep(reader,
		TIDE_CONFIG_PAIRS_MAX * sizeof(*mapping->values));
	if (mapping->values == NULL || tide_config_yaml_walk(reader, node, &table, mapping) != 0)
		return -1;
	config->labels.mapping.values = mapping->values;
	config->labels.mapping.value_count = mapping->value_count;
	return 0;
}

int
tide_config_model_target(struct tide_config_reader *reader, struct yaml_node_s *node, void *into)
{
	static const struct tide_config_key keys[] = {
		{"values", TIDE_CONFIG_READ, 0, read_words},
		{"pos_label", TIDE_CONFIG_LATER, 0, NULL},
	};
	static const struct tide_config_table table = TIDE_CONFIG_TABLE("`target`", keys, NULL);

	return tide_config_yaml_walk(reader, node, &table, into);
}
