#include "app/command.h"
#include "app/drain.h"
#include "app/gate.h"
#include "app/replay.h"
#include "consumer/file_reader.h"
#include "consumer/file_sink.h"
#include "consumer/kafka_source.h"
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#define TOPIC        "topic:"
#define REPORT_BYTES ((size_t) 64 << 20)

struct command {
	struct tide_replay replay; /* what is read; nothing is written */
	struct tide_gate_options options;
	const char *thresholds, *results, *junit, *markdown;
	bool per_window;
	struct tide_gate gate;
};

static struct tide_text
text_of(const char *string)
{
	return tide_text_of(string ? string : "");
}

static void
result_take(void *closure, const struct tide_evidence *evidence,
            const struct tide_finding *findings, size_t count)
{
	struct command *command = closure;

	if (evidence->side == TIDE_SIDE_INPUT || evidence->timing == TIDE_TIMING_EARLY ||
	    evidence->key.segment >= 0)
		return;
	for (size_t i = 0; i < count; i++) {
		const struct tide_finding *finding = &findings[i];
		const struct tide_gate_value value = {
		        .model = evidence->key.model,
		        .version = evidence->key.version,
		        .start_ms = evidence->start_ms,
		        .end_ms = evidence->end_ms,
		        .metric = tide_text_of(finding->detector->name),
		        .column = finding->column,
		        .value = finding->status == TIDE_OK ? finding->value : NAN,
		        .reference = finding->reference,
		        .lower = finding->lower,
		        .upper = finding->upper,
		        .n = finding->n,
		        .reason = text_of(finding->reason),
		        .multiclass = evidence->problem == TIDE_PROBLEM_MULTICLASS};
		tide_gate_add(&command->gate, &value);
	}
}

/* All of the range, or of the input, is one window. */
static void
window_widen(struct tide_config *config, const struct tide_worker_setup *setup)
{
	int64_t start_ms = setup->from_ms == INT64_MIN ? 0 : setup->from_ms;
	int64_t end_ms = setup->until_ms == INT64_MAX ? TIDE_GATE_EVER_MS : setup->until_ms;

	config->window.origin_ms = start_ms;
	config->window.size_ms = end_ms - start_ms;
	config->window.early_count = 0;
}

static int
engine_run(struct command *command, struct tide_config *config, struct tide_worker_setup *setup,
           struct tide_error *error)
{
	struct tide_worker_summary summary = {0};

	if (tide_replay_input_open(config, &command->replay, setup, error))
		return -1;
	if (!command->per_window)
		window_widen(config, setup);
	setup->on_result = result_take;
	setup->closure = command;
	int failed = tide_file_sink_open(NULL, NULL, NULL, &setup->sink, error);
	if (!failed) {
		failed = tide_worker_run(setup, &summary, error);
		setup->sink->ops->close(setup->sink);
	}
	setup->source->ops->close(setup->source);
	return failed;
}

static int
strange(struct tide_error *error)
{
	return tide_error_stop(error, TIDE_ERROR_DATA, "not a JSON object");
}

static int
record_take(void *closure, size_t queue, const struct tide_record *record,
            struct tide_error *error)
{
	struct tide_text value = {(const char *) record->value, record->value_size};
	struct command *command = closure;

	if (!record->value || tide_gate_record(&command->gate, value))
		return 0;
	strange(error);
	return tide_error_prefix(error, "%s: partition %zu, offset %lld: ", command->results, queue,
	                         (long long) record->offset);
}

static int
results_topic(struct command *command, const struct tide_config *config, struct tide_error *error)
{
	struct tide_kafka_options options = {.properties = config->kafka,
	                                     .predictions_topic =
	                                             command->results + strlen(TOPIC),
	                                     .start = TIDE_KAFKA_EARLIEST,
	                                     .bounded = true,
	                                     .end_ms = INT64_MAX};
	struct tide_source *source;

	if (tide_command_topics_broker(config, error) ||
	    tide_kafka_source_open(&options, &source, error))
		return -1;
	int failed = tide_drain(source, record_take, command, error);
	source->ops->close(source);
	return failed;
}

static int
results_file(struct command *command, struct tide_error *error)
{
	struct tide_file_reader reader = {0};
	uint8_t *line;
	size_t length;
	int more;

	if (tide_file_reader_open(&reader, command->results, error))
		return -1;
	while ((more = tide_file_reader_line(&reader, &line, &length)) > 0)
		if (!line || !tide_gate_record(&command->gate,
		                               (struct tide_text){(char *) line, length})) {
			strange(error);
			tide_error_prefix(error, "%s:%" PRIu64 ": ", command->results,
			                  reader.lines);
			more = -1;
			break;
		}
	if (more < 0 && !error->text[0])
		*error = reader.fault;
	tide_file_reader_close(&reader);
	return more < 0 ? -1 : 0;
}

static int
values_take(struct command *command, struct tide_config *config, struct tide_error *error)
{
	struct tide_worker_setup setup = {0};

	if (command->results)
		return strncmp(command->results, TOPIC, strlen(TOPIC)) == 0
		               ? results_topic(command, config, error)
		               : results_file(command, error);
	int failed = tide_command_prepare(config, &setup, error) ||
	                             engine_run(command, config, &setup, error)
	                     ? -1
	                     : 0;
	tide_command_release(&setup);
	return failed;
}

static int
report_write(const char *path, const struct tide_buffer *buffer, struct tide_error *error)
{
	FILE *file;

	if (buffer->failed)
		return tide_error_stop(error, TIDE_ERROR_MEMORY, "out of memory");
	file = path ? fopen(path, "wb") : stdout;
	bool good = file && fwrite(buffer->bytes, 1, buffer->length, file) == buffer->length;
	if (file && path)
		good &= fclose(file) == 0;
	return good ? 0
	            : tide_error_stop(error, TIDE_ERROR_CREATE, "%s cannot be written: %s",
	                              path ? path : "stdout", strerror(errno));
}

static int
reports_write(const struct command *command, const char *name, struct tide_error *error)
{
	struct tide_buffer buffer;
	int failed;

	tide_text_buffer_init(&buffer, REPORT_BYTES);
	tide_gate_print_text(&command->gate, &buffer);
	failed = report_write(NULL, &buffer, error);
	tide_text_buffer_reset(&buffer);
	if (!failed && command->junit) {
		tide_gate_print_junit(&command->gate, name, &buffer);
		failed = report_write(command->junit, &buffer, error);
	}
	tide_text_buffer_reset(&buffer);
	if (!failed && command->markdown) {
		tide_gate_print_markdown(&command->gate, name, &buffer);
		failed = report_write(command->markdown, &buffer, error);
	}
	tide_text_buffer_fini(&buffer);
	return failed;
}

static int
gate_run(struct command *command, struct tide_config *config, struct tide_error *error)
{
	struct tide_gate *gate = &command->gate;

	if (tide_gate_thresholds(gate, command->thresholds, config, error) ||
	    values_take(command, config, error))
		return -1;
	if (!tide_gate_judge(gate, &command->options))
		return tide_error_stop(error, TIDE_ERROR_MEMORY, "out of memory");
	if (gate->check_count == 0)
		return tide_error_stop(error, TIDE_ERROR_DATA,
		                       "nothing to judge: no final window%s%s has a metric that "
		                       "the thresholds name",
		                       command->options.model ? " of model " : "",
		                       command->options.model ? command->options.model : "");
	return reports_write(command, config->name, error);
}

const char tide_command_gate_help[] =
        "usage: tidemark gate CONFIG --thresholds FILE [OPTIONS]\n\n"
        "Says whether a model may be deployed: exit 1 where a threshold is not reached.\n\n"
        "  --thresholds FILE            YAML or JSON, the words of MLflow's MetricThreshold:\n"
        "                               r2_score: {threshold: 0.5, greater_is_better: true}\n"
        "  --predictions F, --labels F, --from files|kafka, --range FROM..UNTIL\n"
        "                               what is read, as `replay` reads it\n"
        "  --results F|topic:T          judges result records instead, window by window\n"
        "  --per-window                 judges every window of the config; else all is one\n"
        "  --model M, --version V       the candidate; else every model, all its versions\n"
        "  --baseline-model M, --baseline-version V\n"
        "                               what it is compared with; else the reference\n"
        "  --junit F, --markdown F      reports for CI systems\n\n"
        "  tidemark gate fraud.yaml --thresholds gate.yaml --predictions p.jsonl \\\n"
        "    --labels l.jsonl --junit gate.xml\n"
        "  tidemark gate fraud.yaml --thresholds gate.yaml --from kafka --range -7d \\\n"
        "    --version 8 --baseline-version 7\n";

int
tide_command_gate(int argc, char **argv)
{
	struct command command = {0};
	struct tide_config *config;
	struct tide_error error = {0};
	const struct tide_command_option options[] = {
	        {"--thresholds", &command.thresholds, NULL},
	        {"--predictions", &command.replay.predictions, NULL},
	        {"--labels", &command.replay.labels, NULL},
	        {"--from", &command.replay.from, NULL},
	        {"--range", &command.replay.range, NULL},
	        {"--results", &command.results, NULL},
	        {"--per-window", NULL, &command.per_window},
	        {"--model", &command.options.model, NULL},
	        {"--version", &command.options.version, NULL},
	        {"--baseline-model", &command.options.baseline_model, NULL},
	        {"--baseline-version", &command.options.baseline_version, NULL},
	        {"--junit", &command.junit, NULL},
	        {"--markdown", &command.markdown, NULL},
	        {0}};

	if (!tide_command_options(argc, argv, options, &command.replay.config,
	                          tide_command_gate_help))
		return TIDE_ERROR_USAGE;
	if (!command.thresholds) {
		fprintf(stderr, "tidemark gate: name the thresholds with --thresholds FILE\n\n%s",
		        tide_command_gate_help);
		return TIDE_ERROR_USAGE;
	}
	if (tide_config_load(command.replay.config, &config, &error))
		return tide_command_failure(&error);
	int failed = gate_run(&command, config, &error);
	bool passed = command.gate.failed_count == 0;
	tide_gate_free(&command.gate);
	tide_config_free(config);
	return failed ? tide_command_failure(&error) : passed ? 0 : 1;
}
