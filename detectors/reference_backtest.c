#include "base/special.h"
#include "detectors/drift/pair.h"
#include "detectors/reference_private.h"
/*
 * The reference cut in windows, and each of them judged against all the others (SPEC 7.4, 7.5).
 *
 * A window costs the bins of all columns, 8 bytes each, until it was judged.
 */
#define WINDOWS_MIN 5
#define LOG10_LEVEL (-2.0)     /* p of windows that are kept */
#define SHARED_ROWS 3.0        /* windows share the reference: a third of the degrees of freedom */
#define FAILURES_MIN 2         /* one window may be chance, whatever the budget */
#define FAILURE_LEVEL .01

static size_t
shape_bins(const struct tide_column_shape *shape)
{
	if (shape->type == TIDE_COLUMN_NUMERIC)
		return shape->edge_count + 1;
	return shape->type == TIDE_COLUMN_CATEGORICAL ? shape->category_count : 0;
}

/* The bins of a window: those of the columns in their order, then those of $prediction. */
static void
bins_place(struct tide_reference *reference)
{
	size_t total = 0;

	for (size_t i = 0; i < PREDICTION; i++) {
		reference->bins_before[i] = total;
		total += i < reference->shape.count ? shape_bins(reference->shapes + i) : 0;
	}
	reference->bins_before[PREDICTION] = total;
	reference->bins_before[COLUMNS] = total + shape_bins(&reference->shape.prediction);
}

static size_t
tally_bytes(const struct tide_reference *reference)
{
	return (reference->bins_before[COLUMNS] + 1) * sizeof(uint64_t);
}

static size_t
tally_slot(const struct tally *tallies, size_t size, struct tide_text model, int64_t start_ms)
{
	size_t at = (size_t)(tide_hash_plain(model) +
	                     (uint64_t)start_ms * UINT64_C(0x9E3779B97F4A7C15));

	at ^= at >> 32;
	while (tallies[at & (size - 1)].bins &&
	       (tallies[at & (size - 1)].start_ms != start_ms ||
	        !tide_text_equal(tallies[at & (size - 1)].model, model)))
		at++;
	return at & (size - 1);
}

static bool
tally_grow(struct tide_reference *reference)
{
	size_t size = reference->tally_size ? 2 * reference->tally_size : 64;
	struct tally *old = reference->tallies;

	if (2 * reference->tally_count < reference->tally_size)
		return true;
	struct tally *tallies = tide_pool_table_new(&reference->pool, size * sizeof *tallies);
	if (!tallies)
		return false;
	for (size_t i = 0; i < reference->tally_size; i++)
		if (old[i].bins)
			tallies[tally_slot(tallies, size, old[i].model, old[i].start_ms)] = old[i];
	tide_pool_table_free(&reference->pool, old, reference->tally_size * sizeof *old);
	reference->tallies = tallies;
	reference->tally_size = size;
	return true;
}

static struct tally *
tally_find(struct tide_reference *reference, struct tide_text model, int64_t start_ms)
{
	struct tally *tally;

	if (reference->tally_count == 0)
		bins_place(reference);
	if (!tally_grow(reference))
		return NULL;
	tally = reference->tallies +
	        tally_slot(reference->tallies, reference->tally_size, model, start_ms);
	if (tally->bins)
		return tally;
	tally->start_ms = start_ms;
	if (!tide_reference_store_text(reference, model, &tally->model))
		return NULL;
	tally->bins = tide_pool_table_new(&reference->pool, tally_bytes(reference));
	reference->tally_count += tally->bins != NULL;
	return tally->bins ? tally : NULL;
}

static void
tally_add(uint64_t *bins, const struct tide_column_shape *shape, const struct tide_value *value)
{
	size_t bin = tide_column_bin(shape, value);

	if (bin != TIDE_COLUMN_NO_BIN)
		bins[bin]++;
}

bool
tide_reference_backtest_tally(struct tide_reference *reference, const struct tide_event *event,
                              int64_t start_ms)
{
	struct tally *tally = tally_find(reference, event->model, start_ms);

	for (size_t i = 0; tally && i < event->value_count; i++) {
		uint32_t column = event->values[i].column;
		if (column < reference->shape.count)
			tally_add(tally->bins + reference->bins_before[column],
			          reference->shapes + column, event->values + i);
	}
	if (tally)
		tally_add(tally->bins + reference->bins_before[PREDICTION],
		          &reference->shape.prediction, &event->prediction);
	return tally != NULL;
}

void
tide_reference_backtest_free(struct tide_reference *reference)
{
	for (size_t i = 0; i < reference->tally_size; i++)
		if (reference->tallies[i].bins)
			tide_pool_table_free(&reference->pool, reference->tallies[i].bins,
			                     tally_bytes(reference));
	tide_pool_table_free(&reference->pool, reference->tallies,
	                     reference->tally_size * sizeof *reference->tallies);
	reference->tallies = NULL;
	reference->tally_count = reference->tally_size = 0;
}

/* By model, then by time; places without a window last. */
static int
order_by_time(const void *left, const void *right)
{
	const struct tally *a = left, *b = right;

	if (!a->bins || !b->bins)
		return !a->bins - !b->bins;
	int order = tide_text_compare(a->model, b->model);
	return order ? order : (a->start_ms > b->start_ms) - (a->start_ms < b->start_ms);
}

/* One window of one column, its test against the rest of the reference. */
static struct tide_column_test
window_test(const struct tide_distribution *all, const uint64_t *bins,
            const struct tide_column_shape *shape)
{
	uint64_t rest[TIDE_COLUMN_FINE_MAX];
	struct tide_pair pair;

	for (size_t i = 0; i < all->bin_count; i++)
		rest[i] = all->bins[i] - bins[i];
	if (!tide_pair_counts(&pair, bins, rest, all->bin_count))
		return (struct tide_column_test){.df = NAN};
	pair.is_categorical = shape->type == TIDE_COLUMN_CATEGORICAL;
	return tide_pair_judge(&pair, shape->min_effect, NULL);
}

static bool
log10_p_keep(struct tide_reference *reference, struct kept_column *column, double *found,
             size_t count)
{
	size_t size = count * sizeof *found;
	double *spare = count ? tide_pool_table_new(&reference->pool, size) : NULL;

	column->log10_p = count ? tide_pool_table_new(&reference->pool, size) : NULL;
	if (column->log10_p && spare) {
		tide_numbers_sort(found, spare, count);
		memcpy(column->log10_p, found, size);
	}
	tide_pool_table_free(&reference->pool, spare, size);
	column->backtest.log10_p = column->log10_p;
	column->backtest.count = column->log10_p ? count : 0;
	return count == 0 || (column->log10_p && spare);
}

/* The windows of one model, in the order of time; `room` holds a number for each. */
static bool
column_judge(struct tide_reference *reference, struct kept_column *column,
             const struct tally *windows, size_t count, double *room)
{
	bool predicted = tide_text_is(column->name, "$prediction");
	uint32_t index = predicted ? PREDICTION
	                           : tide_mapping_column(reference->columns, column->name, 0);
	const struct tide_column_shape *shape =
		predicted ? &reference->shape.prediction : reference->shapes + index;
	struct tide_backtest *backtest = &column->backtest;
	double ratios = 0, df = 0;
	size_t found = 0;

	if (!column->has_distribution || shape_bins(shape) != column->distribution.bin_count)
		return true;
	for (size_t i = 0; i < count; i++) {
		struct tide_column_test test =
			window_test(&column->distribution,
		                    windows[i].bins + reference->bins_before[index],
		                    shape);
		if (isnan(test.df))
			continue;
		backtest->windows++;
		ratios += test.square / test.df;
		df += test.df;
		if (test.log10_p < LOG10_LEVEL)
			room[found++] = test.log10_p;
	}
	if (backtest->windows) {
		backtest->phi = fmax(1, ratios / (double)backtest->windows);
		backtest->df = df / SHARED_ROWS;
	}
	return log10_p_keep(reference, column, room, found);
}

/* The id names what was found as well, for findings depend on it. */
static void
put_backtest(struct tide_buffer *buffer, const struct kept_column *column)
{
	put_text(buffer, column->name);
	tide_text_put_format(buffer, " %llu ", (unsigned long long)column->backtest.windows);
	tide_text_put_number(buffer, column->backtest.phi);
	tide_text_put(buffer, " ", 1);
	tide_text_put_number(buffer, column->backtest.df);
}

static bool
model_judge(struct tide_reference *reference, const struct tally *windows, size_t count,
            double *room)
{
	const struct tide_cell_key total = {.model = windows->model, .segment = -1};
	struct kept_cell *cell = tide_reference_store_cell(reference, &total);
	struct tide_buffer buffer;

	if (!cell)
		return true;
	tide_text_buffer_init(&buffer, REFERENCE_BYTES_MAX);
	for (struct kept_column *column = cell->first; column; column = column->after) {
		if (!column_judge(reference, column, windows, count, room)) {
			tide_text_buffer_fini(&buffer);
			return false;
		}
		put_backtest(&buffer, column);
	}
	return id_chain(reference, &buffer);
}

bool
tide_reference_backtest_judge(struct tide_reference *reference, int64_t size_ms)
{
	size_t count = reference->tally_count, size = (count + 1) * sizeof(double);
	double *room = tide_pool_table_new(&reference->pool, size);
	bool judged = room != NULL;

	if (count)
		qsort(reference->tallies, reference->tally_size, sizeof *reference->tallies,
		      order_by_time);
	for (size_t i = 0, next = 0; judged && i < count; i = next) {
		while (next < count && tide_text_equal(reference->tallies[next].model,
		                                       reference->tallies[i].model))
			next++;
		judged = model_judge(reference, reference->tallies + i, next - i, room);
	}
	tide_pool_table_free(&reference->pool, room, size);
	tide_reference_backtest_free(reference);
	reference->backtest_ms = size_ms;
	return judged;
}

int64_t
tide_reference_backtest_ms(const struct tide_reference *reference)
{
	return reference->backtest_ms;
}

const struct tide_backtest *
tide_reference_backtest(const struct tide_reference *reference, struct tide_text model,
                        struct tide_text column)
{
	const struct tide_cell_key total = {.model = model, .segment = -1};
	const struct kept_column *kept = tide_reference_store_column(reference, &total, column);

	return kept && kept->backtest.windows >= WINDOWS_MIN ? &kept->backtest : NULL;
}

size_t
tide_reference_backtest_breaches(const struct tide_backtest *backtest, double alpha)
{
	size_t count = 0;

	while (count < backtest->count && backtest->log10_p[count] < log10(alpha))
		count++;
	return count;
}

bool
tide_reference_backtest_fails(const struct tide_backtest *backtest, double alpha)
{
	size_t breaches = backtest ? tide_reference_backtest_breaches(backtest, alpha) : 0;
	double chance = fmin(alpha, .01);

	/* Pr(Binomial(windows, chance) >= breaches), as an incomplete beta function */
	return breaches >= FAILURES_MIN &&
	       tide_special_beta_p((double)breaches,
	                           (double)backtest->windows - (double)breaches + 1,
	                           chance / (1 - chance)) < FAILURE_LEVEL;
}
