#include "app/config_value.h"
#include "app/rule_test.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TESTS_MAX    1000
#define SERIES_MAX   256
#define EXPECTED_MAX 10000
#define AT(type, member) offsetof(struct type, member)

/* The reader first: a walk knows only it. */
struct reading {
	struct tide_config_reader reader;
	struct tide_rule_file *file;
};

static struct tide_config *
config_of(struct tide_config_reader *reader)
{
	return ((struct reading *) reader)->file->config;
}

static int
no_memory(struct tide_config_reader *reader)
{
	return tide_error_stop(reader->error, TIDE_ERROR_MEMORY, "out of memory");
}

/* One word of a series: N, NxK, A+BxK, A-BxK or _xK, into room for `most`; 0: it is none. */
static size_t
word_expand(const char *word, size_t length, double *numbers, size_t most)
{
	const char *times = memchr(word, 'x', length);
	size_t head = times ? (size_t) (times - word) : length, sign = 1;
	double number = NAN, step = 0, count = 0;

	if (times && (!tide_text_read_number((struct tide_text){times + 1, length - head - 1},
	                                     &count) ||
	              count < 0 || count != floor(count)))
		return 0;
	while (sign < head && (strchr("+-", word[sign]) == NULL || strchr("eE", word[sign - 1])))
		sign++;
	bool hole = head == 1 && *word == '_';
	size_t made = (size_t) count + !(hole && times);
	if (!hole &&
	    !tide_text_read_number((struct tide_text){word, sign < head ? sign : head}, &number))
		return 0;
	if (sign < head &&
	    !tide_text_read_number((struct tide_text){word + sign + (word[sign] == '+'),
	                                              head - sign - (word[sign] == '+')},
	                           &step))
		return 0;
	if (count + 1 > (double) most)
		return 0;
	for (size_t i = 0; i < made; i++)
		numbers[i] = number + (double) i * step;
	return made;
}

/* `40x5 _ 40+2x3`: the numbers, which the caller frees. */
static bool
series_expand(const char *text, double **numbers, size_t *count)
{
	double *read = calloc(TIDE_RULE_TEST_WINDOWS_MAX, sizeof *read);

	*count = 0;
	while (read && *(text += strspn(text, " \t\n"))) {
		size_t length = strcspn(text, " \t\n");
		size_t more = word_expand(text, length, read + *count,
		                          TIDE_RULE_TEST_WINDOWS_MAX - *count);
		if (!more) {
			free(read);
			return false;
		}
		*count += more;
		text += length;
	}
	*numbers = read;
	return read && *count > 0;
}

static int
read_numbers(struct tide_config_reader *reader, struct yaml_node_s *node, void *into)
{
	const char *text;
	double *numbers = NULL;
	size_t count;

	if (tide_config_yaml_text(reader, node, &text) != 0)
		return -1;
	if (!series_expand(text, &numbers, &count)) {
		free(numbers);
		return tide_config_yaml_fail(reader, node,
			"expected numbers of windows like `40x5 _ 40+2x3`, at most %d, but this is `%.64s`",
			TIDE_RULE_TEST_WINDOWS_MAX, tide_config_yaml_raw(node));
	}
	double *kept = tide_config_yaml_keep(reader, TIDE_RULE_TEST_WINDOWS_MAX * sizeof *kept);
	for (size_t i = 0; kept && i < TIDE_RULE_TEST_WINDOWS_MAX; i++)
		kept[i] = i < count ? numbers[i] : NAN;
	free(numbers);
	*(double **) into = kept;
	return kept ? 0 : -1;
}

/* Which detector `f1_score`, `drift[age]` or a measure's name means. */
static int
series_name(struct tide_config_reader *reader, struct yaml_node_s *key,
            struct tide_rule_series *series)
{
	const struct tide_measures *measures = &config_of(reader)->measures;
	const char *bracket = strchr(series->metric, '[');
	size_t length = strlen(series->metric);
	char name[64];

	for (size_t i = 0; i < measures->business_count; i++)
		if (strcmp(measures->business[i].name, series->metric) == 0) {
			series->detector = tide_detector_find(
				measures->business[i].labelled ? "business_outcome" : "business");
			series->column = tide_text_of(series->metric);
			return 0;
		}
	if (bracket && series->metric[length - 1] == ']') {
		series->column = (struct tide_text){bracket + 1, strlen(bracket) - 2};
		length = (size_t) (bracket - series->metric);
	}
	if (length < sizeof name) {
		memcpy(name, series->metric, length);
		name[length] = 0;
		series->detector = tide_detector_find(name);
	}
	return series->detector ? 0 : tide_config_yaml_fail(reader, key,
		"no metric is named `%.64s`; did you mean `%s`? `tidemark describe` lists them",
		series->metric, tide_config_rule_nearest(series->metric, measures));
}

static int
read_series(struct tide_config_reader *reader, struct yaml_node_s *key, struct yaml_node_s *value,
            void *into)
{
	static const struct tide_config_key keys[] = {
		{"values", TIDE_CONFIG_READ, AT(tide_rule_series, values), read_numbers},
		{"p", TIDE_CONFIG_READ, AT(tide_rule_series, p_values), read_numbers},
		{"lower", TIDE_CONFIG_READ, AT(tide_rule_series, lower), read_numbers},
		{"upper", TIDE_CONFIG_READ, AT(tide_rule_series, upper), read_numbers},
		{"reference", TIDE_CONFIG_NUMBER, AT(tide_rule_series, reference), NULL},
		{"n", TIDE_CONFIG_NUMBER, AT(tide_rule_series, n), NULL},
	};
	static const struct tide_config_table table = TIDE_CONFIG_TABLE("a series", keys, NULL);
	struct tide_rule_test *test = into;

	if (test->series_count == SERIES_MAX)
		return tide_config_yaml_fail(reader, key, "a test has at most %d series", SERIES_MAX);
	struct tide_rule_series *series = &test->series[test->series_count];
	*series = (struct tide_rule_series){.reference = NAN, .n = NAN};
	if (tide_config_yaml_text(reader, key, &series->metric) != 0 ||
	    series_name(reader, key, series) != 0)
		return -1;
	if (tide_config_yaml_is_scalar(value) ? read_numbers(reader, value, &series->values) != 0
	                                      : tide_config_yaml_walk(reader, value, &table, series) != 0)
		return -1;
	if (!series->values)
		return tide_config_yaml_fail(reader, value, "a series needs `values`");
	for (size_t i = 0; i < TIDE_RULE_TEST_WINDOWS_MAX; i++)
		if (!isnan(series->values[i]) && i >= test->windows)
			test->windows = i + 1;
	test->series_count++;
	return 0;
}

static int
read_all_series(struct tide_config_reader *reader, struct yaml_node_s *node, void *into)
{
	static const struct tide_config_table table = {"`series`", NULL, 0, read_series};
	struct tide_rule_test *test = into;

	test->series = tide_config_yaml_keep(reader, SERIES_MAX * sizeof *test->series);
	return test->series ? tide_config_yaml_walk(reader, node, &table, test) : -1;
}

static int
expected_check(struct tide_config_reader *reader, struct yaml_node_s *node,
               const struct tide_rule_expected *expected)
{
	const struct tide_config *config = config_of(reader);

	if (!expected->rule || !(expected->window >= 0))
		return tide_config_yaml_fail(reader, node,
			"an expected alert needs `window` (from 0) and `rule`");
	if (strcmp(expected->state, "firing") != 0 && strcmp(expected->state, "resolved") != 0)
		return tide_config_yaml_fail(reader, node, "`state` is firing or resolved");
	for (size_t i = 0; i < config->rule_count; i++)
		if (strcmp(config->rules[i].name, expected->rule) == 0)
			return 0;
	return tide_config_yaml_fail(reader, node, "%s has no rule `%.64s`; `tidemark check` lists them",
		config->path, expected->rule);
}

static int
read_expected(struct tide_config_reader *reader, struct yaml_node_s *node, void *into)
{
	static const struct tide_config_key keys[] = {
		{"window", TIDE_CONFIG_NUMBER, AT(tide_rule_expected, window), NULL},
		{"rule", TIDE_CONFIG_TEXT, AT(tide_rule_expected, rule), NULL},
		{"state", TIDE_CONFIG_TEXT, AT(tide_rule_expected, state), NULL},
		{"severity", TIDE_CONFIG_TEXT, AT(tide_rule_expected, severity), NULL},
		{"column", TIDE_CONFIG_TEXT, AT(tide_rule_expected, column), NULL},
	};
	static const struct tide_config_table table =
		TIDE_CONFIG_TABLE("an expected alert", keys, NULL);
	struct tide_rule_test *test = into;

	if (!tide_config_yaml_is_list(node))
		return tide_config_yaml_fail(reader, node, "`expect` is a list of alerts");
	size_t count = tide_config_yaml_length(node);
	test->expected = tide_config_yaml_keep(reader, (count + 1) * sizeof *test->expected);
	if (!test->expected)
		return -1;
	for (; test->expected_count < count; test->expected_count++) {
		struct yaml_node_s *item =
			tide_config_yaml_item(reader, node, test->expected_count);
		struct tide_rule_expected *expected = &test->expected[test->expected_count];
		*expected = (struct tide_rule_expected){
			.window = NAN, .state = "firing", .line = tide_config_yaml_line(item)};
		if (tide_config_yaml_walk(reader, item, &table, expected) != 0 ||
		    expected_check(reader, item, expected) != 0)
			return -1;
	}
	return 0;
}

static int
read_start(struct tide_config_reader *reader, struct yaml_node_s *node, void *into)
{
	const char *text;

	if (tide_config_yaml_text(reader, node, &text) != 0)
		return -1;
	return tide_config_value_time(text, into) ? 0 : tide_config_yaml_fail(reader, node,
		"`start` is a time like 2026-01-02T00:00:00Z");
}

static int
read_test(struct tide_config_reader *reader, struct yaml_node_s *node, struct tide_rule_test *test)
{
	static const struct tide_config_key keys[] = {
		{"name", TIDE_CONFIG_TEXT, AT(tide_rule_test, name), NULL},
		{"model", TIDE_CONFIG_TEXT, AT(tide_rule_test, model), NULL},
		{"start", TIDE_CONFIG_READ, AT(tide_rule_test, start_ms), read_start},
		{"n", TIDE_CONFIG_NUMBER, AT(tide_rule_test, n), NULL},
		{"series", TIDE_CONFIG_READ, 0, read_all_series},
		{"expect", TIDE_CONFIG_READ, 0, read_expected},
	};
	static const struct tide_config_table table = TIDE_CONFIG_TABLE("a test", keys, NULL);

	*test = (struct tide_rule_test){.model = config_of(reader)->name,
	                                .n = 1000,
	                                .line = tide_config_yaml_line(node)};
	if (tide_config_yaml_walk(reader, node, &table, test) != 0)
		return -1;
	return test->name && test->windows > 0 ? 0 : tide_config_yaml_fail(reader, node,
		"a test needs `name` and `series`");
}

static int
read_tests(struct tide_config_reader *reader, struct yaml_node_s *node, void *into)
{
	struct tide_rule_file *file = into;

	if (!file->config)
		return tide_config_yaml_fail(reader, node, "say `config: FILE` above the tests");
	if (!tide_config_yaml_is_list(node) || tide_config_yaml_length(node) > TESTS_MAX)
		return tide_config_yaml_fail(reader, node, "`tests` is a list of at most %d tests",
			TESTS_MAX);
	size_t count = tide_config_yaml_length(node);
	file->tests = tide_config_yaml_keep(reader, (count + 1) * sizeof *file->tests);
	for (; file->tests && file->test_count < count; file->test_count++)
		if (read_test(reader, tide_config_yaml_item(reader, node, file->test_count),
		              &file->tests[file->test_count]) != 0)
			return -1;
	return file->tests ? 0 : -1;
}

static int
read_config(struct tide_config_reader *reader, struct yaml_node_s *node, void *into)
{
	struct tide_rule_file *file = into;

	return tide_config_yaml_path(reader, node, &file->config_path) != 0
		? -1 : tide_config_load(file->config_path, &file->config, reader->error);
}

static int
read_root(struct tide_config_reader *reader, struct yaml_node_s *root)
{
	static const struct tide_config_key keys[] = {
		{"config", TIDE_CONFIG_READ, 0, read_config},
		{"tests", TIDE_CONFIG_READ, 0, read_tests},
	};
	static const struct tide_config_table table =
		TIDE_CONFIG_TABLE("a file of tests", keys, NULL);
	struct tide_rule_file *file = ((struct reading *) reader)->file;

	if (root == NULL)
		return tide_error_stop(reader->error, TIDE_ERROR_CONFIG,
			"%s:1:1: there are no tests; begin with config: and tests:", reader->path);
	if (tide_config_yaml_walk(reader, root, &table, file) != 0)
		return -1;
	return file->test_count > 0 ? 0
		: tide_config_yaml_fail(reader, root, "there is no test below `tests:`");
}

int
tide_rule_file_load(struct tide_rule_file *file, const char *path, struct tide_error *error)
{
	const char *slash = strrchr(path, '/');
	struct reading reading = {.reader = {.path = path, .error = error}, .file = file};

	reading.reader.owned = calloc(1, sizeof *reading.reader.owned);
	if (!reading.reader.owned)
		return no_memory(&reading.reader);
	file->texts = &reading.reader.owned->config;
	size_t length = slash ? (size_t) (slash - path) + 1 : 0;
	char *folder = tide_config_yaml_keep(&reading.reader, length + 1);
	if (!folder)
		return -1;
	memcpy(folder, path, length);
	reading.reader.folder = folder;
	return tide_config_file_read(&reading.reader, read_root);
}

void
tide_rule_file_free(struct tide_rule_file *file)
{
	tide_config_free(file->config);
	tide_config_free(file->texts);
}
