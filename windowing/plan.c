#include "windowing/plan.h"

#define VALUES_MAX   1000 /* models, and values of a segment, that a window keeps apart */
#define GROUP_MIN_N  30   /* labelled rows of a group that fairness is measured of */
#define OPEN_CLASSES 32   /* get scores when neither config nor reference names any */
#define RANK_BEHIND  (UINT64_C(1) << 63) /* ranks of what nobody named */

static const struct tide_measures no_measures;

struct tide_window_setup
tide_plan_setup(const struct tide_window_setup *setup)
{
	struct tide_window_setup planned = *setup;

	TIDE_ASSERT(setup->model_count > 0);
	if (!planned.measures)
		planned.measures = &no_measures;
	if (!planned.values_max)
		planned.values_max = VALUES_MAX;
	if (!planned.group_min_n)
		planned.group_min_n = GROUP_MIN_N;
	return planned;
}

const struct tide_model_options *
tide_plan_model(const struct tide_window_setup *setup, struct tide_text model)
{
	for (size_t i = 0; i < setup->model_count; i++)
		if (tide_text_is(model, setup->models[i].pattern))
			return &setup->models[i];
	for (size_t i = 0; i + 1 < setup->model_count; i++)
		if (tide_text_matches(model, setup->models[i].pattern))
			return &setup->models[i];
	return &setup->models[setup->model_count - 1];
}

/* The categories of the reference's predictions, where these are classes. */
static const struct tide_column_shape *
classes_shape(const struct tide_window_setup *setup)
{
	const struct tide_column_shape *prediction = setup->shape ? &setup->shape->prediction : NULL;

	return prediction && prediction->type == TIDE_COLUMN_CATEGORICAL ? prediction : NULL;
}

void
tide_plan_shapes(const struct tide_window_setup *setup, struct tide_label_shape shapes[4])
{
	const struct tide_column_shape *prediction = classes_shape(setup);
	size_t classes = setup->class_count;

	if (!classes && prediction)
		classes = prediction->category_count;
	if (!classes)
		classes = OPEN_CLASSES;
	if (!setup->proba_mapped)
		classes = 0;
	if (classes > TIDE_CLASSES_MAX)
		classes = TIDE_CLASSES_MAX;
	const size_t curves[] = {[TIDE_PROBLEM_BINARY] = 1, [TIDE_PROBLEM_MULTICLASS] = classes,
	                         [TIDE_PROBLEM_REGRESSION] = 0};
	for (size_t i = 0; i < 4; i++)
		shapes[i] = (struct tide_label_shape){
		        (enum tide_problem) i,
		        {setup->options.exact_rows, curves[i], i == TIDE_PROBLEM_BINARY,
		         setup->weight_mapped}};
}

bool
tide_plan_classes(const struct tide_window_setup *setup, struct tide_classes *classes,
                  struct tide_arena *arena)
{
	const struct tide_column_shape *prediction = classes_shape(setup);
	size_t known = setup->class_count;

	tide_classes_init(classes);
	if (!known && prediction)
		known = prediction->category_count;
	if (!tide_pool_reserve(arena->pool, (known + 2 * setup->model_count) / 8 + 2))
		return false;
	for (size_t i = 0; i < known; i++)
		tide_classes_number(classes,
		                    setup->class_count ? tide_text_of(setup->classes[i])
		                                       : prediction->categories[i],
		                    arena);
	for (size_t i = 0; i < setup->model_count; i++) {
		if (setup->models[i].problem != TIDE_PROBLEM_BINARY)
			continue;
		const char *positive = setup->models[i].positive_class;
		tide_classes_number(classes, tide_text_of(positive ? positive : "1"), arena);
		if (!positive)
			tide_classes_number(classes, TIDE_TEXT("true"), arena);
	}
	return true;
}

/* Models that the config names by more than "*" are always kept. */
uint64_t
tide_plan_model_rank(const struct tide_window_setup *setup, struct tide_text model)
{
	if (tide_plan_model(setup, model) != &setup->models[setup->model_count - 1])
		return 0;
	return tide_hash_plain(model) | RANK_BEHIND;
}

/* The reference's categories of the column that the segment is. */
static const struct tide_column_shape *
segment_shape(const struct tide_window_setup *setup, size_t segment)
{
	const struct tide_segment *declared = &setup->segments[segment];
	const struct tide_shape *shape = setup->shape;

	if (declared->part_count)
		return NULL;
	for (size_t i = 0; declared->field < 0 && shape && i < shape->count; i++)
		if (shape->columns[i].type == TIDE_COLUMN_CATEGORICAL &&
		    i < tide_mapping_column_count(setup->columns) &&
		    tide_text_is(tide_mapping_column_name(setup->columns, (uint32_t) i),
		                 declared->name))
			return &shape->columns[i];
	return NULL;
}

uint64_t
tide_plan_value_rank(const struct tide_window_setup *setup, size_t segment, struct tide_text value)
{
	const struct tide_column_shape *shape = segment_shape(setup, segment);

	if (!value.bytes)
		return 0; /* missing is no value */
	for (size_t i = 0; shape && i < shape->category_count; i++)
		if (tide_text_equal(shape->categories[i], value))
			return tide_hash_plain(value) & ~RANK_BEHIND;
	return tide_hash_plain(value) | RANK_BEHIND;
}

void
tide_plan_cap(struct tide_cell_key *key, size_t dimension)
{
	if (dimension == 0) {
		key->model = TIDE_TEXT("__other__");
		key->version = (struct tide_text){"", 0};
	} else {
		key->value = TIDE_TEXT("__other__");
	}
}

size_t
tide_plan_weight_blocks(const struct tide_window_setup *setup, size_t classes)
{
	return setup->weight_mapped ? tide_labelled_weight_blocks(classes) : 0;
}

size_t
tide_plan_cell_blocks(const struct tide_window_setup *setup, size_t classes)
{
	size_t columns = tide_mapping_column_count(setup->columns) + 1;

	if (columns > TIDE_CELL_COLUMNS_MAX)
		columns = TIDE_CELL_COLUMNS_MAX;
	size_t scores = setup->proba_mapped ? tide_estimate_blocks_max(setup->weight_mapped) : 0;
	return tide_cell_blocks_max(columns) + tide_cell_measures_blocks_max(setup->measures) + scores +
	       tide_plan_weight_blocks(setup, classes + 4);
}
