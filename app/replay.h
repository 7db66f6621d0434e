#ifndef TIDE_APP_REPLAY_H
#define TIDE_APP_REPLAY_H
#include "app/worker.h"
/*
 * The two ends of a replay: what it reads, and where its records go (docs/replay.md).
 *
 *  (1) Input: files named on the command line or by the config, else topics over a range, without a
 *      group: nothing of a live worker is touched.
 *  (2) Output: files, or topics that are not those of the config, in transactions of an identity of
 *      the run's own. Records in topics carry `tidemark-run-id` and `tidemark-run-sequence`, the
 *      number of the record in the run.
 *  (3) A run that was cut off is given again from its start and continued: files are compared (see
 *      consumer/file_sink.h), in topics what has the run's id is not sent again.
 */
struct tide_replay {
	const char *config, *predictions, *labels, *from, *range, *throttle;
	const char *results, *alerts, *dead_letters, *report;
	const char *results_topic, *alerts_topic, *dead_letters_topic, *run_id;
	bool to_live_topics, resume;
	char run_id_made[17]; /* run_id points here unless one was named */
};

/** Sets setup's source and range; the caller closes the source. */
int tide_replay_input_open(const struct tide_config *config, const struct tide_replay *replay,
                           struct tide_worker_setup *setup, struct tide_error *error);
/** Sets setup->sink, which the caller closes. TIDE_ERROR_CONFIG: a topic is an input or an output
 *  of the config. */
int tide_replay_output_open(const struct tide_config *config, struct tide_replay *replay,
                            struct tide_worker_setup *setup, struct tide_error *error);
/** Everything has been given: did an earlier run leave more than this? */
int tide_replay_output_end(const struct tide_replay *replay, struct tide_sink *sink,
                           struct tide_error *error);
#endif
