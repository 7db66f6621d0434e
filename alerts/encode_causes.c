#include "alerts/encode.h"
#include "detectors/cause.h"
#include <math.h>

#define CAUSE_NAME_BYTES (16 * (size_t) TIDE_TEXT_BYTES_MAX)

static void
put_bin(struct tide_buffer *buffer, const struct tide_cause *cause)
{
	bool above = isfinite(cause->low), below = isfinite(cause->high);

	if (above) {
		tide_text_put_string(buffer, below ? "(" : "> ");
		tide_text_put_number(buffer, cause->low);
	}
	if (below) {
		tide_text_put_string(buffer, above ? ", " : "<= ");
		tide_text_put_number(buffer, cause->high);
		tide_text_put_string(buffer, above ? "]" : "");
	}
	if (!above && !below)
		tide_text_put_string(buffer, "any");
}

static void
put_name(struct tide_buffer *buffer, const struct tide_encode_context *context,
         const struct tide_cause *cause)
{
	if (cause->kind == TIDE_CAUSE_CATEGORY)
		tide_text_put(buffer, cause->category.bytes, cause->category.length);
	else if (cause->kind == TIDE_CAUSE_BIN)
		put_bin(buffer, cause);
	else
		tide_encode_segment_words(buffer, context->segments, &cause->key, "=");
}

/* Every drift measure of a column comes from the same bins: a result says so once. */
static bool
is_said(const struct tide_finding *finding)
{
	return finding->detector->family != TIDE_DRIFT || finding->detector->needs & TIDE_HAS_TEST;
}

static void
put_causes(struct tide_buffer *buffer, const struct tide_encode_context *context,
           const struct tide_evidence *evidence, const struct tide_finding *finding)
{
	static const char *const kinds[] = {
	        [TIDE_CAUSE_BIN] = "bin",
	        [TIDE_CAUSE_CATEGORY] = "category",
	        [TIDE_CAUSE_RATE] = "segment_rate",
	        [TIDE_CAUSE_MIX] = "segment_mix",
	        [TIDE_CAUSE_HIGHEST] = "group_highest",
	        [TIDE_CAUSE_LOWEST] = "group_lowest",
	        [TIDE_CAUSE_LEFT_OUT] = "group_left_out",
	};
	struct tide_cause causes[TIDE_CAUSES_MAX];
	struct tide_buffer name;
	size_t count = tide_cause_find(evidence, context->reference, finding, causes);

	for (size_t i = 0; i < count; i++) {
		tide_text_buffer_init(&name, CAUSE_NAME_BYTES);
		put_name(&name, context, &causes[i]);
		tide_text_json_open(buffer, '{');
		tide_text_json_put_string(buffer, "what", kinds[causes[i].kind]);
		tide_text_json_put_text(buffer, "name",
		                        (struct tide_text){name.bytes, name.length});
		tide_text_json_put_number(buffer, "share", causes[i].share);
		tide_text_json_close(buffer, '}');
		buffer->failed = buffer->failed || name.failed;
		tide_text_buffer_fini(&name);
	}
}

void
tide_encode_causes(struct tide_buffer *buffer, const struct tide_encode_context *context,
                   const struct tide_evidence *evidence, const struct tide_finding *finding,
                   bool alone)
{
	tide_text_json_key(buffer, "contributors");
	tide_text_json_open(buffer, '[');
	if (evidence && (alone || is_said(finding)))
		put_causes(buffer, context, evidence, finding);
	tide_text_json_close(buffer, ']');
}
