#include "detectors/reference_private.h"
#include <math.h>
#include <string.h>

/* Integral of sqrt(F (1 - F)) over the sorted values, and what its extreme 2 % add to it. */
static void
spread_measure(struct tide_distribution *kept)
{
	double n = (double)kept->counts.values;

	kept->spread = kept->spread_extreme = 0;
	for (size_t i = 0; i + 1 < kept->counts.values; i++) {
		double f = (double)(i + 1) / n;
		double part = sqrt(f * (1 - f)) * (kept->sorted[i + 1] - kept->sorted[i]);
		kept->spread += part;
		kept->spread_extreme += f <= .01 || f >= .99 ? part : 0;
	}
}

static bool
keep_values(struct tide_reference *reference, struct kept_column *column,
            const struct tide_numbers *rows)
{
	size_t count = rows->count, size = count * sizeof(double);
	double *spare = tide_pool_table_new(&reference->pool, size);

	column->sorted = tide_pool_table_new(&reference->pool, size);
	if (column->sorted && spare) {
		tide_numbers_copy(rows, column->sorted);
		tide_numbers_sort(column->sorted, spare, count);
		column->distribution.sorted = column->sorted;
		spread_measure(&column->distribution);
	}
	tide_pool_table_free(&reference->pool, spare, size);
	return column->sorted && spare;
}

static bool
keep_distribution(struct tide_reference *reference, const struct tide_evidence *evidence,
                  struct tide_text name, const struct tide_column_fold *fold)
{
	struct tide_distribution distribution = {
		.counts = tide_detector_counts(fold, evidence->predictions),
		.bins = fold->bins,
		.fine = fold->fine,
		.bin_count = fold->bin_count,
		.fine_count = fold->fine_count,
		.others = fold->others,
		.min = fold->min,
		.max = fold->max,
		.spread = NAN,
		.spread_extreme = NAN,
	};
	struct kept_column *column =
		tide_reference_store_distribution(reference, &evidence->key, name, &distribution);

	if (!column)
		return false;
	/* a column without a number has none to keep; one whose rows are too many, neither */
	if (fold->numbers.count == 0 || fold->numbers.count != fold->count ||
	    !tide_numbers_whole(&fold->numbers))
		return true;
	return keep_values(reference, column, &fold->numbers);
}

/* Doubles to sort the largest column with. */
static size_t
scratch_size(const struct tide_evidence *evidence)
{
	const struct tide_cell *cell = evidence->cell;
	uint64_t most = cell && cell->prediction ? cell->prediction->numbers.count : 0;

	for (size_t i = 0; cell && i < cell->column_count; i++) {
		const struct tide_column_fold *fold = cell->columns[i];
		if (fold && tide_numbers_whole(&fold->numbers) && fold->numbers.count > most)
			most = fold->numbers.count;
	}
	return 2 * (size_t)most;
}

/* Each detector is asked once a cell, column, class or business measure. */
static size_t
findings_max(const struct tide_evidence *evidence)
{
	size_t subjects = 1;

	if (evidence->cell)
		subjects += evidence->cell->column_count + 1; /* $prediction */
	if (evidence->classes)
		subjects += evidence->classes->count + 1; /* those without a number */
	subjects += evidence->segment_count;
	if (evidence->measures)
		subjects += evidence->measures->business_count;
	return subjects * DETECTORS_MAX;
}

static bool
keep_measures(struct tide_reference *reference, const struct tide_evidence *evidence,
              struct tide_buffer *buffer)
{
	size_t room = findings_max(evidence);
	size_t size = room * sizeof(struct tide_finding);
	struct tide_finding *findings = tide_pool_table_new(&reference->pool, size);
	struct tide_scratch scratch = {.count = scratch_size(evidence)};
	size_t scratch_bytes = scratch.count * sizeof *scratch.doubles;
	if (scratch.count)
		scratch.doubles = tide_pool_table_new(&reference->pool, scratch_bytes);
	bool kept = findings && (scratch.doubles || !scratch.count);
	size_t count = kept ? tide_detector_judge(evidence, NULL, &scratch, findings, room) : 0;

	for (size_t i = 0; i < count && kept; i++) {
		struct kept_column *column = tide_reference_store_column_make(
			reference, &evidence->key, findings[i].column);
		kept = column != NULL;
		if (!kept || findings[i].status != TIDE_OK)
			continue;
		column->measures[detector_index(findings[i].detector)] = findings[i].value;
		column->counts[detector_index(findings[i].detector)] = findings[i].n;
		put_text(buffer, tide_text_of(findings[i].detector->name));
		put_text(buffer, findings[i].column);
		tide_text_put_number(buffer, findings[i].value);
	}
	tide_pool_table_free(&reference->pool, scratch.doubles, scratch_bytes);
	tide_pool_table_free(&reference->pool, findings, size);
	return kept;
}

/* What the scores of a binary model mean, from its labelled rows. */
static bool
keep_calibration(struct tide_reference *reference, const struct tide_evidence *evidence)
{
	if (!evidence->labels || evidence->problem != TIDE_PROBLEM_BINARY)
		return true;
	const struct tide_score_curve *curve = tide_score_curve(
		&evidence->labels->score, &evidence->label_shape->score, 0, evidence->scratch);
	size_t blocks_size = curve->count * sizeof(struct tide_calibration_block);
	size_t points_size = 2 * curve->count * sizeof(struct tide_score_point);
	if (curve->count == 0)
		return true;
	struct tide_calibration_room room = {
		.blocks = tide_pool_table_new(&reference->pool, blocks_size),
		.points = tide_pool_table_new(&reference->pool, points_size)};
	struct tide_calibration learnt;
	bool kept = room.blocks && room.points;
	if (kept && tide_calibration_learn(&learnt, curve, &room))
		kept = tide_reference_store_calibration(reference, &evidence->key, &learnt);
	tide_pool_table_free(&reference->pool, room.blocks, blocks_size);
	tide_pool_table_free(&reference->pool, room.points, points_size);
	return kept;
}

static void
put_fold(struct tide_buffer *buffer, struct tide_text name, const struct tide_column_fold *fold)
{
	put_text(buffer, name);
	for (size_t i = 0; fold->bins && i < fold->bin_count; i++)
		tide_text_put_format(buffer, " %llu", (unsigned long long)fold->bins[i]);
	for (size_t i = 0; i < fold->fine_count; i++)
		tide_text_put_format(buffer, " %llu", (unsigned long long)fold->fine[i]);
}

static bool
keep_one(struct tide_reference *reference, const struct tide_evidence *evidence,
         struct tide_text name, const struct tide_column_fold *fold, struct tide_buffer *buffer)
{
	if (!fold)
		return true;
	put_fold(buffer, name, fold);
	return keep_distribution(reference, evidence, name, fold);
}

bool
tide_reference_keep(struct tide_reference *reference, const struct tide_evidence *evidence)
{
	const struct tide_cell *cell = evidence->cell;
	struct tide_buffer buffer;
	bool kept = true;

	tide_text_buffer_init(&buffer, REFERENCE_BYTES_MAX);
	put_text(&buffer, evidence->key.model);
	put_text(&buffer, evidence->key.version);
	tide_text_put_format(&buffer, "%d", evidence->key.segment);
	put_text(&buffer, evidence->key.value);
	if (cell && evidence->side == TIDE_SIDE_PREDICTION) {
		kept = keep_one(reference, evidence, TIDE_TEXT("$prediction"), cell->prediction,
		                &buffer);
		for (size_t i = 0; i < cell->column_count && kept; i++)
			kept = keep_one(reference, evidence,
			                tide_mapping_column_name(evidence->columns, (uint32_t)i),
			                cell->columns[i], &buffer);
	}
	kept = kept && keep_measures(reference, evidence, &buffer) &&
	       keep_calibration(reference, evidence);
	if (kept)
		return id_chain(reference, &buffer);
	tide_text_buffer_fini(&buffer);
	return false;
}
