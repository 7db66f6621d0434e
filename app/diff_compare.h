#ifndef TIDE_APP_DIFF_COMPARE_H
#define TIDE_APP_DIFF_COMPARE_H
#include "base/error.h"
#include "base/text.h"
/*
 * Two records, member by member.
 *
 *  (1) Findings meet by family, metric, column and dialect, distributions by column, other arrays
 *      by number. A path names them so: `findings[psi hour].value`, `curve.tpr[3]`.
 *  (2) Numbers are equal when |a - b| <= tolerance * max(1, |a|, |b|); 1 and 1.0 are.
 *  (3) `ignore` names members to leave out, from the top and without brackets: `config_hash`,
 *      `findings.p_value`.
 *  (4) A member that one side lacks is told with an empty text on that side.
 */
struct tide_diff_rules {
	const char *ignore; /* names with commas between, or NULL */
	double tolerance;
};

/** Calls told for each difference, with both values as JSON, in the order of a's members, then of
 *  b's. Both texts were JSON before. Returns their number, or -1 out of memory. */
int64_t tide_diff_compare(struct tide_text a, struct tide_text b,
                          const struct tide_diff_rules *rules,
                          void (*told)(void *closure, struct tide_text path, struct tide_text a,
                                       struct tide_text b),
                          void *closure, struct tide_error *error);
#endif
