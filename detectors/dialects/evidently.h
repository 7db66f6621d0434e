#ifndef TIDE_DETECTORS_DIALECTS_EVIDENTLY_H
#define TIDE_DETECTORS_DIALECTS_EVIDENTLY_H
#include "detectors/drift/table.h"
/*
 * What the detectors of the dialect `evidently` share. The score of a test is its p.
 *
 *  (1) Cells: numbers with more than 20 distinct values in the reference are cut by Sturges over
 *      both sides, all else is a cell a value.
 *  (2) The floor of a side: 1e-4, or a millionth of its least share that is not zero where that is
 *      1e-4 or less.
 *  (3) The default test of a column, m values in the reference, u distinct ones on both sides:
 *        m <= 1,000: `z` for u <= 2; `chisquare` for categories and for u <= 5; else `ks`
 *        m > 1,000: `wasserstein` for numbers with u > 5, else `jensenshannon`
 *      Drift: p < .05 (ks: <=), a distance >= .1.
 *  (4) Source: Evidently 0.7.23, Apache-2.0 (read, not copied).
 */
struct tide_evidently_floor {
	double current, reference;
};

bool tide_evidently_table(struct tide_table *table, const struct tide_subject *subject,
                          struct tide_finding *finding);
struct tide_evidently_floor tide_evidently_floor(struct tide_table *table);
/** The p of the test as the value; UNDEFINED where it has none. */
void tide_evidently_p(const struct tide_subject *subject, const struct tide_detector *test,
                      struct tide_finding *finding);
/** Leaves the default test's score, and in `reason` its name. True: drift. */
bool tide_evidently_drift(const struct tide_subject *subject, struct tide_finding *finding);
#endif
