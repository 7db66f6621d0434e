#ifndef TESTS_CALIBRATION_CALIBRATION_H
#define TESTS_CALIBRATION_CALIBRATION_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
/*
 * How often the tests of drift reject, counted over seeded repetitions (docs/calibration.md).
 *
 *  (1) Each part prints Markdown and returns how many of its numbers are outside their bounds.
 *  (2) A bound holds when the count is within four standard errors of it.
 */
struct calibration_size {
	uint64_t counts, values, values_large; /* repetitions a row; large: m > 10,000 */
	uint64_t power, deployments;
	uint64_t values_m_max;
};

/** Whether `count` of `runs` may come from a rate in [low, high]. */
bool calibration_within(uint64_t count, uint64_t runs, double low, double high);

size_t calibration_null(const struct calibration_size *size);
size_t calibration_power(const struct calibration_size *size);
size_t calibration_worlds(const struct calibration_size *size);
#endif
