#ifndef TIDE_WINDOWING_EVIDENCE_H
#define TIDE_WINDOWING_EVIDENCE_H
#include "windowing/cell.h"
#include "windowing/classes.h"
#include "windowing/options.h"
/*
 * What a closed pane leaves: one record a cell, in the order of SPEC 4.1 within the pane.
 *
 *  (1) side prediction: `cell` is filled, labels NULL. side label: `labels` is filled, and
 *      predictions counts the cell's predictions. side input: only `counts`.
 *  (2) Valid until the next close of the same panes.
 *  (3) `after` is what will be handed out behind it, after_count long: the segments of a total are
 *      among it (tide_evidence_group).
 */
enum tide_side { TIDE_SIDE_PREDICTION, TIDE_SIDE_LABEL, TIDE_SIDE_INPUT };
enum tide_timing { TIDE_TIMING_EARLY, TIDE_TIMING_FINAL, TIDE_TIMING_REVISED };

/* Outcomes of SPEC 2.1 and 2.2; predictions use the first five and poison. */
enum tide_outcome {
	TIDE_ACCEPTED,
	TIDE_MATCHED,
	TIDE_DUPLICATE,
	TIDE_CONFLICT,
	TIDE_CORRECTED,
	TIDE_UNMATCHED,
	TIDE_BEFORE_START,
	TIDE_LATE,
	TIDE_FUTURE,
	TIDE_POISON,
	TIDE_WAITING,
	TIDE_OUTCOMES
};

struct tide_input_counts {
	uint64_t outcomes[2][TIDE_OUTCOMES]; /* [role] */
};

struct tide_evidence {
	int64_t start_ms, end_ms, trigger_ms, age_ms; /* age: early panes, else -1 */
	enum tide_side side;
	enum tide_timing timing;
	bool complete;
	uint64_t revision; /* of its key (SPEC 4.2) */
	bool held_out; /* the reference holds these rows: tests of drift leave them out of it */
	bool capped; /* the cell holds what had to give way to the cap (SPEC 3.6) */
	enum tide_problem problem;
	struct tide_cell_key key;
	const struct tide_cell *cell;
	const struct tide_label_fold *labels;
	const struct tide_label_shape *label_shape;
	const struct tide_classes *classes; /* multiclass: whose numbers the folds use */
	struct tide_score_scratch *scratch; /* where curves of `labels` are made */
	uint64_t predictions, labelled;
	const struct tide_input_counts *counts;
	const struct tide_columns *columns; /* names of cell->columns */
	const struct tide_shape *shape;
	const struct tide_measures *measures; /* NULL: none */
	const struct tide_segment *segments; /* those that are declared */
	size_t segment_count;
	uint64_t group_min_n; /* labelled rows of a group that fairness is measured of (SPEC 7.13) */
	const struct tide_evidence *after;
	size_t after_count;
};

/** The cells of one segment in the pane of a total, in the order of their values, the one without
 *  a value first; `last` NULL: the first one. NULL: there is none (any more). */
const struct tide_evidence *tide_evidence_group(const struct tide_evidence *total, int segment,
                                                const struct tide_evidence *last);
/** The cell of the key in the pane of a total, found by halving; NULL: there is none. */
const struct tide_evidence *tide_evidence_cell(const struct tide_evidence *total,
                                               const struct tide_cell_key *key);
#endif
