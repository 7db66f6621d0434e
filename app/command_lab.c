#include "app/command.h"
#include "app/lab.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define REPEATS_MAX    1000
#define ALPHA          1e-4
#define KEEP           .8 /* of the ids, where there are several runs */

struct options {
	const char *repeat_text, *keep_text, *seed_text, *alpha_text;
	const char *injections[TIDE_LAB_WORLDS_MAX];
	size_t injection_count;
	uint64_t repeats;
	bool json;
};

const char tide_command_lab_help[] =
        "usage: tidemark lab CONFIG [--inject CHANGE]... [OPTIONS]\n\n"
        "Replays your own records, clean and with each CHANGE put into them, and says which rules\n"
        "and detectors notice it, after how long, and what alarms when nothing was changed.\n"
        "Nothing is written. CHANGE is column=GLOB,WHAT,at=WHEN:\n\n"
        "  column=GLOB   features; $prediction, $score and $target too\n"
        "  shift=0.2sd   adds 0.2 standard deviations    scale=2       multiplies\n"
        "  missing=0.1   a tenth becomes null            swap=NEW:0.1  a tenth becomes NEW\n"
        "  stuck=5       every value becomes 5           label_flip=0.1  targets; no column\n"
        "  at=60%        from that share of the time on, or from a time; 50% if left out\n\n"
        "  --repeat N    N runs, each with a part of the ids   --keep 0.8  that part\n"
        "  --seed S      of both chances; 1                    --alpha P   of detectors; 0.0001\n"
        "  --predictions F, --labels F, --from, --range        as for replay\n"
        "  --json        one object instead of tables\n\n"
        "  tidemark lab examples/bikes/bikes.yaml --inject 'column=temp,shift=1sd,at=60%'\n"
        "  tidemark lab fraud.yaml --inject label_flip=0.05,at=2026-03-01 --repeat 20\n";

static int
number_read(const char *name, const char *text, double low, double high, double *number,
            struct tide_error *error)
{
	if (!text || (tide_text_read_number(tide_text_of(text), number) && *number >= low &&
	              *number <= high))
		return 0;
	return tide_error_stop(error, TIDE_ERROR_USAGE, "%s is a number from %g to %g; this is \"%s\"",
	                       name, low, high, text);
}

static int
options_read(struct options *options, struct tide_lab *lab, struct tide_error *error)
{
	double repeats = 1, seed = 1;

	lab->alpha = ALPHA;
	if (number_read("--repeat", options->repeat_text, 1, REPEATS_MAX, &repeats, error))
		return -1;
	lab->keep = repeats > 1 ? KEEP : 1;
	if (number_read("--seed", options->seed_text, 0, 0x1p53, &seed, error) ||
	    number_read("--keep", options->keep_text, 0, 1, &lab->keep, error) ||
	    number_read("--alpha", options->alpha_text, 0, 1, &lab->alpha, error))
		return -1;
	options->repeats = (uint64_t) repeats;
	lab->seed = (uint64_t) seed;
	while (tide_detector_at(lab->detectors))
		lab->detectors++;
	return 0;
}

/* Takes the --inject words out of the arguments; returns how many others there are. */
static int
injections_take(int argc, char **argv, struct options *options)
{
	int left = 0;

	for (int i = 0; i < argc; i++)
		if (strcmp(argv[i], "--inject") == 0 && i + 1 < argc &&
		    options->injection_count < TIDE_LAB_WORLDS_MAX)
			options->injections[options->injection_count++] = argv[++i];
		else
			argv[left++] = argv[i];
	return left;
}

static int
world_open(const struct tide_lab *lab, const char *text, struct tide_lab_world *world,
           struct tide_error *error)
{
	size_t subjects = tide_lab_subjects(lab);

	world->injection.at_ms = INT64_MAX;
	if (text && tide_lab_inject_read(text, &world->injection, error))
		return -1;
	world->clean = calloc(subjects + 1, sizeof *world->clean);
	world->injected = calloc(subjects + 1, sizeof *world->injected);
	return world->clean && world->injected
	               ? 0
	               : tide_error_stop(error, TIDE_ERROR_MEMORY, "out of memory");
}

/* The clean records have been read: when does it begin? */
static void
world_begin(const struct tide_lab *lab, struct tide_lab_injection *injection)
{
	const struct tide_lab_facts *facts = &lab->facts;

	if (injection->change != TIDE_LAB_NONE && !isnan(injection->at_share))
		injection->at_ms = facts->first_ms +
		                   (int64_t) (injection->at_share *
		                              (double) (facts->last_ms - facts->first_ms));
}

/* A clean run, then one with each injection, all of the same ids. */
static int
repeat_run(struct tide_lab *lab, struct tide_lab_log logs[2], struct tide_error *error)
{
	size_t subjects = tide_lab_subjects(lab);

	if (tide_lab_run(lab, NULL, &logs[0], error))
		return -1;
	for (size_t i = 0; i < lab->world_count; i++) {
		struct tide_lab_world *world = &lab->worlds[i];
		struct tide_lab_injection *injection = &world->injection;
		for (size_t j = 0; j < subjects; j++)
			tide_lab_score_add(&world->clean[j], lab, i, j, &logs[0], NULL);
		if (injection->change == TIDE_LAB_NONE)
			continue;
		if (tide_lab_run(lab, injection, &logs[1], error))
			return -1;
		if (injection->changed == 0)
			return tide_error_stop(error, TIDE_ERROR_USAGE,
			                       "--inject \"%s\" changes nothing: no value of that "
			                       "kind in such a column, or none from then on",
			                       injection->text);
		for (size_t j = 0; j < subjects; j++)
			tide_lab_score_add(&world->injected[j], lab, i, j, &logs[1], &logs[0]);
	}
	return 0;
}

static int
worlds_run(struct tide_lab *lab, const struct options *options, struct tide_error *error)
{
	struct tide_lab_log logs[2] = {{0}, {0}};
	int failed = 0;

	lab->world_count = options->injection_count ? options->injection_count : 1;
	for (size_t i = 0; i < lab->world_count && !failed; i++)
		failed = world_open(lab, options->injections[i], &lab->worlds[i], error);
	if (!failed)
		failed = tide_lab_run(lab, NULL, NULL, error);
	if (!failed && lab->summary.read[0] + lab->summary.read[1] == 0)
		failed = tide_error_stop(error, TIDE_ERROR_NO_INPUT, "there is no record");
	for (size_t i = 0; i < lab->world_count && !failed; i++)
		world_begin(lab, &lab->worlds[i].injection);
	for (uint64_t i = 0; i < options->repeats && !failed; i++) {
		lab->repeat = lab->seed + i;
		failed = repeat_run(lab, logs, error);
	}
	if (!failed && !options->json)
		tide_lab_print(lab, options->repeats);
	if (!failed && options->json && !tide_lab_print_json(lab, options->repeats))
		failed = tide_error_stop(error, TIDE_ERROR_MEMORY, "out of memory");
	free(logs[0].marks);
	free(logs[1].marks);
	return failed;
}

static int
lab_run(struct tide_lab *lab, struct options *options, struct tide_error *error)
{
	struct tide_config *config;
	int failed = options_read(options, lab, error);

	if (failed || tide_config_load(lab->replay->config, &config, error))
		return -1;
	failed = tide_command_prepare(config, &lab->setup, error);
	if (!failed)
		failed = worlds_run(lab, options, error);
	tide_command_release(&lab->setup);
	tide_config_free(config);
	return failed;
}

static void
lab_free(struct tide_lab *lab)
{
	for (size_t i = 0; lab && lab->worlds && i < TIDE_LAB_WORLDS_MAX; i++) {
		free(lab->worlds[i].clean);
		free(lab->worlds[i].injected);
	}
	if (lab)
		free(lab->worlds);
	free(lab);
}

int
tide_command_lab(int argc, char **argv)
{
	struct tide_replay replay = {0};
	struct options options = {0};
	const struct tide_command_option words[] = {{"--repeat", &options.repeat_text, NULL},
	                                            {"--keep", &options.keep_text, NULL},
	                                            {"--seed", &options.seed_text, NULL},
	                                            {"--alpha", &options.alpha_text, NULL},
	                                            {"--predictions", &replay.predictions, NULL},
	                                            {"--labels", &replay.labels, NULL},
	                                            {"--from", &replay.from, NULL},
	                                            {"--range", &replay.range, NULL},
	                                            {"--json", NULL, &options.json},
	                                            {0}};
	struct tide_error error = {0};

	argc = injections_take(argc, argv, &options);
	if (!tide_command_options(argc, argv, words, &replay.config, tide_command_lab_help))
		return TIDE_ERROR_USAGE;
	struct tide_lab *lab = calloc(1, sizeof *lab);
	if (lab) {
		lab->replay = &replay;
		lab->worlds = calloc(TIDE_LAB_WORLDS_MAX, sizeof *lab->worlds);
	}
	int failed = lab && lab->worlds
	                     ? lab_run(lab, &options, &error)
	                     : tide_error_stop(&error, TIDE_ERROR_MEMORY, "out of memory");
	lab_free(lab);
	return failed ? tide_command_failure(&error) : 0;
}
