#include "windowing/folds/operation.h"

static struct tide_operation_fold *
fold_made(struct tide_operation_fold **fold, struct tide_arena *arena)
{
	if (!*fold)
		*fold = tide_pool_arena_take(arena, sizeof **fold);
	return *fold;
}

void
tide_operation_add(struct tide_operation_fold **fold, double value, bool sketched,
                   struct tide_arena *arena)
{
	if (!tide_sum_product_fits(value, value))
		return;
	struct tide_operation_fold *to = fold_made(fold, arena);
	if (to->count == 0 || value > to->max)
		to->max = value;
	to->count++;
	tide_sum_add(&to->sum, value);
	tide_sum_add_product(&to->squares, value, value);
	if (sketched)
		(void) tide_sketch_add(&to->sketch, value, arena);
}

void
tide_operation_merge(struct tide_operation_fold **to, const struct tide_operation_fold *from,
                     struct tide_arena *arena)
{
	if (!from || from->count == 0)
		return;
	struct tide_operation_fold *sum = fold_made(to, arena);
	if (sum->count == 0 || from->max > sum->max)
		sum->max = from->max;
	sum->count += from->count;
	tide_sum_merge(&sum->sum, &from->sum);
	tide_sum_merge(&sum->squares, &from->squares);
	(void) tide_sketch_merge(&sum->sketch, &from->sketch, arena);
}

void
tide_operation_save(const struct tide_operation_fold *fold, struct tide_buffer *out)
{
	tide_bytes_put_number(out, fold ? fold->count : 0);
	if (!fold || fold->count == 0)
		return;
	tide_bytes_put_double(out, fold->max);
	tide_bytes_put_sum(out, &fold->sum);
	tide_bytes_put_sum(out, &fold->squares);
	tide_sketch_save(&fold->sketch, out);
}

bool
tide_operation_load(struct tide_operation_fold **fold, struct tide_reader *in,
                    struct tide_arena *arena)
{
	uint64_t count = tide_bytes_number(in);

	if (count == 0)
		return !in->bad;
	double max = tide_bytes_double(in);
	if (in->bad || !isfinite(max))
		return false;
	struct tide_operation_fold *to = fold_made(fold, arena);
	if (to->count == 0 || max > to->max)
		to->max = max;
	to->count += count;
	tide_bytes_sum(in, &to->sum);
	tide_bytes_sum(in, &to->squares);
	return tide_sketch_load(&to->sketch, in, arena);
}
