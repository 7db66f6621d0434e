#ifndef TESTS_CALIBRATION_RANDOM_H
#define TESTS_CALIBRATION_RANDOM_H
#include <stddef.h>
#include <stdint.h>
/*
 * Draws of a seeded generator: the same on every machine of one libm.
 *
 *  (1) xoshiro256** (Blackman, Vigna 2018), seeded by splitmix64.
 *  (2) Every law is exact: normal by the polar method, gamma by Marsaglia and Tsang 2000, binomial
 *      by halving with beta order statistics (Devroye 1986, X.4.4) down to the sum of waits.
 */
struct random {
	uint64_t state[4];
	double spare; /* a normal that was not asked for, or NaN */
};

void random_start(struct random *random, uint64_t seed);
double random_unit(struct random *random); /* inside (0, 1) */
double random_normal(struct random *random);
double random_gamma(struct random *random, double shape); /* shape >= 1 */
uint64_t random_binomial(struct random *random, uint64_t n, double p);
/** Adds n draws of the shares, which sum to 1, to the counts. */
void random_multinomial(struct random *random, uint64_t n, const double *shares, size_t count,
                        uint64_t *counts);
#endif
