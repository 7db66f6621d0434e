#include "detectors/fairness/groups.h"
#include "base/statistics.h"

enum rate {
	RATE_NONE,
	RATE_SELECTION,      /* (tp + fp) / rows */
	RATE_TRUE_POSITIVE,  /* tp / (tp + fn) */
	RATE_FALSE_POSITIVE, /* fp / (fp + tn) */
	RATE_PRECISION       /* tp / (tp + fp) */
};
#define RATES_MAX 2

#define TIDE_DETECTOR(folder, name) extern const struct tide_detector tide_detector_##name;
#include "detectors/detectors.def"
#undef TIDE_DETECTOR

static const struct measure {
	const struct tide_detector *detector;
	enum rate rates[RATES_MAX];
	bool ratio;
} measures[] = {
	{&tide_detector_demographic_parity_difference, {RATE_SELECTION}, false},
	{&tide_detector_demographic_parity_ratio, {RATE_SELECTION}, true},
	{&tide_detector_equal_opportunity_difference, {RATE_TRUE_POSITIVE}, false},
	{&tide_detector_equal_opportunity_ratio, {RATE_TRUE_POSITIVE}, true},
	{&tide_detector_equalized_odds_difference,
	 {RATE_TRUE_POSITIVE, RATE_FALSE_POSITIVE}, false},
	{&tide_detector_equalized_odds_ratio, {RATE_TRUE_POSITIVE, RATE_FALSE_POSITIVE}, true},
	{&tide_detector_predictive_parity_difference, {RATE_PRECISION}, false},
};

static void
group_count(struct tide_group *group, enum rate rate)
{
	const struct tide_confusion_fold *c = &group->cell->labels->confusion;

	switch (rate) {
	case RATE_SELECTION:
		group->k = c->tp + c->fp;
		group->n = c->tp + c->fp + c->tn + c->fn;
		break;
	case RATE_TRUE_POSITIVE:
		group->k = c->tp;
		group->n = c->tp + c->fn;
		break;
	case RATE_FALSE_POSITIVE:
		group->k = c->fp;
		group->n = c->fp + c->tn;
		break;
	default:
		group->k = c->tp;
		group->n = c->tp + c->fp;
	}
	group->rate = group->n ? (double) group->k / (double) group->n : NAN;
}

static uint64_t
rows_of(const struct tide_evidence *cell)
{
	return cell->labels ? tide_labelled_rows(cell->labels) : 0;
}

static bool
group_read(struct tide_group *group, const struct tide_evidence *total,
           const struct tide_evidence *cell, int rate)
{
	*group = (struct tide_group){.cell = cell};
	if (rows_of(cell) < total->group_min_n || cell->key.value_null || cell->capped)
		return false;
	group_count(group, (enum rate)rate);
	return group->n > 0;
}

bool
tide_groups_leaves_out(const struct tide_groups *groups, const struct tide_evidence *total,
                       const struct tide_evidence *cell)
{
	struct tide_group group;

	return rows_of(cell) > 0 && !group_read(&group, total, cell, groups->rate);
}

static void
groups_read(struct tide_groups *groups, const struct tide_evidence *total, int segment)
{
	const struct tide_evidence *cell = NULL;

	while ((cell = tide_evidence_group(total, segment, cell))) {
		struct tide_group group;
		if (!group_read(&group, total, cell, groups->rate)) {
			groups->left_out += rows_of(cell) > 0;
			continue;
		}
		if (!groups->highest.cell || group.rate > groups->highest.rate)
			groups->highest = group;
		if (!groups->lowest.cell || group.rate < groups->lowest.rate)
			groups->lowest = group;
		groups->count++;
		groups->rows += rows_of(cell);
	}
	groups->pairs = (double) groups->count * ((double) groups->count - 1) / 2;
}

static double
groups_value(const struct tide_groups *groups)
{
	return groups->ratio ? groups->lowest.rate / groups->highest.rate
	                     : groups->highest.rate - groups->lowest.rate;
}

/* Is `a` less fair than `b`? */
static bool
groups_worse(const struct tide_groups *a, const struct tide_groups *b)
{
	return a->ratio ? groups_value(a) < groups_value(b) : groups_value(a) > groups_value(b);
}

bool
tide_groups_find(struct tide_groups *groups, const struct tide_detector *detector,
                 const struct tide_evidence *total, int segment)
{
	const struct measure *measure = measures;
	double pairs = 0;

	while (measure->detector != detector)
		measure++;
	for (size_t i = 0; i < RATES_MAX && measure->rates[i]; i++) {
		struct tide_groups of = {.ratio = measure->ratio, .rate = measure->rates[i]};
		groups_read(&of, total, segment);
		pairs += of.pairs;
		if (i == 0 || of.count < 2 || groups_worse(&of, groups))
			*groups = of;
		if (of.count < 2 || (of.ratio && of.highest.k == 0))
			return false;
	}
	groups->pairs = pairs;
	return true;
}

/* Newcombe's square-and-add of the Wilson intervals. */
static void
difference_interval(const struct tide_groups *groups, struct tide_finding *finding)
{
	const struct tide_group *high = &groups->highest, *low = &groups->lowest;
	double z = -tide_statistics_normal_quantile(.025 / groups->pairs);
	struct tide_rate_interval a = tide_rate_wilson((double) high->k, (double) high->n, z);
	struct tide_rate_interval b = tide_rate_wilson((double) low->k, (double) low->n, z);

	finding->lower = finding->value - hypot(high->rate - a.low, b.high - low->rate);
	finding->upper = finding->value + hypot(a.high - high->rate, low->rate - b.low);
}

void
tide_groups_judge(const struct tide_subject *subject, struct tide_finding *finding)
{
	const struct tide_evidence *total = subject->evidence;
	struct tide_groups groups;
	double log10_p;

	if (!total->labels || tide_labelled_rows(total->labels) == 0) {
		finding_fails(finding, TIDE_NO_DATA, "no labelled row");
		return;
	}
	if (!tide_groups_find(&groups, finding->detector, total, subject->segment)) {
		finding_fails(finding, TIDE_UNDEFINED,
		              groups.count < 2 ? "fewer than two groups have rows enough"
		                               : "the rate of every group is 0");
		return;
	}
	finding_value(finding, groups_value(&groups), (double) groups.rows);
	if (!groups.ratio)
		difference_interval(&groups, finding);
	double p = tide_rate_test(groups.highest.k, groups.highest.n, groups.lowest.k,
	                          groups.lowest.n, &log10_p);
	if (!isnan(p)) {
		finding->p_value = fmin(p * groups.pairs, 1);
		finding->log10_p = fmin(log10_p + log10(groups.pairs), 0);
	}
	if (groups.left_out)
		finding->reason = "values that are no group were left out";
}
