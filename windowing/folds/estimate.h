#ifndef TIDE_WINDOWING_FOLDS_ESTIMATE_H
#define TIDE_WINDOWING_FOLDS_ESTIMATE_H
#include "windowing/folds/score.h"
/*
 * The fold of the scores of all predictions, labelled or not: how sure the model was of them, and,
 * of a binary model, the scores beside what was said, for estimates of its performance (SPEC 7.12).
 *
 *  (1) Sums are exact and count every row once; add and merge commute and give the same bits.
 *  (2) A row enters the sums where it has two probabilities: its score and the rest, or the scores
 *      of two classes or more, divided by their sum. It does not where all are 0.
 *  (3) `scores` keeps what the predictions said in the place of the target, without a loss: rows
 *      up to exact_rows, counts in bins beyond. Where a weight is mapped they are weighted.
 *  (4) Nothing is taken back: the prediction side has no corrections.
 */
enum tide_sureness { TIDE_ENTROPY, TIDE_MARGIN, TIDE_CONFIDENCE, TIDE_SURENESSES };

struct tide_estimate_fold {
	uint64_t count; /* rows in the sums */
	struct tide_sum sums[TIDE_SURENESSES], squares[TIDE_SURENESSES];
	struct tide_score_shape shape;
	struct tide_score_fold scores; /* binary */
};

/** Entropy (nats), margin of the best over the second, and probability of the best; false: (2).
 *  `scores` as tide_score_add takes them; not in the order of the classes' numbers. */
bool tide_estimate_sureness(const struct tide_score_shape *shape, const double *scores,
                            double sureness[TIDE_SURENESSES]);
/** Made with the first row. `said`: binary: 1 or 0. */
void tide_estimate_add(struct tide_estimate_fold **fold, const struct tide_score_shape *shape,
                       size_t said, const double *scores, double weight,
                       struct tide_arena *arena);
/** `from`, which may be NULL, stays as it is for as long as `to` is read. */
void tide_estimate_merge(struct tide_estimate_fold **to, const struct tide_estimate_fold *from,
                         struct tide_arena *arena);
void tide_estimate_save(const struct tide_estimate_fold *fold, struct tide_buffer *out);
/** `shape`: that of a binary model. */
bool tide_estimate_load(struct tide_estimate_fold **fold, const struct tide_score_shape *shape,
                        struct tide_reader *in, struct tide_arena *arena);
/** Most blocks that an add or a merge can take. */
size_t tide_estimate_blocks_max(bool weighted);
#endif
