#include "app/command.h"
#include "detectors/detector.h"
#include <stdio.h>

const char tide_command_describe_help[] =
        "usage: tidemark describe\n\n"
        "Every measure: formula, unit, source.\n";

int
tide_command_describe(int argc, char **argv)
{
	const struct tide_detector *detector;

	(void) argc;
	(void) argv;
	for (size_t i = 0; (detector = tide_detector_at(i)); i++)
		printf("%s%s%s%s\n    %s, %s [%s]\n    %s\n    %s\n", detector->name,
		       *detector->aliases ? " (" : "", detector->aliases,
		       *detector->aliases ? ")" : "",
		       tide_detector_family_name(detector->family), detector->title, detector->unit,
		       detector->formula, detector->source);
	return 0;
}
