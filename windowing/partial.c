#include "windowing/partial.h"

#define VERSION   2
#define START_MAX (INT64_C(1) << 60) /* of a window, either side of the epoch */
#define NAME_MAX  1024 /* bytes of a model, version or value: windows cut what is longer */
#define CAPPED    1u
#define CHANGED   2u

static void
counts_save(const struct tide_input_counts *counts, struct tide_buffer *buffer)
{
	for (size_t i = 0; i < 2 * TIDE_OUTCOMES; i++)
		tide_bytes_put_number(buffer,
		                      counts->outcomes[i / TIDE_OUTCOMES][i % TIDE_OUTCOMES]);
}

void
tide_partial_save(const struct tide_partial *partial, enum tide_problem problem,
                  const struct tide_cell_words *words, struct tide_buffer *buffer)
{
	tide_bytes_put_number(buffer, VERSION);
	tide_bytes_put_number(buffer, partial->pane.number);
	tide_bytes_put_signed(buffer, partial->pane.start_ms);
	tide_cell_key_save(&partial->key, buffer);
	tide_bytes_put_number(buffer, (partial->capped ? CAPPED : 0) |
	                                      (partial->changed ? CHANGED : 0));
	if (partial->pane.side == TIDE_SIDE_INPUT) {
		counts_save(partial->counts, buffer);
		return;
	}
	tide_bytes_put_number(buffer, partial->predictions);
	if (partial->pane.side == TIDE_SIDE_PREDICTION) {
		tide_cell_save_predictions(partial->cell, words, buffer);
		return;
	}
	tide_bytes_put_number(buffer, partial->ineligible);
	tide_bytes_put_number(buffer, partial->imputed);
	tide_bytes_put_number(buffer, partial->slots - partial->slot);
	for (size_t slot = partial->slot; slot < partial->slots; slot++)
		tide_cell_save_slot(partial->cell, slot, problem, words, buffer);
	tide_bytes_put_number(buffer, partial->cell->selection != NULL);
	if (partial->cell->selection)
		tide_cell_save_selection(partial->cell, problem, words, buffer);
}

static bool
name_load(struct tide_partial *partial, struct tide_reader *reader)
{
	uint64_t version = tide_bytes_number(reader), number = tide_bytes_number(reader);

	*partial = (struct tide_partial){0};
	partial->pane.number = (unsigned) number;
	partial->pane.start_ms = tide_bytes_signed(reader);
	return version == VERSION && number < TIDE_PANES &&
	       tide_cell_key_load(&partial->key, reader) && !reader->bad &&
	       partial->key.model.length <= NAME_MAX && partial->key.version.length <= NAME_MAX &&
	       partial->key.value.length <= NAME_MAX;
}

size_t
tide_partial_name_bytes(const uint8_t *bytes, size_t size)
{
	struct tide_reader reader = {.at = bytes, .end = bytes + size};
	struct tide_partial partial;

	return name_load(&partial, &reader) ? (size_t) (reader.at - bytes) : 0;
}

bool
tide_partial_load(struct tide_partial *partial, const struct tide_window_options *options,
                  struct tide_reader *reader)
{
	if (!name_load(partial, reader) ||
	    partial->pane.start_ms < -START_MAX || partial->pane.start_ms > START_MAX)
		return false;
	uint64_t flags = tide_bytes_number(reader);
	partial->pane = tide_pane_of(options, partial->pane.start_ms, partial->pane.number);
	partial->capped = flags & CAPPED;
	partial->changed = flags & CHANGED;
	if (partial->pane.side != TIDE_SIDE_INPUT)
		partial->predictions = tide_bytes_number(reader);
	if (partial->pane.side == TIDE_SIDE_LABEL) {
		partial->ineligible = tide_bytes_number(reader);
		partial->imputed = tide_bytes_number(reader);
	}
	return !reader->bad && flags <= (CAPPED | CHANGED);
}

bool
tide_partial_add(const struct tide_partial *partial, enum tide_problem problem,
                 const struct tide_cell_words *words, struct tide_reader *reader,
                 struct tide_cell *cell, struct tide_arena *arena)
{
	if (partial->pane.side == TIDE_SIDE_PREDICTION)
		return tide_cell_load_predictions(cell, words, reader, arena) &&
		       reader->at == reader->end;
	uint64_t slots = tide_bytes_number(reader);
	cell->predictions += partial->predictions;
	cell->ineligible += partial->ineligible;
	cell->imputed += partial->imputed;
	if (slots > TIDE_CELL_SLOTS)
		return false;
	for (uint64_t i = 0; i < slots; i++)
		if (!tide_cell_load_slot(cell, 0, problem, words, reader, arena))
			return false;
	if (tide_bytes_number(reader) &&
	    !tide_cell_load_selection(cell, problem, words, reader, arena))
		return false;
	return !reader->bad && reader->at == reader->end;
}

bool
tide_partial_count(struct tide_reader *reader, struct tide_input_counts *counts)
{
	for (size_t i = 0; i < 2 * TIDE_OUTCOMES; i++)
		counts->outcomes[i / TIDE_OUTCOMES][i % TIDE_OUTCOMES] += tide_bytes_number(reader);
	return !reader->bad && reader->at == reader->end;
}
