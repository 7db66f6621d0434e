#include "tests/calibration/stream.h"
#include "base/statistics.h"
#include "detectors/drift/pair.h"
#include <math.h>
#include <string.h>

#define BINS_MAX 10      /* SPEC 6.2 */
#define ROWS_A_BIN 50
#define SHUFFLE 101      /* prime to every size: names know nothing of frequency */

bool
stream_is_values(const struct stream *stream)
{
	return stream->kind >= STREAM_NORMAL;
}

void
stream_shares(const struct stream *stream, double *shares)
{
	double sum = 0;

	for (size_t i = 0; i < stream->size; i++)
		sum += 1 / (double) (i + 1);
	for (size_t i = 0; i < stream->size; i++)
		if (stream->first > 0)
			shares[i] = i == 0 ? stream->first
			                   : (1 - stream->first) / (double) (stream->size - 1);
		else
			shares[i * SHUFFLE % stream->size] = 1 / ((double) (i + 1) * sum);
	for (size_t i = 0; i < stream->empty; i++)
		shares[stream->size + i] = 0;
}

static size_t
bins_of(uint64_t m)
{
	return m / ROWS_A_BIN < 2 ? 2 : m / ROWS_A_BIN > BINS_MAX ? BINS_MAX : m / ROWS_A_BIN;
}

/* The share of a changed window that lies below the u-quantile of the reference's law. */
static double
below(const struct stream *stream, double u)
{
	double z = tide_statistics_normal_quantile(u);
	double edge = tide_statistics_normal_quantile(.99);

	if (stream->scale == 0 && stream->shift == 0)
		return u;
	if (stream->tail > 0) /* what lies above `edge` is moved away by the factor */
		return z <= edge ? u : 1 - tide_statistics_normal_sf(fmax(edge, z / stream->tail));
	return 1 - tide_statistics_normal_sf((z - stream->shift) / stream->scale);
}

/* Edges at quantiles i / k by linear interpolation between two neighbours of m sorted uniforms. */
static void
continuous_start(const struct stream *stream, struct random *random, uint64_t m,
                 struct stream_pair *pair)
{
	size_t k = bins_of(m);
	double sum = 0, edges[BINS_MAX];
	uint64_t at = 0; /* spacings in `sum` */

	pair->count = k;
	for (size_t i = 1; i < k; i++) {
		uint64_t low = (m - 1) * i / k;
		double part = (double) ((m - 1) * i % k) / (double) k;
		sum += random_gamma(random, (double) (low + 1 - at));
		double spacing = random_gamma(random, 1);
		edges[i - 1] = sum + part * spacing;
		sum += spacing;
		at = low + 2;
		pair->reference[i - 1] = low + 1;
	}
	sum += random_gamma(random, (double) (m + 1 - at));
	pair->reference[k - 1] = m;
	for (size_t i = k - 1; i > 0; i--)
		pair->reference[i] -= pair->reference[i - 1];
	for (size_t i = 0; i < k; i++)
		pair->shares[i] = i + 1 < k ? below(stream, edges[i] / sum) : 1;
	for (size_t i = k - 1; i > 0; i--)
		pair->shares[i] -= pair->shares[i - 1];
}

/* Atoms fall together where the quantiles of their counts leave no edge between them. */
static void
lattice_start(const struct stream *stream, struct random *random, uint64_t m,
              struct stream_pair *pair)
{
	uint64_t counts[STREAM_CELLS_MAX] = {0}, before = 0;
	double shares[STREAM_CELLS_MAX];
	size_t k = bins_of(m), bin = 0;

	stream_shares(stream, shares);
	random_multinomial(random, m, shares, stream->size, counts);
	for (size_t i = 0; i < stream->size; i++) {
		uint64_t upto = before + counts[i];
		pair->reference[bin] += counts[i];
		pair->shares[bin] += shares[i];
		bool edge = false; /* a quantile in [i, i + 1): its neighbours are sorted rows */
		for (size_t j = 1; j < k; j++) {
			uint64_t low = (m - 1) * j / k;
			edge |= low >= before && low < upto;
		}
		bin += edge && i + 1 < stream->size;
		before = upto;
	}
	pair->count = bin + 1;
}

void
stream_start(const struct stream *stream, struct random *random, uint64_t m,
             struct stream_pair *pair)
{
	memset(pair->reference, 0, sizeof pair->reference);
	memset(pair->current, 0, sizeof pair->current);
	memset(pair->shares, 0, sizeof pair->shares);
	pair->type = stream->kind == STREAM_CATEGORIES ? TIDE_COLUMN_CATEGORICAL
	                                               : TIDE_COLUMN_NUMERIC;
	if (stream_is_values(stream)) {
		pair->engine = engine_new(stream, random, m);
	} else if (stream->kind == STREAM_CONTINUOUS) {
		continuous_start(stream, random, m, pair);
	} else if (stream->kind == STREAM_LATTICE) {
		lattice_start(stream, random, m, pair);
	} else {
		pair->count = stream->size + stream->empty;
		stream_shares(stream, pair->shares);
		random_multinomial(random, m, pair->shares, pair->count, pair->reference);
	}
}

void
stream_grow(const struct stream *stream, struct random *random, uint64_t more,
            struct stream_pair *pair)
{
	if (stream_is_values(stream))
		engine_grow(pair->engine, stream, random, more);
	else
		random_multinomial(random, more, pair->shares, pair->count, pair->current);
}

struct tide_column_test
stream_test(const struct stream_pair *pair)
{
	static const struct tide_evidence evidence = {0};
	uint64_t current[STREAM_CELLS_MAX];
	struct tide_column_shape shape = {.min_effect = pair->min_effect, .type = pair->type};
	struct tide_column_fold fold = {.bins = current, .bin_count = pair->count};
	struct tide_distribution distribution = {.bins = pair->reference,
	                                         .bin_count = pair->count};
	struct tide_subject subject = {.evidence = &evidence,
	                               .shape = &shape,
	                               .fold = &fold,
	                               .distribution = &distribution};

	if (pair->engine)
		return engine_test(pair->engine);
	for (size_t i = 0; i < pair->count; i++) {
		current[i] = pair->reference[i] ? pair->current[i] : 0;
		fold.unseen += pair->current[i] - current[i];
	}
	return tide_pair_test(&subject);
}

void
stream_end(struct stream_pair *pair)
{
	engine_free(pair->engine);
	pair->engine = NULL;
}
