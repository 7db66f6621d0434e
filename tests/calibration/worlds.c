#include "tests/calibration/calibration.h"

size_t
calibration_worlds(const struct calibration_size *size)
{
	return size->deployments == 0;
}
