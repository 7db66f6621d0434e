#include "detectors/dialects/evidently.h"

#define VALUES_MAX 20 /* distinct values of a reference that is not cut */
#define FLOOR 1e-4
#define SMALL_MAX 1000

extern const struct tide_detector tide_detector_evidently_chisquare, tide_detector_evidently_ks,
        tide_detector_evidently_jensenshannon, tide_detector_evidently_wasserstein,
        tide_detector_evidently_z;

bool
tide_evidently_table(struct tide_table *table, const struct tide_subject *subject,
                     struct tide_finding *finding)
{
	if (!tide_table_values(table, subject, finding))
		return false;
	return subject->type != TIDE_COLUMN_NUMERIC ||
	       tide_table_distinct(table, true, VALUES_MAX + 1) <= VALUES_MAX ||
	       tide_table_sturges(table, subject, false, finding);
}

struct tide_evidently_floor
tide_evidently_floor(struct tide_table *table)
{
	double c, r, current = 1, reference = 1;

	while (tide_table_next(table, &c, &r)) {
		current = c > 0 ? fmin(current, c / table->n) : current;
		reference = r > 0 ? fmin(reference, r / table->m) : reference;
	}
	return (struct tide_evidently_floor){current <= FLOOR ? current / 1e6 : FLOOR,
	                                     reference <= FLOOR ? reference / 1e6 : FLOOR};
}

void
tide_evidently_p(const struct tide_subject *subject, const struct tide_detector *test,
                 struct tide_finding *finding)
{
	test->judge(subject, finding);
	if (finding->status != TIDE_OK)
		return;
	finding->value = finding->p_value;
	if (isnan(finding->value))
		finding_fails(finding, TIDE_UNDEFINED, finding->reason);
}

enum beyond { AT_LEAST, BELOW, AT_MOST };

struct choice {
	const struct tide_detector *test;
	enum beyond beyond;
	double threshold;
	const char *says;
};

static const struct choice z = {&tide_detector_evidently_z, BELOW, .05, "z: drift below .05"};
static const struct choice chisquare = {&tide_detector_evidently_chisquare, BELOW, .05,
                                        "chisquare: drift below .05"};
static const struct choice ks = {&tide_detector_evidently_ks, AT_MOST, .05,
                                 "ks: drift at .05 or below"};
static const struct choice jensenshannon = {&tide_detector_evidently_jensenshannon, AT_LEAST, .1,
                                            "jensenshannon: drift at .1 or above"};
static const struct choice wasserstein = {&tide_detector_evidently_wasserstein, AT_LEAST, .1,
                                          "wasserstein: drift at .1 or above"};

static const struct choice *
choose(const struct tide_table *table)
{
	bool numeric = table->cut == TIDE_TABLE_VALUES;
	size_t distinct = tide_table_distinct(table, false, 6);

	if (table->m > SMALL_MAX)
		return numeric && distinct > 5 ? &wasserstein : &jensenshannon;
	if (distinct <= 2)
		return &z;
	return numeric && distinct > 5 ? &ks : &chisquare;
}

bool
tide_evidently_drift(const struct tide_subject *subject, struct tide_finding *finding)
{
	struct tide_table table;

	if (!tide_table_values(&table, subject, finding))
		return false;
	const struct choice *choice = choose(&table);
	choice->test->judge(subject, finding);
	if (finding->status != TIDE_OK)
		return false;
	finding->reason = choice->says;
	if (choice->beyond == AT_LEAST)
		return finding->value >= choice->threshold;
	return finding->value < choice->threshold ||
	       (choice->beyond == AT_MOST && finding->value <= choice->threshold);
}
