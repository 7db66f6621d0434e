#include "app/command_check.h"
#include "app/alarm_rate.h"
#include "app/command.h"
#include "app/config_value.h"
#include "app/worker.h"
#include "windowing/pending.h"
#include <math.h>
#include <stdio.h>

const char tide_command_check_help[] =
        "usage: tidemark check CONFIG [OPTIONS]\n\n"
        "Reads a config and its reference, and says what is wrong with it or what it would do:\n"
        "inputs, measures, rules in words, how the false-alarm budget is spent, which rules can\n"
        "never fire, and the memory it needs. Nothing is connected to, except with --broker,\n"
        "which says what the topics are and keep, and warns where that is too little, and with\n"
        "--create-topics, which first makes those that are not there, with the right policies.\n\n"
        "  --rate N      predictions a second (1)\n"
        "  --cells N     cells of a window: (models + their versions) x (1 + segment values)\n"
        "  --columns N   columns of a prediction; both are the reference's where there is one\n"
        "  --broker      look at the topics, too\n"
        "  --create-topics, --partitions N (1)\n\n"
        "  tidemark check examples/bikes/bikes.yaml\n"
        "  tidemark check fraud.yaml --rate 2000 --cells 40\n";

#define COLUMNS_GUESS 30

static const char *
problem_word(enum tide_problem problem)
{
	static const char *const words[] = {
	        [TIDE_PROBLEM_NONE] = "no problem type: the prediction side only",
	        [TIDE_PROBLEM_BINARY] = "binary classification",
	        [TIDE_PROBLEM_MULTICLASS] = "classification in many classes",
	        [TIDE_PROBLEM_REGRESSION] = "regression",
	};

	return words[problem];
}

static void
duration_print(const char *before, int64_t ms)
{
	char text[TIDE_CONFIG_DURATION_SIZE];

	tide_config_value_duration_text(ms, text);
	printf("%s%s", before, text);
}

static void
input_print(const char *what, const struct tide_input *input)
{
	const struct tide_mapping *map = &input->mapping;

	printf("  %-13s", what);
	if (input->topic)
		printf("topic %s%s", input->topic, input->file ? " or " : "");
	if (input->file)
		printf("file %s", input->file);
	if (!input->topic && !input->file)
		printf("the file that an option names");
	if (input->origin_topic)
		printf(", repartitioned from %s", input->origin_topic);
	printf("\n               time %s", map->timestamp ? map->timestamp : "of the Kafka record");
	for (size_t i = 0; i < map->id_count; i++)
		printf("%s%s", i ? " + " : ", id ", map->id[i]);
	printf("%s%s", map->prediction ? ", prediction " : "",
	       map->prediction ? map->prediction : "");
	printf("%s%s", map->proba ? ", score " : "", map->proba ? map->proba : "");
	printf("%s%s", map->target ? ", target " : "", map->target ? map->target : "");
	printf("%s%s\n", map->features ? ", features " : "", map->features ? map->features : "");
}

static void
inputs_print(const struct tide_config *config)
{
	const struct tide_window_options *window = &config->window;

	puts("reads");
	if (config->has_predictions)
		input_print("predictions", &config->predictions);
	if (config->has_labels)
		input_print("labels", &config->labels);
	if (config->reference_records)
		printf("  reference    file %s\n", config->reference_records);
	puts("models");
	for (size_t i = 0; i < config->model_count; i++)
		printf("  %-13s%s\n", config->models[i].pattern,
		       problem_word(config->models[i].problem));
	duration_print("windows\n  of ", window->size_ms);
	duration_print(" by the time of the prediction; its side is final ", window->lateness_ms);
	printf(" after the end");
	for (size_t i = 0; i < window->early_count; i++)
		duration_print(i ? ", " : "; labels are told early at ", window->early_ms[i]);
	if (config->has_labels) {
		duration_print("; labels are awaited for ", window->label_horizon_ms);
		duration_print(" and corrected for ", window->label_lateness_ms);
	}
	puts("");
}

static bool
is_measured(const struct tide_command_check *check, const struct tide_detector *detector)
{
	return tide_config_pack_measures(check->config, detector) &&
	       (check->reference || !(detector->needs & TIDE_NEEDS_REFERENCE));
}

static void
measures_print(const struct tide_command_check *check)
{
	const struct tide_detector *detector;

	puts("measures");
	for (int family = 0; family < TIDE_FAMILIES; family++) {
		bool first = true;
		for (size_t i = 0; (detector = tide_detector_at(i)); i++) {
			if (detector->family != (enum tide_family) family ||
			    !is_measured(check, detector))
				continue;
			if (first)
				printf("  %-21s", tide_detector_family_name(detector->family));
			printf("%s%s", first ? "" : " ", detector->name);
			first = false;
		}
		if (!first)
			puts("");
	}
	if (check->config->predictions.mapping.weight)
		printf("  in performance and business a row counts by its weight, %s; in quality, drift "
		       "and\n  operations every row counts the same\n",
		       check->config->predictions.mapping.weight);
}

static size_t
reference_cells(const struct tide_reference *reference)
{
	const struct tide_cell_key *key = NULL;
	size_t count = 0;

	while (reference && (key = tide_reference_next(reference, key)))
		count++;
	return count;
}

/* What a pending prediction takes: its head, what the label side keeps of it, and its index. */
static size_t
entry_bytes(const struct tide_config *config)
{
	const struct tide_mapping *mapping = &config->predictions.mapping;
	size_t doubles = (mapping->weight != NULL) + config->measures.kept_count +
	                 config->measures.outcome_count, most = 0;

	for (size_t i = 0; i < config->model_count; i++) {
		enum tide_problem problem = config->models[i].problem;
		size_t own = problem == TIDE_PROBLEM_REGRESSION ? 2
		             : !mapping->proba                  ? 0
		             : problem == TIDE_PROBLEM_BINARY   ? 1
		                                                : mapping->class_count;
		most = own > most ? own : most;
	}
	return sizeof(struct tide_pending_entry) + TIDE_PENDING_INDEX_BYTES +
	       (doubles + most) * sizeof(double);
}

/* The counts of all columns of one cell. */
static double
cell_bytes(const struct tide_command_check *check, size_t columns)
{
	const struct tide_shape *shape =
	        check->reference ? tide_reference_shape(check->reference) : NULL;
	double bytes = 0;
	size_t shaped = shape ? shape->count : 0;

	for (size_t i = 0; i < shaped; i++) {
		const struct tide_column_shape *column = &shape->columns[i];
		bytes += (double) (column->edge_count + 1 + column->fine_count + 1 +
		                   column->category_count) * sizeof(uint64_t);
	}
	if (shaped)
		bytes *= (double) columns / (double) shaped;
	return bytes + (double) columns * sizeof(struct tide_column_fold);
}

/* A bill of the things that grow: predictions that wait for a label, and open windows. */
static void
memory_print(const struct tide_command_check *check)
{
	const struct tide_config *config = check->config;
	const struct tide_window_options *window = &config->window;
	int64_t held_ms = window->size_ms +
	                  (config->has_labels ? window->label_horizon_ms + window->label_lateness_ms
	                                      : window->lateness_ms);
	size_t entry = entry_bytes(config), known = 0;
	if (check->reference)
		known = tide_reference_shape(check->reference)->count + 1;
	size_t columns = check->widths ? check->widths : known ? known : COLUMNS_GUESS;
	size_t cells = check->cells ? check->cells : reference_cells(check->reference);
	double windows = ceil((double) held_ms / (double) window->size_ms) + 1;
	double rows = check->rate * (double) window->size_ms / 1000, pending, folds, values;

	cells = cells ? cells : 1 + config->segment_count;
	rows = rows > (double) window->exact_rows ? (double) window->exact_rows : rows;
	pending = config->has_labels ? check->rate * (double) held_ms / 1000 * (double) entry : 0;
	folds = windows * (double) cells * cell_bytes(check, columns);
	values = windows * rows * (double) columns * sizeof(double) *
	         (double) (1 + config->segment_count);
	printf("memory at %g predictions a second\n", check->rate);
	if (config->has_labels) {
		printf("  pending      %.1f MiB = %g/s x ", pending / (1 << 20), check->rate);
		duration_print("", held_ms);
		printf(" x %zu bytes\n", entry);
	}
	printf("  windows      %.1f MiB = %g open x %zu cells x %.0f bytes of %zu columns\n",
	       folds / (1 << 20), windows, cells, cell_bytes(check, columns), columns);
	printf("  values       %.1f MiB = %g open x %.0f rows (at most %zu a cell) x %zu columns x "
	       "8 bytes, once in all and once a segment\n",
	       values / (1 << 20), windows, rows, window->exact_rows, columns);
	printf("  cap          %.1f MiB (memory.pending)%s\n",
	       (double) config->memory_bytes / (1 << 20),
	       pending + folds + values > (double) config->memory_bytes
	               ? ": too little, raise it or shorten label_horizon"
	               : "");
}

static int
check_config(struct tide_command_check *check, struct tide_error *error)
{
	const struct tide_config *config = check->config;
	struct tide_reference *reference = NULL;

	check->columns = tide_mapping_columns_new();
	if (!check->columns)
		return tide_error_stop(error, TIDE_ERROR_MEMORY, "out of memory");
	int failed = tide_worker_reference(config, check->columns, &reference, error);
	check->reference = reference;
	check->budget = (struct tide_budget){.rules = config->rules,
	                                     .rule_count = config->rule_count,
	                                     .segments = config->segments,
	                                     .reference = reference,
	                                     .columns = check->columns,
	                                     .alarms = config->false_alarms,
	                                     .per_ms = config->false_alarms_ms,
	                                     .size_ms = config->window.size_ms};
	if (!failed) {
		printf("%s is fine: %s, %zu rules, config_hash %s\n", config->path, config->name,
		       config->rule_count, config->hash);
		inputs_print(config);
		measures_print(check);
		tide_command_check_rules(check);
		memory_print(check);
		failed = tide_alarm_rate_print(config, check->columns, reference, false, error);
	}
	tide_reference_free(reference);
	tide_mapping_columns_free(check->columns);
	return failed;
}

/* The number of an option, from `least` to a billion; false, and it is said: it is none. */
static bool
option_number(const char *name, const char *text, double least, double *number)
{
	if (!text || (tide_text_read_number(tide_text_of(text), number) && *number >= least &&
	              *number <= 1e9))
		return true;
	fprintf(stderr, "tidemark: %s is a number from %g to 1e9\n", name, least);
	return false;
}

int
tide_command_check(int argc, char **argv)
{
	const char *path = NULL, *partitions = NULL, *rate = NULL, *cells = NULL, *columns = NULL;
	bool create = false, broker = false;
	const struct tide_command_option options[] = {{"--rate", &rate, NULL},
	                                              {"--cells", &cells, NULL},
	                                              {"--columns", &columns, NULL},
	                                              {"--broker", NULL, &broker},
	                                              {"--create-topics", NULL, &create},
	                                              {"--partitions", &partitions, NULL},
	                                              {0}};
	struct tide_command_check check = {.rate = 1};
	struct tide_error error = {0};
	struct tide_config *config;
	double cell_count = 0, column_count = 0, partition_count = 1;

	if (!tide_command_options(argc, argv, options, &path, tide_command_check_help) ||
	    !option_number("--rate", rate, 0, &check.rate) ||
	    !option_number("--cells", cells, 1, &cell_count) ||
	    !option_number("--columns", columns, 1, &column_count) ||
	    !option_number("--partitions", partitions, 1, &partition_count))
		return TIDE_ERROR_USAGE;
	if (tide_config_load(path, &config, &error))
		return tide_command_failure(&error);
	check.config = config;
	check.cells = (size_t) cell_count;
	check.widths = (size_t) column_count;
	int failed = create ? tide_command_topics_create(config, (int) fmin(partition_count, 10000),
	                                                 &error)
	                    : 0;
	if (!failed)
		failed = check_config(&check, &error);
	if (!failed && (broker || create))
		failed = tide_command_topics_check(config, &error);
	tide_config_free(config);
	return failed ? tide_command_failure(&error) : 0;
}
