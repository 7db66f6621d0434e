#include "app/config_part.h"
#include "app/config_value.h"
#include "detectors/detector.h"
#include <string.h>

#define RULES_MAX 1000

struct draft {
	struct tide_rule rule; /* first: tables know its offsets */
	bool compared;
};

static int
read_side(struct tide_config_reader *reader, struct yaml_node_s *node, struct draft *draft,
          enum tide_rule_op op)
{
	const char *text;

	if (draft->compared)
		return tide_config_yaml_fail(reader, node,
			"a rule has one comparison (above, at_least, below or at_most), not two");
	if (tide_config_yaml_text(reader, node, &text) != 0)
		return -1;
	if (!tide_config_value_side(text, &draft->rule.side, &draft->rule.number))
		return tide_config_yaml_fail(reader, node,
			"expected a number, `2x reference`, `+10%% reference`, `-5%% reference` or "
			"`reference + 0.02`, but this is `%.64s`",
			tide_config_yaml_raw(node));
	draft->rule.op = op;
	draft->compared = true;
	return 0;
}

static int
read_above(struct tide_config_reader *reader, struct yaml_node_s *node, void *into)
{
	return read_side(reader, node, into, TIDE_RULE_ABOVE);
}

static int
read_at_least(struct tide_config_reader *reader, struct yaml_node_s *node, void *into)
{
	return read_side(reader, node, into, TIDE_RULE_AT_LEAST);
}

static int
read_below(struct tide_config_reader *reader, struct yaml_node_s *node, void *into)
{
	return read_side(reader, node, into, TIDE_RULE_BELOW);
}

static int
read_at_most(struct tide_config_reader *reader, struct yaml_node_s *node, void *into)
{
	return read_side(reader, node, into, TIDE_RULE_AT_MOST);
}

static int
read_all_or_list(struct tide_config_reader *reader, struct yaml_node_s *node, bool *all,
                 const char *const **names, size_t *count)
{
	const char **texts;

	if (tide_config_yaml_is_scalar(node) && strcmp(tide_config_yaml_raw(node), "all") == 0) {
		*all = true;
		return 0;
	}
	if (!tide_config_yaml_is_list(node))
		return tide_config_yaml_fail(reader, node,
			"expected all or a list like [a, b], but this is `%.64s`",
			tide_config_yaml_raw(node));
	if (tide_config_yaml_texts(reader, node, &texts, count) != 0)
		return -1;
	*names = texts;
	return 0;
}

static int
read_columns(struct tide_config_reader *reader, struct yaml_node_s *node, void *into)
{
	struct tide_rule *rule = into;

	return read_all_or_list(reader, node, &rule->all_columns, &rule->columns,
		&rule->column_count);
}

static int
read_segments(struct tide_config_reader *reader, struct yaml_node_s *node, void *into)
{
	struct tide_rule *rule = into;

	return read_all_or_list(reader, node, &rule->all_segments, &rule->segments,
		&rule->segment_count);
}

static int
read_versions(struct tide_config_reader *reader, struct yaml_node_s *node, void *into)
{
	static const char *const words[] = {"each"};
	size_t index;

	if (tide_config_yaml_word(reader, node, words, 1, &index) != 0)
		return -1;
	((struct tide_rule *) into)->each_version = true;
	return 0;
}

static int
read_for(struct tide_config_reader *reader, struct yaml_node_s *node, void *into)
{
	struct tide_rule *rule = into;
	const char *text;

	if (tide_config_yaml_text(reader, node, &text) != 0)
		return -1;
	if (!tide_config_value_m_of_n(text, &rule->for_m, &rule->for_n))
		return tide_config_yaml_fail(reader, node,
			"expected M of N windows like `2 of 3` (N at most 32), but this is `%.64s`",
			tide_config_yaml_raw(node));
	return 0;
}

static int
read_severity(struct tide_config_reader *reader, struct yaml_node_s *node, void *into)
{
	static const char *const words[] = {"info", "warning", "critical"};
	size_t index;

	if (tide_config_yaml_word(reader, node, words, 3, &index) != 0)
		return -1;
	((struct tide_rule *) into)->severity = words[index];
	return 0;
}

static int
read_min_n(struct tide_config_reader *reader, struct yaml_node_s *node, void *into)
{
	double *number = into;

	if (tide_config_yaml_number(reader, node, number) != 0)
		return -1;
	if (*number < 0)
		return tide_config_yaml_fail(reader, node, "`min_n` should be 0 or more");
	return 0;
}

static int
read_certainty(struct tide_config_reader *reader, struct yaml_node_s *node, void *into)
{
	double *number = into;

	if (tide_config_yaml_number(reader, node, number) != 0)
		return -1;
	if (!(*number >= 0 && *number < 1))
		return tide_config_yaml_fail(reader, node,
			"`certainty` should be at least 0 and below 1, e.g. 0.95");
	return 0;
}

static const struct tide_config_key rule_keys[] = {
	{"name", TIDE_CONFIG_TEXT, offsetof(struct tide_rule, name), NULL},
	{"metric", TIDE_CONFIG_TEXT, offsetof(struct tide_rule, metric), NULL},
	{"above", TIDE_CONFIG_READ, 0, read_above},
	{"at_least", TIDE_CONFIG_READ, 0, read_at_least},
	{"below", TIDE_CONFIG_READ, 0, read_below},
	{"at_most", TIDE_CONFIG_READ, 0, read_at_most},
	{"columns", TIDE_CONFIG_READ, 0, read_columns},
	{"segments", TIDE_CONFIG_READ, 0, read_segments},
	{"versions", TIDE_CONFIG_READ, 0, read_versions},
	{"min_n", TIDE_CONFIG_READ, offsetof(struct tide_rule, min_n), read_min_n},
	{"for", TIDE_CONFIG_READ, 0, read_for},
	{"severity", TIDE_CONFIG_READ, 0, read_severity},
	{"owner", TIDE_CONFIG_TEXT, offsetof(struct tide_rule, owner), NULL},
	{"route", TIDE_CONFIG_TEXT, offsetof(struct tide_rule, route), NULL},
	{"runbook", TIDE_CONFIG_TEXT, offsetof(struct tide_rule, runbook), NULL},
	{"certainty", TIDE_CONFIG_READ, offsetof(struct tide_rule, certainty), read_certainty},
	{"condition", TIDE_CONFIG_LATER, 0, NULL},
	{"over", TIDE_CONFIG_LATER, 0, NULL},
	{"pane", TIDE_CONFIG_LATER, 0, NULL},
	{"clear", TIDE_CONFIG_LATER, 0, NULL},
	{"resolve_after", TIDE_CONFIG_LATER, 0, NULL},
	{"compare", TIDE_CONFIG_LATER, 0, NULL},
	{"models", TIDE_CONFIG_LATER, 0, NULL},
};

static int
read_rule(struct tide_config_reader *reader, struct yaml_node_s *node, struct tide_rule *rule)
{
	static const struct tide_config_table table =
		TIDE_CONFIG_TABLE("a rule", rule_keys, NULL);
	struct draft draft = {.rule = {.severity = "warning", .for_m = 1, .for_n = 1,
		.certainty = 0.95, .line = tide_config_yaml_line(node)}};

	if (tide_config_yaml_walk(reader, node, &table, &draft) != 0)
		return -1;
	if (draft.rule.name == NULL)
		return tide_config_yaml_fail(reader, node, "a rule needs a `name`");
	if (draft.rule.metric == NULL)
		return tide_config_yaml_fail(reader, node, "rule `%.64s` needs a `metric`",
			draft.rule.name);
	if (!draft.compared)
		return tide_config_yaml_fail(reader, node,
			"rule `%.64s` needs one of above, at_least, below and at_most",
			draft.rule.name);
	*rule = draft.rule;
	return 0;
}

int
tide_config_rule_read(struct tide_config_reader *reader, struct yaml_node_s *node, void *into)
{
	struct tide_config *config = into;
	size_t count;

	if (!tide_config_yaml_is_list(node))
		return tide_config_yaml_fail(reader, node,
			"`rules` should be a list of rules: - {name: .., metric: .., above: ..}");
	count = tide_config_yaml_length(node);
	if (count > RULES_MAX)
		return tide_config_yaml_fail(reader, node, "there are more than %d rules",
			RULES_MAX);
	config->rules = tide_config_yaml_keep(reader, (count + 1) * sizeof(*config->rules));
	if (config->rules == NULL)
		return -1;
	for (size_t i = 0; i < count; i++) {
		struct yaml_node_s *item = tide_config_yaml_item(reader, node, i);

		if (read_rule(reader, item, &config->rules[i]) != 0)
			return -1;
		for (size_t j = 0; j < i; j++)
			if (strcmp(config->rules[j].name, config->rules[i].name) == 0)
				return tide_config_yaml_fail(reader, item,
					"two rules are named `%.64s` (first on line %d)",
					config->rules[i].name, config->rules[j].line);
	}
	config->rule_count = count;
	config->has_rules = true;
	return 0;
}

static int
check_segments(struct tide_config_reader *reader, const struct tide_rule *rule,
               const struct yaml_node_s *node)
{
	const struct tide_config *config = &reader->owned->config;

	for (size_t i = 0; i < rule->segment_count; i++) {
		size_t j = 0;

		while (j < config->segment_count
		       && strcmp(config->segments[j].name, rule->segments[i]) != 0)
			j++;
		if (j == config->segment_count)
			return tide_config_yaml_fail(reader, node,
				"rule `%.64s` names the segment `%.64s`; add it to `segments`",
				rule->name, rule->segments[i]);
	}
	return 0;
}

/* The one place that knows every metric a rule may name; *nearest: the name most like it. */
static bool
metric_is_known(const struct tide_measures *measures, const char *metric, const char **nearest)
{
	const struct tide_detector *detector;
	size_t best = 99;

	for (size_t i = 0; (detector = tide_detector_at(i)) != NULL; i++) {
		size_t distance = tide_config_value_distance(metric, detector->name);

		if (distance < best) {
			best = distance;
			*nearest = detector->name;
		}
	}
	for (size_t i = 0; i < measures->business_count; i++) {
		size_t distance = tide_config_value_distance(metric, measures->business[i].name);

		if (distance < best) {
			best = distance;
			*nearest = measures->business[i].name;
		}
	}
	return tide_detector_find(metric) != NULL;
}

static int
check_metric(struct tide_config_reader *reader, const struct tide_rule *rule,
             const struct yaml_node_s *node)
{
	const char *nearest = NULL;

	if (metric_is_known(&reader->owned->config.measures, rule->metric, &nearest))
		return 0;
	return tide_config_yaml_fail(reader, tide_config_yaml_find(reader, node, "metric"),
		"no metric is named `%.64s`; did you mean `%s`? `tidemark describe` lists them",
		rule->metric, nearest);
}

int
tide_config_rule_finish(struct tide_config_reader *reader, const struct yaml_node_s *rules)
{
	const struct tide_config *config = &reader->owned->config;

	for (size_t i = 0; i < config->rule_count; i++) {
		const struct yaml_node_s *node = tide_config_yaml_item(reader, rules, i);

		if (check_metric(reader, &config->rules[i], node) != 0
		    || check_segments(reader, &config->rules[i], node) != 0)
			return -1;
	}
	return 0;
}
