#ifndef TIDE_APP_LAB_H
#define TIDE_APP_LAB_H
#include "app/lab_inject.h"
#include "app/replay.h"
/*
 * The lab (docs/lab.md): the engine on a user's own records, clean and with changes put in.
 *
 *  (1) A run is a replay that writes nothing; records are changed between decoding and joining.
 *  (2) Subjects: the rules, in the config's order, then the detectors, in the registry's. A rule
 *      alarms when an incident begins. A detector alarms in a window when, in the cell {all
 *      versions, total} of the final pane, the p of one of its columns is below alpha, or, where it
 *      has no test but an interval, the reference's value is outside.
 *  (3) A window that ends at `at` or before counts as before it, every other as after.
 *  (4) Each injection has a bit. What is said of a column concerns the injections whose glob names
 *      it (label_flip: those of the classes); what is said of the whole cell, all.
 *  (5) A subject notices an injection in the first window in which it alarms and does not in the
 *      clean run of the same ids.
 *  (6) Same records, seed and words: same answers.
 */
struct tide_lab_mark {
	size_t subject;
	int64_t start_ms, end_ms, known_ms; /* known: event time at which the pane left */
	uint64_t judged, alarms;            /* bits of injections */
};

struct tide_lab_log {
	struct tide_lab_mark *marks; /* in the order of the run, one a subject and window */
	size_t count, room;
	bool lost; /* out of memory */
};

/* What a subject said in some runs. */
struct tide_lab_score {
	uint64_t windows[2], alarms[2]; /* before, after */
	uint64_t noticed;               /* runs; with an injection */
	double delay_windows, delay_ms; /* sums over these, from `at` to the first such alarm */
};

/* One injection, and what each subject said without and with it. */
struct tide_lab_world {
	struct tide_lab_injection injection; /* of TIDE_LAB_NONE: there is none, all is before */
	struct tide_lab_score *clean, *injected; /* one a subject */
};

#define TIDE_LAB_WORLDS_MAX 64 /* a bit each */

struct tide_lab {
	const struct tide_replay *replay;
	struct tide_worker_setup setup;
	struct tide_lab_facts facts;
	struct tide_value room[TIDE_COLUMNS_MAX];
	double alpha, keep; /* keep: share of the ids that stay */
	uint64_t seed, repeat;
	size_t detectors;
	struct tide_lab_world *worlds;
	size_t world_count;
	/* of the run: */
	struct tide_lab_injection *injection; /* NULL: clean */
	struct tide_lab_log *log;             /* NULL: facts are gathered */
	struct tide_worker_summary summary;
};

size_t tide_lab_subjects(const struct tide_lab *lab);
const char *tide_lab_subject_name(const struct tide_lab *lab, size_t subject);
bool tide_lab_subject_is_rule(const struct tide_lab *lab, size_t subject);
/** One run; with a log NULL it is clean and whole and gathers facts. */
int tide_lab_run(struct tide_lab *lab, struct tide_lab_injection *injection,
                 struct tide_lab_log *log, struct tide_error *error) TIDE_MUSTCHECK;
/** Adds what a run says of a subject and a world; `clean`: the log of the clean run that it is held
 *  against, or NULL. */
void tide_lab_score_add(struct tide_lab_score *score, const struct tide_lab *lab, size_t world,
                        size_t subject, const struct tide_lab_log *log,
                        const struct tide_lab_log *clean);
/** Tables for people; or one JSON object. False: out of memory. */
void tide_lab_print(const struct tide_lab *lab, uint64_t repeats);
bool tide_lab_print_json(const struct tide_lab *lab, uint64_t repeats);
#endif
