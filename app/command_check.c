#include "app/command.h"
#include "app/config.h"
#include <stdio.h>
#include <stdlib.h>

#define PARTITIONS_MAX 10000

const char tide_command_check_help[] =
        "usage: tidemark check [--create-topics [--partitions N]] CONFIG\n\n"
        "Reads a config and says what is wrong with it. Nothing is connected to and no record is\n"
        "read, except with --create-topics: the topics that are not there are made at the broker,\n"
        "with the right policies and N partitions (1).\n\n"
        "  tidemark check examples/bikes/bikes.yaml\n";

int
tide_command_check(int argc, char **argv)
{
	const char *path = NULL, *partitions = "1";
	bool create = false;
	const struct tide_command_option options[] = {
	        {"--create-topics", NULL, &create}, {"--partitions", &partitions, NULL}, {0}};
	struct tide_error error = {0};
	struct tide_config *config;

	if (!tide_command_options(argc, argv, options, &path, tide_command_check_help))
		return TIDE_ERROR_USAGE;
	long count = strtol(partitions, NULL, 10);
	if (count < 1 || count > PARTITIONS_MAX) {
		fprintf(stderr, "tidemark: --partitions is a number from 1 to %d\n", PARTITIONS_MAX);
		return TIDE_ERROR_USAGE;
	}
	if (tide_config_load(path, &config, &error))
		return tide_command_failure(&error);
	int failed = create ? tide_command_topics_create(config, (int) count, &error) : 0;
	if (!failed)
		printf("%s is fine: %zu rules, config_hash %s\n", path, config->rule_count,
		       config->hash);
	tide_config_free(config);
	return failed ? tide_command_failure(&error) : 0;
}
