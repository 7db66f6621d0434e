#include "app/command.h"
#include "app/config.h"
#include <stdio.h>

const char tide_command_check_help[] =
        "usage: tidemark check CONFIG\n\n"
        "Reads a config and says what is wrong with it. Nothing is connected to.\n\n"
        "  tidemark check examples/bikes/bikes.yaml\n";

int
tide_command_check(int argc, char **argv)
{
	struct tide_error error = {0};
	struct tide_config *config;

	if (argc != 1) {
		fputs(tide_command_check_help, stderr);
		return TIDE_ERROR_USAGE;
	}
	if (tide_config_load(argv[0], &config, &error)) {
		fprintf(stderr, "tidemark: %s\n", error.text);
		return (int) error.code;
	}
	printf("%s is fine: %zu rules, config_hash %s\n", argv[0], config->rule_count,
	       config->hash);
	tide_config_free(config);
	return 0;
}
