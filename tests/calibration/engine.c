#include "tests/calibration/stream.h"
#include "detectors/drift/pair.h"
#include "detectors/reference.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POOL_BYTES ((size_t) 64 << 20)
#define FOLD_BLOCKS 64

/* One column through the engine: learn, cut, fold, test. */
struct engine {
	struct tide_columns *columns;
	struct tide_reference *reference;
	const struct tide_column_shape *shape;
	struct tide_pool pool;
	struct tide_arena arena;
	struct tide_column_fold *kept, *current;
	double shares[STREAM_CELLS_MAX];
	char text[8];
};

static size_t
atom(struct random *random, const double *shares, size_t size)
{
	double u = random_unit(random);
	size_t i = 0;

	for (; i + 1 < size && u >= shares[i]; i++)
		u -= shares[i];
	return i;
}

static struct tide_value
draw(struct engine *engine, const struct stream *stream, struct random *random)
{
	struct tide_value value = {.kind = TIDE_VALUE_NUMBER};

	switch (stream->kind) {
	case STREAM_NORMAL:
		value.number = random_normal(random);
		break;
	case STREAM_LOGNORMAL:
		value.number = exp(2 * random_normal(random));
		break;
	case STREAM_ZEROS:
		value.number = random_unit(random) < .95 ? 0 : exp(random_normal(random));
		break;
	case STREAM_INTEGERS:
		value.number = (double) atom(random, engine->shares, stream->size);
		break;
	default:
		snprintf(engine->text, sizeof engine->text, "%03u",
		         (unsigned) atom(random, engine->shares, stream->size));
		value.kind = TIDE_VALUE_TEXT;
		value.text = tide_text_of(engine->text);
	}
	return value;
}

static void
must(bool good)
{
	if (good)
		return;
	fputs("out of memory\n", stderr);
	abort();
}

/* Learns m rows; the same rows, drawn once more from where the generator stood, are then folded. */
struct engine *
engine_new(const struct stream *stream, struct random *random, uint64_t m)
{
	static const struct tide_column_options options = {.pattern = "*", .min_effect = 0};
	struct engine *engine = calloc(1, sizeof *engine);
	struct tide_value value;
	struct tide_event event = {.values = &value, .value_count = 1};
	struct random before = *random;

	must(engine);
	engine->columns = tide_mapping_columns_new();
	must(engine->columns);
	engine->reference = tide_reference_new(TIDE_PROBLEM_NONE, engine->columns, &options, 1);
	must(engine->reference);
	stream_shares(stream, engine->shares);
	uint32_t column = tide_mapping_column(engine->columns, TIDE_TEXT("x"), 0);
	for (uint64_t i = 0; i < m; i++) {
		value = draw(engine, stream, random);
		value.column = column;
		must(tide_reference_learn(engine->reference, &event));
	}
	must(tide_reference_cut(engine->reference));
	engine->shape = tide_reference_shape(engine->reference)->columns;
	tide_pool_init(&engine->pool, POOL_BYTES);
	must(tide_pool_reserve(&engine->pool, FOLD_BLOCKS));
	tide_pool_arena_init(&engine->arena, &engine->pool);
	engine->kept = tide_column_new(engine->shape, 0, &engine->arena);
	engine->current = tide_column_new(engine->shape, 0, &engine->arena);
	for (uint64_t i = 0; i < m; i++) {
		value = draw(engine, stream, &before);
		tide_column_add(engine->kept, engine->shape, &value, &engine->arena);
	}
	return engine;
}

void
engine_grow(struct engine *engine, const struct stream *stream, struct random *random,
            uint64_t more)
{
	for (uint64_t i = 0; i < more; i++) {
		struct tide_value value = draw(engine, stream, random);
		tide_column_add(engine->current, engine->shape, &value, &engine->arena);
	}
}

struct tide_column_test
engine_test(const struct engine *engine)
{
	static const struct tide_evidence evidence = {0};
	struct tide_distribution distribution = {.bins = engine->kept->bins,
	                                         .bin_count = engine->kept->bin_count};
	struct tide_subject subject = {.evidence = &evidence,
	                               .shape = engine->shape,
	                               .fold = engine->current,
	                               .distribution = &distribution};

	return tide_pair_test(&subject);
}

void
engine_free(struct engine *engine)
{
	if (!engine)
		return;
	tide_pool_arena_fini(&engine->arena);
	tide_pool_fini(&engine->pool);
	tide_reference_free(engine->reference);
	tide_mapping_columns_free(engine->columns);
	free(engine);
}
