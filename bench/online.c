/* bench_online DETECTOR [PASSES]: reads numbers, one a line, and prints the indices (from 0) of the
 * drifts, those of the values that begin a warning, and the nanoseconds of CPU a value of the
 * fastest of PASSES passes, a line each. */
#include "detectors/concept/online.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define VALUES_MAX (1 << 22)

static double state[TIDE_ONLINE_BYTES / sizeof(double)];
static double values[VALUES_MAX];
static unsigned char verdicts[VALUES_MAX];
static size_t count;

static double
seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double) now.tv_sec + 1e-9 * (double) now.tv_nsec;
}

static double
pass(const struct tide_online *online)
{
	double start = seconds();

	online->reset(state);
	for (size_t i = 0; i < count; i++)
		verdicts[i] = (unsigned char) online->add(state, values[i]);
	return seconds() - start;
}

/* A warning begins where there was none, or a drift, before. */
static void
print(const char *title, unsigned char verdict)
{
	printf("%s", title);
	for (size_t i = 0; i < count; i++)
		if (verdicts[i] == verdict &&
		    (verdict == TIDE_ONLINE_DRIFT || i == 0 || verdicts[i - 1] != verdict))
			printf(" %zu", i);
	puts("");
}

int
main(int argc, char **argv)
{
	const struct tide_online *online = argc > 1 ? tide_online_find(argv[1]) : NULL;
	long passes = argc > 2 ? strtol(argv[2], NULL, 10) : 1;
	double best = 0;

	if (!online || passes < 1) {
		fputs("usage: bench_online DETECTOR [PASSES] < VALUES\n", stderr);
		return 64;
	}
	while (count < VALUES_MAX && scanf("%lf", &values[count]) == 1)
		count++;
	if (count == 0 || !feof(stdin)) {
		fprintf(stderr, "bench_online: no number at value %zu\n", count);
		return 65;
	}
	for (long i = 0; i < passes; i++) {
		double took = pass(online);
		best = i == 0 || took < best ? took : best;
	}
	print("drifts", TIDE_ONLINE_DRIFT);
	print("warnings", TIDE_ONLINE_WARNING);
	printf("nanoseconds %.1f\n", 1e9 * best / (double) count);
	return 0;
}
