#include "app/command.h"
#include <stdio.h>
#include <sys/stat.h>

#define DEMO_ARGUMENTS 7

const char tide_command_demo_help[] =
        "usage: tidemark demo [CONFIG]\n\n"
        "Replays examples/bikes, or the config that is named, into the folder tidemark-demo: the\n"
        "results, the alerts and a page for a browser. Files only: nothing is connected to.\n\n"
        "  tidemark demo\n";

/* The demo is a replay of the example and nothing else: no data and no rules of its own. */
int
tide_command_demo(int argc, char **argv)
{
	static char config[] = "examples/bikes/bikes.yaml", results[] = "tidemark-demo/results.jsonl",
	            alerts[] = "tidemark-demo/alerts.jsonl", to_results[] = "--results",
	            report[] = "tidemark-demo/report.html", to_alerts[] = "--alerts",
	            to_report[] = "--report";
	static const struct tide_command_option none[] = {{0}};
	const char *named = NULL;
	char *arguments[DEMO_ARGUMENTS] = {config, to_results, results, to_alerts,
	                                   alerts, to_report, report};

	if (argc > 0 && !tide_command_options(argc, argv, none, &named, tide_command_demo_help))
		return TIDE_ERROR_USAGE;
	if (named)
		arguments[0] = argv[0];
	mkdir("tidemark-demo", 0755);
	int code = tide_command_replay(DEMO_ARGUMENTS, arguments);
	if (code == 0)
		printf("\nresults: %s\nalerts:  %s\nreport:  %s\nconfig:  %s\n"
		       "next:    tidemark replay %s --alerts -\n",
		       results, alerts, report, arguments[0], arguments[0]);
	return code;
}
