#include "windowing/folds/estimate.h"
#include "windowing/folds/weighted.h"
#include <math.h>

/* The probabilities of a row, descending, so that their sums have one order; returns how many. */
static size_t
probabilities(const struct tide_score_shape *shape, const double *scores, double sorted[256])
{
	double rest[2] = {scores[0], 1 - scores[0]}, sum = 0;
	size_t count = 0, classes = shape->binary ? 2 : shape->curves;

	TIDE_ASSERT(classes <= 256);
	for (size_t i = 0; i < classes; i++) {
		double score = shape->binary ? rest[i] : scores[i];
		size_t at = count;
		if (isnan(score))
			continue;
		for (; at > 0 && sorted[at - 1] < score; at--)
			sorted[at] = sorted[at - 1];
		sorted[at] = score;
		count++;
	}
	for (size_t i = 0; i < count; i++)
		sum += sorted[i];
	for (size_t i = 0; i < count; i++)
		sorted[i] /= sum;
	return sum > 0 ? count : 0;
}

bool
tide_estimate_sureness(const struct tide_score_shape *shape, const double *scores,
                       double sureness[TIDE_SURENESSES])
{
	double sorted[256], entropy = 0;
	size_t count = shape->curves ? probabilities(shape, scores, sorted) : 0;

	if (count < 2)
		return false;
	for (size_t i = 0; i < count && sorted[i] > 0; i++)
		entropy -= sorted[i] * log(sorted[i]);
	sureness[TIDE_ENTROPY] = entropy;
	sureness[TIDE_MARGIN] = sorted[0] - sorted[1];
	sureness[TIDE_CONFIDENCE] = sorted[0];
	return true;
}

static struct tide_estimate_fold *
fold_made(struct tide_estimate_fold **fold, const struct tide_score_shape *shape,
          struct tide_arena *arena)
{
	if (!*fold) {
		*fold = tide_pool_arena_take(arena, sizeof **fold);
		(*fold)->shape = *shape;
	}
	return *fold;
}

void
tide_estimate_add(struct tide_estimate_fold **fold, const struct tide_score_shape *shape,
                  size_t said, const double *scores, double weight, struct tide_arena *arena)
{
	double sureness[TIDE_SURENESSES];

	if (!tide_estimate_sureness(shape, scores, sureness))
		return;
	struct tide_estimate_fold *to = fold_made(fold, shape, arena);
	to->count++;
	for (size_t i = 0; i < TIDE_SURENESSES; i++) {
		tide_sum_add(&to->sums[i], sureness[i]);
		tide_sum_add_product(&to->squares[i], sureness[i], sureness[i]);
	}
	if (shape->binary && tide_weighted_counts(weight))
		tide_score_keep(&to->scores, shape, said, scores, weight, 1, arena);
}

void
tide_estimate_merge(struct tide_estimate_fold **to, const struct tide_estimate_fold *from,
                    struct tide_arena *arena)
{
	if (!from)
		return;
	struct tide_estimate_fold *sum = fold_made(to, &from->shape, arena);
	sum->count += from->count;
	for (size_t i = 0; i < TIDE_SURENESSES; i++) {
		tide_sum_merge(&sum->sums[i], &from->sums[i]);
		tide_sum_merge(&sum->squares[i], &from->squares[i]);
	}
	if (from->shape.binary) {
		sum->scores.rows.width = from->scores.rows.width;
		tide_score_merge(&sum->scores, &from->scores, &from->shape, arena);
	}
}

/* A count of 0: no fold. Then whether scores are among what follows, and the sums. */
void
tide_estimate_save(const struct tide_estimate_fold *fold, struct tide_buffer *out)
{
	static const struct tide_class_numbers none;

	tide_bytes_put_number(out, fold ? fold->count : 0);
	if (!fold)
		return;
	tide_bytes_put_number(out, fold->shape.binary);
	for (size_t i = 0; i < TIDE_SURENESSES; i++) {
		tide_bytes_put_sum(out, &fold->sums[i]);
		tide_bytes_put_sum(out, &fold->squares[i]);
	}
	if (fold->shape.binary)
		tide_score_save(&fold->scores, &fold->shape, &none, out);
}

bool
tide_estimate_load(struct tide_estimate_fold **fold, const struct tide_score_shape *shape,
                   struct tide_reader *in, struct tide_arena *arena)
{
	static const struct tide_class_numbers none;
	uint64_t count = tide_bytes_number(in);

	if (count == 0)
		return !in->bad;
	bool binary = tide_bytes_number(in) != 0;
	if ((binary && !shape->curves) || (*fold && (*fold)->shape.binary != binary))
		return false;
	struct tide_estimate_fold *to =
	        fold_made(fold, binary ? shape : &(struct tide_score_shape){0}, arena);
	to->count += count;
	for (size_t i = 0; i < TIDE_SURENESSES; i++) {
		tide_bytes_sum(in, &to->sums[i]);
		tide_bytes_sum(in, &to->squares[i]);
	}
	if (binary)
		return tide_score_load(&to->scores, shape, &none, in, arena);
	return !in->bad;
}

size_t
tide_estimate_blocks_max(bool weighted)
{
	const struct tide_score_shape shape = {.curves = 1, .binary = true, .weighted = weighted};

	return tide_score_blocks_max(&shape) + 2;
}
