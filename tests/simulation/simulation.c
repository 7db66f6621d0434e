#include "tests/simulation/oracle.h"
#include "tests/simulation/process.h"
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SEEDS_DEFAULT 1000
#define JOBS_MAX      64
#define ENDS_MAX      2000 /* of processes in one live run; a good one has some tens */

struct simulation {
	struct world world;
	struct tide_config *config;
	char why[LEDGER_WHY_MAX];
	bool covered[CLASSES], verbose;
	int faults_wanted, workers_wanted; /* -1: as the seed says */
	enum broker_break broken;
	struct ledger wanted;
	struct process processes[BROKER_WORKERS][2]; /* the second one is a twin */
	int workers;                                 /* so many there are to be */
	int ends;                                    /* of processes */
	int64_t start_ms[BROKER_WORKERS];            /* not before */
};

static bool
fail(struct simulation *simulation, const char *what, const char *why)
{
	snprintf(simulation->why, sizeof simulation->why, "%.64s: %.900s", what, why);
	return false;
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
	struct process *process = &simulation->processes[0][0];
	struct broker broker;

	broker_init(&broker, &simulation->world, seed, 0, simulation->covered);
	int failed = process_run_bounded(process, &broker, simulation->config);
	simulation->wanted = broker.visible;
	broker.visible = (struct ledger){0};
	broker_fini(&broker);
	if (failed)
		return fail(simulation, "bounded run", process->error.text);
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

static bool
idle_check(struct simulation *simulation, struct ledger *seen)
{
	char why[LEDGER_WHY_MAX];

	return oracle_idle_agrees(&simulation->world, seen, why) ||
	       fail(simulation, "idle partition", why);
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
		    has_duplicate_behind(&simulation->world.queues[i], broker_told(broker, i));
	if (firing > resolved)
		simulation->covered[CLASS_ALERT_ACROSS_RESTART] = true;
}

static bool
is_running(const struct simulation *simulation, int worker)
{
	return simulation->processes[worker][0].is_running ||
	       simulation->processes[worker][1].is_running;
}

/* There are more workers from now on, or fewer, or all are killed. */
static void
workers_change(struct simulation *simulation, struct broker *broker)
{
	if (broker->workers > 1 && broker_fault(broker, 400, CLASS_WORKERS_CHANGE))
		simulation->workers = 1 + (int)broker_below(broker, broker->workers);
	bool die = broker_fault(broker, 1000, CLASS_WORKERS_DIE);
	for (int i = 0; i < 2 * BROKER_WORKERS; i++) {
		struct process *process = &simulation->processes[i / 2][i % 2];
		process->stop |= i / 2 >= simulation->workers;
		process->is_dead |= die;
	}
}

/* A process of each worker, and now and then one more of the same name. */
static void
processes_start(struct simulation *simulation, struct broker *broker)
{
	int count = 0;

	workers_change(simulation, broker);
	for (int i = 0; i < simulation->workers; i++) {
		struct process *first = simulation->processes[i], *twin = first + 1;
		if (!is_running(simulation, i) && simulation->start_ms[i] <= broker->now_ms)
			process_start(first, broker, simulation->config, i);
		else if (first->is_running && !twin->is_running &&
			 broker_fault(broker, 1000, CLASS_TWIN))
			process_start(twin, broker, simulation->config, i);
		count += is_running(simulation, i);
	}
	for (int i = 2; i <= count; i++)
		broker->covered[CLASS_WORKERS_2 + i - 2] = true;
}

/* The next one to run; NULL: all sleep, and until when. */
static struct process *
process_choose(struct simulation *simulation, struct broker *broker, int64_t *wake_ms)
{
	struct process *ready[2 * BROKER_WORKERS];
	size_t count = 0;

	for (int i = 0; i < 2 * BROKER_WORKERS; i++) {
		struct process *process = &simulation->processes[i / 2][i % 2];
		if (process->is_running && process->wake_ms <= broker->now_ms)
			ready[count++] = process;
		else if (process->is_running && process->wake_ms < *wake_ms)
			*wake_ms = process->wake_ms;
	}
	return count ? ready[broker_below(broker, (int64_t)count)] : NULL;
}

/* What a process may end with. */
static bool
end_is_right(const struct process *process)
{
	enum tide_error_code code = process->error.code;

	return process->is_dead || code == TIDE_ERROR_RESTART || code == TIDE_ERROR_REPLACED ||
	       code == TIDE_ERROR_UNAVAILABLE || code == TIDE_ERROR_INTERRUPTED;
}

static bool
ended(struct simulation *simulation, struct broker *broker, const struct process *process)
{
	int64_t *start_ms = &simulation->start_ms[process->worker];

	if (!end_is_right(process))
		return fail(simulation, "worker", process->error.text);
	if (broker->went_back)
		return fail(simulation, "worker", "a committed position went back");
	if (++simulation->ends > ENDS_MAX)
		return fail(simulation, "worker", "it starts again and again");
	*start_ms = broker->now_ms;
	if (broker_chance(broker, 2))
		*start_ms += broker_below(broker, 2 * broker->session_ms);
	broker_read(broker);
	restart_cover(simulation, broker);
	idle_cover(simulation, broker);
	return visible_check(simulation, broker, false);
}

/* Every partition is of somebody, and nobody has anything to say. */
static bool
is_over(const struct simulation *simulation, const struct broker *broker)
{
	if (broker->is_rebalancing)
		return false;
	for (int i = 0; i < 2 * BROKER_WORKERS; i++) {
		const struct process *process = &simulation->processes[i / 2][i % 2];
		if (process->is_running && !process_is_at_rest(process))
			return false;
	}
	for (int i = 0; i < BROKER_QUEUES; i++)
		if (broker_queue_exists(broker, i) &&
		    (broker->owner[i] < 0 || !is_running(simulation, broker->owner[i])))
			return false;
	return true;
}

static void
processes_end(struct simulation *simulation, struct broker *broker, bool kill)
{
	broker->faults = 0;
	for (int i = 0; i < 2 * BROKER_WORKERS; i++) {
		struct process *process = &simulation->processes[i / 2][i % 2];
		process->is_dead |= kill;
		process->stop = 1;
		while (process->is_running)
			process_turn(process);
	}
}

static bool
live_run(struct simulation *simulation, uint64_t seed)
{
	struct broker broker;
	bool good = true;

	broker_init(&broker, &simulation->world, seed, (int)(seed % 13), simulation->covered);
	broker.broken = simulation->broken;
	if (simulation->faults_wanted >= 0)
		broker.faults = simulation->faults_wanted;
	if (simulation->workers_wanted > 0 && broker.partitions[TIDE_LETTER_PARTIAL])
		broker.workers = simulation->workers_wanted;
	simulation->workers = broker.workers;
	simulation->ends = 0;
	memset(simulation->start_ms, 0, sizeof simulation->start_ms);
	while (good && !is_over(simulation, &broker)) {
		processes_start(simulation, &broker);
		int64_t wake_ms = broker.now_ms + 100;
		struct process *process = process_choose(simulation, &broker, &wake_ms);
		if (!process)
			broker_tick(&broker, wake_ms - broker.now_ms);
		else if (process_turn(process))
			good = ended(simulation, &broker, process);
	}
	processes_end(simulation, &broker, !good);
	broker_read(&broker);
	good = good && visible_check(simulation, &broker, true);
	if (good && simulation->world.idle)
		good = idle_check(simulation, &broker.visible);
	else if (good) /* where all are idle the last windows wait */
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
	if (good)
		good = bounded_run(simulation, seed) && live_run(simulation, seed);
	if (simulation->verbose)
		for (size_t i = 0; i < simulation->wanted.count; i++)
			puts(simulation->wanted.letters[i].body);
	world_config_remove(path);
	ledger_clear(&simulation->wanted);
	tide_config_free(simulation->config);
	simulation->config = NULL;
	world_free(&simulation->world);
	return good;
}

struct options {
	uint64_t first, count;
	double minutes;
	int jobs;
	bool one, keep_going;
};

static const char usage[] =
    "usage: simulation_run [--seed S] [--seeds N] [--minutes M] [--jobs J] [--break PROMISE]\n"
    "                      [--workers W] [--faults F] [--keep-going] [--print]\n"
    "Worlds of the seeds 1 to N, or of S alone, in J processes. --break breaks a promise on\n"
    "purpose: the run should fail. --workers, --faults: so many, whatever the seed says.\n"
    "--print: the letters of the bounded run.\n";

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
		} else if (strcmp(word, "--faults") == 0) {
			simulation->faults_wanted = (int)strtol(value, NULL, 10);
		} else if (strcmp(word, "--workers") == 0) {
			simulation->workers_wanted = (int)strtol(value, NULL, 10);
		} else if (strcmp(word, "--minutes") == 0) {
			options->minutes = strtod(value, NULL);
		} else if (strcmp(word, "--jobs") == 0) {
			options->jobs = (int)strtol(value, NULL, 10);
		} else if (strcmp(word, "--break") != 0 || !break_find(value, &simulation->broken)) {
			return false;
		}
	}
	return true;
}

/* What the jobs found, in memory that they share. */
struct tally {
	uint64_t seeds, bad;
	bool covered[CLASSES];
};

/* Every seed whose turn it is: one in `jobs`. */
static void
seeds_run(struct simulation *simulation, const struct options *options, int job,
	  const char *program, struct tally *tally)
{
	time_t began = time(NULL);

	for (uint64_t i = (uint64_t)job; i < options->count; i += (uint64_t)options->jobs) {
		uint64_t seed = options->first + i;
		if (difftime(time(NULL), began) >= 60 * options->minutes)
			break;
		tally->seeds++;
		if (seed_run(simulation, seed))
			continue;
		printf("seed %llu: %s\nagain: %s --seed %llu\n", (unsigned long long)seed,
		       simulation->why, program, (unsigned long long)seed);
		tally->bad++;
		if (!options->keep_going)
			break;
	}
	memcpy(tally->covered, simulation->covered, sizeof tally->covered);
}

/* A process a job. False: one did not come to its end. */
static bool
jobs_run(struct simulation *simulation, const struct options *options, const char *program,
	 struct tally *tallies)
{
	pid_t pids[JOBS_MAX];
	bool good = true;
	int status;

	for (int i = 0; i < options->jobs; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			seeds_run(simulation, options, i, program, &tallies[i]);
			fflush(stdout);
			_exit(0);
		}
	}
	for (int i = 0; i < options->jobs; i++)
		good &= pids[i] > 0 && waitpid(pids[i], &status, 0) == pids[i] && status == 0;
	return good;
}

int
main(int argc, char **argv)
{
	static struct simulation simulation = {.faults_wanted = -1};
	struct options options = {.first = 1, .count = SEEDS_DEFAULT, .minutes = 1e9, .jobs = 1};
	struct tally *tallies, all = {0};

	if (!options_read(argc, argv, &options, &simulation) || options.jobs < 1 ||
	    options.jobs > JOBS_MAX) {
		fputs(usage, stderr);
		return TIDE_ERROR_USAGE;
	}
	mallopt(M_MMAP_THRESHOLD, 1 << 20); /* large rooms come zeroed: workers open often */
	tallies = mmap(NULL, JOBS_MAX * sizeof *tallies, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	TIDE_ASSERT(tallies != MAP_FAILED);
	bool good = true;
	if (options.jobs == 1)
		seeds_run(&simulation, &options, 0, argv[0], &tallies[0]);
	else
		good = jobs_run(&simulation, &options, argv[0], tallies);
	for (int i = 0; i < options.jobs; i++) {
		all.seeds += tallies[i].seeds;
		all.bad += tallies[i].bad;
		for (int j = 0; j < CLASSES; j++)
			all.covered[j] |= tallies[i].covered[j];
	}
	good &= options.one || classes_say(all.covered);
	printf("%llu seeds, %llu failed\n", (unsigned long long)all.seeds,
	       (unsigned long long)all.bad);
	return all.bad > 0 || !good;
}
