#include "base/rate.h"
#include "tests/calibration/calibration.h"
#include "tests/calibration/stream.h"
#include <math.h>
#include <stdio.h>

#define ALPHA 4.6e-5     /* one false alarm in 30 d, hourly windows, 30 columns (SPEC 7.7) */
#define MIN_EFFECT .01   /* SPEC 7.3 */

static const struct change {
	struct stream stream;
	uint64_t n, m;
	double least; /* the promise; 0: none */
} changes[] = {
        {{.name = ".3 sd", .scale = 1, .shift = .3}, 3000, 5000, .99},
        {{.name = ".2 sd", .scale = 1, .shift = .2}, 30000, 50000, .99},
        {{.name = ".2 sd", .scale = 1, .shift = .2}, 3000, 50000, .8},
        {{.name = ".2 sd", .scale = 1, .shift = .2}, 3000, 5000, 0},
        {{.name = ".5 sd", .scale = 1, .shift = .5}, 300, 5000, .95},
        {{.name = ".5 sd", .scale = 1, .shift = .5}, 100, 5000, 0},
        {{.name = "variance x 1.5", .scale = 1.2247448713915890}, 3000, 5000, 0},
        {{.name = "upper 1 % x 10", .scale = 1, .tail = 10}, 3000, 5000, 0},
        {{.name = "harmless: .05 sd", .scale = 1, .shift = .05}, 30000, 50000, 0},
};

static double
share_of(const struct change *change, uint64_t runs, double min_effect, double alpha)
{
	static struct stream_pair pair;
	struct random random;
	uint64_t rejected = 0;

	random_start(&random, 77 + change->n + change->m);
	pair.min_effect = min_effect;
	for (uint64_t i = 0; i < runs; i++) {
		stream_start(&change->stream, &random, change->m, &pair);
		stream_grow(&change->stream, &random, change->n, &pair);
		rejected += stream_test(&pair).p_value < alpha;
	}
	return (double) rejected / (double) runs;
}

/* Rates have a test of their own (SPEC 7.2). */
static double
rate_share(double before, double after, uint64_t n, uint64_t m, uint64_t runs, double alpha)
{
	struct random random;
	uint64_t rejected = 0;
	double log10_p;

	random_start(&random, 99);
	for (uint64_t i = 0; i < runs; i++) {
		uint64_t reference = random_binomial(&random, m, before);
		uint64_t current = random_binomial(&random, n, after);
		rejected += tide_rate_test(current, n, reference, m, &log10_p) < alpha;
	}
	return (double) rejected / (double) runs;
}

static bool
line_print(const char *name, uint64_t n, uint64_t m, double plain, double share, double least,
           uint64_t runs)
{
	bool bad = !calibration_within((uint64_t) ((1 - share) * (double) runs + .5), runs, 0,
	                               1 - least);

	printf("| %s | %llu | %llu |", name, (unsigned long long) n, (unsigned long long) m);
	printf(" %.4f | %.4f%s | ", plain, share, bad ? " !" : "");
	if (least > 0)
		printf("> %g |\n", least);
	else
		puts("|");
	return bad;
}

size_t
calibration_power(const struct calibration_size *size)
{
	size_t bad = 0;

	printf("\n## Power at p < %g\n\n"
	       "| change | n | m | plain | more than min_effect | promise |\n"
	       "|---|---:|---:|---:|---:|---:|\n", ALPHA);
	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		const struct change *c = &changes[i];
		bad += line_print(c->stream.name, c->n, c->m, share_of(c, size->power, 0, ALPHA),
		                  share_of(c, size->power, MIN_EFFECT, ALPHA), c->least,
		                  size->power);
	}
	double rate = rate_share(.001, .02, 3000, 5000, size->power, ALPHA);
	bad += line_print("missing .1 % to 2 %", 3000, 5000, rate, rate, .99, size->power);
	double vanished = rate_share(.05, 0, 3000, 5000, size->power, ALPHA);
	bad += line_print("a category of 5 % vanishes (as a rate)", 3000, 5000, vanished, vanished,
	                  .99, size->power);
	double never = rate_share(.001, .001, 3000, 5000, size->power, .05);
	printf("\nThe exact test of a rate of .1 %% that stays: p < .05 in %.4f (at most .06).\n",
	       never);
	return bad + !calibration_within((uint64_t) (never * (double) size->power), size->power, 0,
	                                 .06);
}
