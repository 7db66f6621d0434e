#include "app/avro_sink.h"
#include "schemas/avro_encode.h"
#include "schemas/avro_schema.h"
#include <stdlib.h>
#include <string.h>

#define DATUM_BYTES_MAX (16u << 20)

struct avro_sink {
	struct tide_sink base;
	struct tide_sink *behind;
	struct tide_avro_encoder *encoders[TIDE_LETTER_KINDS]; /* NULL: as it is */
	struct tide_buffer datum;
};

static void
counts_take(struct avro_sink *sink)
{
	memcpy(sink->base.given, sink->behind->given, sizeof(sink->base.given));
	memcpy(sink->base.unplaced, sink->behind->unplaced, sizeof(sink->base.unplaced));
}

static int
sink_give(struct tide_sink *base, const struct tide_letter *letter, struct tide_error *error)
{
	struct avro_sink *sink = (struct avro_sink *)base;
	const struct tide_avro_encoder *encoder = sink->encoders[letter->kind];
	struct tide_text json = {(const char *)letter->value, letter->value_size};
	struct tide_letter coded = *letter;

	if (encoder) {
		tide_text_buffer_reset(&sink->datum);
		if (tide_avro_encode(encoder, json, &sink->datum, error))
			return -1;
		coded.value = (const uint8_t *)sink->datum.bytes;
		coded.value_size = sink->datum.length;
	}
	int failed = sink->behind->ops->give(sink->behind, &coded, error);
	counts_take(sink);
	return failed;
}

static int
sink_commit(struct tide_sink *base, const struct tide_position *positions, size_t count,
            struct tide_error *error)
{
	struct avro_sink *sink = (struct avro_sink *)base;

	return sink->behind->ops->commit(sink->behind, positions, count, error);
}

static void
sink_free(struct avro_sink *sink)
{
	for (size_t i = 0; i < TIDE_LETTER_KINDS; i++)
		tide_avro_encode_free(sink->encoders[i]);
	tide_text_buffer_fini(&sink->datum);
	free(sink);
}

static void
sink_close(struct tide_sink *base)
{
	struct avro_sink *sink = (struct avro_sink *)base;

	sink->behind->ops->close(sink->behind);
	sink_free(sink);
}

static void
sink_drop(struct tide_sink *base)
{
	struct avro_sink *sink = (struct avro_sink *)base;

	sink->behind->ops->drop(sink->behind);
}

static const struct tide_sink_ops ops = {sink_give, sink_commit, sink_close, sink_drop};

static int
encoder_open(const char *name, struct tide_avro_encoder **encoder, struct tide_error *error)
{
	const struct tide_avro_schema *schema = tide_avro_schema;

	while (strcmp(schema->name, name) != 0)
		schema++;
	return tide_avro_encode_new(schema->text, encoder, error);
}

int
tide_avro_sink_wrap(struct tide_sink **sink, const struct tide_config *config,
                    struct tide_error *error)
{
	bool results = config->results.format == TIDE_FORMAT_AVRO;
	bool alerts = config->alerts.format == TIDE_FORMAT_AVRO;
	struct avro_sink *made;

	if (!results && !alerts)
		return 0;
	made = calloc(1, sizeof(*made));
	if (!made)
		return tide_error_stop(error, TIDE_ERROR_MEMORY, "no memory for Avro outputs");
	tide_text_buffer_init(&made->datum, DATUM_BYTES_MAX);
	if ((results && encoder_open("result", &made->encoders[TIDE_LETTER_RESULT], error)) ||
	    (alerts && encoder_open("alert", &made->encoders[TIDE_LETTER_ALERT], error))) {
		sink_free(made);
		return -1;
	}
	made->base.ops = &ops;
	made->behind = *sink;
	*sink = &made->base;
	return 0;
}

struct tide_sink *
tide_avro_sink_behind(struct tide_sink *sink)
{
	return sink->ops == &ops ? ((struct avro_sink *)sink)->behind : sink;
}
