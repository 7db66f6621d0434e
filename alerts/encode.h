#ifndef TIDE_ALERTS_ENCODE_H
#define TIDE_ALERTS_ENCODE_H
#include "alerts/alert.h"
/*
 * The bytes of results and alerts (SPEC 4.1, 4.2, 4.4).
 *
 *  (1) Every key of the SPEC is there, in its order, once; what is not known is null. The bytes
 *      depend on nothing but the arguments.
 *  (2) Failure is the buffer's: nothing is returned, `buffer->failed` tells at the end.
 *  (3) Distributions leave $prediction first, then the columns by the bytes of their names; a
 *      column without bins has none. missing: records without the column, or with null in it.
 *  (4) counts: of an input, the outcomes of SPEC 2.1 and 2.2 (`waiting` occurs in metrics only);
 *      of labels, accepted = labelled + unlabelled; of predictions, accepted and errors.
 *  (5) A record above TIDE_ENCODE_PART_BYTES is split by column into parts that are not, unless one
 *      column is; findings of no column are in the first, counts, confusion and curve in each.
 *      Which part a column is in depends on the record alone.
 *  (6) The key joins its parts with '|'; '|' and '\' inside a name are written with '\' before.
 *      Parts behind the first add their number, so that compaction keeps them all.
 */
struct tide_encode_context {
	const char *name, *config_hash;
	const char *reference_id; /* or NULL */
	const struct tide_segment *segments;
	size_t segment_count;
	const struct tide_reference *reference; /* or NULL */
};

#define TIDE_ENCODE_PART_BYTES 900000

/** Writes part `part` (from 1) of `parts` and returns parts; parts 0: finds it out first. */
size_t tide_encode_result(struct tide_buffer *buffer, const struct tide_encode_context *context,
                          const struct tide_evidence *evidence, uint64_t revision,
                          const struct tide_finding *findings, size_t count, size_t part,
                          size_t parts);
void tide_encode_result_key(struct tide_buffer *buffer, const struct tide_encode_context *context,
                            const struct tide_evidence *evidence, size_t part);
void tide_encode_alert(struct tide_buffer *buffer, const struct tide_encode_context *context,
                       const struct tide_alert *alert);
/** What happened, as one line for a person; it is the `message` of the record. */
void tide_encode_alert_message(struct tide_buffer *buffer,
                               const struct tide_encode_context *context,
                               const struct tide_alert *alert);
/** The keys `confusion` (binary {tp,fp,tn,fn}; multiclass {classes, counts: rows true, columns
 *  predicted}) and `curve` (binary with scores: [{score,tp,fp}], rows, or their weights, with at
 *  least this score; at most 64 points), or null. */
void tide_encode_labels(struct tide_buffer *buffer, const struct tide_evidence *evidence);
/** The segment of a cell as JSON: {} for the total, else {"name":"value"} or {"name":null}; one
 *  that crosses others has a key a part. */
void tide_encode_segment(struct tide_buffer *buffer, const struct tide_segment *segments,
                         size_t segment_count, const struct tide_cell_key *key);
/** The same for a person, of a cell that is of a segment: name, `between`, value. */
void tide_encode_segment_words(struct tide_buffer *buffer, const struct tide_segment *segments,
                               const struct tide_cell_key *key, const char *between);
/** The key `contributors` of a finding: [{what, name, share}], as detectors/cause.h says. Where it
 *  is not alone, drift of a column says so once, at the measure with a test. */
void tide_encode_causes(struct tide_buffer *buffer, const struct tide_encode_context *context,
                        const struct tide_evidence *evidence, const struct tide_finding *finding,
                        bool alone);
/* What results and alerts share: model, model_version and segment; words. */
void tide_encode_cell(struct tide_buffer *buffer, const struct tide_encode_context *context,
                      const struct tide_cell_key *key);
const char *tide_encode_side(enum tide_side side);
const char *tide_encode_timing(enum tide_timing timing);
#endif
