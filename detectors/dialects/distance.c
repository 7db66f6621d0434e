#include "detectors/dialects/distance.h"

static double
entropy(double share, double mean)
{
	return share > 0 ? share * log(share / mean) : 0;
}

double
tide_distance_jensen_shannon(struct tide_table *table)
{
	double c, r, sum = 0;

	while (tide_table_next(table, &c, &r)) {
		double p = c / table->n, q = r / table->m, mean = (p + q) / 2;
		sum += entropy(p, mean) + entropy(q, mean);
	}
	return fmax(0, sum / 2);
}

double
tide_distance_hellinger(struct tide_table *table)
{
	double c, r, sum = 0;

	while (tide_table_next(table, &c, &r)) {
		double root = sqrt(c / table->n) - sqrt(r / table->m);
		sum += root * root;
	}
	return sqrt(sum / 2);
}
