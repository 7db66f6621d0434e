#include "app/alarm_rate.h"
#include "app/command.h"
#include "app/profile.h"
#include "app/worker.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

const char tide_command_reference_help[] =
        "usage: tidemark reference build --output FILE [--keep-values] CONFIG\n\n"
        "Learns from the records of the reference what is normal, writes it to FILE, and prints\n"
        "the baseline and how often each rule would have alarmed on these records. A config then\n"
        "says `reference: {profile: FILE}` and needs the records no more. With --keep-values\n"
        "distances of distributions stay exact; without, the file is small, names no value of a\n"
        "record but categories and extremes, and they have bounds.\n\n"
        "  tidemark reference build --output bikes.json examples/bikes/bikes.yaml\n";

static void
measure_print(const struct tide_reference *reference, const struct tide_cell_key *key,
              struct tide_text column, const char *metric)
{
	double n, value = tide_reference_value(reference, key, tide_detector_find(metric), column, &n);

	if (isnan(value))
		printf(" %11s", "-");
	else
		printf(" %11.6g", value);
}

/* One line; nothing where the cell never had the column. */
static void
column_print(const struct tide_reference *reference, const struct tide_cell_key *key,
             struct tide_text column, const struct tide_column_shape *shape)
{
	static const char *const metrics[] = {"missing", "distinct", "mean", "std",
	                                      "min",     "p50",      "max"};
	static const char *const types[] = {"unknown", "numeric", "categorical", "ignored"};

	if (!tide_reference_distribution(reference, key, column))
		return;
	printf("  %-28.*s %-11s", (int) (column.length < 64 ? column.length : 64), column.bytes,
	       types[shape->type]);
	for (size_t i = 0; i < sizeof metrics / sizeof *metrics; i++)
		measure_print(reference, key, column, metrics[i]);
	puts("");
}

/* The total of each model: what is normal, column by column, then the model's own measures. */
static void
cell_print(const struct tide_reference *reference, const struct tide_columns *columns,
           const struct tide_cell_key *key)
{
	const struct tide_shape *shape = tide_reference_shape(reference);
	const struct tide_detector *detector;

	printf("\n%.*s\n  %-28s %-11s %11s %11s %11s %11s %11s %11s %11s\n",
	       (int) key->model.length, key->model.bytes, "column", "type", "missing", "distinct",
	       "mean", "std", "min", "median", "max");
	column_print(reference, key, TIDE_TEXT("$prediction"), &shape->prediction);
	for (size_t i = 0; i < shape->count; i++)
		column_print(reference, key, tide_mapping_column_name(columns, (uint32_t) i),
		             shape->columns + i);
	for (size_t i = 0; (detector = tide_detector_at(i)); i++) {
		double n, value = tide_reference_value(reference, key, detector, TIDE_TEXT(""), &n);
		if (!isnan(value) && !(detector->needs & TIDE_WITHOUT_REFERENCE))
			printf("  %-40s %11.6g\n", detector->name, value);
	}
}

static void
baseline_print(const struct tide_reference *reference, const struct tide_columns *columns,
               const char *path)
{
	const struct tide_cell_key *key = NULL;

	printf("%s: reference %s\n", path, tide_reference_id(reference));
	while ((key = tide_reference_next(reference, key)))
		if (key->segment < 0 && key->version.length == 0)
			cell_print(reference, columns, key);
}

static int
build_with(const struct tide_config *config, const char *output, bool keep_values,
           struct tide_error *error)
{
	struct tide_worker_setup setup = {0};
	int failed = 0;

	if (!config->reference_records)
		return tide_error_stop(error, TIDE_ERROR_CONFIG,
		                       "%s: a profile is built from records: say `reference: "
		                       "{records: FILE}`",
		                       config->path);
	failed = tide_command_prepare(config, &setup, error);
	if (!failed)
		failed = tide_profile_write(setup.reference, config, output, keep_values, error);
	if (!failed) {
		baseline_print(setup.reference, setup.columns, output);
		failed = tide_alarm_rate_print(config, setup.columns, setup.reference, true, error);
	}
	tide_command_release(&setup);
	return failed;
}

int
tide_command_reference(int argc, char **argv)
{
	const char *path = NULL, *output = NULL;
	bool keep_values = false;
	const struct tide_command_option options[] = {
	        {"--output", &output, NULL}, {"--keep-values", NULL, &keep_values}, {0}};
	struct tide_error error = {0};
	struct tide_config *config;

	if (argc == 0 || strcmp(argv[0], "build") != 0) {
		fputs(tide_command_reference_help, stderr);
		return TIDE_ERROR_USAGE;
	}
	if (!tide_command_options(argc - 1, argv + 1, options, &path, tide_command_reference_help))
		return TIDE_ERROR_USAGE;
	if (!output) {
		fprintf(stderr, "tidemark: where to? Name a file with --output\n%s",
		        tide_command_reference_help);
		return TIDE_ERROR_USAGE;
	}
	if (tide_config_load(path, &config, &error))
		return tide_command_failure(&error);
	int failed = build_with(config, output, keep_values, &error);
	tide_config_free(config);
	return failed ? tide_command_failure(&error) : 0;
}
