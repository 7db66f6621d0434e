#ifndef TIDE_DETECTORS_CONCEPT_RUNNING_H
#define TIDE_DETECTORS_CONCEPT_RUNNING_H
#include "base/bytes.h"
/*
 * The running mean of what came, rounded after each value as the detectors' sources round it.
 *
 *  (1) One division a value, and none that waits for the mean before.
 *  (2) load takes any double, since none can do harm, and counts that a mean could come to.
 *
 * Source: West 1979.   Matches: River 0.26.1 stats.Mean, bit by bit.
 */
#define RUNNING_MAX (UINT64_C(1) << 52)

struct running {
	double n, mean;
};

static inline void
running_add(struct running *running, double value)
{
	running->n += 1;
	running->mean += 1 / running->n * (value - running->mean);
}

static inline void
running_save(const struct running *running, struct tide_buffer *out)
{
	tide_bytes_put_number(out, (uint64_t) running->n);
	tide_bytes_put_double(out, running->mean);
}

static inline void
running_load(struct running *running, struct tide_reader *in)
{
	uint64_t n = tide_bytes_number(in);

	in->bad |= n > RUNNING_MAX;
	running->n = in->bad ? 0 : (double) n;
	running->mean = tide_bytes_double(in);
}
#endif
