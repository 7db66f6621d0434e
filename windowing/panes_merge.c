#include "windowing/panes_private.h"
#include <stdlib.h>
#include <string.h>

#define OTHER         "__other__"
#define SCRATCH_LEAST 4096 /* rows; at least the bins of a curve */

_Static_assert(SCRATCH_LEAST >= TIDE_SCORE_BINS, "the bins of a curve fit");

/* A table that doubles until it has room for `count` elements, with what it holds. */
static bool
table_reserve(struct tide_pool *pool, void **table, size_t *room, size_t count, size_t size_bytes)
{
	size_t wanted = *room ? *room : 64;

	if (count <= *room)
		return true;
	while (wanted < count)
		wanted *= 2;
	void *grown = tide_pool_table_new(pool, wanted * size_bytes);
	if (!grown)
		return false;
	if (*room)
		memcpy(grown, *table, *room * size_bytes);
	tide_pool_table_free(pool, *table, *room * size_bytes);
	*table = grown;
	*room = wanted;
	return true;
}

/* A row of a curve is its score and, where mapped, its weight. */
static size_t
values_bytes(const struct tide_panes *panes, size_t rows)
{
	return rows * (1 + panes->setup.weight_mapped) * sizeof(double);
}

static void
scratch_free(struct tide_panes *panes)
{
	struct tide_score_scratch *scratch = &panes->scratch;

	tide_pool_table_free(panes->pool, scratch->values, values_bytes(panes, scratch->rows));
	tide_pool_table_free(panes->pool, scratch->points, scratch->rows * sizeof *scratch->points);
	*scratch = (struct tide_score_scratch){0};
}

/* Room for the curves of so many rows; grows by doubling. */
static bool
scratch_reserve(struct tide_panes *panes, uint64_t scored)
{
	struct tide_score_scratch *scratch = &panes->scratch;
	size_t exact = panes->setup.options.exact_rows;
	size_t rows = scored < exact ? (size_t) scored : exact, room = SCRATCH_LEAST;

	if (rows <= scratch->rows && scratch->rows)
		return true;
	while (room < rows)
		room *= 2;
	scratch_free(panes);
	scratch->values = tide_pool_table_new(panes->pool, values_bytes(panes, room));
	scratch->points = tide_pool_table_new(panes->pool, room * sizeof *scratch->points);
	scratch->rows = room;
	if (scratch->values && scratch->points)
		return true;
	scratch_free(panes);
	return false;
}

void
tide_panes_merge_reset(struct tide_panes *panes)
{
	panes->evidence_count = panes->evidence_at = 0;
	panes->scratch.of = NULL; /* what it holds may be of memory that is gone */
	tide_pool_arena_fini(&panes->out);
	tide_pool_arena_init(&panes->out, panes->pool);
}

void
tide_panes_merge_fini(struct tide_panes *panes)
{
	tide_pool_arena_fini(&panes->out);
	scratch_free(panes);
	tide_pool_table_free(panes->pool, panes->evidence,
	                     panes->evidence_room * sizeof *panes->evidence);
	tide_pool_table_free(panes->pool, panes->merged,
	                     panes->merged_room * sizeof(struct merged *));
}

static struct tide_text
text_keep(struct tide_arena *arena, struct tide_text text)
{
	if (!text.bytes)
		return text;
	char *bytes = tide_pool_arena_take(arena, text.length + 1);
	memcpy(bytes, text.bytes, text.length);
	return (struct tide_text){bytes, text.length};
}

static uint64_t
key_hash(const struct tide_cell_key *key)
{
	return (tide_hash_plain(key->model) * 31 + tide_hash_plain(key->version)) * 31 +
	       tide_hash_plain(key->value) + (uint64_t) (key->segment + 1);
}

/* The cell of the key, made if new: room for it was reserved. */
static struct merged *
merged_at(struct tide_panes *panes, const struct tide_cell_key *key)
{
	struct merged **bucket = &panes->buckets[key_hash(key) % MERGED_BUCKETS];

	for (struct merged *merged = *bucket; merged; merged = merged->next)
		if (!merged->gone && tide_cell_key_compare(&merged->cell.key, key) == 0)
			return merged;
	struct merged *merged = tide_pool_arena_take(&panes->out, sizeof *merged);
	merged->cell.key = *key;
	merged->cell.key.model = text_keep(&panes->out, key->model);
	merged->cell.key.version = text_keep(&panes->out, key->version);
	merged->cell.key.value = text_keep(&panes->out, key->value);
	merged->next = *bucket;
	*bucket = merged;
	panes->merged[panes->merged_count++] = merged;
	return merged;
}

static bool
merged_reserve(struct tide_panes *panes, size_t blocks)
{
	return table_reserve(panes->pool, (void **) &panes->merged, &panes->merged_room,
	                     panes->merged_count + 1, sizeof(struct merged *)) &&
	       tide_pool_reserve(panes->pool, blocks + 2);
}

static struct tide_cell_words
words_of(struct tide_panes *panes)
{
	return (struct tide_cell_words){.shape = panes->setup.shape,
	                                .columns = panes->setup.columns,
	                                .classes = &panes->classes,
	                                .names = &panes->names,
	                                .measures = panes->setup.measures,
	                                .shapes = panes->shapes,
	                                .exact_rows = panes->setup.options.exact_rows};
}

/* What ranks last among those that are kept, of the models and of each segment's values; all are
 * where there are not too many (SPEC 3.6). */
struct limits {
	uint64_t ranks[TIDE_SEGMENTS_MAX + 1];
};

static uint64_t
rank_of(const struct tide_panes *panes, const struct tide_partial *partial, size_t dimension)
{
	const struct tide_cell_key *key = &partial->key;
	struct tide_text name = dimension ? key->value : key->model;

	if ((dimension && (key->segment != (int) dimension - 1 || key->value_null)) ||
	    (partial->capped && tide_text_is(name, OTHER)))
		return 0;
	return dimension ? tide_plan_value_rank(&panes->setup, dimension - 1, name)
	                 : tide_plan_model_rank(&panes->setup, name);
}

static int
rank_order(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *) a, y = *(const uint64_t *) b;

	return (x > y) - (x < y);
}

static enum tide_panes_answer
limit_find(struct tide_panes *panes, const struct pane *pane, size_t dimension, uint64_t *limit)
{
	uint64_t *ranks = tide_pool_table_new(panes->pool, pane->count * sizeof *ranks);
	size_t count = 0, distinct = 0;
	struct tide_partial partial;
	bool good = true;

	if (!ranks)
		return TIDE_PANES_NO_ROOM;
	for (size_t i = 0; i < HELD_BUCKETS; i++) {
		for (const struct held *held = pane->held[i]; held && good; held = held->next) {
			struct tide_reader reader = {held->bytes, held->bytes + held->size, false};
			good = tide_partial_load(&partial, &panes->setup.options, &reader);
			ranks[count++] = good ? rank_of(panes, &partial, dimension) : 0;
		}
	}
	qsort(ranks, count, sizeof *ranks, rank_order);
	for (size_t i = 0; good && i < count; i++) {
		if (ranks[i] == 0 || (i > 0 && ranks[i] == ranks[i - 1]))
			continue;
		if (distinct == panes->setup.values_max)
			break;
		distinct++;
		*limit = ranks[i];
	}
	if (distinct < panes->setup.values_max)
		*limit = UINT64_MAX;
	tide_pool_table_free(panes->pool, ranks, pane->count * sizeof *ranks);
	return good ? TIDE_PANES_OK : TIDE_PANES_STRANGE;
}

static enum tide_panes_answer
limits_find(struct tide_panes *panes, const struct pane *pane, struct limits *limits)
{
	enum tide_panes_answer answer = TIDE_PANES_OK;

	for (size_t i = 0; i <= panes->setup.segment_count; i++)
		limits->ranks[i] = UINT64_MAX;
	for (size_t i = 0; answer == TIDE_PANES_OK && pane->count > panes->setup.values_max &&
	                   i <= panes->setup.segment_count;
	     i++)
		answer = limit_find(panes, pane, i, &limits->ranks[i]);
	return answer;
}

static enum tide_panes_answer
held_merge(struct tide_panes *panes, const struct held *held, const struct limits *limits,
           bool *changed)
{
	struct tide_cell_words words = words_of(panes);
	struct tide_reader reader = {held->bytes, held->bytes + held->size, false};
	struct tide_partial partial;

	if (!tide_partial_load(&partial, &panes->setup.options, &reader) ||
	    partial.key.segment >= (int) panes->setup.segment_count)
		return TIDE_PANES_STRANGE;
	if (!merged_reserve(panes, tide_cell_load_blocks(reader, &words)))
		return TIDE_PANES_NO_ROOM;
	enum tide_problem problem = tide_plan_model(&panes->setup, partial.key.model)->problem;
	for (size_t i = 0; i <= panes->setup.segment_count; i++) {
		if (rank_of(panes, &partial, i) <= limits->ranks[i])
			continue;
		tide_plan_cap(&partial.key, i);
		partial.capped = true;
	}
	struct merged *merged = merged_at(panes, &partial.key);
	merged->told |= held->told;
	merged->capped |= partial.capped;
	*changed |= partial.changed;
	return tide_partial_add(&partial, problem, &words, &reader, &merged->cell, &panes->out)
	               ? TIDE_PANES_OK
	               : TIDE_PANES_STRANGE;
}

static void
cell_merge(struct tide_panes *panes, struct tide_cell *to, const struct tide_cell *from,
           enum tide_side side)
{
	if (side == TIDE_SIDE_PREDICTION) {
		tide_cell_merge_predictions(to, from, panes->setup.measures, &panes->out);
		return;
	}
	to->predictions += from->predictions;
	if (!from->labels[0])
		return;
	if (!to->labels[0])
		to->labels[0] = tide_pool_arena_take(&panes->out, sizeof *to->labels[0]);
	tide_labelled_merge(to->labels[0], from->labels[0],
	                    &panes->shapes[tide_plan_model(&panes->setup, from->key.model)->problem],
	                    &panes->out);
	tide_cell_merge_slot(to, 0, from, 0, panes->setup.measures, &panes->out);
}

/* Blocks that a merge of one cell into another takes at most: what an empty one would, heads of
 * the chunks of all rows, and curves of bins. */
static size_t
merge_blocks(const struct tide_panes *panes, const struct pane *pane)
{
	size_t bins = 0;

	for (size_t i = 0; i < 4; i++) {
		size_t blocks = tide_score_blocks_max(&panes->shapes[i].score);
		bins = blocks > bins ? blocks : bins;
	}
	return 2 * tide_plan_cell_blocks(&panes->setup, panes->classes.count) + bins +
	       TIDE_LABELLED_BLOCKS + pane->bytes / TIDE_POOL_BLOCK;
}

static bool
cell_gather(struct tide_panes *panes, const struct pane *pane, const struct merged *from,
            struct tide_cell_key key)
{
	if (!merged_reserve(panes, merge_blocks(panes, pane)))
		return false;
	struct merged *to = merged_at(panes, &key);
	to->told |= from->told;
	to->capped |= from->capped && (tide_text_is(key.model, OTHER) || key.segment >= 0);
	cell_merge(panes, &to->cell, &from->cell, pane->pane.side);
	return true;
}

static int
merged_order(const void *a, const void *b)
{
	const struct merged *const *x = a, *const *y = b;

	return tide_cell_key_compare(&(*x)->cell.key, &(*y)->cell.key);
}

static bool
same_model(const struct merged *a, const struct merged *b)
{
	return tide_text_equal(a->cell.key.model, b->cell.key.model);
}

/* All versions together, and each where there is more than one of the model (SPEC 4.3). */
static bool
versions_gather(struct tide_panes *panes, const struct pane *pane)
{
	size_t count = panes->merged_count, end;

	if (count)
		qsort(panes->merged, count, sizeof(struct merged *), merged_order);
	for (size_t begin = 0; begin < count; begin = end) {
		for (end = begin + 1; end < count; end++)
			if (!same_model(panes->merged[begin], panes->merged[end]))
				break;
		bool several = !tide_text_equal(panes->merged[begin]->cell.key.version,
		                                panes->merged[end - 1]->cell.key.version);
		for (size_t i = begin; i < end; i++) {
			struct merged *merged = panes->merged[i];
			struct tide_cell_key key = merged->cell.key;
			key.version = (struct tide_text){"", 0};
			merged->gone = several && merged->cell.key.version.length == 0;
			if (!several)
				merged->cell.key = key;
			else if (!cell_gather(panes, pane, merged, key))
				return false;
		}
	}
	return true;
}

/* Where records were folded into the values of one segment only. */
static bool
totals_gather(struct tide_panes *panes, const struct pane *pane)
{
	size_t count = panes->merged_count;

	for (size_t i = 0; tide_plan_first_segment(&panes->setup) == 0 && i < count; i++) {
		const struct merged *merged = panes->merged[i];
		struct tide_cell_key key = merged->cell.key;
		key.segment = -1;
		key.value_null = false;
		key.value = (struct tide_text){NULL, 0};
		if (!merged->gone && !cell_gather(panes, pane, merged, key))
			return false;
	}
	return true;
}

static struct tide_evidence *
evidence_new(struct tide_panes *panes, const struct tide_pane *pane)
{
	struct tide_evidence *evidence = &panes->evidence[panes->evidence_count++];

	*evidence = (struct tide_evidence){.start_ms = pane->start_ms,
	                                   .end_ms = pane->end_ms,
	                                   .trigger_ms = pane->trigger_ms,
	                                   .age_ms = pane->age_ms,
	                                   .side = pane->side,
	                                   .timing = pane->timing,
	                                   .complete = true,
	                                   .key.segment = -1,
	                                   .revision = tide_pane_revision(&panes->setup.options,
	                                                                  pane),
	                                   .columns = panes->setup.columns,
	                                   .segments = panes->setup.segments,
	                                   .segment_count = panes->setup.segment_count,
	                                   .group_min_n = panes->setup.group_min_n,
	                                   .shape = panes->setup.shape};
	return evidence;
}

static void
evidence_make(struct tide_panes *panes, const struct pane *pane, struct merged *merged,
              bool complete)
{
	struct tide_evidence *evidence = evidence_new(panes, &pane->pane);
	struct tide_cell *cell = &merged->cell;
	bool again = pane->has_left || pane->missed;

	evidence->complete = complete;
	evidence->timing = again ? TIDE_TIMING_REVISED : pane->pane.timing;
	evidence->revision += again && merged->told;
	evidence->capped = merged->capped;
	evidence->problem = tide_plan_model(&panes->setup, cell->key.model)->problem;
	evidence->key = cell->key;
	evidence->cell = cell;
	evidence->label_shape = &panes->shapes[evidence->problem];
	evidence->classes = &panes->classes;
	evidence->scratch = &panes->scratch;
	evidence->measures = panes->setup.measures;
	evidence->predictions = cell->predictions;
	if (pane->pane.side != TIDE_SIDE_LABEL)
		return;
	if (!cell->labels[0])
		cell->labels[0] = tide_pool_arena_take(&panes->out, sizeof *cell->labels[0]);
	evidence->labels = cell->labels[0];
	evidence->labelled = cell->labels[0]->labelled;
}

static bool
evidence_reserve(struct tide_panes *panes, size_t count)
{
	return table_reserve(panes->pool, (void **) &panes->evidence, &panes->evidence_room,
	                     panes->evidence_count + count, sizeof *panes->evidence);
}

/* Empty label folds of cells that no label met are made here; all others are there. */
static enum tide_panes_answer
evidences_make(struct tide_panes *panes, const struct pane *pane, bool complete)
{
	size_t blocks = panes->merged_count * sizeof(struct tide_label_fold) / TIDE_POOL_PIECE_MAX;

	if (!evidence_reserve(panes, panes->merged_count) ||
	    !tide_pool_reserve(panes->pool, 2 * blocks + 2))
		return TIDE_PANES_NO_ROOM;
	for (size_t i = 0; i < panes->merged_count; i++)
		if (!panes->merged[i]->gone)
			evidence_make(panes, pane, panes->merged[i], complete);
	return TIDE_PANES_OK;
}

enum tide_panes_answer
tide_panes_merge(struct tide_panes *panes, const struct pane *pane, bool complete)
{
	enum tide_panes_answer answer;
	struct limits limits;
	bool changed = false;

	panes->merged_count = 0;
	memset(panes->buckets, 0, sizeof panes->buckets);
	answer = limits_find(panes, pane, &limits);
	for (size_t i = 0; i < HELD_BUCKETS; i++)
		for (const struct held *held = pane->held[i]; held && answer == TIDE_PANES_OK;
		     held = held->next)
			answer = held_merge(panes, held, &limits, &changed);
	if (answer != TIDE_PANES_OK)
		return answer;
	/* a revised pane without a change says nothing, unless it makes good what was not whole */
	if (pane->pane.number == TIDE_PANE_REVISED && !changed &&
	    !(complete && (pane->forced || pane->missed || pane->has_left)))
		return TIDE_PANES_OK;
	if (!versions_gather(panes, pane) || !totals_gather(panes, pane))
		return TIDE_PANES_NO_ROOM;
	return evidences_make(panes, pane, complete);
}

enum tide_panes_answer
tide_panes_merge_input(struct tide_panes *panes, const struct pane *pane)
{
	if (!evidence_reserve(panes, 1) || !tide_pool_reserve(panes->pool, 1))
		return TIDE_PANES_NO_ROOM;
	struct tide_input_counts *counts = tide_pool_arena_take(&panes->out, sizeof *counts);
	for (size_t i = 0; i < HELD_BUCKETS; i++) {
		for (const struct held *held = pane->held[i]; held; held = held->next) {
			struct tide_reader reader = {held->bytes, held->bytes + held->size, false};
			struct tide_partial partial;
			if (!tide_partial_load(&partial, &panes->setup.options, &reader) ||
			    !tide_partial_count(&reader, counts))
				return TIDE_PANES_STRANGE;
		}
	}
	evidence_new(panes, &pane->pane)->counts = counts;
	return TIDE_PANES_OK;
}

static int
evidence_order(const void *a, const void *b)
{
	const struct tide_evidence *x = a, *y = b;
	int order = tide_cell_key_compare(&x->key, &y->key);

	if (order == 0)
		order = (int) x->side - (int) y->side;
	return order ? order : (x->start_ms > y->start_ms) - (x->start_ms < y->start_ms);
}

enum tide_panes_answer
tide_panes_merge_end(struct tide_panes *panes)
{
	uint64_t scored = 0;

	for (size_t i = 0; i < panes->evidence_count; i++) {
		const struct tide_evidence *evidence = &panes->evidence[i];
		uint64_t rows = evidence->labelled;
		if (evidence->cell && evidence->cell->estimate)
			rows = evidence->cell->estimate->scores.rows.count;
		scored = rows > scored ? rows : scored;
	}
	if (!scratch_reserve(panes, scored))
		return TIDE_PANES_NO_ROOM;
	if (panes->evidence_count)
		qsort(panes->evidence, panes->evidence_count, sizeof *panes->evidence,
		      evidence_order);
	return TIDE_PANES_OK;
}
