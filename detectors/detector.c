#include "detectors/detector.h"
#include "detectors/drift/pair.h"
#include "detectors/reference.h"
#include <math.h>
#include <string.h>

#define TIDE_DETECTOR(folder, name) extern const struct tide_detector tide_detector_##name;
#include "detectors/detectors.def"
#undef TIDE_DETECTOR

static const struct tide_detector *const registry[] = {
#define TIDE_DETECTOR(folder, name) &tide_detector_##name,
#include "detectors/detectors.def"
#undef TIDE_DETECTOR
};
#define DETECTORS (sizeof registry / sizeof *registry)

const struct tide_detector *
tide_detector_at(size_t index)
{
	return index < DETECTORS ? registry[index] : NULL;
}

static bool
aliases_have(const char *aliases, const char *name)
{
	size_t length = strlen(name);

	while (*aliases) {
		size_t alias = strcspn(aliases, " ");
		if (alias == length && length > 0 && memcmp(aliases, name, length) == 0)
			return true;
		aliases += alias;
		aliases += strspn(aliases, " ");
	}
	return false;
}

const struct tide_detector *
tide_detector_find(const char *name)
{
	for (size_t i = 0; i < DETECTORS; i++)
		if (strcmp(registry[i]->name, name) == 0 ||
		    aliases_have(registry[i]->aliases, name))
			return registry[i];
	return NULL;
}

bool
tide_detector_weighs(const struct tide_detector *detector)
{
	return detector->family == TIDE_BUSINESS || detector->estimated || detector->weighs ||
	       (detector->family == TIDE_PERFORMANCE && detector != &tide_detector_max_error);
}

const char *
tide_detector_family_name(enum tide_family family)
{
	static const char *const names[] = {[TIDE_PERFORMANCE] = "performance",
	                                    [TIDE_QUALITY] = "data_quality",
	                                    [TIDE_DRIFT] = "data_drift",
	                                    [TIDE_BUSINESS] = "business",
	                                    [TIDE_OPERATIONS] = "operations",
	                                    [TIDE_CONCEPT] = "concept_drift",
	                                    [TIDE_ESTIMATE] = "performance_estimate",
	                                    [TIDE_FAIRNESS] = "fairness"};

	return names[family];
}

const char *
tide_detector_status_name(enum tide_status status)
{
	static const char *const names[] = {[TIDE_OK] = "OK",
	                                    [TIDE_INSUFFICIENT] = "INSUFFICIENT",
	                                    [TIDE_UNDEFINED] = "UNDEFINED",
	                                    [TIDE_NO_DATA] = "NO_DATA",
	                                    [TIDE_UNSTABLE] = "UNSTABLE",
	                                    [TIDE_PRELIMINARY] = "PRELIMINARY",
	                                    [TIDE_UNRELIABLE] = "UNRELIABLE"};

	return names[status];
}

/* Without a shape a column is what most of its values were: folds keep sums of numbers only. */
static enum tide_column_type
column_type(const struct tide_column_shape *shape, const struct tide_column_fold *fold)
{
	if (shape && shape->type != TIDE_COLUMN_UNKNOWN)
		return shape->type;
	if (!fold || fold->count == 0 || fold->mistyped > fold->count)
		return TIDE_COLUMN_UNKNOWN;
	return isfinite(fold->min) && fold->min <= fold->max ? TIDE_COLUMN_NUMERIC
	                                                     : TIDE_COLUMN_UNKNOWN;
}

struct tide_counts
tide_detector_counts(const struct tide_column_fold *fold, uint64_t rows)
{
	struct tide_counts counts = {.rows = rows, .missing = rows};

	if (!fold)
		return counts;
	counts = (struct tide_counts){.rows = rows,
	                              .present = fold->present - fold->nulls,
	                              .nonfinite = fold->nonfinite,
	                              .mistyped = fold->mistyped,
	                              .values = fold->count,
	                              .outside = fold->below + fold->above,
	                              .outliers = fold->outliers,
	                              .zeros = fold->zeros,
	                              .negatives = fold->negatives,
	                              .unseen = fold->unseen};
	counts.missing = rows > counts.present ? rows - counts.present : 0;
	return counts;
}

/* The fold and the shape of a column by its index, PREDICTION_COLUMN for $prediction. */
#define PREDICTION_COLUMN SIZE_MAX

static void
subject_fold(struct tide_subject *subject, size_t index)
{
	const struct tide_evidence *evidence = subject->evidence;
	const struct tide_cell *cell = evidence->cell;
	const struct tide_shape *shape = evidence->shape;

	if (index == PREDICTION_COLUMN) {
		subject->column = TIDE_TEXT("$prediction");
		subject->fold = cell->prediction;
		subject->shape = shape ? &shape->prediction : NULL;
	} else {
		subject->column = tide_mapping_column_name(evidence->columns, (uint32_t)index);
		subject->fold = index < cell->column_count ? cell->columns[index] : NULL;
		subject->shape = shape && index < shape->count ? shape->columns + index : NULL;
	}
	subject->type = column_type(subject->shape, subject->fold);
	if (subject->shape && subject->shape->type == TIDE_COLUMN_UNKNOWN)
		subject->shape = NULL;
}

static void
subject_sort(struct tide_subject *subject, const struct tide_scratch *scratch)
{
	size_t half = scratch ? scratch->count / 2 : 0;
	const struct tide_column_fold *fold = subject->fold;

	subject->spare_count = half;
	subject->spare = half ? scratch->doubles + half : NULL;
	if (!fold || subject->type != TIDE_COLUMN_NUMERIC || fold->count > half ||
	    fold->numbers.count != fold->count || !tide_numbers_whole(&fold->numbers))
		return;
	tide_numbers_copy(&fold->numbers, scratch->doubles);
	tide_numbers_sort(scratch->doubles, subject->spare, fold->count);
	subject->sorted = scratch->doubles;
}

/* The indices of the columns in the order of their names' bytes; returns their number. */
static size_t
columns_sort(const struct tide_evidence *evidence, uint16_t order[TIDE_CELL_COLUMNS_MAX])
{
	size_t shaped = evidence->shape ? evidence->shape->count : 0;
	size_t seen = evidence->cell->column_count > shaped ? evidence->cell->column_count : shaped;
	size_t count = 0;

	if (!evidence->columns)
		return 0;
	if (seen > tide_mapping_column_count(evidence->columns))
		seen = tide_mapping_column_count(evidence->columns);
	if (seen > TIDE_CELL_COLUMNS_MAX)
		seen = TIDE_CELL_COLUMNS_MAX;
	for (size_t i = 0; i < seen; i++) {
		struct tide_text name = tide_mapping_column_name(evidence->columns, (uint32_t)i);
		size_t low = 0, high = count;
		while (low < high) {
			size_t middle = (low + high) / 2;
			if (tide_text_compare(tide_mapping_column_name(evidence->columns,
			                                               order[middle]),
			                      name) < 0)
				low = middle + 1;
			else
				high = middle;
		}
		memmove(order + low + 1, order + low, (count - low) * sizeof *order);
		order[low] = (uint16_t)i;
		count++;
	}
	return count;
}

static bool
fits_cell(const struct tide_detector *detector, const struct tide_evidence *evidence)
{
	unsigned mapped = evidence->measures ? evidence->measures->mapped : 0;
	unsigned missing = detector->needs & ~(TIDE_NEEDS_MAPPED(0) * mapped);

	if (detector->side != evidence->side || missing >= TIDE_NEEDS_MAPPED(0))
		return false;
	static const unsigned problems[] = {
		[TIDE_PROBLEM_BINARY] = TIDE_FOR_BINARY,
		[TIDE_PROBLEM_MULTICLASS] = TIDE_FOR_MULTICLASS,
		[TIDE_PROBLEM_REGRESSION] = TIDE_FOR_REGRESSION};
	unsigned wanted = detector->needs & (TIDE_FOR_CLASSES | TIDE_FOR_REGRESSION);
	return !wanted || wanted & problems[evidence->problem];
}

static bool
fits_column(const struct tide_detector *detector, const struct tide_subject *subject)
{
	if (detector->needs & TIDE_NEEDS_REFERENCE && !subject->distribution)
		return false;
	if (detector->needs & TIDE_UNLIKE_REFERENCE &&
	    (!subject->has_reference || subject->distribution))
		return false;
	if (detector->needs & TIDE_NEEDS_NUMERIC)
		return subject->type == TIDE_COLUMN_NUMERIC;
	if (detector->needs & TIDE_NEEDS_CATEGORICAL)
		return subject->type == TIDE_COLUMN_CATEGORICAL;
	return true;
}

static void
judge_one(const struct tide_detector *detector, const struct tide_subject *subject,
          const struct tide_reference *reference, struct tide_finding *finding)
{
	*finding = (struct tide_finding){.detector = detector,
	                                 .column = subject->column,
	                                 .value = NAN,
	                                 .reference = NAN,
	                                 .lower = NAN,
	                                 .upper = NAN,
	                                 .p_value = NAN,
	                                 .log10_p = NAN,
	                                 .df = NAN,
	                                 .phi = NAN,
	                                 .plain_p_value = NAN,
	                                 .status = TIDE_OK};
	if (reference && !(detector->needs & TIDE_WITHOUT_REFERENCE))
		finding->reference = tide_reference_value(
		        reference, &subject->evidence->key,
		        detector->estimated ? detector->estimated : detector, subject->column,
		        &finding->reference_n);
	detector->judge(subject, finding);
	if (subject->evidence->capped && !finding->reason)
		finding->reason = "capped";
}

void
tide_detector_measure(const struct tide_detector *detector, const struct tide_evidence *evidence,
                      struct tide_finding *finding)
{
	struct tide_subject subject = {.evidence = evidence};

	if (evidence->labels && evidence->problem == TIDE_PROBLEM_BINARY)
		subject.confusion = evidence->labels->confusion;
	judge_one(detector, &subject, NULL, finding);
}

bool
tide_detector_column(const struct tide_evidence *evidence, const struct tide_reference *reference,
                     struct tide_text column, struct tide_subject *subject)
{
	size_t index = 0, count = evidence->cell ? evidence->cell->column_count : 0;

	*subject = (struct tide_subject){.evidence = evidence};
	if (tide_text_is(column, "$prediction"))
		index = count = PREDICTION_COLUMN;
	while (index < count &&
	       !tide_text_equal(tide_mapping_column_name(evidence->columns, (uint32_t)index), column))
		index++;
	if (!evidence->cell || (index == count && index != PREDICTION_COLUMN))
		return false;
	subject_fold(subject, index);
	subject->distribution = tide_reference_distribution(reference, &evidence->key, column);
	return subject->fold && subject->distribution;
}

static size_t
judge_column(size_t index, const struct tide_evidence *evidence,
             const struct tide_reference *reference, const struct tide_scratch *scratch,
             struct tide_finding *findings, size_t room)
{
	struct tide_subject subject = {.evidence = evidence};
	size_t written = 0;

	subject_fold(&subject, index);
	if (reference) {
		subject.has_reference = tide_reference_has(reference, &evidence->key);
		subject.distribution = tide_reference_distribution(reference, &evidence->key,
		                                                   subject.column);
		subject.backtest = tide_reference_backtest(reference, evidence->key.model,
		                                           subject.column);
	}
	if (subject.type == TIDE_COLUMN_IGNORED || (!subject.fold && !subject.distribution))
		return 0;
	subject.counts = tide_detector_counts(subject.fold, evidence->predictions);
	subject_sort(&subject, scratch);
	subject.test = tide_pair_test(&subject);
	for (size_t i = 0; i < DETECTORS && written < room; i++)
		if (registry[i]->needs & TIDE_OF_COLUMN && fits_cell(registry[i], evidence) &&
		    fits_column(registry[i], &subject))
			judge_one(registry[i], &subject, reference, findings + written++);
	return written;
}

static size_t
judge_measures(const struct tide_detector *detector, const struct tide_evidence *evidence,
               const struct tide_reference *reference, struct tide_finding *findings, size_t room)
{
	const struct tide_measures *measures = evidence->measures;
	bool labelled = evidence->side == TIDE_SIDE_LABEL;
	struct tide_business_fold *const *folds =
	        labelled ? evidence->cell->outcomes[0] : evidence->cell->business;
	size_t written = 0;

	for (size_t i = 0; measures && i < measures->business_count && written < room; i++) {
		const struct tide_business *business = &measures->business[i];
		struct tide_subject subject = {.evidence = evidence,
		                               .column = tide_text_of(business->name),
		                               .business = business,
		                               .measured = folds ? folds[i] : NULL};
		if (business->labelled == labelled)
			judge_one(detector, &subject, reference, findings + written++);
	}
	return written;
}

/* What one class of a multiclass cell looks like from where all others are one. */
static struct tide_confusion_fold
one_against_all(const struct tide_label_fold *labels, size_t class)
{
	struct tide_confusion_fold confusion = {.tp = tide_labelled_confusion(labels, class, class)};

	for (size_t other = 0; other <= TIDE_CLASSES_MAX; other++) {
		if (other == class)
			continue;
		confusion.fn += tide_labelled_confusion(labels, class, other);
		confusion.fp += tide_labelled_confusion(labels, other, class);
	}
	confusion.tn =
		tide_labelled_rows(labels) - confusion.tp - confusion.fn - confusion.fp;
	return confusion;
}

static size_t
judge_classes(const struct tide_detector *detector, const struct tide_evidence *evidence,
              const struct tide_reference *reference, struct tide_finding *findings, size_t room)
{
	struct tide_subject subject = {.evidence = evidence};
	uint8_t order[TIDE_CLASSES_MAX + 1];
	size_t written = 0;

	if (evidence->problem == TIDE_PROBLEM_BINARY) {
		if (evidence->labels)
			subject.confusion = evidence->labels->confusion;
		judge_one(detector, &subject, reference, findings);
		return 1;
	}
	size_t count = tide_classes_sort(evidence->classes, order);
	for (size_t i = 0; i < count && written < room; i++) {
		subject.class = order[i];
		subject.column = evidence->classes->labels[order[i]];
		subject.confusion = one_against_all(evidence->labels, order[i]);
		if (subject.confusion.tp + subject.confusion.fp + subject.confusion.fn > 0)
			judge_one(detector, &subject, reference, findings + written++);
	}
	return written;
}

/* What lies between the groups of each segment: asked of the total, which knows them all. */
static size_t
judge_segments(const struct tide_detector *detector, const struct tide_evidence *evidence,
               const struct tide_reference *reference, struct tide_finding *findings, size_t room)
{
	size_t written = 0;

	if (evidence->key.segment >= 0)
		return 0;
	for (size_t i = 0; i < evidence->segment_count && written < room; i++) {
		struct tide_subject subject = {.evidence = evidence,
		                               .column = tide_text_of(evidence->segments[i].name),
		                               .segment = (int)i};
		judge_one(detector, &subject, reference, findings + written++);
	}
	return written;
}

size_t
tide_detector_judge(const struct tide_evidence *evidence, const struct tide_reference *reference,
                    const struct tide_scratch *scratch, struct tide_finding *findings, size_t room)
{
	uint16_t order[TIDE_CELL_COLUMNS_MAX];
	struct tide_subject subject = {.evidence = evidence};
	size_t written = 0;

	if (reference)
		subject.calibration = tide_reference_calibration(reference, &evidence->key);
	for (size_t i = 0; i < DETECTORS && written < room; i++) {
		if (registry[i]->needs & (TIDE_OF_COLUMN | TIDE_OF_TESTS) ||
		    !fits_cell(registry[i], evidence))
			continue;
		if (registry[i]->needs & TIDE_NEEDS_REFERENCE && !subject.calibration)
			continue;
		if (registry[i]->needs & TIDE_OF_CLASS)
			written += judge_classes(registry[i], evidence, reference,
			                         findings + written, room - written);
		else if (registry[i]->needs & TIDE_OF_MEASURE && evidence->cell)
			written += judge_measures(registry[i], evidence, reference,
			                          findings + written, room - written);
		else if (registry[i]->needs & TIDE_OF_SEGMENT)
			written += judge_segments(registry[i], evidence, reference,
			                          findings + written, room - written);
		else if (!(registry[i]->needs & TIDE_OF_MEASURE))
			judge_one(registry[i], &subject, reference, findings + written++);
	}
	if (evidence->side != TIDE_SIDE_PREDICTION || !evidence->cell)
		return written;
	size_t columns = columns_sort(evidence, order);
	subject.findings = findings + written;
	written += judge_column(PREDICTION_COLUMN, evidence, reference, scratch,
	                        findings + written, room - written);
	for (size_t i = 0; i < columns; i++)
		written += judge_column(order[i], evidence, reference, scratch,
		                        findings + written, room - written);
	subject.finding_count = (size_t)(findings + written - subject.findings);
	for (size_t i = 0; i < DETECTORS && reference && written < room; i++)
		if (registry[i]->needs & TIDE_OF_TESTS && fits_cell(registry[i], evidence))
			judge_one(registry[i], &subject, reference, findings + written++);
	return written;
}
