#ifndef TIDE_DETECTORS_CAUSE_H
#define TIDE_DETECTORS_CAUSE_H
#include "detectors/reference.h"
/*
 * What a finding comes from: the `contributors` of results and alerts (SPEC 7.14).
 *
 *  (1) Drift of a column whose p is below .05, or has none: bins or categories, by their share of
 *      sum (p - q) ln(p / q) on the deciles or categories of the reference, zero shares 1e-4.
 *  (2) Performance of a total that is a mean over rows, where the reference is outside of the
 *      interval: values of segments. Total - reference is the sum over the values of a segment of
 *      what the value got better or worse by itself (rate) and what comes of its share of the rows
 *      (mix), each divided by total - reference, so that one segment's shares add up to 1:
 *          rate: (w + v) / 2 (a - b)
 *          mix:  (w - v) ((a + b) / 2 - (A + B) / 2)
 *      with the share of rows w, v and the measure a, b of the value, and A, B of the total, now
 *      and in the reference. A value that is only on one side has its measure of that side on both.
 *      What moves in every value as it does not in the total (Simpson) shows as mix.
 *      Nothing is said where the values do not add up to the total: of weighted rows.
 *  (3) Fairness: the groups with the highest and the lowest rate, with the rate as share, then
 *      values that were left out, with their share of the labelled rows.
 *  (4) At most TIDE_CAUSES_MAX: (1) and (2) by |share|, ties as (3) in the order in which segments
 *      are declared and of values' bytes. Depends on nothing but the arguments.
 *  Cost: of a performance finding, two looks at every value of every segment.
 *  Source: Kitagawa 1955, with the mix measured from the mean of both totals.
 */
#define TIDE_CAUSES_MAX 5

enum tide_cause_kind {
	TIDE_CAUSE_BIN,
	TIDE_CAUSE_CATEGORY,
	TIDE_CAUSE_RATE,
	TIDE_CAUSE_MIX,
	TIDE_CAUSE_HIGHEST,
	TIDE_CAUSE_LOWEST,
	TIDE_CAUSE_LEFT_OUT
};

struct tide_cause {
	enum tide_cause_kind kind;
	struct tide_cell_key key;  /* of a segment's value */
	struct tide_text category; /* of a column */
	double low, high;          /* of a bin (low, high]; without bounds infinite */
	double share;
};

/** Returns how many. `reference` may be NULL. */
size_t tide_cause_find(const struct tide_evidence *evidence, const struct tide_reference *reference,
                       const struct tide_finding *finding,
                       struct tide_cause causes[TIDE_CAUSES_MAX]);
#endif
