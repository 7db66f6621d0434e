#ifndef TIDE_REPORT_METRICS_H
#define TIDE_REPORT_METRICS_H
#include "report/counters.h"
/*
 * The counters of a worker as Prometheus reads them: text exposition format 0.0.4.
 *
 *  (1) Names begin with tidemark_, units are seconds and bytes, counters end in _total. The set of
 *      series is fixed: no label comes from the data; topics are those of the config.
 *  (2) A watermark that has no value yet has no sample, nor has a snapshot's age where none are
 *      made. Lag is now_ms less the watermark; it is negative when the data is ahead of the clock.
 */
void tide_metrics_print(struct tide_buffer *buffer, const struct tide_counters *counters,
                        const char *name, const char *version, int64_t now_ms);
#endif
