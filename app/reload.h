#ifndef TIDE_APP_RELOAD_H
#define TIDE_APP_RELOAD_H
#include "app/worker.h"
/*
 * A config that takes the place of another while a worker runs (SPEC 8.8).
 *
 *  (1) Rules, alerting, detectors, fairness and memory may change: whatever a state can be gone on
 *      with. What state_hash covers may not, nor may the places: topics, their formats, and kafka.
 *  (2) Whatever is refused changes nothing.
 */

/** Reads the file of the config again. On success *next is *now with *config and the columns and
 *  the reference of it; all three are the caller's. Errors: CONFIG, and those of tide_config_load
 *  and tide_command_prepare. */
int tide_reload(const struct tide_worker_setup *now, struct tide_worker_setup *next,
                struct tide_config **config, struct tide_error *error) TIDE_MUSTCHECK;
#endif
