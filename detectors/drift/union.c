#include "detectors/drift/union.h"

bool
tide_union_start(const struct tide_subject *subject, double *n, double *m,
                 struct tide_finding *finding)
{
	const struct tide_column_fold *fold = subject->fold;
	const struct tide_distribution *distribution = subject->distribution;

	if (!fold || fold->count == 0 || distribution->counts.values == 0 ||
	    fold->bin_count != distribution->bin_count) {
		finding_fails(finding, TIDE_NO_DATA, "no value on both sides");
		return false;
	}
	*n = finding->n = (double)fold->count;
	*m = (double)distribution->counts.values;
	if (!fold->others.more && !distribution->others.more)
		return true;
	finding_fails(finding, TIDE_UNDEFINED,
	              "more than 255 different values that are no category of the reference");
	return false;
}

void
tide_union_walk(const struct tide_subject *subject,
                void (*cell)(void *closure, double current, double reference), void *closure)
{
	const struct tide_unseen *c = &subject->fold->others, *r = &subject->distribution->others;
	uint32_t i = 0, j = 0;

	for (size_t k = 0; k < subject->fold->bin_count; k++) {
		uint64_t current = subject->fold->bins[k];
		uint64_t reference = subject->distribution->bins[k];
		if (current + reference > 0)
			cell(closure, (double)current, (double)reference);
	}
	while (i < c->count || j < r->count) {
		int order = j == r->count   ? -1
		            : i == c->count ? 1
		                            : tide_unseen_compare(c->values[i].hash,
		                                                  r->values[j].hash);
		double current = order <= 0 ? (double)c->values[i++].count : 0;
		cell(closure, current, order >= 0 ? (double)r->values[j++].count : 0);
	}
}
