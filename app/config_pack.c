#include "app/config_business.h"
#include "app/config_part.h"
#include "detectors/detector.h"
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define RULES_MAX 1000

static const char *const prediction[] = {"$prediction"};

#define TESTED(of, level) \
	.metric = #of, .severity = #level, .tested = true, .for_m = 1, .for_n = 1, \
	.certainty = 0.95, .of_pack = true
#define COMPARED(of, level, word, by, share) \
	.metric = #of, .severity = #level, .op = TIDE_RULE_##word, .side = by, .number = share, \
	.for_m = 1, .for_n = 1, .certainty = 0.95, .of_pack = true
#define SHARE TIDE_RULE_SHARE_OF_REFERENCE
#define LEVEL TIDE_RULE_NUMBER

/*
 * What a model is watched for when nobody says otherwise. Tests have a part of the false-alarm
 * budget; what drifts alone is news, not an alarm (SPEC 7.6); that losses have risen for days is
 * one; performance is held against the reference with the bound of its interval.
 */
static const struct tide_rule pack[] = {
	{.name = "missing-values", .all_columns = true, TESTED(missing, warning)},
	{.name = "mistyped-values", .all_columns = true, TESTED(mistyped, warning)},
	{.name = "unseen-values", .all_columns = true, TESTED(unseen, warning)},
	{.name = "values-out-of-range", .all_columns = true, TESTED(out_of_range, warning)},
	{.name = "prediction-drift", .columns = prediction, .column_count = 1,
		TESTED(drift, warning)},
	{.name = "feature-drift", .all_columns = true, TESTED(drift, info)},
	{.name = "concept-drift", TESTED(risk, warning)},
	{.name = "errors", COMPARED(error_rate, critical, ABOVE, LEVEL, 0.05)},
	{.name = "labels-missing", COMPARED(coverage, warning, BELOW, LEVEL, 0.5)},
	{.name = "error-up", COMPARED(mean_absolute_error, critical, ABOVE, SHARE, 0.2)},
	{.name = "accuracy-down", COMPARED(accuracy_score, critical, BELOW, SHARE, -0.05)},
};

bool
tide_config_pack_measures(const struct tide_config *config, const struct tide_detector *detector)
{
	static const unsigned needs[] = {
		[TIDE_PROBLEM_NONE] = 0,
		[TIDE_PROBLEM_BINARY] = TIDE_FOR_BINARY,
		[TIDE_PROBLEM_MULTICLASS] = TIDE_FOR_MULTICLASS,
		[TIDE_PROBLEM_REGRESSION] = TIDE_FOR_REGRESSION,
	};
	unsigned wanted = detector->needs & (TIDE_FOR_CLASSES | TIDE_FOR_REGRESSION);

	if (detector->side == TIDE_SIDE_LABEL ? !config->has_labels : !config->has_predictions)
		return false;
	if (detector->needs >= TIDE_NEEDS_MAPPED(0) &&
	    (detector->needs & TIDE_NEEDS_MAPPED(0) * config->measures.mapped) == 0)
		return false;
	if ((detector->needs & TIDE_OF_MEASURE) != 0 && config->measures.business_count == 0)
		return false;
	for (size_t i = 0; wanted != 0 && i < config->model_count; i++)
		if ((wanted & needs[config->models[i].problem]) != 0)
			return true;
	return wanted == 0;
}

static const struct tide_rule new_rule = {.severity = "warning", .tested = true, .for_m = 1,
	.for_n = 1, .resolve_after = 1, .certainty = 0.95};

static struct tide_rule *
find_rule(struct tide_config *config, const char *name)
{
	for (size_t i = 0; i < config->rule_count; i++)
		if (strcmp(config->rules[i].name, name) == 0)
			return &config->rules[i];
	return NULL;
}

static int
take_room(struct tide_config_reader *reader, struct yaml_node_s *node, size_t count)
{
	struct tide_config *config = &reader->owned->config;
	if (count > RULES_MAX)
		return tide_config_yaml_fail(reader, node, "there are more than %d rules",
			RULES_MAX);
	config->rules = tide_config_yaml_keep(reader,
		(count + COUNT(pack)) * sizeof(*config->rules));
	return config->rules == NULL ? -1 : 0;
}

static int
read_list(struct tide_config_reader *reader, struct yaml_node_s *node, struct tide_config *config)
{
	size_t count = tide_config_yaml_length(node);

	if (take_room(reader, node, count) != 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		struct yaml_node_s *item = tide_config_yaml_item(reader, node, i);
		struct tide_rule *rule = &config->rules[i];
		const struct tide_rule *other;

		*rule = new_rule;
		if (tide_config_rule_read(reader, item, rule) != 0)
			return -1;
		other = find_rule(config, rule->name);
		if (other != NULL)
			return tide_config_yaml_fail(reader, item,
				"two rules are named `%.64s` (first on line %d)", rule->name,
				other->line);
		config->rule_count = i + 1;
	}
	return 0;
}

static int
read_pack(struct tide_config_reader *reader, struct yaml_node_s *node, void *into)
{
	static const char *const words[] = {"none", "default"};
	size_t index;

	(void) into;
	return tide_config_yaml_word(reader, node, words, 2, &index);
}

/* NAME: off takes a default rule out; NAME: {..} changes one, or is a new rule. */
static int
read_named(struct tide_config_reader *reader, struct yaml_node_s *key, struct yaml_node_s *value,
           void *into)
{
	struct tide_config *config = into;
	const char *name = tide_config_yaml_raw(key);
	struct tide_rule *rule = find_rule(config, name), made = new_rule;
	size_t behind;

	if (tide_config_yaml_is_scalar(value) && strcmp(tide_config_yaml_raw(value), "off") == 0) {
		if (rule == NULL)
			return tide_config_yaml_fail(reader, key,
				"no default rule is named `%.64s`, so it cannot be off", name);
		behind = (size_t) (config->rules + --config->rule_count - rule);
		memmove(rule, rule + 1, behind * sizeof(*rule));
		return 0;
	}
	if (rule != NULL)
		made = *rule;
	if (tide_config_yaml_text(reader, key, &made.name) != 0
	    || tide_config_rule_read(reader, value, &made) != 0)
		return -1;
	if (strcmp(made.name, name) != 0)
		return tide_config_yaml_fail(reader, value,
			"this rule has two names, `%.64s` and `%.64s`; take `name` out", name,
			made.name);
	made.of_pack = false;
	if (rule == NULL)
		rule = &config->rules[config->rule_count++];
	*rule = made;
	return 0;
}

static void
take_pack(struct tide_config *config)
{
	config->rule_count = COUNT(pack);
	memcpy(config->rules, pack, sizeof(pack));
}

static int
read_names(struct tide_config_reader *reader, struct yaml_node_s *node, struct tide_config *config)
{
	static const struct tide_config_key keys[] = {{"pack", TIDE_CONFIG_READ, 0, read_pack}};
	static const struct tide_config_table table = {"`rules`", keys, 1, read_named};
	const struct yaml_node_s *word = tide_config_yaml_find(reader, node, "pack");

	if (take_room(reader, node, TIDE_CONFIG_PAIRS_MAX) != 0)
		return -1;
	if (word == NULL || strcmp(tide_config_yaml_raw(word), "none") != 0)
		take_pack(config);
	return tide_config_yaml_walk(reader, node, &table, config);
}

int
tide_config_pack_read(struct tide_config_reader *reader, struct yaml_node_s *node, void *into)
{
	if (tide_config_yaml_is_list(node))
		return read_list(reader, node, into);
	if (tide_config_yaml_is_map(node))
		return read_names(reader, node, into);
	return tide_config_yaml_fail(reader, node,
		"`rules` should be a list of rules, - {name: .., metric: .., above: ..}, or names "
		"over the default rules, error-up: {above: ..}");
}

static bool
pack_fits(const struct tide_config *config, const struct tide_rule *rule)
{
	const struct tide_detector *detector = tide_detector_find(rule->metric);

	if (config->absence.is_label && strcmp(rule->name, "labels-missing") == 0)
		return false; /* most labels stay away, and that says something */
	return detector != NULL && tide_config_pack_measures(config, detector);
}

static void
drop_what_does_not_fit(struct tide_config *config)
{
	size_t kept = 0;

	for (size_t i = 0; i < config->rule_count; i++)
		if (!config->rules[i].of_pack || pack_fits(config, &config->rules[i]))
			config->rules[kept++] = config->rules[i];
	config->rule_count = kept;
}

int
tide_config_pack_finish(struct tide_config_reader *reader, struct yaml_node_s *rules)
{
	struct tide_config *config = &reader->owned->config;

	if (rules == NULL) {
		if (take_room(reader, NULL, 0) != 0)
			return -1;
		take_pack(config);
	}
	for (size_t i = 0; i < config->rule_count; i++) {
		struct tide_rule *rule = &config->rules[i];
		struct yaml_node_s *node;

		if (rule->of_pack)
			continue;
		node = tide_config_yaml_is_list(rules)
			? tide_config_yaml_item(reader, rules, i)
			: tide_config_yaml_find(reader, rules, rule->name);
		if (tide_config_business_rule(reader, rule, node) != 0 ||
		    tide_config_rule_check(reader, rule, node) != 0)
			return -1;
	}
	drop_what_does_not_fit(config);
	return 0;
}
