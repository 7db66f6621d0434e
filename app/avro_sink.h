#ifndef TIDE_APP_AVRO_SINK_H
#define TIDE_APP_AVRO_SINK_H
#include "app/config.h"
#include "consumer/sink.h"
/*
 * A sink before a sink: results and alerts become Avro where `outputs.X.format` says so (SPEC 4.6).
 *
 *  (1) Keys, headers, positions, dead letters and errors pass unchanged; `given` and `unplaced` are
 *      those of the sink behind.
 *  (2) It owns the sink behind and closes it with itself.
 */

/** Puts itself before *sink; *sink stays as it is where every output is JSON, and on failure.
 *  Errors: TIDE_ERROR_MEMORY. */
int tide_avro_sink_wrap(struct tide_sink **sink, const struct tide_config *config,
                        struct tide_error *error) TIDE_MUSTCHECK;
/** The sink behind, or the sink itself where none is before it. */
struct tide_sink *tide_avro_sink_behind(struct tide_sink *sink);
#endif
