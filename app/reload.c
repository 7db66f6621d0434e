#include "app/reload.h"
#include "app/command.h"
#include <string.h>

static bool
same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool
same_texts(const char *const *a, const char *const *b)
{
	while (*a && *b && strcmp(*a, *b) == 0) {
		a++;
		b++;
	}
	return !*a && !*b;
}

/* The first word of the config that says another place; NULL: they are the same. */
static const char *
moved(const struct tide_config *a, const struct tide_config *b)
{
	const struct {
		const char *word, *a, *b;
	} texts[] = {{"inputs.predictions.topic", a->predictions.topic, b->predictions.topic},
	             {"inputs.labels.topic", a->labels.topic, b->labels.topic},
	             {"inputs.repartition", a->predictions.origin_topic, b->predictions.origin_topic},
	             {"outputs.results.topic", a->results.topic, b->results.topic},
	             {"outputs.alerts.topic", a->alerts.topic, b->alerts.topic},
	             {"outputs.dead_letters.topic", a->dead_letters.topic, b->dead_letters.topic},
	             {"outputs.state.topic", a->state_topic, b->state_topic},
	             {"outputs.partials.topic", a->partials_topic, b->partials_topic}};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (!same_text(texts[i].a, texts[i].b))
			return texts[i].word;
	if (a->results.format != b->results.format)
		return "outputs.results.format";
	if (a->alerts.format != b->alerts.format)
		return "outputs.alerts.format";
	return same_texts(a->kafka, b->kafka) ? NULL : "kafka";
}

static int
check(const struct tide_config *now, const struct tide_config *next, struct tide_error *error)
{
	const char *word = moved(now, next);

	if (word)
		return tide_error_stop(error, TIDE_ERROR_CONFIG,
		                       "%s: `%s` is another one, which needs a restart", next->path,
		                       word);
	if (strcmp(now->state_hash, next->state_hash) != 0)
		return tide_error_stop(error, TIDE_ERROR_CONFIG,
		                       "%s: inputs, window, segments, models or the reference are "
		                       "not what the state was made with; only rules, alerting, "
		                       "detectors, fairness and memory change while it runs",
		                       next->path);
	return 0;
}

int
tide_reload(const struct tide_worker_setup *now, struct tide_worker_setup *next,
            struct tide_config **config, struct tide_error *error)
{
	if (tide_config_load(now->config->path, config, error))
		return -1;
	*next = *now;
	next->columns = NULL;
	next->reference = NULL;
	if (check(now->config, *config, error) == 0 &&
	    tide_command_prepare(*config, next, error) == 0)
		return 0;
	tide_command_release(next);
	tide_config_free(*config);
	return -1;
}
