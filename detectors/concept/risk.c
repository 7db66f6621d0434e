#include "detectors/concept/risk.h"
#include "base/rate.h"
#include "detectors/finding.h"
#include "detectors/reference.h"
#include <math.h>
/*
 *  (1) Errors / rows; regression: mean of |error|, no loss above the largest one of the
 *      reference. Rows have no weight here. No labelled row: NO_DATA.
 *  (2) In a final pane that is followed (SPEC 2.5): all of it since the evidence began, with its
 *      interval and its p, 1 / the largest e-value since then (risk.h).
 */

#define SEASON_MS  (INT64_C(24) * 3600 * 1000)
#define THETAS     8
#define PEAK_LOG   27.725887222397812 /* ln 2^40 */
#define BOUND_LOG  3.6888794541139363 /* ln 40: 2.5 % on either side */
#define LIMIT_LOG  4.605170185988092  /* ln 100 */
#define BISECTIONS 60

/* ln of the e-value of a sum of n losses against a mean loss of at most `level`. */
static double
e_log(double n, double losses, double level)
{
	/* e^theta - 1 for theta = 1/64, 1/32 .. 2 */
	static const double gains[THETAS] = {
	        0x1.0202ad5778e46p-6, 0x1.040ac0224fd93p-5, 0x1.082b577d34ed8p-4, 0x1.10b022db7ae68p-3,
	        0x1.22d78f0fa061ap-2, 0x1.4c2531c3c0d38p-1, 0x1.b7e151628aed2p+0, 0x1.98e64b8d4ddaep+2};
	double logs[THETAS], most = -INFINITY, sum = 0;

	for (int i = 0; i < THETAS; i++) {
		double theta = ldexp(1, i - 6);
		logs[i] = losses * theta - n * log1p(level * gains[i]);
		most = fmax(most, logs[i]);
	}
	for (int i = 0; i < THETAS; i++)
		sum += exp(logs[i] - most);
	return most + log(sum / THETAS);
}

/* The least mean loss that n losses of this sum do not speak against. */
static double
lower_limit(double n, double losses)
{
	double low = 0, high = losses / n;

	for (int i = 0; i < BISECTIONS; i++) {
		double middle = (low + high) / 2;
		if (e_log(n, losses, middle) > BOUND_LOG)
			low = middle;
		else
			high = middle;
	}
	return low;
}

/* n times the relative entropy of Bernoulli(a) to Bernoulli(b). */
static double
entropy(double n, double a, double b)
{
	double hits = a > 0 ? a * log(a / b) : 0;
	double misses = a < 1 ? (1 - a) * log((1 - a) / (1 - b)) : 0;

	return n * (hits + misses);
}

/* Hoeffding's upper limit of a mean of losses in [0, 1]. */
static double
upper_limit(double mean, double n)
{
	double low = mean, high = 1;

	for (int i = 0; i < BISECTIONS; i++) {
		double middle = (low + high) / 2;
		if (entropy(n, mean, middle) < LIMIT_LOG)
			low = middle;
		else
			high = middle;
	}
	return high;
}

double
tide_risk_level(double mean, double n, bool shares)
{
	double upper = shares ? tide_rate_clopper_pearson(mean * n, n, .02).high
	                      : upper_limit(mean, n);

	return fmin(upper + fmax(.2 * mean, 2 * sqrt(mean * (1 - mean) / n)), 1);
}

static int64_t
season_of(int64_t time_ms, int64_t season_ms)
{
	return time_ms / season_ms - (time_ms % season_ms < 0);
}

static void
season_end(struct tide_risk *risk, double level)
{
	bool calm = risk->season_losses <= level * risk->season_rows;

	if (risk->season_rows == 0)
		return;
	risk->rows += risk->season_rows;
	risk->losses += risk->season_losses;
	double log = e_log(risk->rows, risk->losses, level);
	risk->peak_log = fmax(risk->peak_log, fmin(log, PEAK_LOG));
	if (log < 0 || (risk->peak_log >= PEAK_LOG && calm))
		risk->rows = risk->losses = risk->peak_log = 0;
	risk->season_rows = risk->season_losses = 0;
}

static void
risk_estimate(const struct tide_risk *risk, struct tide_risk_estimate *estimate)
{
	double rows = risk->rows + risk->season_rows, losses = risk->losses + risk->season_losses;

	*estimate = (struct tide_risk_estimate){
	        .rows = rows,
	        .mean = losses / rows,
	        .lower = lower_limit(rows, losses),
	        .upper = 1 - lower_limit(rows, rows - losses),
	};
}

bool
tide_risk_take(struct tide_risk *risk, const struct tide_risk_window *window, double level,
               struct tide_risk_estimate *estimate)
{
	int64_t size_ms = window->end_ms - window->start_ms;
	int64_t season_ms = size_ms > SEASON_MS ? size_ms : SEASON_MS;
	int64_t season = season_of(window->start_ms, season_ms);

	if (risk->has_begun && window->start_ms <= risk->start_ms)
		return false;
	if (risk->has_begun && season != risk->season)
		season_end(risk, level);
	risk->has_begun = true;
	risk->start_ms = window->start_ms;
	risk->season = season;
	risk->season_rows += window->rows;
	risk->season_losses += window->losses;
	risk_estimate(risk, estimate);
	if (season_of(window->end_ms, season_ms) != season)
		season_end(risk, level);
	estimate->e_log = risk->peak_log;
	return true;
}

double
tide_risk_error_cap(const struct tide_reference *reference)
{
	const struct tide_detector *detector = tide_detector_find("max_error");
	const struct tide_cell_key *key = NULL;
	double cap = 0, n;

	while (reference && (key = tide_reference_next(reference, key)))
		cap = fmax(cap, tide_reference_value(reference, key, detector,
		                                     (struct tide_text){0}, &n));
	return cap;
}

/* The rows of the pane and their losses, whatever they weigh. */
static struct tide_risk_window
window_of(const struct tide_evidence *evidence)
{
	const struct tide_label_fold *labels = evidence->labels;
	struct tide_risk_window window = {evidence->start_ms, evidence->end_ms, 0, 0};
	uint64_t right = 0;

	if (!labels)
		return window;
	if (evidence->problem == TIDE_PROBLEM_REGRESSION) {
		window.rows = (double) labels->error.count;
		window.losses = tide_sum_round(&labels->error.losses);
		return window;
	}
	for (size_t class = 0; class < 256; class++)
		right += tide_labelled_confusion(labels, class, class);
	right += labels->confusion.tp + labels->confusion.tn;
	window.rows = (double) tide_labelled_rows(labels);
	window.losses = (double) (tide_labelled_rows(labels) - right);
	return window;
}

static void
judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	struct tide_risk_window window = window_of(subject->evidence);

	if (window.rows > 0)
		finding_value(finding, window.losses / window.rows, window.rows);
	else
		finding_fails(finding, TIDE_NO_DATA, "no labelled row");
}

static bool
follow(void *state, const struct tide_evidence *evidence, struct tide_finding *finding)
{
	bool numbers = evidence->problem == TIDE_PROBLEM_REGRESSION;
	double cap = numbers ? evidence->label_shape->error_cap : 1;
	struct tide_risk_window window = window_of(evidence);
	struct tide_risk_estimate estimate;

	if (finding->status != TIDE_OK || !(finding->reference >= 0) ||
	    !(finding->reference_n > 0) || !(cap > 0))
		return false;
	window.losses /= cap;
	double mean = fmin(finding->reference / cap, 1);
	double level = tide_risk_level(mean, finding->reference_n, !numbers);
	if (!tide_risk_take(state, &window, level, &estimate))
		return false;
	finding->value = estimate.mean * cap;
	finding->lower = estimate.lower * cap;
	finding->upper = estimate.upper * cap;
	finding->n = estimate.rows;
	finding->p_value = exp(-estimate.e_log);
	finding->log10_p = -estimate.e_log / log(10);
	return true;
}

static void
save(const void *state, struct tide_buffer *out)
{
	const struct tide_risk *risk = state;

	tide_bytes_put_double(out, risk->rows);
	tide_bytes_put_double(out, risk->losses);
	tide_bytes_put_double(out, risk->season_rows);
	tide_bytes_put_double(out, risk->season_losses);
	tide_bytes_put_double(out, risk->peak_log);
	tide_bytes_put_signed(out, risk->season);
	tide_bytes_put_signed(out, risk->start_ms);
	tide_bytes_put_number(out, risk->has_begun);
}

static bool
is_sum(double rows, double losses)
{
	return isfinite(rows) && losses >= 0 && losses <= rows * (1 + 1e-9);
}

static bool
load(void *state, struct tide_reader *in)
{
	struct tide_risk *risk = state;

	risk->rows = tide_bytes_double(in);
	risk->losses = tide_bytes_double(in);
	risk->season_rows = tide_bytes_double(in);
	risk->season_losses = tide_bytes_double(in);
	risk->peak_log = tide_bytes_double(in);
	risk->season = tide_bytes_signed(in);
	risk->start_ms = tide_bytes_signed(in);
	risk->has_begun = tide_bytes_number(in);
	return !in->bad && is_sum(risk->rows, risk->losses) &&
	       is_sum(risk->season_rows, risk->season_losses) && risk->peak_log >= 0 &&
	       risk->peak_log <= PEAK_LOG;
}

static const struct tide_follower follower = {sizeof(struct tide_risk), follow, save, load};

const struct tide_detector tide_detector_risk = {
	.name = "risk",
	.aliases = "",
	.title = "Risk above the reference's",
	.unit = "loss",
	.formula = "sum of losses / n, by the e-process of whole days",
	.source = "Shin, Ramdas and Rinaldo 2024",
	.dialect = "",
	.family = TIDE_CONCEPT,
	.better = TIDE_BETTER_LOWER,
	.side = TIDE_SIDE_LABEL,
	.needs = TIDE_FOR_CLASSES | TIDE_FOR_REGRESSION | TIDE_HAS_INTERVAL | TIDE_HAS_TEST,
	.judge = judge,
	.follower = &follower,
};
