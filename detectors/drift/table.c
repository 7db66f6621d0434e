#include "detectors/drift/table.h"

static bool
table_categories(struct tide_table *table, struct tide_finding *finding)
{
	const struct tide_column_fold *fold = table->subject->fold;
	const struct tide_distribution *distribution = table->subject->distribution;

	if (!fold || fold->bin_count != distribution->bin_count) {
		finding_fails(finding, TIDE_NO_DATA, "no value on both sides");
		return false;
	}
	if (!fold->others.more && !distribution->others.more)
		return true;
	finding_fails(finding, TIDE_UNDEFINED,
	              "more than 255 different values that are no category of the reference");
	return false;
}

bool
tide_table_values(struct tide_table *table, const struct tide_subject *subject,
                  struct tide_finding *finding)
{
	bool numeric = subject->type == TIDE_COLUMN_NUMERIC;

	*table = (struct tide_table){.subject = subject,
	                             .cut = numeric ? TIDE_TABLE_VALUES : TIDE_TABLE_CATEGORIES,
	                             .n = (double)subject->counts.values,
	                             .m = (double)subject->distribution->counts.values};
	finding->n = table->n;
	if (!(table->n > 0 && table->m > 0)) {
		finding_fails(finding, TIDE_NO_DATA, "no value on both sides");
		return false;
	}
	if (!numeric)
		return table_categories(table, finding);
	if (subject->sorted && subject->distribution->sorted)
		return true;
	finding_fails(finding, TIDE_UNDEFINED, "the values of one side are not kept");
	return false;
}

/* Bins of about this width from the table's first to its last value. */
static void
table_bins(struct tide_table *table, double first, double last, double width)
{
	table->cut = TIDE_TABLE_BINS;
	table->first = first < last ? first : first - .5;
	table->last = first < last ? last : last + .5;
	table->bins = first < last && width > 0 ? (size_t)ceil((last - first) / width) : 1;
	table->i = table->j = table->cell = 0;
}

bool
tide_table_sturges(struct tide_table *table, const struct tide_subject *subject, bool distinct,
                   struct tide_finding *finding)
{
	if (!tide_table_values(table, subject, finding))
		return false;
	const double *x = subject->sorted, *y = subject->distribution->sorted;
	double first = fmin(x[0], y[0]);
	double last = fmax(x[(size_t)table->n - 1], y[(size_t)table->m - 1]);
	double count = table->n + table->m;
	if (distinct)
		count = (double)tide_table_distinct(table, false, SIZE_MAX);
	table_bins(table, first, last, (last - first) / (log2(count) + 1));
	return true;
}

/* The third standardised moment of `count` numbers, and 0 where all are the same. */
static double
skewness(const double *values, size_t count)
{
	struct tide_sum sum = {0}, squares = {0};
	double n = (double)count, cubes = 0;

	for (size_t i = 0; i < count; i++) {
		tide_sum_add(&sum, values[i]);
		tide_sum_add_product(&squares, values[i], values[i]);
	}
	double mean = tide_sum_round(&sum) / n;
	double deviation = sqrt(tide_sum_variance(&sum, &squares, n, 0));
	for (size_t i = 0; i < count && deviation > 0; i++) {
		double z = (values[i] - mean) / deviation;
		cubes += z * z * z;
	}
	return cubes / n;
}

bool
tide_table_doane(struct tide_table *table, const struct tide_subject *subject,
                 struct tide_finding *finding)
{
	if (!tide_table_values(table, subject, finding))
		return false;
	const double *values = subject->distribution->sorted;
	double m = table->m, first = values[0], last = values[(size_t)m - 1];
	double s = sqrt(6 * (m - 2) / ((m + 1) * (m + 3)));
	double width = 0;
	if (m > 2)
		width = (last - first) /
		        (1 + log2(m) + log2(1 + fabs(skewness(values, (size_t)m)) / s));
	table_bins(table, first, last, width);
	return true;
}

static size_t
values_below(const double *values, size_t from, size_t count, double edge, bool closed)
{
	while (from < count && (values[from] < edge || (closed && values[from] <= edge)))
		from++;
	return from;
}

static bool
next_category(struct tide_table *table, double *current, double *reference)
{
	const struct tide_column_fold *fold = table->subject->fold;
	const struct tide_distribution *distribution = table->subject->distribution;
	const struct tide_unseen *c = &fold->others, *r = &distribution->others;

	while (table->cell < fold->bin_count) {
		*current = (double)fold->bins[table->cell];
		*reference = (double)distribution->bins[table->cell++];
		if (*current + *reference > 0)
			return true;
	}
	if (table->i == c->count && table->j == r->count)
		return false;
	int order = table->j == r->count   ? -1
	            : table->i == c->count ? 1
	                                   : tide_unseen_compare(c->values[table->i].hash,
	                                                         r->values[table->j].hash);
	*current = order <= 0 ? (double)c->values[table->i++].count : 0;
	*reference = order >= 0 ? (double)r->values[table->j++].count : 0;
	return true;
}

/* All that both sides have up to an edge (closed: and on it), from where the walk is. */
static void
take(struct tide_table *table, double edge, bool closed, double *current, double *reference)
{
	size_t i = values_below(table->subject->sorted, table->i, (size_t)table->n, edge, closed);
	size_t j = values_below(table->subject->distribution->sorted, table->j, (size_t)table->m,
	                        edge, closed);

	*current = (double)(i - table->i);
	*reference = (double)(j - table->j);
	table->i = i;
	table->j = j;
}

static bool
next_value(struct tide_table *table, double *current, double *reference)
{
	bool x = (double)table->i < table->n, y = (double)table->j < table->m;
	double least = INFINITY;

	if (x)
		least = table->subject->sorted[table->i];
	if (y)
		least = fmin(least, table->subject->distribution->sorted[table->j]);
	if (x || y)
		take(table, least, true, current, reference);
	return x || y;
}

static bool
next_bin(struct tide_table *table, double *current, double *reference)
{
	double below, none;
	bool closed = table->cell + 1 >= table->bins;
	double edge = closed ? table->last
	                     : table->first + (double)(table->cell + 1) *
	                                              ((table->last - table->first) /
	                                               (double)table->bins);

	if (table->cell == 0)
		take(table, table->first, false, &below, &none);
	if (table->cell < table->bins) {
		take(table, edge, closed, current, reference);
	} else {
		size_t before = values_below(table->subject->sorted, 0, table->i, table->first,
		                             false);
		*current = (double)before + table->n - (double)table->i;
		*reference = 0;
	}
	return table->cell++ < table->bins || (table->cell == table->bins + 1 && *current > 0);
}

bool
tide_table_next(struct tide_table *table, double *current, double *reference)
{
	static bool (*const next[])(struct tide_table *, double *, double *) = {
		[TIDE_TABLE_CATEGORIES] = next_category,
		[TIDE_TABLE_VALUES] = next_value,
		[TIDE_TABLE_BINS] = next_bin};

	if (next[table->cut](table, current, reference))
		return true;
	table->cell = table->i = table->j = 0;
	return false;
}

size_t
tide_table_distinct(const struct tide_table *table, bool reference, size_t enough)
{
	struct tide_table walk = *table;
	double c, r;
	size_t count = 0;

	walk.cell = walk.i = walk.j = 0;
	while (count < enough && tide_table_next(&walk, &c, &r))
		count += !reference || r > 0;
	return count;
}
