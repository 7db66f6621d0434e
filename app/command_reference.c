#include "app/command.h"
#include "app/profile.h"
#include "app/worker.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct build {
	const char *config, *output;
	bool keep_values;
};

static void
measure_print(const struct tide_reference *reference, const struct tide_cell_key *key,
              struct tide_text column, const char *metric)
{
	double value = tide_reference_value(reference, key, tide_detector_find(metric), column);

	if (isnan(value))
		printf(" %11s", "-");
	else
		printf(" %11.6g", value);
}

/* One line of the baseline; nothing where the cell never had the column. */
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
		double value = tide_reference_value(reference, key, detector, TIDE_TEXT(""));
		if (!isnan(value))
			printf("  %-40s %11.6g\n", detector->name, value);
	}
}

static void
baseline_print(const struct tide_reference *reference, const struct tide_columns *columns,
               const char *path)
{
	const struct tide_cell_key *key;

	printf("%s: reference %s\n", path, tide_reference_id(reference));
	for (size_t i = 0; (key = tide_reference_cell(reference, i)); i++)
		if (key->segment < 0 && key->version.length == 0)
			cell_print(reference, columns, key);
}

static int
build_with(const struct build *build, const struct tide_config *config, struct tide_error *error)
{
	struct tide_columns *columns = tide_mapping_columns_new();
	struct tide_reference *reference = NULL;
	int failed = 0;

	if (!config->reference_records)
		failed = tide_error_stop(error, TIDE_ERROR_CONFIG,
		                         "%s: a profile is built from records: say `reference: "
		                         "{records: FILE}`",
		                         config->path);
	else if (!columns)
		failed = tide_error_stop(error, TIDE_ERROR_MEMORY, "out of memory");
	if (!failed)
		failed = tide_worker_reference(config, columns, &reference, error);
	if (!failed)
		failed = tide_profile_write(reference, config, build->output, build->keep_values,
		                            error);
	if (!failed)
		baseline_print(reference, columns, build->output);
	tide_reference_free(reference);
	tide_mapping_columns_free(columns);
	return failed;
}

static bool
build_read(int argc, char **argv, struct build *build)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--keep-values") == 0)
			build->keep_values = true;
		else if (strcmp(argv[i], "--output") == 0 && i + 1 < argc)
			build->output = argv[++i];
		else if (argv[i][0] != '-' && !build->config)
			build->config = argv[i];
		else
			return false;
	}
	return argc > 0 && strcmp(argv[0], "build") == 0 && build->config && build->output;
}

int
tide_command_reference(int argc, char **argv)
{
	struct build build = {0};
	struct tide_error error = {0};
	struct tide_config *config;

	if (!build_read(argc, argv, &build)) {
		fprintf(stderr, "usage: tidemark reference build CONFIG --output FILE "
		                "[--keep-values]\n");
		return TIDE_ERROR_USAGE;
	}
	int failed = tide_config_load(build.config, &config, &error);
	if (!failed) {
		failed = build_with(&build, config, &error);
		tide_config_free(config);
	}
	if (failed)
		fprintf(stderr, "tidemark: %s\n", error.text);
	return failed ? (int) error.code : 0;
}
