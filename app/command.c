#include "app/command.h"
#include "app/worker.h"
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

static const struct tide_command_option *
option_find(const struct tide_command_option *options, const char *word)
{
	while (options->name && strcmp(options->name, word) != 0)
		options++;
	return options->name ? options : NULL;
}

bool
tide_command_words(int argc, char **argv, const struct tide_command_option *options,
                   const char **words, size_t words_max, const char *help)
{
	size_t count = 0;

	for (int i = 0; i < argc; i++) {
		const struct tide_command_option *option = option_find(options, argv[i]);
		bool is_word = argv[i][0] != '-' || argv[i][1] == 0;
		if (option && option->flag) {
			*option->flag = true;
		} else if (option && i + 1 < argc) {
			*option->value = argv[++i];
		} else if (!option && is_word && count < words_max) {
			words[count++] = argv[i];
		} else {
			fprintf(stderr, "tidemark: %s \"%s\"\n%s",
			        option ? "a value is missing behind" : "what is", argv[i], help);
			return false;
		}
	}
	return true;
}

bool
tide_command_options(int argc, char **argv, const struct tide_command_option *options,
                     const char **config, const char *help)
{
	if (!tide_command_words(argc, argv, options, config, 1, help))
		return false;
	if (!*config)
		fprintf(stderr, "tidemark: name a config\n%s", help);
	return *config;
}

int
tide_command_failure(const struct tide_error *error)
{
	fprintf(stderr, "tidemark: %s\n", error->text);
	return (int) error->code;
}

void
tide_command_alert_print(FILE *out, const struct tide_alert *alert, struct tide_text message)
{
	static const char *const states[] = {"firing", "resolved"};
	struct tide_text bare = {message.bytes + 1, message.length - 2}; /* without its quotes */

	fprintf(out, "%-8s %-8s %s: %.*s\n", states[alert->state], tide_alert_severity(alert),
	        alert->rule->name, (int) bare.length, bare.bytes);
	fflush(out); /* an operator's log has it now, not when the buffer is full */
}

void
tide_command_alert(void *closure, const struct tide_alert *alert, struct tide_text message)
{
	(void) closure;
	tide_command_alert_print(stdout, alert, message);
}

void
tide_command_summary(FILE *out, const struct tide_worker_summary *summary,
                     const struct tide_sink *sink)
{
	static const char *const roles[] = {"predictions", "labels"};
	static const char *const names[TIDE_OUTCOMES] = {
	        "accepted",  "matched", "duplicate", "conflict", "corrected", "unmatched",
	        "before_start", "late",    "future",    "poison",   "waiting"};

	fprintf(out, "%-12s %12s", "", "read");
	for (size_t i = 0; i < TIDE_OUTCOMES; i++)
		if (summary->outcomes[0][i] || summary->outcomes[1][i])
			fprintf(out, " %12s", names[i]);
	for (size_t role = 0; role < 2; role++) {
		fprintf(out, "\n%-12s %12llu", roles[role],
		        (unsigned long long) summary->read[role]);
		for (size_t i = 0; i < TIDE_OUTCOMES; i++)
			if (summary->outcomes[0][i] || summary->outcomes[1][i])
				fprintf(out, " %12llu",
				        (unsigned long long) summary->outcomes[role][i]);
	}
	fputc('\n', out);
	fprintf(out, "%llu results, %llu alerts", (unsigned long long) summary->results,
	        (unsigned long long) summary->alerts);
	if (sink->unplaced[TIDE_LETTER_DEAD])
		fprintf(out, ", %llu dead letters without a place",
		        (unsigned long long) sink->unplaced[TIDE_LETTER_DEAD]);
	fprintf(out, "\npending predictions and windows held at most %.1f MiB\n",
	        (double) summary->memory_peak_bytes / (1 << 20));
}

int
tide_command_prepare(const struct tide_config *config, struct tide_worker_setup *setup,
                     struct tide_error *error)
{
	struct tide_reference *reference = NULL;

	if (getrandom(&setup->seed, sizeof setup->seed, 0) != sizeof setup->seed)
		setup->seed = 0;
	setup->config = config;
	setup->version = TIDE_VERSION;
	setup->from_ms = INT64_MIN;
	setup->until_ms = INT64_MAX;
	setup->columns = tide_mapping_columns_new();
	if (!setup->columns)
		return tide_error_stop(error, TIDE_ERROR_MEMORY, "out of memory");
	int failed = tide_worker_reference(config, setup->columns, &reference, error);
	setup->reference = reference;
	return failed;
}

void
tide_command_release(struct tide_worker_setup *setup)
{
	tide_reference_free(setup->reference);
	tide_mapping_columns_free(setup->columns);
}
