#ifndef TIDE_DETECTORS_REFERENCE_H
#define TIDE_DETECTORS_REFERENCE_H
#include "detectors/calibration.h"
#include "detectors/detector.h"
/*
 * What "normal" was: distributions of the columns and values of the measures, by cell.
 *
 *  (1) Built in two passes over the reference's records: the first collects values and cuts bins
 *      (SPEC 6.2: k = min(10, floor(m/50)), at least 2, quantiles by linear interpolation, each bin
 *      cut in 24, the deciles among the edges, equal edges collapse; categorical: the values, at
 *      most 255 by count, ties by bytes), the second folds the records on these bins and keeps
 *      counts by (model, segment, value).
 *  (2) tide_reference_shape is what windowing folds with; it lives as long as the reference.
 *  (3) The sorted values of a column are kept where the fold that is kept has its rows whole.
 *  (4) A cell that the reference lacks has no distribution and no value.
 *  (5) Records that have times are tallied by window, and each window is held against all the
 *      others: how much more they differ than samples do is the dispersion phi of the column.
 */
struct tide_reference;

/** `options` are kept by pointer. NULL: out of memory. */
struct tide_reference *tide_reference_new(enum tide_problem problem, struct tide_columns *columns,
                                          const struct tide_column_options *options,
                                          size_t option_count);
void tide_reference_free(struct tide_reference *reference);
/** First pass: one record (features, prediction). False: out of memory. */
bool tide_reference_learn(struct tide_reference *reference, const struct tide_event *event);
/** Ends the first pass and cuts the bins. False: out of memory. */
bool tide_reference_cut(struct tide_reference *reference);
const struct tide_shape *tide_reference_shape(const struct tide_reference *reference);
/** After the second pass: takes the evidence of one reference cell, prediction or label side, and
 *  keeps its distributions and its measures. False: out of memory. */
bool tide_reference_keep(struct tide_reference *reference, const struct tide_evidence *evidence);
/** In the second pass, for each record that was accepted: in which window of time it fell. False:
 *  out of memory. */
bool tide_reference_backtest_tally(struct tide_reference *reference,
                                   const struct tide_event *event, int64_t start_ms);
/** After the cells were kept: judges these windows, of `size_ms`, each against the reference less
 *  itself (SPEC 7.4). False: out of memory. */
bool tide_reference_backtest_judge(struct tide_reference *reference, int64_t size_ms);
/** Size of the windows that were judged; 0: none were. */
int64_t tide_reference_backtest_ms(const struct tide_reference *reference);
/** Of a column in the total of a model; NULL where fewer than 5 windows could be judged. */
const struct tide_backtest *tide_reference_backtest(const struct tide_reference *reference,
                                                    struct tide_text model,
                                                    struct tide_text column);
/** How many windows have a p below alpha, or below .01 where that is less. */
size_t tide_reference_backtest_breaches(const struct tide_backtest *backtest, double alpha);
/** Whether these are two at least, and so many that chance gives them once in a hundred times or
 *  more rarely: the column fails its own back-test (SPEC 7.5). False for NULL. */
bool tide_reference_backtest_fails(const struct tide_backtest *backtest, double alpha);
const struct tide_distribution *
tide_reference_distribution(const struct tide_reference *reference, const struct tide_cell_key *key,
                            struct tide_text column);
/** The key of the cell that was kept after this one; NULL: the first, and after the last. */
const struct tide_cell_key *tide_reference_next(const struct tide_reference *reference,
                                                const struct tide_cell_key *key);
/** True where the reference has records of the cell. */
bool tide_reference_has(const struct tide_reference *reference, const struct tide_cell_key *key);
/** The reference's value of a measure, NaN where there is none; *n is set to its n, or 0. */
double tide_reference_value(const struct tide_reference *reference, const struct tide_cell_key *key,
                            const struct tide_detector *detector, struct tide_text column,
                            double *n);
/** What the scores of the cell mean, NULL where the reference has no labelled rows of both classes
 *  with a score there. */
const struct tide_calibration *tide_reference_calibration(const struct tide_reference *reference,
                                                          const struct tide_cell_key *key);
/** 16 hex digits that name the reference's content. */
const char *tide_reference_id(const struct tide_reference *reference);
#endif
