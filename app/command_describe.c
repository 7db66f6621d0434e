#include "app/command.h"
#include "app/config_value.h"
#include "detectors/detector.h"
#include <stdio.h>
#include <string.h>

const char tide_command_describe_help[] =
        "usage: tidemark describe [NAME]\n\n"
        "What is measured: a line a measure, or all there is to know of one, by its name or\n"
        "alias: formula, unit, what it needs, whether a rule compares its interval or its value,\n"
        "source.\n\n"
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
needs_print(const struct tide_detector *detector)
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
	             {TIDE_NEEDS_REFERENCE, "a reference"}};

	printf("  needs      %s", detector->side == TIDE_SIDE_LABEL ? "labels" : "predictions");
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (detector->needs & words[i].flag)
			printf(", %s", words[i].word);
	puts("");
}

static void
detector_print(const struct tide_detector *detector)
{
	static const char *const better[] = {
	        [TIDE_BETTER_HIGHER] = "higher is better",
	        [TIDE_BETTER_LOWER] = "lower is better",
	        [TIDE_BETTER_ZERO] = "zero is best",
	        [TIDE_BETTER_NONE] = "no value is better than another",
	};
	bool of_column = detector->needs & (TIDE_OF_COLUMN | TIDE_OF_SEGMENT);

	printf("%s: %s\n", detector->name, detector->title);
	if (*detector->aliases)
		printf("  aliases    %s\n", detector->aliases);
	printf("  family     %s\n", tide_detector_family_name(detector->family));
	printf("  formula    %s\n", detector->formula);
	printf("  unit       %s, %s\n", detector->unit, better[detector->better]);
	needs_print(detector);
	printf("  weights    %s\n", tide_detector_weighs(detector)
	                                    ? "a row counts by its mapped `weight`"
	                                    : "every row counts the same");
	printf("  dialect    %s\n", *detector->dialect ? detector->dialect : "tidemark");
	printf("  source     %s\n", detector->source);
	printf("  rules      %s\n", detector->needs & TIDE_HAS_INTERVAL
	                                    ? "compare the bound of its interval (certainty 0.95), "
	                                      "or its value with certainty: 0"
	                                    : "compare its value: it has no interval");
	if (detector->needs & TIDE_HAS_TEST)
		puts("             without a comparison judge its p by the false-alarm budget");
	printf("  example    {name: my-rule, metric: %s%s, %s: 0.1}\n", detector->name,
	       of_column ? ", columns: all" : "",
	       detector->better == TIDE_BETTER_HIGHER ? "below" : "above");
}

int
tide_command_describe(int argc, char **argv)
{
	const struct tide_detector *detector;

	if (argc == 0) {
		list_print();
		return 0;
	}
	detector = argc == 1 ? tide_detector_find(argv[0]) : NULL;
	if (detector) {
		detector_print(detector);
		return 0;
	}
	if (argc == 1)
		fprintf(stderr, "tidemark: no metric is named \"%s\"; did you mean \"%s\"?\n",
		        argv[0], tide_config_rule_nearest(argv[0], NULL));
	else
		fputs(tide_command_describe_help, stderr);
	return TIDE_ERROR_USAGE;
}
