#ifndef TESTS_CALIBRATION_STREAM_H
#define TESTS_CALIBRATION_STREAM_H
#include "detectors/detector.h"
#include "tests/calibration/random.h"
/*
 * Columns without drift, and with: a reference of m rows, then a window that grows to n rows.
 *
 *  (1) A stream of counts draws what the bins hold, not the values: exact in law, for the cells of
 *      a continuous column are cut between order statistics of m uniforms (sums of exponential
 *      spacings), those of a lattice from its counts, and a window is then multinomial. A change of
 *      the window is a change of these shares.
 *  (2) A stream of values goes through the engine: tide_reference_learn and _cut, then folds.
 *  (3) Categories that the reference never saw are unseen values, as in the engine.
 */
#define STREAM_CELLS_MAX 256

enum stream_kind {
	STREAM_CONTINUOUS,
	STREAM_LATTICE, /* numbers 0, 1, ... with the shares */
	STREAM_CATEGORIES,
	STREAM_NORMAL, /* from here on: values */
	STREAM_LOGNORMAL,
	STREAM_ZEROS,
	STREAM_INTEGERS,
	STREAM_TEXTS
};

struct stream {
	const char *name;
	enum stream_kind kind;
	size_t size;  /* atoms or categories */
	double first; /* share of the first; 0: the Zipf shares 1 / (i + 1), shuffled */
	size_t empty; /* cells behind them that stay empty */
	/* what becomes of a standard normal z in the window, where it is continuous */
	double shift, scale, tail; /* z: z * scale + shift; tail: factor of z above its .99 */
};

struct stream_pair {
	uint64_t reference[STREAM_CELLS_MAX], current[STREAM_CELLS_MAX];
	double shares[STREAM_CELLS_MAX]; /* of the next rows of the window */
	size_t count;
	enum tide_column_type type;
	double min_effect;
	struct engine *engine; /* streams of values */
};

bool stream_is_values(const struct stream *stream);
/** Draws a new reference of m rows and empties the window. */
void stream_start(const struct stream *stream, struct random *random, uint64_t m,
                  struct stream_pair *pair);
/** `more` rows arrive in the window. */
void stream_grow(const struct stream *stream, struct random *random, uint64_t more,
                 struct stream_pair *pair);
struct tide_column_test stream_test(const struct stream_pair *pair);
void stream_end(struct stream_pair *pair);

/* engine.c */
struct engine;
struct engine *engine_new(const struct stream *stream, struct random *random, uint64_t m);
void engine_grow(struct engine *engine, const struct stream *stream, struct random *random,
                 uint64_t more);
struct tide_column_test engine_test(const struct engine *engine);
void engine_free(struct engine *engine);
/** Shares of the atoms or categories. */
void stream_shares(const struct stream *stream, double *shares);
#endif
