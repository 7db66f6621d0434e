#include "app/config_part.h"
#include "schemas/avro_plan.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define SCHEMA_BYTES_MAX (1u << 20)

int
tide_config_schema_read(struct tide_config_reader *reader, struct yaml_node_s *node, void *into)
{
	struct tide_mapping *mapping = into;
	const char *path;
	char *text;
	size_t length;
	FILE *file;

	if (tide_config_yaml_path(reader, node, &path) != 0)
		return -1;
	file = fopen(path, "rb");
	if (file == NULL)
		return tide_config_yaml_fail(reader, node, "the schema %s cannot be read: %s", path,
			strerror(errno));
	text = tide_config_yaml_keep(reader, SCHEMA_BYTES_MAX + 1);
	length = text != NULL ? fread(text, 1, SCHEMA_BYTES_MAX + 1, file) : 0;
	(void) fclose(file);
	if (text == NULL)
		return -1;
	if (length > SCHEMA_BYTES_MAX)
		return tide_config_yaml_fail(reader, node, "the schema %s has more than 1 MiB", path);
	text[length] = '\0';
	mapping->avro_schema = text;
	return 0;
}

int
tide_config_schema_frame(struct tide_config_reader *reader, struct yaml_node_s *node, void *into)
{
	static const char *const words[] = {"none", "confluent"};
	size_t index;

	if (tide_config_yaml_word(reader, node, words, sizeof(words) / sizeof(words[0]), &index) != 0)
		return -1;
	*(bool *) into = index == 1;
	return 0;
}

int
tide_config_schema_check(struct tide_config_reader *reader, const struct yaml_node_s *node,
                         const struct tide_mapping *mapping)
{
	struct tide_avro_plan *plan = NULL;
	struct tide_error error;

	if (mapping->format != TIDE_FORMAT_AVRO) {
		if (mapping->avro_schema != NULL || mapping->confluent_frame)
			return tide_config_yaml_fail(reader, node,
				"`schema` and `frame` are for format avro; say `format: avro` or "
				"take them out");
		return 0;
	}
	if (tide_avro_plan_new(mapping, &plan, &error) != 0 && error.code != TIDE_ERROR_CONFIG) {
		*reader->error = error;
		return -1;
	}
	if (plan == NULL)
		return tide_config_yaml_fail(reader, node, "%s", error.text);
	tide_avro_plan_free(plan);
	return 0;
}
