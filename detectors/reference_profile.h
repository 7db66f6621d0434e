#ifndef TIDE_DETECTORS_REFERENCE_PROFILE_H
#define TIDE_DETECTORS_REFERENCE_PROFILE_H
#include "detectors/reference.h"
/*
 * A reference as a document, and back (SPEC 6.1).
 *
 *  (1) The document is one JSON object: format, version, reference_id, problem, `columns` (how each
 *      is cut) and `cells` (counts, measures and, on demand, the sorted values of each column). It
 *      depends on the reference's records and the config alone.
 *  (2) A reference that is restored from a document with values gives the findings of the one that
 *      was written, bit by bit; without values, those of its fine cells with their bounds.
 *  (3) Restoring checks everything: a document of a stranger is refused, never trusted. Each call
 *      returns NULL, or what is wrong. Nothing that is passed must live longer than the call.
 *  (4) Order: shapes, then distributions, measures and back-tests, then the end.
 */
#define TIDE_PROFILE_FORMAT "tidemark-profile"
#define TIDE_PROFILE_VERSION 1

/* The counts of a column, by their names in the document. */
#define TIDE_PROFILE_COUNTS 11
extern const struct tide_profile_count {
	const char *name;
	size_t offset; /* in struct tide_counts */
} tide_reference_profile_counts[TIDE_PROFILE_COUNTS];

const char *tide_reference_profile_type(enum tide_column_type type);

/** Prints the members of the document, in an object that the caller opens and closes. `segments`
 *  are those that the reference was built with. */
void tide_reference_write(const struct tide_reference *reference,
                          const struct tide_segment *segments, bool keep_values,
                          struct tide_buffer *buffer);

/** The shape of a column, `$prediction` among them; bin_of is not read. */
const char *tide_reference_profile_shape(struct tide_reference *reference, struct tide_text name,
                                         const struct tide_column_shape *shape);
const char *tide_reference_profile_distribution(struct tide_reference *reference,
                                                const struct tide_cell_key *key,
                                                struct tide_text column,
                                                const struct tide_distribution *distribution);
/** A measure and its n. A metric that this program does not know is left out. An empty column: the
 *  cell's own. */
const char *tide_reference_profile_measure(struct tide_reference *reference,
                                           const struct tide_cell_key *key,
                                           struct tide_text column, const char *metric,
                                           double value, double n);
/** What the windows of the reference said of a column of the cell. */
const char *tide_reference_profile_backtest(struct tide_reference *reference,
                                            const struct tide_cell_key *key,
                                            struct tide_text column,
                                            const struct tide_backtest *backtest);
/** The size of these windows. */
void tide_reference_profile_backtest_ms(struct tide_reference *reference, int64_t size_ms);
/** What the scores of a cell mean; `used` and the blocks. */
const char *tide_reference_profile_calibration(struct tide_reference *reference,
                                               const struct tide_cell_key *key,
                                               const struct tide_calibration *calibration);
const char *tide_reference_profile_end(struct tide_reference *reference, struct tide_text id);
#endif
