#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "windowing/folds/score.h"
#include <math.h>
#include <string.h>

#define ROWS 400

struct place {
	struct tide_pool pool;
	struct tide_arena arena;
	struct tide_score_scratch scratch;
	double values[4096];
	struct tide_score_point points[4096];
};

static void
place_open(struct place *place)
{
	tide_pool_init(&place->pool, 64 << 20);
	tide_pool_arena_init(&place->arena, &place->pool);
	place->scratch = (struct tide_score_scratch){
	        .rows = 4096, .values = place->values, .points = place->points};
}

static void
place_close(struct place *place)
{
	tide_pool_arena_fini(&place->arena);
	tide_pool_fini(&place->pool);
}

/* Scores with ties, both ends among them; the same every run. */
static double
score_of(size_t i)
{
	if (i % 50 == 0)
		return i % 100 == 0 ? 0 : 1;
	return floor(fmod((double) i * .6180339887498949, 1) * 64) / 64;
}

static size_t
target_of(size_t i)
{
	return score_of(i * 7 + 3) < score_of(i);
}

static void
fill(struct tide_score_fold *fold, const struct tide_score_shape *shape, size_t from, size_t to,
     int sign, struct tide_arena *arena)
{
	for (size_t i = from; i < to; i++) {
		double score = score_of(i);
		tide_score_add(fold, shape, target_of(i), &score, 1, sign, arena);
	}
}

/* Pairs of a positive and a negative where the positive has the higher score; ties: half. */
static double
wins_of_rows(void)
{
	double wins = 0;

	for (size_t i = 0; i < ROWS; i++)
		for (size_t j = 0; j < ROWS; j++)
			if (target_of(i) && !target_of(j))
				wins += score_of(i) > score_of(j)
				                ? 1
				                : .5 * (score_of(i) == score_of(j));
	return wins;
}

static double
wins_of_curve(const struct tide_score_curve *curve)
{
	double wins = 0, above = 0;

	for (size_t i = 0; i < curve->count; i++) {
		if (i)
			assert_true(curve->points[i].score < curve->points[i - 1].score);
		wins += (double) curve->points[i].negatives *
		        (above + (double) curve->points[i].positives / 2);
		above += (double) curve->points[i].positives;
	}
	return wins;
}

static void
rows_are_exact_up_to_their_limit_and_bins_are_close_beyond(void **state)
{
	static struct place place;

	(void) state;
	place_open(&place);
	for (size_t limit = ROWS - 1; limit <= ROWS; limit++) {
		struct tide_score_fold fold = {0};
		struct tide_score_shape shape = {limit, 1, true, false};
		fill(&fold, &shape, 0, ROWS, 1, &place.arena);
		place.scratch.of = NULL;
		const struct tide_score_curve *curve =
		        tide_score_curve(&fold, &shape, 0, &place.scratch);
		assert_int_equal(curve->exact, limit == ROWS);
		assert_int_equal(curve->positives + curve->negatives, ROWS);
		/* 64ths have bins of their own, so the order is the same here */
		assert_true(wins_of_curve(curve) == wins_of_rows());
	}
	place_close(&place);
}

static void
a_row_that_is_taken_back_leaves_no_trace(void **state)
{
	static struct place place;

	(void) state;
	place_open(&place);
	for (size_t limit = 8; limit <= ROWS; limit += ROWS - 8) {
		struct tide_score_fold fold = {0}, other = {0};
		struct tide_score_shape shape = {limit, 1, true, false};
		fill(&fold, &shape, 0, ROWS, 1, &place.arena);
		fill(&fold, &shape, 0, ROWS / 2, -1, &place.arena);
		fill(&other, &shape, ROWS / 2, ROWS, 1, &place.arena);
		assert_int_equal(fold.scored, ROWS / 2);
		assert_true(tide_sum_equal(&fold.log_loss, &other.log_loss));
		assert_true(tide_sum_equal(&fold.brier, &other.brier));
		place.scratch.of = NULL;
		double wins = wins_of_curve(tide_score_curve(&fold, &shape, 0, &place.scratch));
		assert_true(wins_of_curve(tide_score_curve(&other, &shape, 0, &place.scratch)) ==
		            wins);
	}
	place_close(&place);
}

static void
a_merge_keeps_rows_only_if_their_sum_fits(void **state)
{
	static struct place place;

	(void) state;
	place_open(&place);
	for (size_t limit = ROWS - 1; limit <= ROWS; limit++) {
		struct tide_score_shape shape = {limit, 1, true, false};
		struct tide_score_fold parts[3] = {{0}}, all = {0};
		for (size_t i = 0; i < 3; i++) {
			fill(&parts[i], &shape, i * ROWS / 3, (i + 1) * ROWS / 3, 1, &place.arena);
			tide_score_merge(&all, &parts[i], &shape, &place.arena);
		}
		place.scratch.of = NULL;
		const struct tide_score_curve *curve =
		        tide_score_curve(&all, &shape, 0, &place.scratch);
		assert_int_equal(curve->exact, limit == ROWS);
		assert_int_equal(all.scored, ROWS);
		assert_true(wins_of_curve(curve) == wins_of_rows());
	}
	place_close(&place);
}

static void
a_loss_is_that_of_the_target_and_never_infinite(void **state)
{
	static struct place place;
	struct tide_score_shape binary = {10, 1, true, false}, many = {10, 3, false, false};
	struct tide_score_fold one = {0}, three = {0};
	double sure = 1, none = NAN, scores[] = {.25, .5, NAN};

	(void) state;
	place_open(&place);
	tide_score_add(&one, &binary, 0, &sure, 1, 1, &place.arena);
	tide_score_add(&one, &binary, 0, &none, 1, 1, &place.arena);
	assert_int_equal(one.scored, 1);
	/* -ln(2^-52), the largest loss of scikit-learn's log_loss */
	assert_true(fabs(tide_sum_round(&one.log_loss) - 36.04365338911715) < 1e-12);
	assert_true(tide_sum_round(&one.brier) == 1);
	tide_score_add(&three, &many, 1, scores, 1, 1, &place.arena);
	tide_score_add(&three, &many, 2, scores, 1, 1, &place.arena);
	assert_int_equal(three.scored, 1); /* the third class has no score */
	assert_true(fabs(tide_sum_round(&three.log_loss) - 0.6931471805599453) < 1e-15);
	place.scratch.of = NULL;
	assert_int_equal(tide_score_curve(&three, &many, 1, &place.scratch)->positives, 1);
	assert_int_equal(tide_score_curve(&three, &many, 1, &place.scratch)->negatives, 1);
	assert_int_equal(tide_score_curve(&three, &many, 2, &place.scratch)->count, 0);
	place_close(&place);
}

static void
bins_keep_the_order_of_scores_down_to_the_smallest(void **state)
{
	static struct place place;
	struct tide_score_shape shape = {0, 1, true, false};
	struct tide_score_fold fold = {0};

	(void) state;
	place_open(&place);
	for (int exponent = -40; exponent <= -1; exponent++) {
		double low = ldexp(1, exponent), high = 1 - low;
		tide_score_add(&fold, &shape, 0, &low, 1, 1, &place.arena);
		tide_score_add(&fold, &shape, 1, &high, 1, 1, &place.arena);
	}
	place.scratch.of = NULL;
	const struct tide_score_curve *curve = tide_score_curve(&fold, &shape, 0, &place.scratch);
	/* 2^-40 to 2^-33 share the lowest bin, and so at the other end; 1/2 is in both halves' last */
	assert_int_equal(curve->points[0].positives, 8);
	assert_int_equal(curve->points[curve->count - 1].negatives, 8);
	assert_int_equal(curve->count, 2 * 33 - 1);
	assert_true(curve->points[0].score > 1 - ldexp(1, -32));
	assert_true(curve->points[curve->count - 1].score < ldexp(1, -32));
	place_close(&place);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(rows_are_exact_up_to_their_limit_and_bins_are_close_beyond),
	        cmocka_unit_test(a_row_that_is_taken_back_leaves_no_trace),
	        cmocka_unit_test(a_merge_keeps_rows_only_if_their_sum_fits),
	        cmocka_unit_test(a_loss_is_that_of_the_target_and_never_infinite),
	        cmocka_unit_test(bins_keep_the_order_of_scores_down_to_the_smallest),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
