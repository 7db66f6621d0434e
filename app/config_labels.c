#include "app/config_business.h"
#include "app/config_part.h"
#include <string.h>

/* What `labels` says of labels that stay away (SPEC 8.3). Both words are read when maps, models and
 * `target.values` are known: they speak of all of them. */

int
tide_config_labels_read(struct tide_config_reader *reader, struct yaml_node_s *node, void *into)
{
	const struct tide_input *input = into;

	if (input->mapping.role == TIDE_LABELS)
		return 0;
	return tide_config_yaml_fail(reader, node,
		"`absent` and `eligible` are words of inputs.labels: put them there");
}

/* What a record would have held: a number where the text is one. */
static int
read_target(struct tide_config_reader *reader, struct yaml_node_s *node, void *into)
{
	struct tide_value *target = into;
	const char *text;

	if (tide_config_yaml_text(reader, node, &text) != 0)
		return -1;
	target->text = tide_text_of(text);
	target->column = TIDE_NO_COLUMN;
	target->kind = tide_text_read_number(target->text, &target->number) ? TIDE_VALUE_NUMBER
	                                                                    : TIDE_VALUE_TEXT;
	tide_mapping_translate(&reader->owned->config.labels.mapping, target);
	return 0;
}

/* Every model that has labels can take the target. */
static int
check_target(struct tide_config_reader *reader, struct yaml_node_s *node)
{
	const struct tide_config *config = &reader->owned->config;
	const struct tide_absence *absence = &config->absence;

	if (config->labels.mapping.target == NULL)
		return tide_config_yaml_fail(reader, node,
			"`absent` stands for a target, and `labels.map` has no `target`: add it");
	for (size_t i = 0; i < config->model_count; i++)
		if (config->models[i].problem == TIDE_PROBLEM_REGRESSION
		    && absence->target.kind != TIDE_VALUE_NUMBER)
			return tide_config_yaml_fail(reader, node,
				"`absent.target` should be a number, for models `%.64s` are regression",
				config->models[i].pattern);
	return 0;
}

static int
read_absent(struct tide_config_reader *reader, struct yaml_node_s *node)
{
	static const struct tide_config_key keys[] = {
		{"target", TIDE_CONFIG_READ, offsetof(struct tide_absence, target), read_target},
	};
	static const struct tide_config_table table = TIDE_CONFIG_TABLE("`absent`", keys, NULL);
	struct tide_absence *absence = &reader->owned->config.absence;

	absence->is_label = true;
	if (tide_config_yaml_walk(reader, node, &table, absence) != 0)
		return -1;
	if (absence->target.kind == TIDE_VALUE_NULL)
		return tide_config_yaml_fail(reader, node,
			"`absent` needs `target`: say what no label means, e.g. {target: 0}");
	return check_target(reader, node);
}

int
tide_config_labels_finish(struct tide_config_reader *reader, struct yaml_node_s *labels)
{
	struct tide_config *config = &reader->owned->config;
	struct yaml_node_s *absent, *eligible;

	if (labels == NULL)
		return 0;
	absent = tide_config_yaml_find(reader, labels, "absent");
	eligible = tide_config_yaml_find(reader, labels, "eligible");
	if (absent != NULL && read_absent(reader, absent) != 0)
		return -1;
	return eligible == NULL ? 0
		: tide_config_business_condition(reader, eligible, &config->absence.eligible,
			&config->eligible);
}
