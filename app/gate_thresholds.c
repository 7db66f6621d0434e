#include "app/config_value.h"
#include "app/gate.h"
#include "detectors/detector.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define AT(member) offsetof(struct tide_threshold, member)

/* What is read while the file is: the reader's config keeps the texts. */
struct reading {
	struct tide_config_reader reader; /* first: the walk knows only it */
	struct tide_gate *gate;
	const struct tide_config *config;
};

static int
read_better(struct tide_config_reader *reader, struct yaml_node_s *node, void *into)
{
	static const char *const words[] = {"false", "true", "False", "True"};
	struct tide_threshold *threshold = into;
	size_t word;

	if (tide_config_yaml_word(reader, node, words, COUNT(words), &word) != 0)
		return -1;
	threshold->greater_is_better = word % 2 != 0;
	return 0;
}

/* `f1_score`, `missing[age]`, or the name of a business measure. */
static bool
metric_is_known(const char *metric, const struct tide_config *config)
{
	size_t length = strcspn(metric, "[");
	char name[64];

	for (size_t i = 0; i < config->measures.business_count; i++)
		if (strcmp(config->measures.business[i].name, metric) == 0)
			return true;
	if (length >= sizeof(name) || (metric[length] && metric[strlen(metric) - 1] != ']'))
		return false;
	memcpy(name, metric, length);
	name[length] = 0;
	return tide_detector_find(name) != NULL;
}

static int
threshold_check(struct tide_config_reader *reader, struct yaml_node_s *node,
                const struct tide_threshold *threshold)
{
	if (tide_config_yaml_find(reader, node, "greater_is_better") == NULL)
		return tide_config_yaml_fail(reader, node,
			"`%.64s` needs `greater_is_better: true` or `false`", threshold->metric);
	if (isnan(threshold->threshold) && !tide_threshold_compares(threshold))
		return tide_config_yaml_fail(reader, node,
			"`%.64s` needs one of `threshold`, `min_absolute_change` and "
			"`min_relative_change`", threshold->metric);
	if (threshold->min_absolute_change <= 0)
		return tide_config_yaml_fail(reader,
			tide_config_yaml_find(reader, node, "min_absolute_change"),
			"`min_absolute_change` is above 0");
	if (threshold->min_relative_change < 0 || threshold->min_relative_change > 1)
		return tide_config_yaml_fail(reader,
			tide_config_yaml_find(reader, node, "min_relative_change"),
			"`min_relative_change` is between 0 and 1");
	return 0;
}

static int
read_threshold(struct tide_config_reader *reader, struct yaml_node_s *key,
               struct yaml_node_s *value, void *into)
{
	static const struct tide_config_key keys[] = {
		{"threshold", TIDE_CONFIG_NUMBER, AT(threshold), NULL},
		{"min_absolute_change", TIDE_CONFIG_NUMBER, AT(min_absolute_change), NULL},
		{"min_relative_change", TIDE_CONFIG_NUMBER, AT(min_relative_change), NULL},
		{"greater_is_better", TIDE_CONFIG_READ, 0, read_better},
	};
	static const struct tide_config_table table =
		TIDE_CONFIG_TABLE("a threshold", keys, NULL);
	const struct reading *reading = (const struct reading *) reader;
	struct tide_threshold *threshold = &reading->gate->thresholds[reading->gate->threshold_count];

	(void) into;
	*threshold = (struct tide_threshold){
		.threshold = NAN, .min_absolute_change = NAN, .min_relative_change = NAN};
	if (tide_config_yaml_text(reader, key, &threshold->metric) != 0)
		return -1;
	if (!metric_is_known(threshold->metric, reading->config))
		return tide_config_yaml_fail(reader, key,
			"no metric is named `%.64s`; did you mean `%s`? `tidemark describe` lists them",
			threshold->metric, tide_config_rule_nearest(threshold->metric,
				&reading->config->measures));
	if (tide_config_yaml_walk(reader, value, &table, threshold) != 0 ||
	    threshold_check(reader, value, threshold) != 0)
		return -1;
	reading->gate->threshold_count++;
	return 0;
}

static int
read_root(struct tide_config_reader *reader, struct yaml_node_s *root)
{
	static const struct tide_config_table table = {"the thresholds", NULL, 0, read_threshold};
	struct tide_gate *gate = ((struct reading *) reader)->gate;
	struct yaml_node_s *node = root, *job;

	if (root != NULL && tide_config_yaml_is_map(root) &&
	    (job = tide_config_yaml_find(reader, root, "job")) != NULL &&
	    tide_config_yaml_is_map(job))
		root = node = job;
	if (root != NULL && tide_config_yaml_is_map(root) &&
	    tide_config_yaml_find(reader, root, "thresholds") != NULL)
		node = tide_config_yaml_find(reader, root, "thresholds");
	gate->thresholds = calloc(TIDE_CONFIG_PAIRS_MAX + 1, sizeof(*gate->thresholds));
	if (gate->thresholds == NULL)
		return tide_error_stop(reader->error, TIDE_ERROR_MEMORY, "out of memory");
	if (node != NULL && tide_config_yaml_walk(reader, node, &table, NULL) != 0)
		return -1;
	return gate->threshold_count > 0 ? 0
		: tide_error_stop(reader->error, TIDE_ERROR_CONFIG,
			"%s:1:1: there is no threshold; say e.g. r2_score: {threshold: 0.5, "
			"greater_is_better: true}", reader->path);
}

int
tide_gate_thresholds(struct tide_gate *gate, const char *path, const struct tide_config *config,
                     struct tide_error *error)
{
	struct reading reading = {.reader = {.path = path, .folder = "", .error = error},
	                          .gate = gate,
	                          .config = config};

	reading.reader.owned = calloc(1, sizeof(*reading.reader.owned));
	if (reading.reader.owned == NULL)
		return tide_error_stop(error, TIDE_ERROR_MEMORY, "out of memory");
	gate->texts = &reading.reader.owned->config;
	return tide_config_file_read(&reading.reader, read_root);
}
