#ifndef TIDE_APP_WORKER_H
#define TIDE_APP_WORKER_H
#include "alerts/alert.h"
#include "app/config.h"
#include "consumer/sink.h"
#include "consumer/source.h"
#include "detectors/reference.h"
/*
 * The spine: take, decode, merge, join, window, detect, weigh, encode, commit.
 *
 *  (1) Every command that processes records calls tide_worker_run; they differ in the
 *      source and the sink at its ends. The answer depends on neither.
 *  (2) Heads of all queues are merged by (time, role, partition, offset); a queue known to
 *      have more is waited for, a drained one is not (SPEC 1.3).
 *  (3) Bad records are counted and given to the sink as dead letters; nothing stops for them,
 *      except when the first 1,000 records of an input are all bad: TIDE_ERROR_DATA (SPEC 3.8).
 */
struct tide_worker_setup {
	const struct tide_config *config;
	struct tide_source *source;
	struct tide_sink *sink;
	struct tide_columns *columns;
	const struct tide_reference *reference; /* or NULL */
	/** Called for each alert as it is found; may be NULL. */
	void (*on_alert)(void *closure, const struct tide_alert *alert, const char *json);
	void *closure;
	uint64_t seed;
};

struct tide_worker_summary {
	uint64_t read[2];
	uint64_t outcomes[2][TIDE_OUTCOMES];
	uint64_t results, alerts;
	size_t memory_peak_bytes;
};

int tide_worker_run(const struct tide_worker_setup *setup, struct tide_worker_summary *summary,
                    struct tide_error *error) TIDE_MUSTCHECK;

/** Builds the reference of a config from its records (SPEC 5.1); *reference is NULL where the
 *  config names none. */
int tide_worker_reference(const struct tide_config *config, struct tide_columns *columns,
                          struct tide_reference **reference,
                          struct tide_error *error) TIDE_MUSTCHECK;
#endif
