#ifndef TIDE_APP_LAB_INJECT_H
#define TIDE_APP_LAB_INJECT_H
#include "base/error.h"
#include "schemas/mapping.h"
/*
 * One change of the records of the lab (docs/lab.md), as a person wrote it.
 *
 *  (1) `column=GLOB,CHANGE,at=WHEN`. The glob names features; $prediction, $score and $target stand
 *      for themselves. CHANGE is one of
 *        shift=Xsd        a number becomes x + X standard deviations of the clean column
 *        scale=X          a number becomes X x
 *        missing=P        a value becomes null with probability P
 *        swap=VALUE:P     a value becomes VALUE with probability P (`category` is the same)
 *        stuck=VALUE      every value becomes VALUE
 *        label_flip=P     a target becomes the next class with probability P; no column
 *  (2) WHEN is a time or a share of the time that the records span: 60% or .6; half if left out.
 *  (3) Chance hangs on the id, the column and the seed alone, not on the order of records.
 */
#define TIDE_LAB_CLASSES_MAX 64

enum tide_lab_change {
	TIDE_LAB_NONE,
	TIDE_LAB_SHIFT,
	TIDE_LAB_SCALE,
	TIDE_LAB_MISSING,
	TIDE_LAB_SWAP,
	TIDE_LAB_STUCK,
	TIDE_LAB_FLIP
};

struct tide_lab_injection {
	const char *text;   /* as written */
	const char *column; /* glob */
	enum tide_lab_change change;
	double number;      /* standard deviations, factor or probability */
	struct tide_value value; /* swap, stuck */
	double at_share;    /* NaN: at_ms is known */
	int64_t at_ms;
	uint64_t changed;   /* values, in the last run */
	char words[512];
};

/* What the clean records are like. */
struct tide_lab_moments {
	double n, mean, squares; /* squares: sum of those of the deviations */
};
struct tide_lab_facts {
	int64_t first_ms, last_ms;
	struct tide_lab_moments columns[TIDE_COLUMNS_MAX], prediction, score, target;
	struct tide_value classes[TIDE_LAB_CLASSES_MAX];
	char class_texts[TIDE_LAB_CLASSES_MAX][64];
	size_t class_count;
};

/** TIDE_ERROR_USAGE: says what is wrong with the words. `text` outlives the injection. */
int tide_lab_inject_read(const char *text, struct tide_lab_injection *injection,
                            struct tide_error *error) TIDE_MUSTCHECK;
/** Adds a clean event. */
void tide_lab_inject_learn(struct tide_lab_facts *facts, const struct tide_event *event);
/** Changes an event from the injection's time on; `room` holds TIDE_COLUMNS_MAX values, and they
 *  are the event's until the next one. */
void tide_lab_inject(struct tide_lab_injection *injection, const struct tide_lab_facts *facts,
                     const struct tide_columns *columns, uint64_t seed, struct tide_event *event,
                     struct tide_value *room);
/** A number in [0, 1) that hangs on the id, the place and the seed. */
double tide_lab_inject_chance(const struct tide_event *event, uint64_t place, uint64_t seed);
#endif
