/*
 * tidemark: watches machine-learning models in production.
 *
 * The map. A record walks from left to right:
 *   consumer/  file_source, kafka_source     where records come from, in the order of their times
 *   schemas/   decode, json, avro_plan       bytes become events, by the mapping of the config
 *   app/       worker, worker_live           the spine: one loop, every command uses it
 *   windowing/ clock, window, pending, cell  who belongs together, and when it is enough
 *   windowing/ folds, expression, classes    what a row adds to the evidence
 *   detectors/ detector, reference           what is measured: one file a measure
 *   alerts/    rule, budget, alert, encode   findings become incidents; records become JSON
 *   consumer/  file_sink, kafka_sink         where letters go, with the positions that were read
 *   report/    page, metrics, http           what people look at
 *   app/       config_*, command_*           what a person said
 */
#include "app/command.h"
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const struct command {
	const char *name;
	tide_command_fn *run;
	const char *summary, *help;
} commands[] = {
        {"demo", tide_command_demo, "replay a year of real forecasts and show its alerts",
         tide_command_demo_help},
        {"replay", tide_command_replay, "run files, or a range of topics, through the engine",
         tide_command_replay_help},
        {"run", tide_command_run, "watch topics until a signal comes", tide_command_run_help},
        {"repartition", tide_command_repartition, "put predictions and labels together by id",
         tide_command_repartition_help},
        {"check", tide_command_check, "read a config; say what it does or what is wrong with it",
         tide_command_check_help},
        {"test", tide_command_test, "series of metrics in, the alerts of the rules out",
         tide_command_test_help},
        {"reference", tide_command_reference, "learn what is normal from records, as a file",
         tide_command_reference_help},
        {"lab", tide_command_lab, "put changes into your own records: what would be noticed, when",
         tide_command_lab_help},
        {"diff", tide_command_diff, "compare two sets of results and alerts",
         tide_command_diff_help},
        {"gate", tide_command_gate, "may this model be deployed? thresholds over its values",
         tide_command_gate_help},
        {"describe", tide_command_describe, "every measure: formula, unit, needs, source",
         tide_command_describe_help},
        {"state", tide_command_state, "what a restart of `run` would find; mend what it refuses",
         tide_command_state_help},
        {"schema", tide_command_schema, "the Avro schemas that ship", tide_command_schema_help},
};

static void
help_print(FILE *out)
{
	fprintf(out, "usage: tidemark COMMAND [OPTIONS]\n\n"
	             "  tidemark demo\n"
	             "  tidemark check examples/bikes/bikes.yaml\n"
	             "  tidemark replay examples/bikes/bikes.yaml --alerts -\n\ncommands:\n");
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
		fprintf(out, "  %-11s %s\n", commands[i].name, commands[i].summary);
	fprintf(out, "\ntidemark COMMAND --help says more.\n");
}

static bool
is_help(const char *word)
{
	return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

static int
command_run(const struct command *command, int argc, char **argv)
{
	for (int i = 0; i < argc; i++)
		if (is_help(argv[i])) {
			fputs(command->help, stdout);
			return 0;
		}
	return command->run(argc, argv);
}

int
main(int argc, char **argv)
{
	if (argc >= 2 && strcmp(argv[1], "--version") == 0) {
		puts("tidemark " TIDE_VERSION);
		return 0;
	}
	if (argc >= 2 && is_help(argv[1])) {
		help_print(stdout);
		return 0;
	}
	for (size_t i = 0; argc >= 2 && i < sizeof commands / sizeof *commands; i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return command_run(&commands[i], argc - 2, argv + 2);
	help_print(stderr);
	return TIDE_ERROR_USAGE;
}
