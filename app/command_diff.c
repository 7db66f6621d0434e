#include "app/command.h"
#include "app/config.h"
#include "app/config_value.h"
#include "app/diff_compare.h"
#include "app/diff_set.h"
#include "app/drain.h"
#include "consumer/file_reader.h"
#include "consumer/kafka_source.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define MEMORY_BYTES     ((size_t) 1 << 30)
#define LIST_BYTES       ((size_t) 256 << 20)
#define LIMIT            20
#define FIELDS_MAX       12  /* told of one record */
#define VALUE_MAX        160 /* bytes of a value for people */
#define TOPIC            "topic:"

struct diff {
	const char *sets[2]; /* as they are named */
	const char *config, *ignore, *tolerance, *limit_text, *memory;
	bool json;
	struct tide_diff_options options;
	struct tide_diff_rules rules;
	uint64_t limit;
};

enum place { ONLY_A, ONLY_B, DIFFERS, EQUAL, PLACES };

/* What was found, and what is told of it. */
struct report {
	const struct diff *diff;
	uint64_t counts[TIDE_DIFF_KINDS][PLACES];
	uint64_t told, different;
	struct tide_buffer list, fields;
	uint64_t field_count;
};

static int
line_add(struct tide_diff_set *set, struct tide_text line, const char *path, uint64_t number,
         struct tide_error *error)
{
	if (!tide_diff_set_add(set, line, error))
		return 0;
	return tide_error_prefix(error, "%s:%" PRIu64 ": ", path, number);
}

static int
lines_read(struct tide_file_reader *reader, struct tide_diff_set *set, struct tide_error *error)
{
	uint8_t *line;
	size_t length;
	int more;

	while ((more = tide_file_reader_line(reader, &line, &length)) > 0) {
		if (!line)
			return tide_error_stop(error, TIDE_ERROR_DATA,
			                       "%s:%" PRIu64 ": a line of more than %d bytes",
			                       reader->path, reader->lines, TIDE_FILE_READER_LINE_MAX);
		if (line_add(set, (struct tide_text){(char *) line, length}, reader->path,
		             reader->lines, error))
			return -1;
	}
	if (more < 0)
		*error = reader->fault;
	return more;
}

static int
file_read(const char *path, struct tide_diff_set *set, struct tide_error *error)
{
	struct tide_file_reader reader = {0};
	int failed = tide_file_reader_open(&reader, path, error);

	if (!failed)
		failed = lines_read(&reader, set, error);
	tide_file_reader_close(&reader);
	return failed;
}

static int
record_add(void *closure, size_t queue, const struct tide_record *record, struct tide_error *error)
{
	struct tide_text value = {(const char *) record->value, record->value_size};

	if (!record->value || !tide_diff_set_add(closure, value, error))
		return 0;
	return tide_error_prefix(error, "partition %zu, offset %lld: ", queue,
	                         (long long) record->offset);
}

static int
topic_read(const struct diff *diff, const char *topic, struct tide_diff_set *set,
           struct tide_error *error)
{
	struct tide_kafka_options options = {.predictions_topic = topic,
	                                     .start = TIDE_KAFKA_EARLIEST,
	                                     .bounded = true,
	                                     .end_ms = INT64_MAX};
	struct tide_source *source;
	struct tide_config *config;

	if (!diff->config)
		return tide_error_stop(error, TIDE_ERROR_USAGE,
		                       "%s%s: name a config whose `kafka:` says where, with --config",
		                       TOPIC, topic);
	if (tide_config_load(diff->config, &config, error))
		return -1;
	options.properties = config->kafka;
	int failed = tide_command_topics_broker(config, error) ||
	                             tide_kafka_source_open(&options, &source, error)
	                     ? -1
	                     : 0;
	if (!failed) {
		failed = tide_drain(source, record_add, set, error);
		source->ops->close(source);
		if (failed)
			tide_error_prefix(error, "%s: ", topic);
	}
	tide_config_free(config);
	return failed;
}

static int
set_read(const struct diff *diff, const char *name, struct tide_diff_set *set,
         struct tide_error *error)
{
	size_t topic = strlen(TOPIC);
	int failed = strncmp(name, TOPIC, topic) == 0 ? topic_read(diff, name + topic, set, error)
	                                              : file_read(name, set, error);

	return failed ? -1 : tide_diff_set_sort(set, error);
}

/* Names of columns came from records: nothing of them moves the cursor. */
static void
plain_put(struct tide_buffer *buffer, struct tide_text text)
{
	size_t at = buffer->length;

	tide_text_put(buffer, text.bytes, text.length);
	for (; at < buffer->length; at++)
		if ((unsigned char) buffer->bytes[at] < ' ' || buffer->bytes[at] == 0x7f)
			buffer->bytes[at] = '?';
}

static void
field_tell(void *closure, struct tide_text path, struct tide_text a, struct tide_text b)
{
	struct report *report = closure;
	struct tide_buffer *fields = &report->fields;

	report->field_count++;
	if (report->diff->json) {
		tide_text_json_open(fields, '{');
		tide_text_json_put_text(fields, "field", path);
		for (int side = 0; side < 2; side++) {
			struct tide_text value = side ? b : a;
			if (value.length == 0)
				continue;
			tide_text_json_key(fields, side ? "b" : "a");
			tide_text_put(fields, value.bytes, value.length);
		}
		tide_text_json_close(fields, '}');
	} else if (report->field_count <= FIELDS_MAX) {
		struct tide_text values[] = {a, b};
		tide_text_put_string(fields, "    ");
		plain_put(fields, path);
		tide_text_put(fields, " ", 1);
		for (int side = 0; side < 2; side++) {
			struct tide_text cut = tide_text_cut(values[side], VALUE_MAX);
			tide_text_put_format(fields, "%s%.*s%s", side ? " | " : " ",
			                     cut.length ? (int) cut.length : 1,
			                     cut.length ? cut.bytes : "-",
			                     cut.length < values[side].length ? "..." : "");
		}
		tide_text_put(fields, "\n", 1);
	}
}

static void
record_tell_json(struct report *report, enum place place, const struct tide_diff_record *record)
{
	static const char *const where[] = {"only_a", "only_b", "differs"};
	struct tide_buffer *list = &report->list;

	tide_text_json_open(list, '{');
	tide_text_json_put_string(list, "where", where[place]);
	tide_text_json_put_string(list, "kind", tide_diff_set_kinds[record->kind]);
	tide_text_json_key(list, "key");
	tide_text_put(list, record->key.bytes, record->key.length);
	if (place == DIFFERS) {
		tide_text_json_key(list, "fields");
		tide_text_json_open(list, '[');
		tide_text_put(list, report->fields.bytes, report->fields.length);
		tide_text_json_close(list, ']');
	}
	tide_text_json_close(list, '}');
}

static void
record_tell(struct report *report, enum place place, const struct tide_diff_record *record)
{
	static const char *const where[] = {"only in A", "only in B", "differs  "};

	report->different++;
	if (report->told == report->diff->limit)
		return;
	report->told++;
	if (report->diff->json) {
		record_tell_json(report, place, record);
		return;
	}
	tide_text_put_format(&report->list, "%s ", where[place]);
	tide_diff_set_print(record, &report->list);
	tide_text_put(&report->list, "\n", 1);
	if (place != DIFFERS)
		return;
	tide_text_put(&report->list, report->fields.bytes, report->fields.length);
	if (report->field_count > FIELDS_MAX)
		tide_text_put_format(&report->list, "    and %" PRIu64 " more\n",
		                     report->field_count - FIELDS_MAX);
}

static int
pair_compare(struct report *report, const struct tide_diff_record *a,
             const struct tide_diff_record *b, struct tide_error *error)
{
	tide_text_buffer_reset(&report->fields);
	report->field_count = 0;
	int64_t fields = tide_diff_compare(a->value, b->value, &report->diff->rules, field_tell,
	                                   report, error);
	if (fields < 0)
		return -1;
	report->counts[a->kind][fields ? DIFFERS : EQUAL]++;
	if (fields)
		record_tell(report, DIFFERS, a);
	return 0;
}

/* Both in the order of kind and key. */
static int
sets_compare(struct report *report, const struct tide_diff_set *a, const struct tide_diff_set *b,
             struct tide_error *error)
{
	size_t i = 0, j = 0;

	while (i < a->count || j < b->count) {
		const struct tide_diff_record *left = i < a->count ? &a->records[i] : NULL;
		const struct tide_diff_record *right = j < b->count ? &b->records[j] : NULL;
		int order = !left ? 1 : !right ? -1 : (int) left->kind - (int) right->kind;
		if (left && right && order == 0)
			order = tide_text_compare(left->key, right->key);
		if (order == 0 && pair_compare(report, left, right, error))
			return -1;
		if (order != 0) {
			enum place place = order < 0 ? ONLY_A : ONLY_B;
			const struct tide_diff_record *only = order < 0 ? left : right;
			report->counts[only->kind][place]++;
			record_tell(report, place, only);
		}
		i += order <= 0;
		j += order >= 0;
	}
	if (report->list.failed || report->fields.failed)
		return tide_error_stop(error, TIDE_ERROR_MEMORY,
		                       "no memory to list the differences: lower --limit");
	return 0;
}

static void
report_print_json(const struct report *report, struct tide_buffer *out)
{
	static const char *const names[PLACES] = {"only_a", "only_b", "differs", "equal"};

	tide_text_json_open(out, '{');
	tide_text_json_put_bool(out, "equal", report->different == 0);
	tide_text_json_key(out, "kinds");
	tide_text_json_open(out, '{');
	for (int kind = 0; kind < TIDE_DIFF_KINDS; kind++) {
		tide_text_json_key(out, tide_diff_set_kinds[kind]);
		tide_text_json_open(out, '{');
		for (int place = 0; place < PLACES; place++)
			tide_text_json_put_integer(out, names[place],
			                           (int64_t) report->counts[kind][place]);
		tide_text_json_close(out, '}');
	}
	tide_text_json_close(out, '}');
	tide_text_json_key(out, "differences");
	tide_text_json_open(out, '[');
	tide_text_put(out, report->list.bytes, report->list.length);
	tide_text_json_close(out, ']');
	tide_text_json_put_integer(out, "left_out", (int64_t) (report->different - report->told));
	tide_text_json_close(out, '}');
	tide_text_put(out, "\n", 1);
}

static void
report_print_text(const struct report *report, struct tide_buffer *out)
{
	static const char *const names[PLACES] = {"only in A", "only in B", "differ", "equal"};

	tide_text_put_format(out, "%-12s", "");
	for (int place = 0; place < PLACES; place++)
		tide_text_put_format(out, " %10s", names[place]);
	for (int kind = 0; kind < TIDE_DIFF_KINDS; kind++) {
		const uint64_t *counts = report->counts[kind];
		if (counts[ONLY_A] + counts[ONLY_B] + counts[DIFFERS] + counts[EQUAL] == 0)
			continue;
		tide_text_put_format(out, "\n%-12s", tide_diff_set_kinds[kind]);
		for (int place = 0; place < PLACES; place++)
			tide_text_put_format(out, " %10" PRIu64, counts[place]);
	}
	tide_text_put_string(out, report->list.length ? "\n\n" : "\n");
	tide_text_put(out, report->list.bytes, report->list.length);
	if (report->different > report->told)
		tide_text_put_format(out, "and %" PRIu64 " records more: --limit says how many\n",
		                     report->different - report->told);
}

static int
report_print(const struct report *report, struct tide_error *error)
{
	struct tide_buffer out;
	int failed = 0;

	tide_text_buffer_init(&out, 2 * LIST_BYTES);
	if (report->diff->json)
		report_print_json(report, &out);
	else
		report_print_text(report, &out);
	if (out.failed)
		failed = tide_error_stop(error, TIDE_ERROR_MEMORY, "out of memory");
	else if (fwrite(out.bytes, 1, out.length, stdout) != out.length || fflush(stdout))
		failed = tide_error_stop(error, TIDE_ERROR_WRITE, "stdout cannot be written");
	tide_text_buffer_fini(&out);
	return failed;
}

static int
options_read(struct diff *diff, struct tide_error *error)
{
	double number;

	diff->options.cap_bytes = MEMORY_BYTES;
	diff->limit = LIMIT;
	diff->rules.ignore = diff->ignore;
	if (diff->memory && !tide_config_value_size(diff->memory, &diff->options.cap_bytes))
		return tide_error_stop(error, TIDE_ERROR_USAGE,
		                       "--memory is a size as 4 GiB, not \"%s\"", diff->memory);
	if (diff->tolerance &&
	    (!tide_text_read_number(tide_text_of(diff->tolerance), &diff->rules.tolerance) ||
	     diff->rules.tolerance < 0))
		return tide_error_stop(error, TIDE_ERROR_USAGE,
		                       "--tolerance is a number as 1e-9, not \"%s\"", diff->tolerance);
	if (!diff->limit_text)
		return 0;
	if (!tide_text_read_number(tide_text_of(diff->limit_text), &number) || number < 0 ||
	    number > 1e15 || number != (double) (uint64_t) number)
		return tide_error_stop(error, TIDE_ERROR_USAGE,
		                       "--limit is a number of records, not \"%s\"",
		                       diff->limit_text);
	diff->limit = (uint64_t) number;
	return 0;
}

/* 0: equal; 1: not; -1. */
static int
diff_run(struct diff *diff, struct tide_error *error)
{
	size_t held_bytes = 0;
	struct tide_diff_set sets[2] = {{&diff->options, &held_bytes, NULL, 0, 0},
	                                {&diff->options, &held_bytes, NULL, 0, 0}};
	struct report report = {.diff = diff};
	int failed = options_read(diff, error);

	if (!failed && strcmp(diff->sets[0], "-") == 0 && strcmp(diff->sets[1], "-") == 0)
		failed = tide_error_stop(error, TIDE_ERROR_USAGE, "stdin can be one of the sets only");
	tide_text_buffer_init(&report.list, LIST_BYTES);
	tide_text_buffer_init(&report.fields, LIST_BYTES);
	for (int i = 0; !failed && i < 2; i++)
		failed = set_read(diff, diff->sets[i], &sets[i], error);
	if (!failed)
		failed = sets_compare(&report, &sets[0], &sets[1], error);
	if (!failed)
		failed = report_print(&report, error);
	tide_text_buffer_fini(&report.list);
	tide_text_buffer_fini(&report.fields);
	tide_diff_set_free(&sets[0]);
	tide_diff_set_free(&sets[1]);
	return failed ? -1 : report.different > 0;
}

const char tide_command_diff_help[] =
        "usage: tidemark diff A B [--ignore FIELD,...] [--tolerance 1e-9] [--all-revisions]\n"
        "                     [--inputs] [--limit 20] [--json] [--memory 1GiB]\n"
        "                     [--config CONFIG]\n\n"
        "Compares two sets of results and alerts, those of a replay and those of a live worker,\n"
        "say. A set is a file of JSON lines (plain, gzip, zstd; - is stdin), or topic:NAME at the\n"
        "broker of CONFIG. Of each key the latest revision counts, or each one by itself; records\n"
        "of side `input`, which depend on the partitioning, are added up unless --inputs. Ends\n"
        "with 0 when the sets are equal, with 1 when they are not.\n\n"
        "  tidemark diff live.jsonl replay.jsonl\n"
        "  tidemark diff topic:fraud-results replay.jsonl --config fraud.yaml\n"
        "  tidemark diff before.jsonl after.jsonl --ignore config_hash,findings.p_value\n";

int
tide_command_diff(int argc, char **argv)
{
	struct diff diff = {0};
	const struct tide_command_option options[] = {
	        {"--ignore", &diff.ignore, NULL},
	        {"--tolerance", &diff.tolerance, NULL},
	        {"--limit", &diff.limit_text, NULL},
	        {"--memory", &diff.memory, NULL},
	        {"--config", &diff.config, NULL},
	        {"--all-revisions", NULL, &diff.options.all_revisions},
	        {"--inputs", NULL, &diff.options.inputs},
	        {"--json", NULL, &diff.json},
	        {0}};
	struct tide_error error = {0};

	if (!tide_command_words(argc, argv, options, diff.sets, 2, tide_command_diff_help))
		return TIDE_ERROR_USAGE;
	if (!diff.sets[1]) {
		fprintf(stderr, "tidemark: name two sets\n%s", tide_command_diff_help);
		return TIDE_ERROR_USAGE;
	}
	int different = diff_run(&diff, &error);
	return different < 0 ? tide_command_failure(&error) : different;
}
