#include "detectors/performance/reliability.h"
#include "detectors/performance/curve.h"
#include <float.h>

#define STEPS_MAX 100
#define STEP_LEAST 1e-12
#define ROUNDING 1e-10 /* of a likelihood: near its maximum it does not tell steps apart */

void
tide_reliability_bins(const struct tide_score_curve *curve,
                      struct tide_reliability_bin bins[TIDE_RELIABILITY_BINS])
{
	for (size_t i = 0; i < TIDE_RELIABILITY_BINS; i++)
		bins[i] = (struct tide_reliability_bin){0};
	for (size_t i = 0, bin = TIDE_RELIABILITY_BINS - 1; i < curve->count; i++) {
		const struct tide_score_point *point = &curve->points[i];
		double n = point->positives + point->negatives;
		while (bin > 0 && point->score <= (double)bin / TIDE_RELIABILITY_BINS)
			bin--;
		bins[bin].score += n * point->score;
		bins[bin].share += point->positives;
		bins[bin].n += n;
	}
	for (size_t i = 0; i < TIDE_RELIABILITY_BINS; i++) {
		bins[i].score /= bins[i].n;
		bins[i].share /= bins[i].n;
	}
}

const struct tide_score_curve *
tide_reliability_curve(const struct tide_subject *subject, struct tide_finding *finding)
{
	const struct tide_evidence *evidence = subject->evidence;

	if (!finding_scores(subject, finding))
		return NULL;
	const struct tide_score_curve *curve =
		tide_score_curve(&evidence->labels->score, &evidence->label_shape->score,
	                         subject->class, evidence->scratch);
	if (curve_unfit(curve, finding))
		return NULL;
	if (curve->rows > 0)
		return curve;
	finding_fails(finding, TIDE_NO_DATA, "no labelled row has a score");
	return NULL;
}

/* ln odds = intercept + slope logit(score): the log likelihood, its gradient and information. */
struct likelihood {
	double value, by_intercept, by_slope;
	double information[3]; /* intercept, both, slope */
};

static struct likelihood
likelihood_at(const struct tide_score_curve *curve, double intercept, double slope)
{
	struct likelihood at = {0};

	for (size_t i = 0; i < curve->count; i++) {
		const struct tide_score_point *point = &curve->points[i];
		double score = fmin(fmax(point->score, DBL_EPSILON), 1 - DBL_EPSILON);
		double x = log(score / (1 - score)), z = intercept + slope * x;
		double n = point->positives + point->negatives;
		double small = exp(-fabs(z)), far = 1 / (1 + small);
		double share = z > 0 ? far : small * far; /* 1 / (1 + exp(-z)) */
		double spread = n * small * far * far;
		double error = point->positives - n * share;
		at.value -= n * log1p(small) +
		            (z > 0 ? point->negatives * z : -point->positives * z);
		at.by_intercept += error;
		at.by_slope += error * x;
		at.information[0] += spread;
		at.information[1] += spread * x;
		at.information[2] += spread * x * x;
	}
	return at;
}

/* Newton's step, halved until the likelihood does not fall: it is concave. */
static bool
fit_make(const struct tide_score_curve *curve, bool with_slope, double fitted[2],
         struct likelihood *at)
{
	fitted[0] = 0;
	fitted[1] = 1;
	*at = likelihood_at(curve, fitted[0], fitted[1]);
	for (size_t steps = 0; steps < STEPS_MAX; steps++) {
		const double *i = at->information;
		double all = i[0] * i[2] - i[1] * i[1];
		double step[2] = {at->by_intercept / i[0], 0};
		if (with_slope) {
			step[0] = (i[2] * at->by_intercept - i[1] * at->by_slope) / all;
			step[1] = (i[0] * at->by_slope - i[1] * at->by_intercept) / all;
		}
		double size = fmax(fabs(step[0]), fabs(step[1])), part = 1;
		if (!isfinite(size))
			return false;
		struct likelihood next;
		for (;; part /= 2) {
			next = likelihood_at(curve, fitted[0] + part * step[0],
			                     fitted[1] + part * step[1]);
			if (next.value >= at->value - ROUNDING * fabs(at->value) ||
			    part * size <= STEP_LEAST)
				break;
		}
		fitted[0] += part * step[0];
		fitted[1] += part * step[1];
		*at = next;
		if (part * size <= STEP_LEAST * (1 + fabs(fitted[0]) + fabs(fitted[1])))
			return true;
	}
	return false;
}

/* Sum w^2 / sum w: what a variance of weights is larger than one of rows. */
static double
weight_factor(const struct tide_score_curve *curve)
{
	double squares = curve->positives / curve->positive_rows * curve->positives +
	                 curve->negatives / curve->negative_rows * curve->negatives;

	return squares / (curve->positives + curve->negatives);
}

static bool
has_both(const struct tide_score_curve *curve)
{
	return curve->positives > 0 && curve->negatives > 0;
}

/* Every score of one class is at most every score of the other. */
static bool
is_parted(const struct tide_score_curve *curve)
{
	size_t first[2] = {curve->count, curve->count}, last[2] = {0, 0};

	for (size_t i = 0; i < curve->count; i++) {
		const double sides[2] = {curve->points[i].positives, curve->points[i].negatives};
		for (size_t side = 0; side < 2; side++) {
			if (sides[side] <= 0)
				continue;
			last[side] = i;
			first[side] = i < first[side] ? i : first[side];
		}
	}
	return last[0] <= first[1] || last[1] <= first[0];
}

bool
tide_reliability_intercept(const struct tide_score_curve *curve, struct tide_reliability_fit *fit)
{
	struct likelihood at;
	double fitted[2];

	if (!has_both(curve) || !fit_make(curve, false, fitted, &at))
		return false;
	fit->value = fitted[0];
	fit->variance = weight_factor(curve) / at.information[0];
	return true;
}

bool
tide_reliability_slope(const struct tide_score_curve *curve, struct tide_reliability_fit *fit)
{
	struct likelihood at;
	double fitted[2];

	if (!has_both(curve) || is_parted(curve) || !fit_make(curve, true, fitted, &at))
		return false;
	const double *i = at.information;
	fit->value = fitted[1];
	fit->variance = weight_factor(curve) * i[0] / (i[0] * i[2] - i[1] * i[1]);
	return true;
}

void
tide_reliability_finding(struct tide_finding *finding, const struct tide_score_curve *curve,
                         const struct tide_reliability_fit *fit)
{
	double half = FINDING_Z95 * sqrt(fit->variance);

	finding_value(finding, fit->value, (double)curve->rows);
	if (finding->status != TIDE_OK || !isfinite(half))
		return;
	finding->lower = fit->value - half;
	finding->upper = fit->value + half;
}
