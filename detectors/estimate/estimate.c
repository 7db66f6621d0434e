#include "detectors/estimate/estimate.h"
#include "detectors/performance/curve.h"

#define OUTSIDE_MAX .05

/* The rows of a cell, best score first, and the calibration beside them. */
struct rows {
	const struct tide_score_curve *curve;
	const struct tide_calibration *calibration;
};

/* How a measure answers to one more positive outcome: among rows that were said to be positive, and
 * among the others. */
struct slopes {
	double of_positives, of_negatives;
};

/* Variance to first order. The shares of the two blocks that a row can be between are added up. */
struct spread {
	struct tide_calibration_walk walk;
	double positive_weight, negative_weight; /* sum w^2 / sum w of either side */
	double outcomes, here, above;
	double blocks;
	size_t at;
};

/* All predictions, by what was said; on the label side the labelled ones, by what came. */
static const struct tide_score_curve *
rows_curve(const struct tide_evidence *evidence)
{
	const struct tide_estimate_fold *fold = evidence->cell ? evidence->cell->estimate : NULL;

	if (evidence->side == TIDE_SIDE_LABEL && evidence->labels)
		return tide_score_curve(&evidence->labels->score, &evidence->label_shape->score, 0,
		                        evidence->scratch);
	return fold && fold->shape.binary
	               ? tide_score_curve(&fold->scores, &fold->shape, 0, evidence->scratch)
	               : NULL;
}

static bool
rows_open(struct rows *rows, const struct tide_subject *subject, struct tide_finding *finding)
{
	rows->calibration = subject->calibration;
	rows->curve = rows_curve(subject->evidence);
	if (rows->curve && rows->curve->rows > 0)
		return !curve_unfit(rows->curve, finding);
	finding_fails(finding, TIDE_NO_DATA, "no prediction has a score");
	return false;
}

static double
weight_mean(double sum, double effective)
{
	return sum > 0 ? sum / effective : 0;
}

static void
spread_start(struct spread *spread, const struct rows *rows)
{
	const struct tide_score_curve *curve = rows->curve;

	*spread = (struct spread){
		.positive_weight = weight_mean(curve->positives, curve->positive_rows),
		.negative_weight = weight_mean(curve->negatives, curve->negative_rows)};
	tide_calibration_start(&spread->walk, rows->calibration);
	spread->at = spread->walk.at;
}

/* The block above has all its rows: it is the next one's turn. */
static void
spread_block(struct spread *spread)
{
	const struct tide_calibration *calibration = spread->walk.calibration;

	if (spread->at + 1 < calibration->count)
		spread->blocks += spread->above * spread->above *
		                  tide_calibration_variance(calibration->blocks + spread->at + 1);
	spread->above = spread->here;
	spread->here = 0;
}

static void
spread_add(struct spread *spread, const struct tide_score_point *point, struct slopes slopes)
{
	double share = tide_calibration_share(&spread->walk, point->score);
	double pull = point->positives * slopes.of_positives +
	              point->negatives * slopes.of_negatives;

	for (; spread->at > spread->walk.at; spread->at--)
		spread_block(spread);
	spread->outcomes += share * (1 - share) *
	                    (point->positives * spread->positive_weight * slopes.of_positives *
	                             slopes.of_positives +
	                     point->negatives * spread->negative_weight * slopes.of_negatives *
	                             slopes.of_negatives);
	spread->here += (1 - spread->walk.next) * pull;
	spread->above += spread->walk.next * pull;
}

static double
spread_end(struct spread *spread)
{
	const struct tide_calibration *calibration = spread->walk.calibration;

	spread_block(spread);
	return spread->outcomes + spread->blocks +
	       spread->above * spread->above *
	               tide_calibration_variance(calibration->blocks + spread->at);
}

static bool
is_outside(const struct rows *rows)
{
	const struct tide_score_curve *curve = rows->curve;
	const struct tide_calibration *calibration = rows->calibration;
	double low = calibration->blocks[0].low;
	double high = calibration->blocks[calibration->count - 1].high, outside = 0;

	for (size_t i = 0; i < curve->count; i++)
		if (curve->points[i].score < low || curve->points[i].score > high)
			outside += curve->points[i].positives + curve->points[i].negatives;
	return outside > OUTSIDE_MAX * (curve->positives + curve->negatives);
}

/* What is expected of the rows. */
struct expected {
	double value, variance, slack; /* slack: what it may be off by besides */
};

/* The value, which is at least `least` and at most 1, with the interval of what is expected. */
static void
rows_finding(const struct rows *rows, struct tide_finding *finding, double value, double least,
             const struct expected *expected)
{
	double half = FINDING_Z95 * sqrt(fmax(expected->variance, 0)) + expected->slack;

	finding_value(finding, value, (double)rows->curve->rows);
	if (finding->status != TIDE_OK)
		return;
	if (finding->detector->side == TIDE_SIDE_PREDICTION)
		finding->reason = "estimated without labels: concept drift is not seen";
	if (isfinite(half)) {
		finding->lower = fmax(value - half, least);
		finding->upper = fmin(value + half, 1);
	}
	if (!is_outside(rows))
		return;
	finding->status = TIDE_UNRELIABLE;
	finding->reason = "more than 5 % of the scores are outside those of the reference";
}

static struct tide_estimate_form
rows_expected(const struct rows *rows)
{
	struct tide_estimate_form sums = {.positives = rows->curve->positives,
	                                  .negatives = rows->curve->negatives};
	struct tide_calibration_walk walk;

	tide_calibration_start(&walk, rows->calibration);
	for (size_t i = 0; i < rows->curve->count; i++) {
		const struct tide_score_point *point = &rows->curve->points[i];
		double share = tide_calibration_share(&walk, point->score);
		sums.tp += point->positives * share;
		sums.fn += point->negatives * share;
	}
	return sums;
}

static double
form_value(const struct tide_estimate_form *form, const struct tide_estimate_form *sums)
{
	return form->positives * sums->positives + form->negatives * sums->negatives +
	       form->tp * sums->tp + form->fn * sums->fn;
}

static double
slopes_variance(const struct rows *rows, struct slopes slopes)
{
	struct spread spread;

	spread_start(&spread, rows);
	for (size_t i = 0; i < rows->curve->count; i++)
		spread_add(&spread, &rows->curve->points[i], slopes);
	return spread_end(&spread);
}

void
tide_estimate_ratio(const struct tide_subject *subject, struct tide_finding *finding,
                    const struct tide_estimate_form *over, const struct tide_estimate_form *under,
                    const char *reason)
{
	struct rows rows;

	if (!rows_open(&rows, subject, finding))
		return;
	struct tide_estimate_form sums = rows_expected(&rows);
	double below = form_value(under, &sums), value = form_value(over, &sums) / below;
	if (!(below > 0)) {
		finding_fails(finding, TIDE_UNDEFINED, reason);
		return;
	}
	struct slopes slopes = {(over->tp - value * under->tp) / below,
	                        (over->fn - value * under->fn) / below};
	struct expected expected = {.variance = slopes_variance(&rows, slopes)};
	rows_finding(&rows, finding, value, 0, &expected);
}

void
tide_estimate_error_prevalence(const struct tide_subject *subject, struct tide_finding *finding)
{
	struct rows rows;

	if (!rows_open(&rows, subject, finding))
		return;
	struct tide_estimate_form sums = rows_expected(&rows);
	double n = sums.positives + sums.negatives;
	struct expected expected = {
		.variance = slopes_variance(&rows, (struct slopes){1 / n, 1 / n})};
	rows_finding(&rows, finding, (sums.positives - sums.tp - sums.fn) / n, -1, &expected);
}

/* Expected positives and negatives, and the expected pairs of them that the score orders. */
struct area {
	double positives, negatives, wins, ties;
};

static struct area
rows_area(const struct rows *rows)
{
	struct area area = {0};
	struct tide_calibration_walk walk;

	tide_calibration_start(&walk, rows->calibration);
	for (size_t i = 0; i < rows->curve->count; i++) {
		const struct tide_score_point *point = &rows->curve->points[i];
		double all = point->positives + point->negatives;
		double positives = all * tide_calibration_share(&walk, point->score);
		double negatives = all - positives;
		area.wins += negatives * (area.positives + positives / 2);
		area.ties += positives * negatives;
		area.positives += positives;
		area.negatives += negatives;
	}
	return area;
}

static double
area_variance(const struct rows *rows, const struct area *area, double value)
{
	double pairs = area->positives * area->negatives, above = 0, below = area->negatives;
	double shift = value * (1 / area->positives - 1 / area->negatives);
	struct tide_calibration_walk walk;
	struct spread spread;

	spread_start(&spread, rows);
	tide_calibration_start(&walk, rows->calibration);
	for (size_t i = 0; i < rows->curve->count; i++) {
		const struct tide_score_point *point = &rows->curve->points[i];
		double all = point->positives + point->negatives;
		double positives = all * tide_calibration_share(&walk, point->score);
		below -= (all - positives) / 2;
		above += positives / 2;
		double slope = (below - above) / pairs - shift;
		spread_add(&spread, point, (struct slopes){slope, slope});
		below -= (all - positives) / 2;
		above += positives / 2;
	}
	return spread_end(&spread);
}

/* False (and the finding says so) where there is none. */
static bool
area_expected(const struct rows *rows, struct tide_finding *finding, struct expected *expected)
{
	struct area area = rows_area(rows);
	double pairs = area.positives * area.negatives;

	if (!(pairs > 0)) {
		finding_fails(finding, TIDE_UNDEFINED, "no row of one of the classes is expected");
		return false;
	}
	expected->value = area.wins / pairs;
	expected->variance = area_variance(rows, &area, expected->value);
	expected->slack = rows->curve->exact ? 0 : area.ties / (2 * pairs);
	return true;
}

void
tide_estimate_area(const struct tide_subject *subject, struct tide_finding *finding)
{
	struct expected expected;
	struct rows rows;

	if (rows_open(&rows, subject, finding) && area_expected(&rows, finding, &expected))
		rows_finding(&rows, finding, expected.value, 0, &expected);
}

void
tide_estimate_error_area(const struct tide_subject *subject, struct tide_finding *finding)
{
	struct expected expected;
	struct rows rows;

	if (!rows_open(&rows, subject, finding) || !area_expected(&rows, finding, &expected))
		return;
	if (rows.curve->positives <= 0 || rows.curve->negatives <= 0) {
		finding_fails(finding, TIDE_UNDEFINED, "needs rows of the class and of another");
		return;
	}
	struct curve_area came = curve_roc(rows.curve);
	expected.slack += came.slack;
	rows_finding(&rows, finding, came.value - expected.value, -1, &expected);
}

void
tide_estimate_mean(const struct tide_subject *subject, struct tide_finding *finding,
                   enum tide_sureness sureness)
{
	const struct tide_cell *cell = subject->evidence->cell;
	const struct tide_estimate_fold *fold = cell ? cell->estimate : NULL;

	if (!fold) {
		finding_fails(finding, TIDE_NO_DATA, "no prediction has a score");
		return;
	}
	double n = (double)fold->count, sum = tide_sum_round(&fold->sums[sureness]);
	double squares = tide_sum_round(&fold->squares[sureness]);
	finding_value(finding, sum / n, n);
	finding_mean_interval(finding, fmax(squares - sum / n * sum, 0) / (n - 1));
}
