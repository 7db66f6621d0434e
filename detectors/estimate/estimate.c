#include "detectors/estimate/estimate.h"

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

static bool
rows_open(struct rows *rows, const struct tide_subject *subject, struct tide_finding *finding)
{
	const struct tide_evidence *evidence = subject->evidence;
	const struct tide_estimate_fold *fold = evidence->cell ? evidence->cell->estimate : NULL;

	rows->calibration = subject->calibration;
	rows->curve = fold && fold->shape.binary ? tide_score_curve(&fold->scores, &fold->shape, 0,
	                                                            evidence->scratch)
	                                         : NULL;
	if (!rows->curve || rows->curve->rows == 0) {
		finding_fails(finding, TIDE_NO_DATA, "no prediction has a score");
		return false;
	}
	if (isnan(rows->curve->positives)) {
		finding_fails(finding, TIDE_UNDEFINED,
		              "a weight is outside 2^-40 to 2^40 among more rows than exact_rows");
		return false;
	}
	return true;
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

/* slack: what the value may be off by besides. */
static void
rows_finding(const struct rows *rows, struct tide_finding *finding, double value, double variance,
             double slack)
{
	double half = FINDING_Z95 * sqrt(fmax(variance, 0)) + slack;

	finding_value(finding, value, (double)rows->curve->rows);
	if (finding->status != TIDE_OK)
		return;
	finding->reason = "estimated without labels: concept drift is not seen";
	if (isfinite(half)) {
		finding->lower = fmax(value - half, 0);
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

void
tide_estimate_ratio(const struct tide_subject *subject, struct tide_finding *finding,
                    const struct tide_estimate_form *over, const struct tide_estimate_form *under,
                    const char *reason)
{
	struct spread spread;
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
	spread_start(&spread, &rows);
	for (size_t i = 0; i < rows.curve->count; i++)
		spread_add(&spread, &rows.curve->points[i], slopes);
	rows_finding(&rows, finding, value, spread_end(&spread), 0);
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

void
tide_estimate_area(const struct tide_subject *subject, struct tide_finding *finding)
{
	struct tide_calibration_walk walk;
	struct spread spread;
	struct rows rows;

	if (!rows_open(&rows, subject, finding))
		return;
	struct area area = rows_area(&rows);
	double pairs = area.positives * area.negatives, value = area.wins / pairs;
	if (!(pairs > 0)) {
		finding_fails(finding, TIDE_UNDEFINED, "no row of one of the classes is expected");
		return;
	}
	double above = 0, below = area.negatives;
	double shift = value * (1 / area.positives - 1 / area.negatives);
	spread_start(&spread, &rows);
	tide_calibration_start(&walk, rows.calibration);
	for (size_t i = 0; i < rows.curve->count; i++) {
		const struct tide_score_point *point = &rows.curve->points[i];
		double all = point->positives + point->negatives;
		double positives = all * tide_calibration_share(&walk, point->score);
		below -= (all - positives) / 2;
		above += positives / 2;
		double slope = (below - above) / pairs - shift;
		spread_add(&spread, point, (struct slopes){slope, slope});
		below -= (all - positives) / 2;
		above += positives / 2;
	}
	rows_finding(&rows, finding, value, spread_end(&spread),
	             rows.curve->exact ? 0 : area.ties / (2 * pairs));
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
