#ifndef TIDE_APP_WORKER_REFERENCE_H
#define TIDE_APP_WORKER_REFERENCE_H
#include "app/config.h"
#include "detectors/reference.h"
/*
 * The records of a reference, once more, through windows of any size.
 *
 *  (1) Each record is a prediction and, where it has a target, its label of the same time. None is
 *      late: all windows are held, then closed in order, so the order of the records says nothing.
 *  (2) At most memory_bytes of the config are held; more is TIDE_ERROR_MEMORY.
 *  (3) Cost: one reading of the file; `judge` sees each cell's prediction side and label side.
 */

/** False: out of memory, and the fold ends. */
typedef bool tide_worker_reference_judge_fn(void *closure, const struct tide_evidence *evidence);

/** `reference` gives the bins; the config has reference_records. */
int tide_worker_reference_fold(const struct tide_config *config, struct tide_columns *columns,
                               const struct tide_reference *reference,
                               const struct tide_window_options *window,
                               tide_worker_reference_judge_fn *judge, void *closure,
                               struct tide_error *error) TIDE_MUSTCHECK;
#endif
