#include "app/command.h"
#include "schemas/avro_schema.h"
#include <stdio.h>
#include <string.h>

static int
usage(void)
{
	const char *between = " ";

	fputs("usage: tidemark schema print", stderr);
	for (size_t i = 0; tide_avro_schema[i].name; i++, between = "|")
		fprintf(stderr, "%s%s", between, tide_avro_schema[i].name);
	fputs("\n", stderr);
	return TIDE_ERROR_USAGE;
}

int
tide_command_schema(int argc, char **argv)
{
	if (argc != 2 || strcmp(argv[0], "print") != 0)
		return usage();
	for (size_t i = 0; tide_avro_schema[i].name; i++) {
		if (strcmp(tide_avro_schema[i].name, argv[1]) != 0)
			continue;
		if (fputs(tide_avro_schema[i].text, stdout) == EOF || fflush(stdout) == EOF)
			return TIDE_ERROR_WRITE;
		return 0;
	}
	return usage();
}
