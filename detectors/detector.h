#ifndef TIDE_DETECTORS_DETECTOR_H
#define TIDE_DETECTORS_DETECTOR_H
#include "detectors/calibration.h"
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
 *      it. An effect size of drift has its null mean there: what a sample of this size of the
 *      reference itself gives on average; value - reference is the excess (SPEC 7.1).
 *  (4) A column detector is asked once for every column of the cell, `$prediction` among them. A
 *      class detector is asked once in a binary cell, and once for every class that was true or
 *      predicted in a multiclass cell, with the column `$label:<class>`, in the order of the names.
 *      One of measures is asked once for every business measure of its side, named as column, and
 *      one of segments once for every declared segment of a total, named as column.
 */
enum tide_family {
	TIDE_PERFORMANCE,
	TIDE_QUALITY,
	TIDE_DRIFT,
	TIDE_BUSINESS,
	TIDE_OPERATIONS,
	TIDE_CONCEPT,  /* of the losses of labelled rows, in their order */
	TIDE_ESTIMATE, /* of performance, before labels come */
	TIDE_FAIRNESS
};
#define TIDE_FAMILIES (TIDE_FAIRNESS + 1)
enum tide_status {
	TIDE_OK,
	TIDE_INSUFFICIENT,
	TIDE_UNDEFINED,
	TIDE_NO_DATA,
	TIDE_UNSTABLE,
	TIDE_PRELIMINARY, /* an early pane that nothing of its age can be compared with */
	TIDE_UNRELIABLE   /* an estimate outside of what it was learnt from */
};
enum tide_better { TIDE_BETTER_HIGHER, TIDE_BETTER_LOWER, TIDE_BETTER_ZERO, TIDE_BETTER_NONE };

struct tide_finding {
	const struct tide_detector *detector;
	struct tide_text column; /* empty: the cell's own */
	double value, reference, lower, upper, p_value, log10_p, n;
	double reference_n; /* n of the reference's value, 0 where there is none */
	const char *null; /* of a column's test (SPEC 7.4): iid or backtest, and what follows; or NULL */
	double df, phi, plain_p_value;
	enum tide_status status;
	const char *reason; /* when OK: NULL, how the value is to be read (bounds, estimate), or
	                     * "capped" in the cell of `__other__` (SPEC 3.6) */
};

/* What came in a column, as the rates of the quality family count it. */
struct tide_counts {
	uint64_t rows;                /* predictions or reference records */
	uint64_t present, missing;    /* missing: absent or null; rows = present + missing */
	uint64_t nonfinite, mistyped; /* present = nonfinite + mistyped + values */
	uint64_t values;
	uint64_t outside, outliers, zeros, negatives; /* of numbers */
	uint64_t unseen;                              /* of categories */
};

/* What the reference says of one column; bins and fine cells are those of the shape. */
struct tide_distribution {
	struct tide_counts counts;
	const uint64_t *bins, *fine;
	size_t bin_count, fine_count;
	struct tide_unseen others;
	double min, max;
	const double *sorted;         /* counts.values of them, or NULL: not kept */
	double spread, spread_extreme; /* integral of sqrt(F (1 - F)), all and its extreme 2 % */
};

/* What the windows of a reference say of a column, each held against the others (SPEC 7.4). */
struct tide_backtest {
	uint64_t windows;      /* with two cells to test */
	double phi, df;        /* dispersion, max(1, mean of X^2 / df), and its degrees of freedom */
	const double *log10_p; /* ascending: those below .01 when rows are taken as independent */
	size_t count;
};

/* The column's one test (SPEC 7.1, 7.3); all NaN where there are no two cells to test. */
struct tide_column_test {
	const char *null;         /* iid or backtest (SPEC 7.4); NULL: no test */
	double square, df, phi;   /* Pearson X^2 of the lumped cells */
	double p_value, log10_p;  /* of "more than min_effect" */
	double plain_p, plain_log10_p;
};

struct tide_subject {
	const struct tide_evidence *evidence;
	/* column detectors only: */
	struct tide_text column;
	enum tide_column_type type;
	bool has_reference;                           /* of this cell */
	const struct tide_column_shape *shape;        /* NULL: the column has none */
	const struct tide_column_fold *fold;          /* NULL: no record had it */
	const struct tide_distribution *distribution; /* NULL: the reference lacks it */
	const struct tide_backtest *backtest; /* of the column in the model's total; NULL: none */
	struct tide_counts counts;
	const double *sorted; /* counts.values numbers, or NULL: more than are kept */
	double *spare;        /* scratch of as many doubles, or NULL */
	size_t spare_count;
	struct tide_column_test test;
	/* detectors of tests only: what the cell's columns gave */
	const struct tide_finding *findings;
	size_t finding_count;
	/* detectors of the cell's own: */
	const struct tide_calibration *calibration; /* what its scores mean, or NULL */
	/* detectors of measures only: */
	const struct tide_business *business;
	const struct tide_business_fold *measured; /* NULL: no row */
	int segment; /* detectors of segments only */
	/* class detectors only: one class against all others; binary: the positive one */
	struct tide_confusion_fold confusion;
	size_t class; /* its curve; binary: 0 */
};

typedef void tide_detector_judge_fn(const struct tide_subject *subject,
                                    struct tide_finding *finding);

#define TIDE_NEEDS_REFERENCE 1u /* of the cell's own: and labels in it, to calibrate scores */
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
#define TIDE_HAS_INTERVAL 1024u /* lower and upper, of .95: rules compare them (SPEC 7.8) */
#define TIDE_HAS_TEST 2048u     /* a rule may stand on its p alone (SPEC 7.7) */
#define TIDE_UNLIKE_REFERENCE 4096u /* only of a column that the cell's reference lacks */
#define TIDE_OF_TESTS 32768u /* asked once a cell, last, and where there is a reference */
#define TIDE_OF_SEGMENT 8192u /* of a total: asked once for every declared segment */
#define TIDE_NEEDS_MAPPED(operation) (1u << (24 + (operation))) /* enum tide_operation; the top */

struct tide_detector {
	const char *name;    /* canonical: MLflow's, scikit-learn's; never changes */
	const char *aliases; /* separated by spaces, or "" */
	const char *title, *unit, *formula, *source, *dialect; /* dialect "" is the house's */
	enum tide_family family;
	enum tide_better better;
	enum tide_side side;
	unsigned needs;
	size_t part, whole; /* of a rate: offsets in struct tide_counts */
	double share;       /* of a quantile */
	tide_detector_judge_fn *judge;
	const struct tide_detector *estimated; /* whose value in the reference is the finding's */
	bool weighs; /* where its family does not say so */
};

/** The i-th detector in the order of detectors.def, NULL past the end. */
const struct tide_detector *tide_detector_at(size_t index);
/** The counts of a fold (NULL: no record had the column) among `rows` records. */
struct tide_counts tide_detector_counts(const struct tide_column_fold *fold, uint64_t rows);
/** By canonical name or alias; NULL if none. */
const struct tide_detector *tide_detector_find(const char *name);
/** Whether rows count by their mapped weight (SPEC 7.8). */
bool tide_detector_weighs(const struct tide_detector *detector);
const char *tide_detector_family_name(enum tide_family family);
const char *tide_detector_status_name(enum tide_status status);

/* Doubles for sorting: twice the values of the largest column that is judged exactly. */
struct tide_scratch {
	double *doubles;
	size_t count;
};

struct tide_reference;
/** One measure of a cell itself, as tide_detector_judge measures it, without a reference. */
void tide_detector_measure(const struct tide_detector *detector,
                           const struct tide_evidence *evidence, struct tide_finding *finding);
/** The two samples of a column by its name, without its sorted values and its test. False: the cell
 *  or the reference has no such column. */
bool tide_detector_column(const struct tide_evidence *evidence,
                          const struct tide_reference *reference, struct tide_text column,
                          struct tide_subject *subject);
/** Judges one evidence with every detector that fits it; at most `room` findings are written: first
 *  those of the cell, then column by column in the order of their names' bytes with $prediction
 *  first; registry order within; then those of tests. Returns their number. `reference` may be
 *  NULL. A column with more values than half the scratch is judged from its cells. */
size_t tide_detector_judge(const struct tide_evidence *evidence,
                           const struct tide_reference *reference,
                           const struct tide_scratch *scratch, struct tide_finding *findings,
                           size_t room);
#endif
