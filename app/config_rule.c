#include "app/config_part.h"
#include "app/config_value.h"
#include "detectors/detector.h"
#include <stdint.h>
#include <string.h>

struct draft {
	struct tide_rule rule; /* first: tables know its offsets */
	bool compared;
};

static int
refuse_side(struct tide_config_reader *reader, const struct yaml_node_s *node)
{
	return tide_config_yaml_fail(reader, node,
		"expected a number, `2x reference`, `+10%% reference`, `-5%% reference`, "
		"`reference + 0.02` or `reference_std(3)`, but this is `%.64s`",
		tide_config_yaml_raw(node));
}

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
		return refuse_side(reader, node);
	draft->rule.op = op;
	draft->rule.tested = false;
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
read_level(struct tide_config_reader *reader, struct yaml_node_s *node, enum tide_rule_side *side,
           double *number)
{
	const char *text;

	if (tide_config_yaml_text(reader, node, &text) != 0)
		return -1;
	return tide_config_value_side(text, side, number) ? 0 : refuse_side(reader, node);
}

static int
read_clear(struct tide_config_reader *reader, struct yaml_node_s *node, void *into)
{
	struct tide_rule *rule = into;

	rule->has_clear = true;
	return read_level(reader, node, &rule->clear_side, &rule->clear_number);
}

static int
read_critical(struct tide_config_reader *reader, struct yaml_node_s *node, void *into)
{
	struct tide_rule *rule = into;

	rule->has_critical = true;
	return read_level(reader, node, &rule->critical_side, &rule->critical_number);
}

static int
read_resolve_after(struct tide_config_reader *reader, struct yaml_node_s *node, void *into)
{
	double number;

	if (tide_config_yaml_number(reader, node, &number) != 0)
		return -1;
	if (!(number >= 1 && number <= 1000) || number != (unsigned) number)
		return tide_config_yaml_fail(reader, node,
			"`resolve_after` is a number of windows, from 1 to 1000");
	((struct tide_rule *) into)->resolve_after = (unsigned) number;
	return 0;
}

static int
read_pane(struct tide_config_reader *reader, struct yaml_node_s *node, void *into)
{
	static const char early[] = "early@";
	struct tide_rule *rule = into;
	const char *text;

	if (tide_config_yaml_text(reader, node, &text) != 0)
		return -1;
	rule->early_age_ms = 0;
	if (strcmp(text, "final") == 0)
		return 0;
	if (strncmp(text, early, sizeof(early) - 1) == 0
	    && tide_config_value_duration(text + sizeof(early) - 1, &rule->early_age_ms)
	    && rule->early_age_ms > 0)
		return 0;
	return tide_config_yaml_fail(reader, node,
		"expected final or early@AGE like `early@1h`, but this is `%.64s`",
		tide_config_yaml_raw(node));
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
	{"pane", TIDE_CONFIG_READ, 0, read_pane},
	{"clear", TIDE_CONFIG_READ, 0, read_clear},
	{"critical", TIDE_CONFIG_READ, 0, read_critical},
	{"remind", TIDE_CONFIG_DURATION, offsetof(struct tide_rule, remind_ms), NULL},
	{"resolve_after", TIDE_CONFIG_READ, 0, read_resolve_after},
	{"compare", TIDE_CONFIG_LATER, 0, NULL},
	{"models", TIDE_CONFIG_LATER, 0, NULL},
};

int
tide_config_rule_read(struct tide_config_reader *reader, struct yaml_node_s *node, void *into)
{
	static const struct tide_config_table table =
		TIDE_CONFIG_TABLE("a rule", rule_keys, NULL);
	struct tide_rule *rule = into;
	struct draft draft = {.rule = *rule};

	draft.rule.line = tide_config_yaml_line(node);
	if (tide_config_yaml_walk(reader, node, &table, &draft) != 0)
		return -1;
	if (draft.rule.name == NULL)
		return tide_config_yaml_fail(reader, node, "a rule needs a `name`");
	if (draft.rule.metric == NULL)
		return tide_config_yaml_fail(reader, node, "rule `%.64s` needs a `metric`",
			draft.rule.name);
	*rule = draft.rule;
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

const char *
tide_config_rule_nearest(const char *metric, const struct tide_measures *measures)
{
	const struct tide_detector *detector;
	const char *nearest = NULL;
	size_t best = SIZE_MAX;

	for (size_t i = 0; (detector = tide_detector_at(i)) != NULL; i++) {
		size_t distance = tide_config_value_distance(metric, detector->name);

		if (distance < best) {
			best = distance;
			nearest = detector->name;
		}
	}
	for (size_t i = 0; measures != NULL && i < measures->business_count; i++) {
		size_t distance = tide_config_value_distance(metric, measures->business[i].name);

		if (distance < best) {
			best = distance;
			nearest = measures->business[i].name;
		}
	}
	return nearest;
}

static bool
concerns_segment(const struct tide_config_reader *reader, const struct tide_rule *rule)
{
	const struct tide_config *config = &reader->owned->config;
	bool concerns = false;

	for (size_t i = 0; i < config->segment_count; i++)
		concerns |= tide_rule_concerns_column(rule,
			tide_text_of(config->segments[i].name));
	return concerns;
}

/* A metric is of columns or of the model as a whole; a rule that mixes them up would never fire. */
static int
check_columns(struct tide_config_reader *reader, const struct tide_rule *rule,
              const struct yaml_node_s *node)
{
	const struct tide_detector *detector = tide_detector_find(rule->metric);
	bool has_columns = rule->all_columns || rule->column_count > 0;

	if ((detector->needs & TIDE_OF_COLUMN) != 0 && !has_columns)
		return tide_config_yaml_fail(reader, node,
			"`%s` is measured column by column; say columns: all, or columns: [a, b]",
			detector->name);
	if ((detector->needs & TIDE_OF_SEGMENT) != 0 && !concerns_segment(reader, rule))
		return tide_config_yaml_fail(reader, node,
			"`%s` is measured segment by segment; say columns: all, or columns: [a, b] "
			"with names that stand in `segments`", detector->name);
	if ((detector->needs & (TIDE_OF_COLUMN | TIDE_OF_CLASS | TIDE_OF_MEASURE | TIDE_OF_SEGMENT))
		== 0 && has_columns)
		return tide_config_yaml_fail(reader, tide_config_yaml_find(reader, node, "columns"),
			"`%s` is a metric of the model as a whole; take `columns` out",
			detector->name);
	return 0;
}

/* The one place that knows every metric that a rule may name. */
static int
check_metric(struct tide_config_reader *reader, const struct tide_rule *rule,
             const struct yaml_node_s *node)
{
	const char *nearest = tide_config_rule_nearest(rule->metric,
	                                               &reader->owned->config.measures);

	if (tide_detector_find(rule->metric) != NULL)
		return check_columns(reader, rule, node);
	return tide_config_yaml_fail(reader, tide_config_yaml_find(reader, node, "metric"),
		"no metric is named `%.64s`; did you mean `%s`? `tidemark describe` lists them",
		rule->metric, nearest);
}

/* An estimate may warn, never page alone (SPEC 7.12). */
static int
check_severity(struct tide_config_reader *reader, const struct tide_rule *rule,
               struct yaml_node_s *node)
{
	const struct tide_detector *detector = tide_detector_find(rule->metric);

	bool critical = strcmp(rule->severity, "critical") == 0;

	if (critical && rule->has_critical)
		return tide_config_yaml_fail(reader, tide_config_yaml_find(reader, node, "critical"),
			"rule `%.64s` is critical from its first level on; say severity: warning, "
			"or take `critical` out", rule->name);
	if (detector->family != TIDE_ESTIMATE || detector->side == TIDE_SIDE_LABEL
	    || !(critical || rule->has_critical))
		return 0;
	return tide_config_yaml_fail(reader,
		tide_config_yaml_find(reader, node, critical ? "severity" : "critical"),
		"`%s` knows no labels and cannot be critical; say severity: warning, and "
		"critical of the metric of the labelled rows", detector->name);
}

/* A rule that only has a test to stand on. */
static int
check_test(struct tide_config_reader *reader, const struct tide_rule *rule,
           const struct yaml_node_s *node)
{
	if (!rule->tested)
		return 0;
	if ((tide_detector_find(rule->metric)->needs & TIDE_HAS_TEST) == 0)
		return tide_config_yaml_fail(reader, node,
			"rule `%.64s` needs one of above, at_least, below and at_most; only drift, "
			"missing, mistyped, out_of_range, risk and unseen have a test and need "
			"none",
			rule->name);
	if (rule->each_version || rule->has_clear || rule->has_critical)
		return tide_config_yaml_fail(reader, node,
			"rule `%.64s` is judged by its test, which has no `%s`; give it a "
			"comparison like `above`",
			rule->name, rule->has_clear ? "clear"
			            : rule->has_critical ? "critical" : "versions");
	return 0;
}

/* By how much a level is harder to reach than the rule's own; 0 where nobody can say. */
static double
harder_by(const struct tide_rule *rule, enum tide_rule_side side, double number)
{
	bool upwards = rule->op == TIDE_RULE_ABOVE || rule->op == TIDE_RULE_AT_LEAST;

	if (side != rule->side)
		return 0;
	return upwards ? number - rule->number : rule->number - number;
}

/* Levels that contradict each other: an incident would be critical before it is one, or end while
 * it goes on. */
static int
check_levels(struct tide_config_reader *reader, const struct tide_rule *rule,
             struct yaml_node_s *node)
{
	if (rule->has_critical && rule->critical_side == rule->side
	    && !(harder_by(rule, rule->critical_side, rule->critical_number) > 0))
		return tide_config_yaml_fail(reader, tide_config_yaml_find(reader, node, "critical"),
			"rule `%.64s`: `critical` should lie beyond the level of the rule itself",
			rule->name);
	if (rule->has_clear && harder_by(rule, rule->clear_side, rule->clear_number) > 0)
		return tide_config_yaml_fail(reader, tide_config_yaml_find(reader, node, "clear"),
			"rule `%.64s`: `clear` lies beyond the level of the rule itself, so an "
			"incident would end while it goes on", rule->name);
	return 0;
}

static int
check_pane(struct tide_config_reader *reader, const struct tide_rule *rule,
           struct yaml_node_s *node)
{
	const struct tide_window_options *window = &reader->owned->config.window;
	struct yaml_node_s *pane = tide_config_yaml_find(reader, node, "pane");
	size_t i = 0;

	if (rule->early_age_ms == 0)
		return 0;
	while (i < window->early_count && window->early_ms[i] != rule->early_age_ms)
		i++;
	if (i == window->early_count)
		return tide_config_yaml_fail(reader, pane,
			"no early pane has this age; add it to `window.early`");
	if (window->label_policy == TIDE_LABEL_LAST)
		return tide_config_yaml_fail(reader, pane,
			"early panes do not know corrections: with `label_policy: last` a rule "
			"judges final panes");
	if (rule->tested || rule->side != TIDE_RULE_NUMBER
	    || (rule->has_clear && rule->clear_side != TIDE_RULE_NUMBER)
	    || (rule->has_critical && rule->critical_side != TIDE_RULE_NUMBER))
		return tide_config_yaml_fail(reader, pane,
			"the reference has no pane of this age; compare an early pane with a number");
	if (reader->owned->config.absence.is_label
	    && tide_detector_find(rule->metric)->family != TIDE_OPERATIONS)
		return tide_config_yaml_fail(reader, pane,
			"with `labels.absent` an early pane lacks the labels that say nothing, and "
			"what it measures is no estimate of the final one: judge final panes");
	return 0;
}

int
tide_config_rule_check(struct tide_config_reader *reader, const struct tide_rule *rule,
                       struct yaml_node_s *node)
{
	if (check_metric(reader, rule, node) != 0 || check_severity(reader, rule, node) != 0
	    || check_test(reader, rule, node) != 0 || check_levels(reader, rule, node) != 0
	    || check_segments(reader, rule, node) != 0)
		return -1;
	return check_pane(reader, rule, node);
}
