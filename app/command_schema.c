#include "app/command.h"
#include "schemas/avro_schema.h"
#include <stdio.h>
#include <string.h>

const char tide_command_schema_help[] =
        "usage: tidemark schema print NAME\n\n"
        "Prints one of the Avro schemas that ship: prediction, label (shapes to begin with: any\n"
        "record schema will do), result, alert, dead_letter.\n";

int
tide_command_schema(int argc, char **argv)
{
	bool asked = argc == 2 && strcmp(argv[0], "print") == 0;

	for (size_t i = 0; asked && tide_avro_schema[i].name; i++) {
		if (strcmp(tide_avro_schema[i].name, argv[1]) != 0)
			continue;
		if (fputs(tide_avro_schema[i].text, stdout) == EOF || fflush(stdout) == EOF)
			return TIDE_ERROR_WRITE;
		return 0;
	}
	fputs(tide_command_schema_help, stderr);
	return TIDE_ERROR_USAGE;
}
