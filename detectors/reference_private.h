#ifndef TIDE_DETECTORS_REFERENCE_PRIVATE_H
#define TIDE_DETECTORS_REFERENCE_PRIVATE_H
#include "detectors/reference.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What reference.c (gathering, keeping) and reference_cut.c (the bins) share. */
#define REFERENCE_BYTES_MAX ((size_t)1 << 30)
#define CATEGORIES_MAX 255
#define GATHERED_CATEGORIES_MAX 65536 /* distinct texts that the first pass counts in a column */
#define BINS_MAX 10
#define VALUES_A_BIN 50
#define COLUMNS (TIDE_CELL_COLUMNS_MAX + 1) /* the last one is $prediction */
#define PREDICTION TIDE_CELL_COLUMNS_MAX
#define DETECTORS_MAX 256
#define FINE_A_BIN 24
#define CELL_BUCKETS 256
#define COLUMN_BUCKETS 64
#define MIN_EFFECT .01

struct category {
	struct tide_text text;
	uint64_t count;
};

/* What the first pass keeps of a column; `table` is open addressing, a power of two in size. */
struct gather {
	double *values;
	size_t value_count, value_cap;
	struct category *table;
	size_t category_count, table_size;
	const struct tide_column_options *options; /* what the config says of the column, or NULL */
	bool has_options;                          /* it was looked up */
};

struct kept_column {
	struct tide_text name; /* empty: the cell's own measures */
	struct tide_distribution distribution;
	bool has_distribution;
	double *sorted; /* the distribution's, or NULL */
	double measures[DETECTORS_MAX]; /* by place in the registry */
	double counts[DETECTORS_MAX];   /* the n of each */
	struct tide_backtest backtest;  /* no windows: none */
	double *log10_p;                /* the backtest's, or NULL */
	struct kept_column *next;  /* in its bucket */
	struct kept_column *after; /* in the order in which they were kept */
};

struct kept_cell {
	struct tide_cell_key key;
	struct kept_column *columns[COLUMN_BUCKETS];
	struct kept_column *first, **last;
	struct tide_calibration calibration; /* no blocks: none */
	struct kept_cell *next;  /* in its bucket */
	struct kept_cell *after; /* in the order in which they were kept */
};

/* The bins of all columns of one window of a model, one after the other. */
struct tally {
	struct tide_text model;
	int64_t start_ms;
	uint64_t *bins;
};

struct tide_reference {
	struct tide_pool pool;
	struct tide_arena arena;
	enum tide_problem problem;
	struct tide_columns *columns;
	struct gather gathers[COLUMNS];
	struct tide_column_shape shapes[TIDE_CELL_COLUMNS_MAX];
	struct tide_shape shape;
	const struct tide_column_options *options;
	size_t option_count;
	struct kept_cell *cells[CELL_BUCKETS];
	struct kept_cell *first, **last;
	struct tally *tallies; /* open addressing, a power of two in size */
	size_t tally_count, tally_size;
	size_t bins_before[COLUMNS + 1]; /* where the bins of a column begin in a tally; their sum */
	int64_t backtest_ms;
	char id[17];
};

/* reference_store.c: what was kept, by key and name. NULL or false: out of memory, or not there. */
struct kept_cell *tide_reference_store_cell(const struct tide_reference *reference,
                                            const struct tide_cell_key *key);
struct kept_column *tide_reference_store_column(const struct tide_reference *reference,
                                                const struct tide_cell_key *key,
                                                struct tide_text name);
struct kept_column *tide_reference_store_column_make(struct tide_reference *reference,
                                                     const struct tide_cell_key *key,
                                                     struct tide_text name);
bool tide_reference_store_text(struct tide_reference *reference, struct tide_text from,
                               struct tide_text *to);
/* A copy of the distribution, without its sorted values. */
struct kept_column *
tide_reference_store_distribution(struct tide_reference *reference,
                                  const struct tide_cell_key *key, struct tide_text name,
                                  const struct tide_distribution *distribution);
/* A copy, of a cell that has none yet. */
bool tide_reference_store_calibration(struct tide_reference *reference,
                                      const struct tide_cell_key *key,
                                      const struct tide_calibration *calibration);
/* reference_cut.c: finds the bin of each fine cell; false: out of memory. */
bool tide_reference_cut_bins(struct tide_reference *reference, struct tide_column_shape *shape);

/* reference_backtest.c: gives back what was tallied. */
void tide_reference_backtest_free(struct tide_reference *reference);

static inline void
gather_free(struct tide_reference *reference, struct gather *gather)
{
	tide_pool_table_free(&reference->pool, gather->values,
	                     gather->value_cap * sizeof *gather->values);
	tide_pool_table_free(&reference->pool, gather->table,
	                     gather->table_size * sizeof *gather->table);
	*gather = (struct gather){0};
}

static inline void *
take(struct tide_reference *reference, size_t size_bytes)
{
	if (size_bytes > TIDE_POOL_PIECE_MAX || !tide_pool_reserve(&reference->pool, 1))
		return NULL;
	return tide_pool_arena_take(&reference->arena, size_bytes ? size_bytes : 1);
}

static inline size_t
detector_index(const struct tide_detector *detector)
{
	size_t index = 0;

	while (index < DETECTORS_MAX && tide_detector_at(index) &&
	       tide_detector_at(index) != detector)
		index++;
	TIDE_ASSERT(index < DETECTORS_MAX);
	return index;
}

/* The id is a chain: each part is hashed with the id of what went before. */
static inline void
put_text(struct tide_buffer *buffer, struct tide_text text)
{
	tide_text_put_format(buffer, "%zu:", text.length);
	tide_text_put(buffer, text.bytes, text.length);
}

static inline bool
id_chain(struct tide_reference *reference, struct tide_buffer *buffer)
{
	put_text(buffer, tide_text_of(reference->id));
	bool whole = !buffer->failed;
	if (whole)
		tide_hash_sha256((struct tide_text){buffer->bytes, buffer->length}, reference->id,
		                 16);
	tide_text_buffer_fini(buffer);
	return whole;
}

#endif
