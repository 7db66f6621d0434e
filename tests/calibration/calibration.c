#include "tests/calibration/calibration.h"
#include "base/text.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

#define LONG 200000 /* repetitions */

/* Values go through the whole engine and cost a hundred times what counts do. */
static const struct calibration_size
        short_size = {.counts = 2500, .values = 250, .values_m_max = 1000, .power = 400,
                      .deployments = 60};

static struct calibration_size
size_of(uint64_t repetitions)
{
	return (struct calibration_size){.counts = repetitions,
	                                 .values = (repetitions + 9) / 10,
	                                 .values_large = (repetitions + 49) / 50,
	                                 .values_m_max = 50000,
	                                 .power = (repetitions + 9) / 10,
	                                 .deployments = (repetitions + 199) / 200};
}

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
	double repetitions = LONG;
	struct calibration_size size;

	if (argc == 2 && strcmp(argv[1], "--short") == 0)
		size = short_size;
	else if ((argc == 2 && strcmp(argv[1], "--long") == 0) ||
	         (argc == 3 && strcmp(argv[1], "--repetitions") == 0 &&
	          tide_text_read_number(tide_text_of(argv[2]), &repetitions) && repetitions >= 1))
		size = size_of((uint64_t) repetitions);
	else {
		fprintf(stderr, "usage: %s --short | --long | --repetitions N\n", argv[0]);
		return 64;
	}
	size_t bad = calibration_null(&size) + calibration_power(&size) +
	             calibration_worlds(&size);
	if (bad)
		fprintf(stderr, "calibration: %zu numbers are outside their bounds (marked !)\n",
		        bad);
	return bad ? 1 : 0;
}
