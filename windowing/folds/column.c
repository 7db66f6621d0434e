#include "windowing/folds/column.h"
#include "base/hash.h"
#include <math.h>

/* The number of edges below x: halves without a branch, for no branch of it could be foretold. */
static size_t
cell_of(const double *edges, size_t count, double x)
{
	size_t low = 0;

	for (size_t half; count > 1; count -= half) {
		half = count / 2;
		low += (edges[low + half - 1] < x) * half;
	}
	return low + (count == 1 && edges[low] < x);
}

/* From the first number that is not kept on a column without cells has a sketch of all of them. Its
 * buckets hold 2^32 - 1 values each; what is beyond is not counted there. */
static void
sketch_add(struct tide_column_fold *fold, const struct tide_numbers *kept,
           struct tide_arena *arena)
{
	if (!fold->sketch)
		fold->sketch = tide_pool_arena_take(arena, sizeof *fold->sketch);
	for (const struct tide_numbers_chunk *at = kept->chunks; at; at = at->next)
		for (uint32_t i = 0; i < at->used; i++)
			(void) !tide_sketch_add(fold->sketch, at->values[i], arena);
}

static bool
sketched(const struct tide_column_fold *fold)
{
	return !fold->bins && !tide_numbers_whole(&fold->numbers);
}

static void
number_keep(struct tide_column_fold *fold, double x, struct tide_arena *arena)
{
	struct tide_numbers before = fold->numbers;

	tide_numbers_add(&fold->numbers, x, arena);
	if (!sketched(fold))
		return;
	sketch_add(fold, &before, arena);
	(void) !tide_sketch_add(fold->sketch, x, arena);
}

static void
numbers_merge(struct tide_column_fold *to, const struct tide_column_fold *from,
              struct tide_arena *arena)
{
	struct tide_numbers before = to->numbers;

	tide_numbers_merge(&to->numbers, &from->numbers, arena);
	if (!sketched(to) || to->numbers.count == 0)
		return;
	sketch_add(to, &before, arena);
	sketch_add(to, &from->numbers, arena);
	if (from->sketch)
		(void) !tide_sketch_merge(to->sketch, from->sketch, arena);
}

/* Those of numbers; what else a column without a shape may hold has none. `first`: the fold had no
 * number yet. */
static void
extremes_merge(struct tide_column_fold *fold, bool first, double min, double max)
{
	if (first || min < fold->min)
		fold->min = min;
	if (first || max > fold->max)
		fold->max = max;
}

static void
number_add(struct tide_column_fold *fold, const struct tide_column_shape *shape, double x,
           struct tide_arena *arena)
{
	double same = x == 0 ? 0 : x; /* both zeros are one value */

	if (!tide_sum_product_fits(x, x)) {
		fold->nonfinite++; /* its square has no double: it cannot enter the moments */
		return;
	}
	extremes_merge(fold, fold->numbers.count == 0, x, x);
	fold->count++;
	fold->zeros += x == 0;
	fold->negatives += x < 0;
	tide_sum_add(&fold->sum, x);
	tide_sum_add_product(&fold->squares, x, x);
	number_keep(fold, x, arena);
	tide_distinct_add(&fold->distinct,
	                  tide_hash_plain((struct tide_text){(const char *) &same, sizeof same}));
	if (!fold->bins)
		return;
	fold->below += x < shape->reference_min;
	fold->above += x > shape->reference_max;
	fold->outliers += x < shape->fence_low || x > shape->fence_high;
	size_t cell = cell_of(shape->fine, shape->fine_count, x);
	fold->fine[cell]++;
	fold->bins[shape->bin_of[cell]]++;
}

static size_t
category_bin(const struct tide_column_shape *shape, struct tide_text category)
{
	size_t low = 0, high = shape->category_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = tide_text_compare(shape->categories[middle], category);
		if (order == 0)
			return middle;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return TIDE_COLUMN_NO_BIN;
}

static void
category_add(struct tide_column_fold *fold, const struct tide_column_shape *shape,
             struct tide_text category, struct tide_arena *arena)
{
	fold->count++;
	tide_distinct_add(&fold->distinct, tide_hash_plain(category));
	if (!fold->bins)
		return;
	size_t bin = category_bin(shape, category);
	if (bin != TIDE_COLUMN_NO_BIN) {
		fold->bins[bin]++;
		return;
	}
	fold->unseen++;
	tide_unseen_add(&fold->others, tide_hash_plain128(category), 1, arena);
}

size_t
tide_column_bin(const struct tide_column_shape *shape, const struct tide_value *value)
{
	char room[TIDE_TEXT_NUMBER_SIZE];
	bool plain = value->kind == TIDE_VALUE_NUMBER || value->kind == TIDE_VALUE_TEXT ||
	             value->kind == TIDE_VALUE_BOOLEAN;

	if (shape->type == TIDE_COLUMN_CATEGORICAL && plain)
		return category_bin(shape, tide_event_value_text(value, room));
	if (shape->type != TIDE_COLUMN_NUMERIC || value->kind != TIDE_VALUE_NUMBER ||
	    !tide_sum_product_fits(value->number, value->number))
		return TIDE_COLUMN_NO_BIN;
	return shape->bin_of[cell_of(shape->fine, shape->fine_count, value->number)];
}

/* A column without a shape takes numbers as numbers and all else as categories. */
void
tide_column_add(struct tide_column_fold *fold, const struct tide_column_shape *shape,
                const struct tide_value *value, struct tide_arena *arena)
{
	char room[TIDE_TEXT_NUMBER_SIZE];
	enum tide_column_type type = shape ? shape->type : TIDE_COLUMN_UNKNOWN;

	fold->present++;
	if (value->kind == TIDE_VALUE_NULL)
		fold->nulls++;
	else if (value->kind == TIDE_VALUE_NONFINITE)
		fold->nonfinite++;
	else if (value->kind == TIDE_VALUE_OTHER)
		fold->mistyped++;
	else if (type == TIDE_COLUMN_CATEGORICAL)
		category_add(fold, shape, tide_event_value_text(value, room), arena);
	else if (value->kind == TIDE_VALUE_NUMBER)
		number_add(fold, shape, value->number, arena);
	else if (type == TIDE_COLUMN_NUMERIC)
		fold->mistyped++;
	else
		category_add(fold, shape, value->text, arena);
}

static struct tide_column_fold *
fold_new(size_t bin_count, size_t fine_count, uint64_t exact_rows, struct tide_arena *arena)
{
	struct tide_column_fold *fold = tide_pool_arena_take(arena, sizeof *fold);

	tide_sum_start(&fold->sum);
	tide_sum_start(&fold->squares);
	tide_distinct_start(&fold->distinct);
	fold->numbers.cap = exact_rows;
	fold->bin_count = bin_count;
	fold->fine_count = fine_count;
	if (bin_count)
		fold->bins = tide_pool_arena_take(arena, (bin_count + fine_count) * sizeof *fold->bins);
	if (fine_count)
		fold->fine = fold->bins + bin_count;
	return fold;
}

struct tide_column_fold *
tide_column_new(const struct tide_column_shape *shape, size_t exact_rows, struct tide_arena *arena)
{
	if (shape && shape->type == TIDE_COLUMN_NUMERIC)
		return fold_new(shape->edge_count + 1, shape->fine_count + 1, exact_rows, arena);
	if (shape && shape->type == TIDE_COLUMN_CATEGORICAL)
		return fold_new(shape->category_count, 0, exact_rows, arena);
	return fold_new(0, 0, exact_rows, arena);
}

struct tide_column_fold *
tide_column_like(const struct tide_column_fold *fold, struct tide_arena *arena)
{
	return fold_new(fold->bin_count, fold->fine_count, fold->numbers.cap, arena);
}

/* The counts that add up as they are. */
#define COUNTS(DO)                                                                                 \
	DO(present)                                                                                \
	DO(nulls)                                                                                  \
	DO(nonfinite)                                                                              \
	DO(mistyped)                                                                               \
	DO(count)                                                                                  \
	DO(zeros)                                                                                  \
	DO(negatives)                                                                              \
	DO(below)                                                                                  \
	DO(above)                                                                                  \
	DO(outliers)                                                                               \
	DO(unseen)

/* The parts that have no memory of their own, except sums and what is distinct. */
static void
plain_merge(struct tide_column_fold *to, const struct tide_column_fold *from)
{
#define ADD(name) to->name += from->name;
	COUNTS(ADD)
#undef ADD
}

void
tide_column_merge(struct tide_column_fold *to, const struct tide_column_fold *from,
                  struct tide_arena *arena)
{
	plain_merge(to, from);
	if (from->numbers.count)
		extremes_merge(to, to->numbers.count == 0, from->min, from->max);
	tide_unseen_merge(&to->others, &from->others, arena);
	numbers_merge(to, from, arena);
	tide_distinct_merge(&to->distinct, &from->distinct);
	tide_sum_merge(&to->sum, &from->sum);
	tide_sum_merge(&to->squares, &from->squares);
	for (size_t i = 0; i < from->bin_count; i++)
		to->bins[i] += from->bins[i];
	for (size_t i = 0; i < from->fine_count; i++)
		to->fine[i] += from->fine[i];
}

void
tide_column_save(const struct tide_column_fold *fold, struct tide_buffer *out)
{
#define PUT(name) tide_bytes_put_number(out, fold->name);
	COUNTS(PUT)
	PUT(bin_count)
	PUT(fine_count)
#undef PUT
	tide_bytes_put_double(out, fold->min);
	tide_bytes_put_double(out, fold->max);
	tide_bytes_put_sum(out, &fold->sum);
	tide_bytes_put_sum(out, &fold->squares);
	tide_bytes_put_counts(out, fold->bins, fold->bin_count);
	tide_bytes_put_counts(out, fold->fine, fold->fine_count);
	tide_unseen_save(&fold->others, out);
	tide_distinct_save(&fold->distinct, out);
	tide_numbers_save(&fold->numbers, out);
	tide_bytes_put_number(out, fold->sketch != NULL);
	if (fold->sketch)
		tide_sketch_save(fold->sketch, out);
}

/* As numbers_merge does, from the bytes of the numbers and of the sketch. */
static bool
numbers_load(struct tide_column_fold *fold, struct tide_reader *in, struct tide_arena *arena)
{
	struct tide_numbers before = fold->numbers;
	struct tide_reader values;

	if (!tide_numbers_load(&fold->numbers, in, &values, arena))
		return false;
	if (sketched(fold) && fold->numbers.count > 0) {
		sketch_add(fold, &before, arena);
		while (values.at < values.end)
			(void) !tide_sketch_add(fold->sketch, tide_bytes_double(&values), arena);
	}
	if (tide_bytes_number(in) == 0)
		return !in->bad;
	return sketched(fold) && tide_sketch_load(fold->sketch, in, arena);
}

bool
tide_column_load(struct tide_column_fold *fold, struct tide_reader *in, struct tide_arena *arena)
{
	struct tide_column_fold from = {0};

#define GET(name) from.name = tide_bytes_number(in);
	COUNTS(GET)
	GET(bin_count)
	GET(fine_count)
#undef GET
	from.min = tide_bytes_double(in);
	from.max = tide_bytes_double(in);
	if (in->bad || from.bin_count != fold->bin_count || from.fine_count != fold->fine_count ||
	    !isfinite(from.min) || !isfinite(from.max))
		return false;
	plain_merge(fold, &from);
	tide_bytes_sum(in, &fold->sum);
	tide_bytes_sum(in, &fold->squares);
	tide_bytes_counts(in, fold->bins, fold->bin_count);
	tide_bytes_counts(in, fold->fine, fold->fine_count);
	uint64_t before = fold->numbers.count;
	if (!tide_unseen_load(&fold->others, in, arena) ||
	    !tide_distinct_load(&fold->distinct, in) || !numbers_load(fold, in, arena))
		return false;
	if (fold->numbers.count > before)
		extremes_merge(fold, before == 0, from.min, from.max);
	return true;
}
