#include "windowing/panes_private.h"

#define VERSION 1

static int64_t
low_water(const struct pane *pane, int64_t least)
{
	for (; pane; pane = pane->next)
		for (size_t i = 0; i < HELD_BUCKETS; i++)
			for (const struct held *held = pane->held[i]; held; held = held->next)
				if (held->position < least)
					least = held->position;
	return least;
}

int64_t
tide_panes_state_low_water(const struct tide_panes *panes)
{
	return low_water(panes->first, low_water(panes->inputs, INT64_MAX));
}

void
tide_panes_state_save(const struct tide_panes *panes, struct tide_buffer *buffer)
{
	size_t left = 0;

	for (const struct pane *pane = panes->first; pane; pane = pane->next)
		left += pane->has_left;
	tide_bytes_put_number(buffer, VERSION);
	tide_bytes_put_signed(buffer, panes->clock_ms);
	tide_bytes_put_signed(buffer, panes->whole_ms);
	tide_bytes_put_signed(buffer, panes->input_ms);
	tide_bytes_put_number(buffer, (uint64_t) panes->partitions);
	tide_bytes_put_number(buffer, panes->source_count);
	for (size_t i = 0; i < panes->source_count; i++) {
		const struct source *source = &panes->sources[i];
		tide_bytes_put_number(buffer, (uint64_t) source->partition);
		tide_bytes_put_signed(buffer, source->progress.clock_ms);
		tide_bytes_put_signed(buffer, source->progress.whole_ms);
		tide_bytes_put_signed(buffer, source->progress.input_ms);
		tide_bytes_put_number(buffer, source->progress.idle);
	}
	tide_bytes_put_number(buffer, left);
	for (const struct pane *pane = panes->first; pane; pane = pane->next) {
		if (!pane->has_left)
			continue;
		tide_bytes_put_signed(buffer, pane->pane.start_ms);
		tide_bytes_put_number(buffer, pane->pane.number);
	}
}

static enum tide_panes_answer
sources_load(struct tide_panes *panes, struct tide_reader *reader)
{
	for (uint64_t count = tide_bytes_count(reader, 5); count; count--) {
		uint64_t partition = tide_bytes_number(reader);
		struct tide_progress progress;
		progress.clock_ms = tide_bytes_signed(reader);
		progress.whole_ms = tide_bytes_signed(reader);
		progress.input_ms = tide_bytes_signed(reader);
		progress.idle = tide_bytes_number(reader);
		if (reader->bad || partition > INT32_MAX)
			return TIDE_PANES_STRANGE;
		struct source *source = tide_panes_source(panes, (int32_t) partition);
		if (!source)
			return TIDE_PANES_NO_ROOM;
		source->progress = progress;
	}
	return TIDE_PANES_OK;
}

/* What an older record of the same key said of panes is void. */
static void
left_reset(struct tide_panes *panes)
{
	for (struct pane *pane = panes->first; pane; pane = pane->next) {
		pane->has_left = pane->resumed = false;
		pane->missed = pane->pane.trigger_ms <= panes->clock_ms;
		for (size_t i = 0; i < HELD_BUCKETS; i++)
			for (struct held *held = pane->held[i]; held; held = held->next)
				held->told = false;
	}
}

static enum tide_panes_answer
left_load(struct tide_panes *panes, struct tide_reader *reader)
{
	const struct tide_window_options *options = &panes->setup.options;

	for (uint64_t count = tide_bytes_count(reader, 2); count; count--) {
		int64_t start_ms = tide_bytes_signed(reader);
		uint64_t number = tide_bytes_number(reader);
		if (reader->bad || number >= TIDE_PANE_INPUT ||
		    !tide_pane_is(options, (unsigned) number) || start_ms < -TIDE_CLOCK_LAST_MS ||
		    start_ms > TIDE_CLOCK_LAST_MS)
			return TIDE_PANES_STRANGE;
		struct tide_pane wanted = tide_pane_of(options, start_ms, (unsigned) number);
		struct pane *pane = tide_panes_at(panes, &wanted);
		if (!pane)
			return TIDE_PANES_NO_ROOM;
		pane->has_left = pane->resumed = true;
		pane->missed = false;
		for (size_t i = 0; i < HELD_BUCKETS; i++)
			for (struct held *held = pane->held[i]; held; held = held->next)
				held->told = true;
	}
	return TIDE_PANES_OK;
}

enum tide_panes_answer
tide_panes_state_load(struct tide_panes *panes, const uint8_t *bytes, size_t size)
{
	struct tide_reader reader = {bytes, bytes + size, false};
	uint64_t version = tide_bytes_number(&reader);

	panes->clock_ms = tide_bytes_signed(&reader);
	panes->whole_ms = tide_bytes_signed(&reader);
	panes->input_ms = tide_bytes_signed(&reader);
	panes->partitions = (int32_t) tide_bytes_number(&reader);
	if (version != VERSION || reader.bad || panes->partitions < 0)
		return TIDE_PANES_STRANGE;
	left_reset(panes);
	enum tide_panes_answer answer = sources_load(panes, &reader);
	if (answer == TIDE_PANES_OK)
		answer = left_load(panes, &reader);
	tide_panes_purge(panes);
	return answer == TIDE_PANES_OK && (reader.bad || reader.at != reader.end)
	               ? TIDE_PANES_STRANGE
	               : answer;
}

static bool
held_walk(const struct pane *pane, int32_t partition,
          bool (*each)(void *closure, const uint8_t *bytes, size_t size), void *closure)
{
	for (; pane; pane = pane->next)
		for (size_t i = 0; i < HELD_BUCKETS; i++)
			for (const struct held *held = pane->held[i]; held; held = held->next)
				if (held->partition == partition &&
				    !each(closure, held->bytes, held->size))
					return false;
	return true;
}

bool
tide_panes_state_walk(const struct tide_panes *panes, int32_t partition,
                bool (*each)(void *closure, const uint8_t *bytes, size_t size), void *closure)
{
	return held_walk(panes->first, partition, each, closure) &&
	       held_walk(panes->inputs, partition, each, closure);
}
