#include "app/config_yaml.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#define FILE_BYTES_MAX (1u << 20)

static int
parse(struct tide_config_reader *reader, const char *bytes, size_t length,
      tide_config_file_root *read)
{
	yaml_document_t document;
	yaml_parser_t parser;
	int result;

	if (!yaml_parser_initialize(&parser))
		return tide_error_stop(reader->error, TIDE_ERROR_MEMORY,
			"out of memory while reading %s", reader->path);
	yaml_parser_set_input_string(&parser, (const unsigned char *) bytes, length);
	if (!yaml_parser_load(&parser, &document)) {
		result = tide_error_stop(reader->error, TIDE_ERROR_CONFIG,
			"%s:%zu:%zu: this is not YAML: %s", reader->path,
			parser.problem_mark.line + 1, parser.problem_mark.column + 1,
			parser.problem != NULL ? parser.problem : "unreadable");
	} else {
		reader->document = &document;
		result = read(reader, yaml_document_get_root_node(&document));
		yaml_document_delete(&document);
	}
	yaml_parser_delete(&parser);
	return result;
}

static int
slurp(const char *path, char **bytes, size_t *length, struct tide_error *error)
{
	FILE *file = fopen(path, "rb");
	char *read;
	bool failed;

	if (file == NULL)
		return tide_error_stop(error, TIDE_ERROR_NO_INPUT, "%s cannot be read: %s", path,
			strerror(errno));
	read = malloc(FILE_BYTES_MAX + 1);
	if (read == NULL) {
		(void) fclose(file);
		return tide_error_stop(error, TIDE_ERROR_MEMORY, "out of memory while reading %s",
			path);
	}
	*length = fread(read, 1, FILE_BYTES_MAX + 1, file);
	failed = ferror(file) != 0;
	(void) fclose(file);
	if (!failed && *length <= FILE_BYTES_MAX) {
		*bytes = read;
		return 0;
	}
	free(read);
	return failed ? tide_error_stop(error, TIDE_ERROR_NO_INPUT, "%s cannot be read", path)
		      : tide_error_stop(error, TIDE_ERROR_CONFIG,
				"%s:1:1: a file of YAML has at most 1 MiB", path);
}

int
tide_config_file_read(struct tide_config_reader *reader, tide_config_file_root *read)
{
	char *bytes;
	size_t length;

	if (slurp(reader->path, &bytes, &length, reader->error) != 0)
		return -1;
	int failed = parse(reader, bytes, length, read);
	free(bytes);
	return failed;
}
