#include "app/learn_windows.h"
#include "app/worker_reference.h"
#include <stdlib.h>

#define FINDINGS_MAX 65536

struct learning {
	const struct tide_config *config;
	struct tide_reference *reference;
	struct tide_scratch scratch;
	struct tide_finding *findings;
};

static bool
rule_asks(const struct tide_rule *rule)
{
	return (!rule->tested && rule->side == TIDE_RULE_REFERENCE_STD) ||
	       (rule->has_clear && rule->clear_side == TIDE_RULE_REFERENCE_STD);
}

static bool
is_wanted(const struct tide_config *config, const struct tide_detector *detector)
{
	for (size_t i = 0; i < config->rule_count; i++)
		if (rule_asks(&config->rules[i]) &&
		    tide_detector_find(config->rules[i].metric) == detector)
			return true;
	return false;
}

static bool
window_learn(void *closure, const struct tide_evidence *evidence)
{
	struct learning *learning = closure;
	size_t count = tide_detector_judge(evidence, learning->reference, &learning->scratch,
	                                   learning->findings, FINDINGS_MAX);

	for (size_t i = 0; i < count; i++)
		if (learning->findings[i].status == TIDE_OK &&
		    is_wanted(learning->config, learning->findings[i].detector) &&
		    !tide_reference_windows_add(learning->reference, &evidence->key,
		                                &learning->findings[i]))
			return false;
	return true;
}

static int
windows_read(const struct tide_config *config, struct tide_columns *columns,
             struct tide_reference *reference, struct tide_error *error)
{
	const struct tide_window_options window = {.size_ms = config->window.size_ms,
	                                           .origin_ms = config->window.origin_ms,
	                                           .exact_rows = config->window.exact_rows,
	                                           .has_predictions = true,
	                                           .has_labels = config->has_labels};
	struct learning learning = {.config = config, .reference = reference};

	learning.findings = calloc(FINDINGS_MAX, sizeof *learning.findings);
	learning.scratch.count = 2 * config->window.exact_rows;
	learning.scratch.doubles = calloc(learning.scratch.count + 1, sizeof(double));
	int failed = learning.findings && learning.scratch.doubles
	                     ? tide_worker_reference_fold(config, columns, reference, &window,
	                                                  window_learn, &learning, error)
	                     : tide_error_stop(error, TIDE_ERROR_MEMORY, "out of memory");
	free(learning.scratch.doubles);
	free(learning.findings);
	return failed;
}

int
tide_learn_windows(const struct tide_config *config, struct tide_columns *columns,
                   struct tide_reference *reference, struct tide_error *error)
{
	for (size_t i = 0; i < config->rule_count; i++) {
		if (!rule_asks(&config->rules[i]))
			continue;
		if (config->reference_records && config->predictions.mapping.timestamp)
			return windows_read(config, columns, reference, error);
		return tide_error_stop(error, TIDE_ERROR_CONFIG,
		                       "%s:%d: rule `%.64s` says reference_std(N): it needs "
		                       "reference: {records: FILE} and a mapped `timestamp`",
		                       config->path, config->rules[i].line,
		                       config->rules[i].name);
	}
	return 0;
}
