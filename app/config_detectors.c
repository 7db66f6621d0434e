#include "app/config_detectors.h"
#include <string.h>

static const char *const dialects[] = {"evidently", "nannyml", "scipy"};
#define DIALECTS (sizeof(dialects) / sizeof(dialects[0]))

static int
read_dialects(struct tide_config_reader *reader, struct yaml_node_s *node, void *into)
{
	struct tide_config *config = into;
	size_t count, index;

	if (!tide_config_yaml_is_list(node))
		return tide_config_yaml_fail(reader, node,
			"`dialects` should be a list like [evidently, nannyml]");
	count = tide_config_yaml_length(node);
	for (size_t i = 0; i < count; i++) {
		if (tide_config_yaml_word(reader, tide_config_yaml_item(reader, node, i), dialects,
				DIALECTS, &index) != 0)
			return -1;
		config->dialects |= 1u << index;
	}
	return 0;
}

int
tide_config_detectors_read(struct tide_config_reader *reader, struct yaml_node_s *node, void *into)
{
	static const struct tide_config_key keys[] = {
		{"dialects", TIDE_CONFIG_READ, 0, read_dialects},
	};
	static const struct tide_config_table table = TIDE_CONFIG_TABLE("`detectors`", keys, NULL);

	return tide_config_yaml_walk(reader, node, &table, into);
}

const char *
tide_config_detectors_dialect(size_t index)
{
	return index < DIALECTS ? dialects[index] : NULL;
}

static bool
is_asked(const struct tide_config *config, const struct tide_detector *detector)
{
	for (size_t i = 0; i < DIALECTS; i++)
		if ((config->dialects & 1u << i) != 0
		    && strcmp(dialects[i], detector->dialect) == 0)
			return true;
	for (size_t i = 0; i < config->rule_count; i++)
		if (tide_detector_find(config->rules[i].metric) == detector)
			return true;
	return false;
}

void
tide_config_detectors_ask(const struct tide_config *config, struct tide_reference *reference)
{
	const struct tide_detector *detector;

	for (size_t i = 0; (detector = tide_detector_at(i)) != NULL; i++)
		if ((detector->needs & TIDE_ON_DEMAND) != 0 && is_asked(config, detector))
			tide_reference_ask(reference, detector);
}
