#include "tests/simulation/oracle.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SEEDS_DEFAULT 250

struct simulation {
	struct world world;
	struct tide_config *config;
	char why[LEDGER_WHY_MAX];
	bool covered[CLASSES], verbose;
	enum broker_break broken;
	struct ledger wanted;
};

static const char *const class_names[CLASSES] = {
    [CLASS_CRASH_BEFORE_PRODUCE] = "crash before produce",
    [CLASS_CRASH_BEFORE_COMMIT] = "crash after produce, before commit",
    [CLASS_CRASH_AFTER_COMMIT] = "crash after commit, before its answer",
    [CLASS_CRASH_IN_TAKE] = "crash while reading",
    [CLASS_CRASH_IN_GIVE] = "crash while judging",
    [CLASS_CRASH_IN_REWIND] = "crash during a rewind",
    [CLASS_CRASH_IN_REBALANCE] = "crash during a rebalance",
    [CLASS_ABORTED] = "transaction aborted",
    [CLASS_RETRIED] = "commit to be tried again",
    [CLASS_UNKNOWN_OUTCOME] = "commit of unknown outcome",
    [CLASS_REVOKED] = "partitions revoked",
    [CLASS_REVOKED_IN_REWIND] = "partitions revoked during a rewind",
    [CLASS_LOST] = "partitions lost",
    [CLASS_DEAD_ACROSS_RESTART] = "dead letter across a restart",
    [CLASS_ALERT_ACROSS_RESTART] = "open alert across a restart",
    [CLASS_DUPLICATE_ACROSS_RESTART] = "duplicate across a restart",
    [CLASS_DUPLICATE] = "duplicate",
    [CLASS_LATE] = "late",
    [CLASS_FUTURE] = "future",
    [CLASS_POISON] = "poison",
    [CLASS_UNMATCHED] = "unmatched label",
    [CLASS_CONFLICT] = "conflict",
    [CLASS_CORRECTION] = "correction",
    [CLASS_EARLY_LABEL] = "early label",
    [CLASS_WAITING_LABEL] = "waiting label",
    [CLASS_EARLY_PANE] = "early pane",
    [CLASS_REVISED_PANE] = "revised pane",
    [CLASS_IDLE_RELEASE] = "idle release",
    [CLASS_FIRING] = "alert fires",
    [CLASS_RESOLVED] = "alert resolves",
    [CLASS_NO_LABELS] = "predictions only",
    [CLASS_NO_PREDICTIONS] = "labels only",
};

static const char *const break_names[BREAKS] = {
    [BREAK_NOTHING] = "nothing",
    [BREAK_POSITIONS_FIRST] = "positions-first",
    [BREAK_LETTERS_FIRST] = "letters-first",
    [BREAK_FRONTIER] = "frontier",
    [BREAK_INPUT] = "input",
    [BREAK_WHOLE_START] = "whole-start",
    [BREAK_WATERMARK] = "watermark",
    [BREAK_READ_OFFSET] = "read-offset",
    [BREAK_LOW_WATER] = "low-water",
    [BREAK_NO_REWIND] = "no-rewind",
    [BREAK_DROP] = "drop",
};

static bool
fail(struct simulation *simulation, const char *what, const char *why)
{
	snprintf(simulation->why, sizeof simulation->why, "%.64s: %.900s", what, why);
	return false;
}

static struct tide_worker_setup
setup_of(struct simulation *simulation, struct broker *broker, bool live)
{
	return (struct tide_worker_setup){.config = simulation->config,
					  .sink = &broker->sink,
					  .columns = tide_mapping_columns_new(),
					  .closure = broker,
					  .seed = world_random(&broker->state),
					  .version = "0",
					  .from_ms = INT64_MIN,
					  .until_ms = INT64_MAX,
					  .live = live,
					  .stop = &broker->stop,
					  .commit_interval_ms = broker->commit_interval_ms,
					  .now_ms = broker_now_ms,
					  .state_open = live ? broker_state_open : NULL,
					  .revoke = live ? &broker->revoke : NULL};
}

/* One process: as tidemark run, it reads again by itself after an aborted transaction. */
static int
process_run(struct simulation *simulation, struct broker *broker, bool live,
	    struct tide_error *error)
{
	struct tide_worker_setup setup = setup_of(simulation, broker, live);
	struct tide_worker_summary summary = {0};
	int failed;

	do {
		setup.source = broker_source_open(broker, !live);
		failed = tide_worker_run(&setup, &summary, error);
		setup.source->ops->close(setup.source);
	} while (failed && error->remedy == TIDE_ABORT_TRANSACTION && !broker->stop);
	tide_mapping_columns_free(setup.columns);
	return failed;
}

static bool
oracle_check(struct simulation *simulation, const char *what, const struct ledger *letters,
	     int64_t limit_ms)
{
	char why[LEDGER_WHY_MAX] = "";

	return oracle_agrees(&simulation->world, letters, limit_ms, simulation->covered, why) ||
	       fail(simulation, what, why);
}

static bool
bounded_run(struct simulation *simulation, uint64_t seed)
{
	struct broker broker;
	struct tide_error error = {0};

	broker_init(&broker, &simulation->world, seed, 0, simulation->covered);
	int failed = process_run(simulation, &broker, false, &error);
	ledger_move(&simulation->wanted, &broker.visible);
	broker_fini(&broker);
	if (failed)
		return fail(simulation, "bounded run", error.text);
	ledger_sort(&simulation->wanted);
	for (size_t i = 0; i < simulation->wanted.count; i++) {
		const struct ledger_letter *letter = &simulation->wanted.letters[i];
		bool alert = letter->kind == TIDE_LETTER_ALERT;
		simulation->covered[CLASS_FIRING] |= alert && strstr(letter->body, "\"firing\"");
		simulation->covered[CLASS_RESOLVED] |= alert && strstr(letter->body, "\"resolved\"");
	}
	return oracle_check(simulation, "bounded run", &simulation->wanted, INT64_MAX);
}

static bool
visible_check(struct simulation *simulation, struct broker *broker, bool all)
{
	char why[LEDGER_WHY_MAX];

	const struct world *world = &simulation->world;

	if (ledger_agrees(&broker->visible, &simulation->wanted, world->limit_ms, world->exact,
			  !world->idle, all && !world->idle, why))
		return true;
	return fail(simulation, all ? "at the end" : "after a crash", why);
}

static void
idle_cover(struct simulation *simulation, const struct broker *broker)
{
	for (size_t i = 0; i < broker->visible.count; i++)
		if (strstr(broker->visible.letters[i].body, "\"complete\":false"))
			simulation->covered[CLASS_IDLE_RELEASE] = true;
}

/* A record that stands in its queue a second time, the first before the restart. */
static bool
has_duplicate_behind(const struct world_queue *queue, int64_t told)
{
	int64_t end = told + 30 < (int64_t)queue->count ? told + 30 : (int64_t)queue->count;

	for (int64_t i = told; i < end; i++)
		for (int64_t j = told - 1; j >= 0 && j > told - 30; j--)
			if (queue->records[i].id == queue->records[j].id &&
			    queue->records[i].model == queue->records[j].model)
				return true;
	return false;
}

/* What was seen before the restart, and has its other half behind it. */
static void
restart_cover(struct simulation *simulation, const struct broker *broker)
{
	size_t firing = 0, resolved = 0;

	for (size_t i = 0; i < broker->visible.count; i++) {
		const struct ledger_letter *letter = &broker->visible.letters[i];
		int partition;
		long long offset;
		char topic;
		firing += letter->kind == TIDE_LETTER_ALERT && strstr(letter->body, "\"firing\"");
		resolved += letter->kind == TIDE_LETTER_ALERT && strstr(letter->body, "\"resolved\"");
		if (letter->kind != TIDE_LETTER_DEAD ||
		    sscanf(letter->name, "%c %d %lld", &topic, &partition, &offset) != 3)
			continue;
		int queue = (topic == 'l') * simulation->world.partitions + partition;
		if (offset >= broker->committed[queue].offset)
			simulation->covered[CLASS_DEAD_ACROSS_RESTART] = true;
	}
	for (int i = 0; i < simulation->world.queues_count; i++)
		simulation->covered[CLASS_DUPLICATE_ACROSS_RESTART] |=
		    has_duplicate_behind(&simulation->world.queues[i], broker->told[i]);
	if (firing > resolved)
		simulation->covered[CLASS_ALERT_ACROSS_RESTART] = true;
}

static bool
live_run(struct simulation *simulation, uint64_t seed)
{
	struct broker broker;
	struct tide_error error;
	bool good = true, done = false;

	broker_init(&broker, &simulation->world, seed, (int)(seed % 13), simulation->covered);
	broker.broken = simulation->broken;
	while (good && !done) {
		error = (struct tide_error){0};
		process_run(simulation, &broker, true, &error);
		done = error.code == TIDE_ERROR_INTERRUPTED;
		if (!done && !broker.crashed && error.code != TIDE_ERROR_UNAVAILABLE) {
			good = fail(simulation, "worker", error.text);
			break;
		}
		restart_cover(simulation, &broker);
		idle_cover(simulation, &broker);
		broker_crash(&broker);
		good = visible_check(simulation, &broker, done);
	}
	if (good && !simulation->world.idle) /* where all are idle the last windows wait */
		good = oracle_check(simulation, "live run", &broker.visible,
				    simulation->world.limit_ms);
	broker_fini(&broker);
	return good;
}

static bool
seed_run(struct simulation *simulation, uint64_t seed)
{
	char path[] = "/tmp/simulation-XXXXXX";
	struct tide_error error = {0};
	int file = mkstemp(path);

	TIDE_ASSERT(file >= 0);
	close(file);
	world_make(&simulation->world, seed);
	world_config(&simulation->world, path);
	bool good = !tide_config_load(path, &simulation->config, &error) ||
		    fail(simulation, "config", error.text);
	unlink(path);
	if (good)
		good = bounded_run(simulation, seed) && live_run(simulation, seed);
	if (simulation->verbose)
		for (size_t i = 0; i < simulation->wanted.count; i++)
			puts(simulation->wanted.letters[i].body);
	ledger_clear(&simulation->wanted);
	tide_config_free(simulation->config);
	simulation->config = NULL;
	world_free(&simulation->world);
	return good;
}

struct options {
	uint64_t first, count;
	double minutes;
	bool one, print, keep_going;
};

static const char usage[] =
    "usage: simulation_run [--seed S] [--seeds N] [--minutes M] [--break PROMISE] "
    "[--keep-going] [--print]\n"
    "Worlds of the seeds 1 to N, or of S alone. --break breaks a promise on purpose:\n"
    "the run should fail. --print: the letters of the bounded run.\n";

static bool
break_read(const char *name, enum broker_break *broken)
{
	for (*broken = BREAK_NOTHING; *broken < BREAKS; ++*broken)
		if (strcmp(name, break_names[*broken]) == 0)
			return true;
	return false;
}

static bool
options_read(int argc, char **argv, struct options *options, struct simulation *simulation)
{
	for (int i = 1; i < argc; i++) {
		const char *word = argv[i], *value = i + 1 < argc ? argv[i + 1] : NULL;
		if (strcmp(word, "--print") == 0) {
			simulation->verbose = true;
			continue;
		}
		if (strcmp(word, "--keep-going") == 0) {
			options->keep_going = true;
			continue;
		}
		if (!value)
			return false;
		i++;
		if (strcmp(word, "--seed") == 0) {
			options->first = strtoull(value, NULL, 10);
			options->count = 1;
			options->one = true;
		} else if (strcmp(word, "--seeds") == 0) {
			options->count = strtoull(value, NULL, 10);
		} else if (strcmp(word, "--minutes") == 0) {
			options->minutes = strtod(value, NULL);
		} else if (strcmp(word, "--break") != 0 || !break_read(value, &simulation->broken)) {
			return false;
		}
	}
	return true;
}

/* What no seed brought about is not known to work. */
static bool
classes_say(const struct simulation *simulation)
{
	bool all = true;

	for (int i = 0; i < CLASSES; i++) {
		printf("%-4s%s\n", simulation->covered[i] ? "" : "NOT", class_names[i]);
		all &= simulation->covered[i];
	}
	return all;
}

int
main(int argc, char **argv)
{
	static struct simulation simulation;
	struct options options = {.first = 1, .count = SEEDS_DEFAULT, .minutes = 1e9};
	time_t began = time(NULL);
	uint64_t seed, bad = 0;

	if (!options_read(argc, argv, &options, &simulation)) {
		fputs(usage, stderr);
		return TIDE_ERROR_USAGE;
	}
	for (seed = options.first; seed < options.first + options.count &&
				   difftime(time(NULL), began) < 60 * options.minutes; seed++) {
		if (seed_run(&simulation, seed))
			continue;
		printf("seed %llu: %s\nagain: %s --seed %llu\n", (unsigned long long)seed,
		       simulation.why, argv[0], (unsigned long long)seed);
		bad++;
		if (!options.keep_going)
			return 1;
	}
	bool all = options.one || classes_say(&simulation);
	printf("%llu seeds, %llu failed\n", (unsigned long long)(seed - options.first),
	       (unsigned long long)bad);
	return bad > 0 || !all;
}
