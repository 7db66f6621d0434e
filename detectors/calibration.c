#include "detectors/calibration.h"
#include <math.h>

#define PARTS 10
#define ERROR_BINS 10

/* While it grows a block's share is the sum of its positives. `points` descend. */
static size_t
pool_adjacent(const struct tide_score_point *points, size_t count, double rows_a_weight,
              struct tide_calibration_block *blocks)
{
	size_t kept = 0;

	for (size_t i = count; i-- > 0;) {
		const struct tide_score_point *point = &points[i];
		struct tide_calibration_block block = {point->score, point->score,
		                                       point->positives,
		                                       point->positives + point->negatives};
		if (block.rows <= 0)
			continue;
		while (kept > 0 && blocks[kept - 1].share * block.rows >=
		                           block.share * blocks[kept - 1].rows) {
			kept--;
			block.low = blocks[kept].low;
			block.share += blocks[kept].share;
			block.rows += blocks[kept].rows;
		}
		blocks[kept++] = block;
	}
	for (size_t i = 0; i < kept; i++) {
		blocks[i].share /= blocks[i].rows;
		blocks[i].rows *= rows_a_weight;
	}
	return kept;
}

/* SplitMix64 (Steele, Lea and Flood 2014). */
static unsigned
part_of(uint64_t place)
{
	uint64_t x = (place + 1) * UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return (unsigned)((x ^ x >> 31) % PARTS);
}

/* How much of one side of a point belongs to the part. Rows with weights stay together. */
static double
side_held(double side, bool weighted, unsigned part, uint64_t *place)
{
	double held = 0;

	if (weighted)
		return part_of((*place)++) == part ? side : 0;
	for (double row = 0; row < side; row++)
		held += part_of((*place)++) == part;
	return held;
}

static void
part_split(const struct tide_score_curve *curve, unsigned part, struct tide_score_point *held,
           struct tide_score_point *rest)
{
	uint64_t place = 0;

	for (size_t i = 0; i < curve->count; i++) {
		const struct tide_score_point *point = &curve->points[i];
		held[i].score = rest[i].score = point->score;
		held[i].positives = side_held(point->positives, curve->weighted, part, &place);
		held[i].negatives = side_held(point->negatives, curve->weighted, part, &place);
		rest[i].positives = point->positives - held[i].positives;
		rest[i].negatives = point->negatives - held[i].negatives;
	}
}

/* Of each bin, what its shares say beyond the positives that it has. */
struct errors {
	double of_scores[ERROR_BINS], of_shares[ERROR_BINS];
};

static void
errors_add(struct errors *errors, const struct tide_score_curve *curve,
           const struct tide_score_point *held, const struct tide_calibration *learnt)
{
	struct tide_calibration_walk walk;
	double above = 0, all = curve->positives + curve->negatives;

	tide_calibration_start(&walk, learnt);
	for (size_t i = 0; i < curve->count; i++) {
		double own = curve->points[i].positives + curve->points[i].negatives;
		double rows = held[i].positives + held[i].negatives;
		double share = tide_calibration_share(&walk, held[i].score);
		size_t bin = (size_t)((above + own / 2) / all * ERROR_BINS);
		bin = bin < ERROR_BINS ? bin : ERROR_BINS - 1;
		errors->of_scores[bin] += rows * held[i].score - held[i].positives;
		errors->of_shares[bin] += rows * share - held[i].positives;
		above += own;
	}
}

static bool
shares_help(const struct tide_score_curve *curve, const struct tide_calibration_room *room)
{
	struct tide_score_point *held = room->points, *rest = room->points + curve->count;
	struct errors errors = {{0}, {0}};
	double of_scores = 0, of_shares = 0;

	for (unsigned part = 0; part < PARTS; part++) {
		part_split(curve, part, held, rest);
		struct tide_calibration learnt = {
			room->blocks, pool_adjacent(rest, curve->count, 1, room->blocks), true};
		if (learnt.count == 0)
			return false;
		errors_add(&errors, curve, held, &learnt);
	}
	for (size_t bin = 0; bin < ERROR_BINS; bin++) {
		of_scores += fabs(errors.of_scores[bin]);
		of_shares += fabs(errors.of_shares[bin]);
	}
	return of_shares < of_scores;
}

bool
tide_calibration_learn(struct tide_calibration *calibration, const struct tide_score_curve *curve,
                       const struct tide_calibration_room *room)
{
	double all = curve->positives + curve->negatives;

	if (!(curve->positives > 0 && curve->negatives > 0))
		return false;
	calibration->used = shares_help(curve, room);
	calibration->blocks = room->blocks;
	calibration->count =
		pool_adjacent(curve->points, curve->count,
	                      (curve->positive_rows + curve->negative_rows) / all, room->blocks);
	return true;
}

void
tide_calibration_start(struct tide_calibration_walk *walk,
                       const struct tide_calibration *calibration)
{
	*walk = (struct tide_calibration_walk){calibration, calibration->count - 1, 0};
}

double
tide_calibration_share(struct tide_calibration_walk *walk, double score)
{
	const struct tide_calibration *calibration = walk->calibration;
	const struct tide_calibration_block *block = calibration->blocks + walk->at;

	while (walk->at > 0 && block->low > score)
		block = calibration->blocks + --walk->at;
	walk->next = 0;
	if (score > block->high && walk->at + 1 < calibration->count)
		walk->next = (score - block->high) / (block[1].low - block->high);
	if (!calibration->used)
		return score;
	if (walk->next == 0)
		return block->share;
	return block->share + walk->next * (block[1].share - block->share);
}

double
tide_calibration_variance(const struct tide_calibration_block *block)
{
	double share = (block->share * block->rows + .5) / (block->rows + 1);

	return share * (1 - share) / (block->rows + 1);
}
