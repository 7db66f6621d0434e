#ifndef TIDE_SIMULATION_WORLD_H
#define TIDE_SIMULATION_WORLD_H
#include "base/error.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
/*
 * A small world, made of one seed: what the config says, and the records of every partition with
 * what is true of them.
 *
 *  (1) Queue q is role q / partitions, partition q % partitions; its records stand in the order of
 *      their offsets. Predictions and labels of one id stand in partitions of the same number.
 *  (2) The last three records of every queue close what stands before: windows that start before
 *      limit_ms say everything that they have to say before a live worker has read the last one.
 *  (3) `idle`: one queue falls silent for good. All is there to be read from the beginning, but
 *      for what closes the other queues: these are never idle while there is more to come.
 *  (4) `exact`: no pane depends on how queues interleave (SPEC 1.4); else only the last word on a
 *      window is the same in every run.
 */
#define WORLD_PARTITIONS_MAX 4
#define WORLD_QUEUES_MAX     (2 * WORLD_PARTITIONS_MAX)
#define WORLD_TEXT_MAX       320
#define WORLD_RULES_MAX      4
#define WORLD_PATH_MAX       64

/** splitmix64 (Steele, Lea, Flood 2014). */
uint64_t world_random(uint64_t *state);
/** Uniform in [0, below). */
int64_t world_below(uint64_t *state, int64_t below);
/** True once in `in`. */
bool world_chance(uint64_t *state, int64_t in);

enum world_kind { WORLD_GOOD, WORLD_POISON, WORLD_FUTURE };

struct world_record {
	enum world_kind kind;
	int64_t time_ms, record_ms;
	int64_t id;
	int model, version, segment; /* model of a label: -1 none */
	double value;                /* prediction or target */
	double x;                    /* the column; NaN: null */
	bool closing;
	size_t length;
	char text[WORLD_TEXT_MAX]; /* zeros behind */
};

struct world_queue {
	int role, partition;
	struct world_record *records;
	size_t count, room;
};

struct world_rule {
	char metric[32];
	double threshold;
	bool above, columns, segments;
	int for_m, for_n, resolve_after, min_n;
	double clear; /* NaN: none */
};

struct world {
	uint64_t seed, state;
	int partitions, models, versions, segments, queues_count;
	bool regression, scores, has_predictions, has_labels, label_models, shared_ids;
	bool exact, idle, last_policy;
	bool followed; /* there is a reference, and risk is followed (SPEC 2.5) */
	bool absent, eligible; /* no label counts as 0; only predictions below 1 can have one */
	int64_t start_ms, size_ms, lateness_ms, out_of_orderness_ms, horizon_ms, label_lateness_ms;
	int64_t early_ms[2], early_ttl_ms, skew_ms, idle_timeout_ms, limit_ms, close_ms, end_ms;
	int early_count, rule_count, windows;
	int64_t disorder_ms[2];
	struct world_rule rules[WORLD_RULES_MAX];
	struct world_queue queues[WORLD_QUEUES_MAX];
};

void world_make(struct world *world, uint64_t seed);
void world_free(struct world *world);
/** Writes the config that the world is measured by, and its reference beside it. */
void world_config(const struct world *world, const char *path);
/** Removes them. */
void world_config_remove(const char *path);
/** Start of the window that holds a time. */
int64_t world_window(const struct world *world, int64_t time_ms);
#endif
