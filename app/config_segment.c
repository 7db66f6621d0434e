#include "app/config_part.h"
#include <stdio.h>
#include <string.h>

/* A list in the list: the segments that stand in it, crossed. */
static int
read_parts(struct tide_config_reader *reader, struct yaml_node_s *node,
           struct tide_segment *segment)
{
	const struct tide_config *config = &reader->owned->config;
	size_t count = tide_config_yaml_length(node), size_bytes = 1;
	char *name;

	if (count < 2 || count > TIDE_SEGMENT_PARTS_MAX)
		return tide_config_yaml_fail(reader, node,
			"a crossed segment has 2 to %d parts, e.g. [country, device]",
			TIDE_SEGMENT_PARTS_MAX);
	for (size_t i = 0; i < count; i++) {
		struct yaml_node_s *item = tide_config_yaml_item(reader, node, i);
		const char *part;
		size_t at = 0;

		if (tide_config_yaml_text(reader, item, &part) != 0)
			return -1;
		while (at < config->segment_count
		       && (config->segments[at].part_count > 0
			   || strcmp(config->segments[at].name, part) != 0))
			at++;
		if (at == config->segment_count)
			return tide_config_yaml_fail(reader, item,
				"`%.64s` is no segment that stands before; say e.g. "
				"segments: [country, device, [country, device]]", part);
		segment->parts[segment->part_count++] = (int) at;
		size_bytes += strlen(part) + 1;
	}
	name = tide_config_yaml_keep(reader, size_bytes);
	segment->name = name;
	for (size_t i = 0; name != NULL && i < count; i++)
		name += snprintf(name, size_bytes - (size_t) (name - segment->name), "%s%s",
			i > 0 ? ":" : "", config->segments[segment->parts[i]].name);
	return name != NULL ? 0 : -1;
}

static int
read_segment(struct tide_config_reader *reader, struct yaml_node_s *node)
{
	struct tide_config *config = &reader->owned->config;
	struct tide_segment segment = {.field = -1};
	int result = tide_config_yaml_is_list(node)
		? read_parts(reader, node, &segment)
		: tide_config_yaml_text(reader, node, &segment.name);

	if (result != 0)
		return -1;
	for (size_t i = 0; i < config->segment_count; i++)
		if (strcmp(segment.name, config->segments[i].name) == 0)
			return tide_config_yaml_fail(reader, node,
				"segment `%.64s` stands twice; keep one", segment.name);
	config->segments[config->segment_count++] = segment;
	return 0;
}

int
tide_config_segment_read(struct tide_config_reader *reader, struct yaml_node_s *node, void *into)
{
	size_t count = tide_config_yaml_is_list(node) ? tide_config_yaml_length(node) : 0;

	(void) into;
	if (count == 0)
		return tide_config_yaml_fail(reader, node,
			"expected a list of names, e.g. [country, device, [country, device]]");
	if (count > TIDE_SEGMENTS_MAX)
		return tide_config_yaml_fail(reader, node, "there are more than %d segments",
			TIDE_SEGMENTS_MAX);
	for (size_t i = 0; i < count; i++)
		if (read_segment(reader, tide_config_yaml_item(reader, node, i)) != 0)
			return -1;
	return 0;
}

void
tide_config_segment_finish(struct tide_config_owned *owned)
{
	struct tide_config *config = &owned->config;

	for (size_t i = 0; i < config->segment_count; i++)
		for (size_t j = 0; j < config->predictions.mapping.field_count; j++)
			if (config->segments[i].part_count == 0
			    && strcmp(config->segments[i].name, owned->prediction_words[j]) == 0)
				config->segments[i].field = (int) j;
}

static int
read_group_min_n(struct tide_config_reader *reader, struct yaml_node_s *node, void *into)
{
	uint64_t *rows = into;
	double number;

	if (tide_config_yaml_number(reader, node, &number) != 0)
		return -1;
	if (!(number >= 1 && number <= 1e9))
		return tide_config_yaml_fail(reader, node,
			"`min_n` is how many labelled rows a group needs: 1 or more, e.g. 30");
	*rows = (uint64_t) number;
	return 0;
}

int
tide_config_segment_fairness(struct tide_config_reader *reader, struct yaml_node_s *node,
                             void *into)
{
	static const struct tide_config_key keys[] = {
		{"min_n", TIDE_CONFIG_READ, offsetof(struct tide_config, group_min_n),
			read_group_min_n},
	};
	static const struct tide_config_table table = TIDE_CONFIG_TABLE("`fairness`", keys, NULL);

	return tide_config_yaml_walk(reader, node, &table, into);
}
