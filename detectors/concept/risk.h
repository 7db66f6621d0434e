#ifndef TIDE_DETECTORS_CONCEPT_RISK_H
#define TIDE_DETECTORS_CONCEPT_RISK_H
#include "base/bytes.h"
#include "windowing/evidence.h"
/*
 * Has the risk, the mean loss, of a model risen above a level? An e-process that is looked at when
 * a season is over (SPEC 7.10).
 *
 *  (1) Losses are in [0, 1]. Where the mean of those of a season is at most `level`, whatever the
 *      hours of the season have, E exp(s theta - n ln(1 + level (e^theta - 1))) <= 1 for their sum
 *      s, number n and theta > 0: the e-value is the mean of these for eight theta from 1/64 to 2,
 *      over all seasons since the evidence began.
 *  (2) The evidence begins anew behind a season that leaves the e-value below 1; and, once it has
 *      reached 2^40, behind one whose mean loss is at most `level`. `peak_log` is the logarithm of
 *      the largest e-value since. An evidence passes 1 / alpha with probability <= alpha, and a
 *      season begins one at most: in H seasons no more than alpha H incidents are to be expected,
 *      for every alpha at once.
 *  (3) The interval of the mean loss since the evidence began holds at all times at once: it ends
 *      where the same e-value of a level is 40, on either side (95 %).
 *  (4) Pure. Windows come in their order; an old one changes nothing.
 *
 * Cost: a window some thousand exp. Source: Hoeffding 1963 (bound of the exponential moment); Shin,
 * Ramdas and Rinaldo 2024 (e-detectors); Waudby-Smith and Ramdas 2024 (confidence sequences).
 */
struct tide_risk { /* all zero: nothing was seen */
	double rows, losses;               /* since the evidence began, of whole seasons */
	double season_rows, season_losses; /* of the season that is open */
	double peak_log;
	int64_t season; /* the number of the open one */
	int64_t start_ms; /* of the newest window */
	bool has_begun;
};

struct tide_risk_window {
	int64_t start_ms, end_ms;
	double rows, losses;
};

struct tide_risk_estimate {
	double rows, mean, lower, upper; /* since the evidence began, this window included */
	double e_log;                    /* (2); 0 where there is none */
};

/** The level that risk may reach without an alarm: the upper 99 % limit of a mean loss of n rows
 *  (shares: Clopper-Pearson, else Hoeffding 1963), and max(.2 mean, 2 standard errors) on top. At
 *  most 1, where nothing ever alarms. */
double tide_risk_level(double mean, double n, bool shares);
/** False: the window is no newer than one before it. */
bool tide_risk_take(struct tide_risk *risk, const struct tide_risk_window *window, double level,
                    struct tide_risk_estimate *estimate);

struct tide_reference;
/** The largest |error| of any model of the reference, where regression is cut; 0: there is none. */
double tide_risk_error_cap(const struct tide_reference *reference);
#endif
