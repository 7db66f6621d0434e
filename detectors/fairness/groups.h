#ifndef TIDE_DETECTORS_FAIRNESS_GROUPS_H
#define TIDE_DETECTORS_FAIRNESS_GROUPS_H
#include "detectors/finding.h"
/*
 * The groups of one segment, and how far a rate lies apart between them (SPEC 7.13).
 *
 *  (1) A group is a value of the segment with at least group_min_n labelled rows and a denominator.
 *      Rows without a value, and `__other__`, are no group.
 *  (2) Fewer than two groups: UNDEFINED, or NO_DATA where there is no labelled row at all. A
 *      measure of two rates is that of the one that is less fair, UNDEFINED where one is.
 *  (3) difference: highest - lowest rate. Interval: Newcombe's hybrid score interval of the
 *      difference of these two groups, each side at .05 / (2 m), where m is the number of pairs
 *      that were looked at, so that it holds whichever pair is the widest. p: the exact mid-p test
 *      of the two rates, times m, at most 1.
 *  (4) ratio: lowest / highest rate, with the p of (3). UNDEFINED where every rate is 0.
 *  (5) n: labelled rows of the groups.
 *  (6) Source: Newcombe 1998 (method 10), Lancaster 1961, Bonferroni. Matches: fairlearn where
 *      no group is left out.
 */
struct tide_group {
	const struct tide_evidence *cell;
	uint64_t k, n;
	double rate; /* k / n */
};

struct tide_groups { /* of the rate that is least fair */
	struct tide_group highest, lowest; /* ties: the first in the order of values */
	size_t count, left_out;            /* left out: those with labelled rows that are none */
	double pairs;                      /* that were looked at, of all rates of the measure */
	uint64_t rows;                     /* labelled rows of the groups */
	bool ratio;
	int rate; /* which one, as groups.c counts them */
};

/** False: fewer than two groups, or a ratio of rates that are all 0; then `highest` has no cell, or
 *  a rate of 0. */
bool tide_groups_find(struct tide_groups *groups, const struct tide_detector *detector,
                      const struct tide_evidence *total, int segment);
/** The value has labelled rows, and is no group. */
bool tide_groups_leaves_out(const struct tide_groups *groups, const struct tide_evidence *total,
                            const struct tide_evidence *cell);
/** The judge of all measures of this family. */
void tide_groups_judge(const struct tide_subject *subject, struct tide_finding *finding);
#endif
