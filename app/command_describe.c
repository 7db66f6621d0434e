#include "app/command.h"
#include "app/config_value.h"
#include "base/text.h"
#include "detectors/detector.h"
#include <stdio.h>
#include <string.h>

const char tide_command_describe_help[] =
        "usage: tidemark describe [NAME | --markdown]\n\n"
        "What is measured: a line a measure, or all there is to know of one, by its name or\n"
        "alias: formula, unit, what it needs, whether a rule compares its interval or its value,\n"
        "options with their defaults, source, and whose numbers it equals.\n\n"
        "  --markdown   all of it as one page (docs/metrics.md)\n\n"
        "  tidemark describe\n"
        "  tidemark describe mae\n";

static void
line_print(const struct tide_detector *detector)
{
	printf("  %-40s %s%s%s%s\n", detector->name, detector->title,
	       *detector->aliases ? " (" : "", detector->aliases, *detector->aliases ? ")" : "");
}

static void
list_print(void)
{
	const struct tide_detector *detector;

	for (int family = 0; family < TIDE_FAMILIES; family++) {
		printf("%s\n", tide_detector_family_name((enum tide_family) family));
		for (size_t i = 0; (detector = tide_detector_at(i)); i++)
			if (detector->family == (enum tide_family) family)
				line_print(detector);
	}
	puts("\ntidemark describe NAME says more.");
}

static void
put_needs(struct tide_buffer *out, const struct tide_detector *detector)
{
	static const struct {
		unsigned flag;
		const char *word;
	} words[] = {{TIDE_FOR_REGRESSION, "regression"},
	             {TIDE_FOR_BINARY, "binary classification"},
	             {TIDE_FOR_MULTICLASS, "multiclass classification"},
	             {TIDE_OF_CLASS, "one class each"},
	             {TIDE_OF_COLUMN, "a column"},
	             {TIDE_OF_SEGMENT, "a segment"},
	             {TIDE_NEEDS_NUMERIC, "numbers"},
	             {TIDE_NEEDS_CATEGORICAL, "categories"},
	             {TIDE_NEEDS_REFERENCE, "a reference"},
	             {TIDE_ON_DEMAND, "a rule or `detectors` that asks for it"}};

	tide_text_put_string(out, detector->side == TIDE_SIDE_LABEL ? "labels" : "predictions");
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (detector->needs & words[i].flag)
			tide_text_put_format(out, ", %s", words[i].word);
}

static void
put_unit(struct tide_buffer *out, const struct tide_detector *detector)
{
	static const char *const better[] = {
	        [TIDE_BETTER_HIGHER] = "higher is better",
	        [TIDE_BETTER_LOWER] = "lower is better",
	        [TIDE_BETTER_ZERO] = "zero is best",
	        [TIDE_BETTER_NONE] = "no value is better than another",
	};

	tide_text_put_format(out, "%s, %s", detector->unit, better[detector->better]);
}

static void
put_weights(struct tide_buffer *out, const struct tide_detector *detector)
{
	tide_text_put_string(out, tide_detector_weighs(detector)
	                                  ? "a row counts by its mapped `weight`"
	                                  : "every row counts the same");
}

static void
put_rules(struct tide_buffer *out, const struct tide_detector *detector)
{
	tide_text_put_string(out, detector->needs & TIDE_HAS_INTERVAL
	                                  ? "compare the bound of its interval, or its value with "
	                                    "`certainty: 0`"
	                                  : "compare its value: it has no interval");
	if (detector->needs & TIDE_HAS_TEST)
		tide_text_put_string(out, "; without a comparison judge its p by the false-alarm "
		                          "budget");
}

/* What a config may say about a measure, beside the words of every rule. */
static void
put_options(struct tide_buffer *out, const struct tide_detector *detector)
{
	static const struct {
		unsigned flag; /* one that it has; 0: any */
		int family;    /* -1: any */
		const char *text;
	} options[] = {
	        {TIDE_HAS_INTERVAL, -1, "rule `certainty` (0.95)"},
	        {TIDE_HAS_TEST, -1, "`alerting: {false_alarms}` (1 per 30d)"},
	        {TIDE_HAS_TEST, TIDE_DRIFT, "`columns: {GLOB: {min_effect}}` (0.01, a PSI)"},
	        {TIDE_ON_DEMAND, -1, "`detectors: {dialects}` (none)"},
	        {0, TIDE_FAIRNESS, "`fairness: {min_n}` (30)"},
	        {0, -1, "rule `min_n` (0), `for` (1 of 1)"},
	};

	for (size_t i = 0; i < sizeof options / sizeof *options; i++)
		if ((!options[i].flag || detector->needs & options[i].flag) &&
		    (options[i].family < 0 || options[i].family == (int) detector->family))
			tide_text_put_format(out, "%s%s", i && out->length ? ", " : "",
			                     options[i].text);
}

static void
put_source(struct tide_buffer *out, const struct tide_detector *detector)
{
	tide_text_put_string(out, detector->source);
}

/* Whose numbers it equals, as the golden tests hold it: by the dialect, or by the source. */
static void
put_equals(struct tide_buffer *out, const struct tide_detector *detector)
{
	static const struct {
		const char *begins, *whose;
	} known[] = {{"deciles", "the usual PSI on the reference's deciles"},
	             {"evidently", "Evidently 0.7.23"},
	             {"nannyml", "NannyML 0.13.1"},
	             {"river", "River 0.26.1"},
	             {"scipy", "SciPy 1.17"},
	             {"scikit-learn", "scikit-learn 1.9.1"},
	             {"fairlearn", "fairlearn 0.15.0"},
	             {"numpy", "numpy 2"},
	             {"NannyML CBPE", "NannyML 0.13.1"}};
	const char *by = *detector->dialect ? detector->dialect : detector->source;

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strncmp(by, known[i].begins, strlen(known[i].begins)) == 0) {
			tide_text_put_string(out, known[i].whose);
			return;
		}
	tide_text_put_string(out, "its definition");
}

static void
put_formula(struct tide_buffer *out, const struct tide_detector *detector)
{
	tide_text_put_format(out, "`%s`", detector->formula);
}

static void
put_dialect(struct tide_buffer *out, const struct tide_detector *detector)
{
	tide_text_put_string(out, *detector->dialect ? detector->dialect : "tidemark");
}

static const struct field {
	const char *name;
	void (*put)(struct tide_buffer *out, const struct tide_detector *detector);
} fields[] = {{"formula", put_formula}, {"unit", put_unit},       {"needs", put_needs},
              {"weights", put_weights}, {"rules", put_rules},     {"options", put_options},
              {"dialect", put_dialect}, {"source", put_source},   {"equals", put_equals}};

/* One field a line, as Markdown or for a terminal. */
static void
fields_print(const struct tide_detector *detector, bool markdown, struct tide_buffer *out)
{
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		fields[i].put(out, detector);
		if (markdown)
			printf("- %s: %.*s\n", fields[i].name, (int) out->length, out->bytes);
		else
			printf("  %-10s %.*s\n", fields[i].name, (int) out->length, out->bytes);
		tide_text_buffer_reset(out);
	}
}

static void
detector_print(const struct tide_detector *detector, struct tide_buffer *out)
{
	bool of_column = detector->needs & (TIDE_OF_COLUMN | TIDE_OF_SEGMENT);

	printf("%s: %s\n", detector->name, detector->title);
	if (*detector->aliases)
		printf("  %-10s %s\n", "aliases", detector->aliases);
	printf("  %-10s %s\n", "family", tide_detector_family_name(detector->family));
	fields_print(detector, false, out);
	printf("  %-10s {name: my-rule, metric: %s%s, %s: 0.1}\n", "example", detector->name,
	       of_column ? ", columns: all" : "",
	       detector->better == TIDE_BETTER_HIGHER ? "below" : "above");
}

static void
family_page(enum tide_family family, struct tide_buffer *out)
{
	const struct tide_detector *detector;

	printf("\n## %s\n", tide_detector_family_name(family));
	for (size_t d = 0; (detector = tide_detector_at(d)); d++) {
		if (detector->family != family)
			continue;
		printf("\n### %s\n\n%s%s%s%s.\n\n", detector->name, detector->title,
		       *detector->aliases ? " (" : "", detector->aliases,
		       *detector->aliases ? ")" : "");
		fields_print(detector, true, out);
	}
}

static void
page_print(struct tide_buffer *out)
{
	puts("# Metrics\n\nWritten by `tidemark describe --markdown`; `tidemark describe NAME` says the "
	     "same of one.\nIn brackets: other names that a rule may use. What options mean stands "
	     "in [spec.md](spec.md),\nhow rules are written in [alerts.md](alerts.md).");
	for (int family = 0; family < TIDE_FAMILIES; family++)
		family_page((enum tide_family) family, out);
}

static int
refuse(int argc, char **argv)
{
	if (argc == 1)
		fprintf(stderr, "tidemark: no metric is named \"%s\"; did you mean \"%s\"?\n",
		        argv[0], tide_config_rule_nearest(argv[0], NULL));
	else
		fputs(tide_command_describe_help, stderr);
	return TIDE_ERROR_USAGE;
}

int
tide_command_describe(int argc, char **argv)
{
	bool page = argc == 1 && strcmp(argv[0], "--markdown") == 0;
	const struct tide_detector *detector = argc == 1 ? tide_detector_find(argv[0]) : NULL;
	struct tide_buffer out;

	if (argc > 0 && !page && !detector)
		return refuse(argc, argv);
	tide_text_buffer_init(&out, 1 << 16);
	if (page)
		page_print(&out);
	else if (detector)
		detector_print(detector, &out);
	else
		list_print();
	tide_text_buffer_fini(&out);
	return 0;
}
