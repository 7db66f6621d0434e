#include "tests/calibration/calibration.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct calibration_size sizes[] = {
        /* --short: every row of counts, values up to m = 1,000 */
        {.counts = 2500, .values = 250, .values_m_max = 1000, .power = 400, .deployments = 60},
        /* --long */
        {.counts = 200000,
         .values = 20000,
         .values_large = 5000,
         .values_m_max = 50000,
         .power = 20000,
         .deployments = 1000}};

bool
calibration_within(uint64_t count, uint64_t runs, double low, double high)
{
	double n = (double) runs, k = (double) count;
	double below = low * n - 4 * sqrt(low * n), above = high * n + 4 * sqrt(high * n);

	return k >= below && k <= above;
}

int
main(int argc, char **argv)
{
	bool is_long = argc == 2 && strcmp(argv[1], "--long") == 0;

	if (argc != 2 || (!is_long && strcmp(argv[1], "--short") != 0)) {
		fprintf(stderr, "usage: %s --short | --long\n", argv[0]);
		return 64;
	}
	size_t bad = calibration_null(&sizes[is_long]) + calibration_power(&sizes[is_long]) +
	             calibration_worlds(&sizes[is_long]);
	if (bad)
		fprintf(stderr, "calibration: %zu numbers are outside their bounds (marked !)\n",
		        bad);
	return bad ? 1 : 0;
}
