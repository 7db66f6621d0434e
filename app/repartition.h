#ifndef TIDE_APP_REPARTITION_H
#define TIDE_APP_REPARTITION_H
#include "app/config.h"
#include "consumer/sink.h"
#include "consumer/source.h"
#include <signal.h>
/*
 * Records of two inputs that producers did not put together, put into two topics by their ids.
 *
 *  (1) A record goes to the partition murmur2(id) % partitions of the topic of its input, the id as
 *      it joins (schemas/event.h). Key, headers and time stay; of JSON the members stay that the
 *      mapping names (schemas/compact.h). Headers __tidemark.origin.{topic,partition,offset} say
 *      where it stood.
 *  (2) A record that a worker will refuse stays as it is, and goes to the partition of its origin's
 *      number, modulo, so that the worker's dead letter holds it.
 *  (3) Records of an input are given in the order of their event times. One waits for queues of its
 *      input that have none at their head, until these are idle or it has waited for idle_timeout.
 *  (4) Letters and the offsets behind them are committed together. ABORT_TRANSACTION: open the
 *      source again and run again, with the same sink.
 * Errors: INTERRUPTED after `stop`; CONFIG: the topics had another number of partitions before;
 * DATA: another program used the group; what source and sink say.
 */
struct tide_columns;

struct tide_repartition_setup {
	const struct tide_config *config;
	struct tide_columns *columns;
	struct tide_source *source;
	struct tide_sink *sink;
	int32_t partitions; /* of either topic that is written */
	const volatile sig_atomic_t *stop;
	int64_t commit_interval_ms;
	int64_t (*now_ms)(void *closure); /* a clock that never goes back; NULL: the system's */
	void (*heartbeat)(void *closure); /* each turn of the loop; may be NULL */
	void *closure;
	struct repartition *running; /* for revoke; NULL while nothing runs */
};

struct tide_repartition_summary {
	uint64_t given[2], refused[2], commits; /* refused: given as in (2) */
	uint64_t bytes_read, bytes_given;       /* of values */
};

/** Adds to *summary. */
int tide_repartition_run(struct tide_repartition_setup *setup,
                         struct tide_repartition_summary *summary,
                         struct tide_error *error) TIDE_MUSTCHECK;
/** For tide_kafka_options.revoke, with the setup as context: the last commit. */
void tide_repartition_revoke(void *context);
#endif
