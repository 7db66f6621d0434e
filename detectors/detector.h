#ifndef TIDE_DETECTORS_DETECTOR_H
#define TIDE_DETECTORS_DETECTOR_H
#include "windowing/evidence.h"
/*
 * A detector measures; alerts judges. It reads the folds of one closed cell and leaves a finding.
 *
 *  (1) One file, one line in detectors.def, one golden file. The struct is the source of config
 *      validation, `tidemark describe` and the docs.
 *  (2) judge cannot fail, allocate or wait. It sets value and, where they exist, lower, upper,
 *      p_value, log10_p, n; else NaN. UNDEFINED and a reason when the number does not exist; never
 *      NaN with status OK.
 *  (3) `reference` is the same measure of the reference, NaN where there is none; the driver sets
 *      it.
 *  (4) A column detector is asked once for every column of the cell, `$prediction` among them. A
 *      class detector is asked once in a binary cell, and once for every class that was true or
 *      predicted in a multiclass cell, with the column `$label:<class>`, in the order of the names.
 *      One of measures is asked once for every business measure of its side, named as column.
 */
enum tide_family {
	TIDE_PERFORMANCE,
	TIDE_QUALITY,
	TIDE_DRIFT,
	TIDE_BUSINESS,
	TIDE_OPERATIONS
};
enum tide_status { TIDE_OK, TIDE_INSUFFICIENT, TIDE_UNDEFINED, TIDE_NO_DATA };
enum tide_better { TIDE_BETTER_HIGHER, TIDE_BETTER_LOWER, TIDE_BETTER_ZERO, TIDE_BETTER_NONE };

struct tide_finding {
	const struct tide_detector *detector;
	struct tide_text column; /* empty: the cell's own */
	double value, reference, lower, upper, p_value, log10_p, n;
	double reference_n; /* n of the reference's value, 0 where there is none */
	enum tide_status status;
	const char *reason; /* when OK: NULL, or "capped" in the cell of `__other__` (SPEC 3.6) */
};

/* What the reference says of one column (counts on the shape's bins). */
struct tide_distribution {
	uint64_t rows, missing, count, unseen; /* rows: reference records */
	uint64_t mistyped, outside;            /* outside: beyond the shape's range */
	const uint64_t *bins;
	size_t bin_count;
	double min, max, mean, std;
};

struct tide_subject {
	const struct tide_evidence *evidence;
	/* column detectors only: */
	struct tide_text column;
	enum tide_column_type type;
	const struct tide_column_fold *fold;          /* NULL: no record had it */
	const struct tide_distribution *distribution; /* NULL: the reference lacks it */
	/* detectors of measures only: */
	const struct tide_business *business;
	const struct tide_business_fold *measured; /* NULL: no row */
	/* class detectors only: one class against all others; binary: the positive one */
	struct tide_confusion_fold confusion;
	size_t class; /* its curve; binary: 0 */
};

typedef void tide_detector_judge_fn(const struct tide_subject *subject,
                                    struct tide_finding *finding);

#define TIDE_NEEDS_REFERENCE 1u
#define TIDE_NEEDS_NUMERIC 2u
#define TIDE_NEEDS_CATEGORICAL 4u
#define TIDE_FOR_REGRESSION 8u
#define TIDE_FOR_BINARY 16u
#define TIDE_OF_COLUMN 32u
#define TIDE_FOR_MULTICLASS 64u
#define TIDE_OF_CLASS 128u /* multiclass: asked once a class of the cell */
#define TIDE_FOR_CLASSES (TIDE_FOR_BINARY | TIDE_FOR_MULTICLASS)
#define TIDE_OF_MEASURE 256u
#define TIDE_WITHOUT_REFERENCE 512u /* a reference has no windows and no join: no value there */
#define TIDE_NEEDS_MAPPED(operation) (1024u << (operation)) /* enum tide_operation */

struct tide_detector {
	const char *name;    /* canonical: MLflow's, scikit-learn's; never changes */
	const char *aliases; /* separated by spaces, or "" */
	const char *title, *unit, *formula, *source, *dialect; /* dialect "" is the house's */
	enum tide_family family;
	enum tide_better better;
	enum tide_side side;
	unsigned needs;
	tide_detector_judge_fn *judge;
};

/** The i-th detector in the order of detectors.def, NULL past the end. */
const struct tide_detector *tide_detector_at(size_t index);
/** By canonical name or alias; NULL if none. */
const struct tide_detector *tide_detector_find(const char *name);
const char *tide_detector_family_name(enum tide_family family);
const char *tide_detector_status_name(enum tide_status status);

struct tide_reference;
/** Judges one evidence with every detector that fits it; at most `room` findings are written, in
 *  registry order, columns in the order of their names' bytes with $prediction first. Returns
 *  their number. `reference` may be NULL. */
size_t tide_detector_judge(const struct tide_evidence *evidence,
                           const struct tide_reference *reference, struct tide_finding *findings,
                           size_t room);
#endif
