#include "windowing/window_save_private.h"
#include <string.h>

/* window_load.c reads what is written here, function for function. */

static void
time_save(struct tide_window_cursor *cursor, int64_t time_ms, struct tide_buffer *out)
{
	tide_bytes_put_signed(out, time_ms - cursor->time_ms);
	cursor->time_ms = time_ms;
}

static void
class_save(const struct tide_windows *windows, struct tide_window_cursor *cursor,
           struct tide_buffer *out)
{
	tide_bytes_put_text(out, tide_classes_name(&windows->classes, cursor->number++));
}

static void
beginning_save(const struct tide_windows *windows, struct tide_window_cursor *cursor,
               struct tide_buffer *out)
{
	const struct beginning *beginning = &windows->beginnings[cursor->number++];

	tide_bytes_put_signed(out, beginning->partition);
	tide_bytes_put_signed(out, beginning->end_ms);
}

static void
route_save(const struct tide_windows *windows, struct tide_window_cursor *cursor,
           struct tide_buffer *out)
{
	const struct route *route = windows->routes[++cursor->number];

	tide_bytes_put_signed(out, route->partition);
	tide_bytes_put_text(out, route->model);
	tide_bytes_put_text(out, route->version);
	for (size_t i = 0; i < windows->setup.segment_count; i++)
		tide_bytes_put_text(out, route->values[i].text);
}

/* How many labels are open is counted again. */
static void
input_save(const struct tide_windows *windows, struct tide_window_cursor *cursor,
           struct tide_buffer *out)
{
	const struct input_window *input = cursor->input ? cursor->input->next : windows->inputs;

	cursor->input = input;
	time_save(cursor, input->start_ms, out);
	for (size_t i = 0; i < 2; i++)
		tide_bytes_put_counts(out, input->counts.outcomes[i], TIDE_OUTCOMES);
}

static void
window_save(const struct tide_windows *windows, struct tide_window_cursor *cursor,
            struct tide_buffer *out)
{
	const struct window *window = cursor->window ? cursor->window->next : windows->first;

	cursor->window = window;
	time_save(cursor, window->start_ms, out);
	tide_bytes_put_number(out, window->left);
	tide_bytes_put_number(out, window->told);
	tide_bytes_put_number(out, window->labels_at_final);
	tide_bytes_put_number(out, window->labels);
	for (size_t i = 0; i < windows->setup.segment_count + 1; i++) {
		tide_bytes_put_number(out, window->ranks[i].count);
		for (size_t j = 0; j < window->ranks[i].count; j++)
			tide_bytes_put_number(out, window->ranks[i].values[j]);
	}
}

/* Goes on to the next cell; how many windows further it is. */
static uint64_t
cell_next(const struct tide_windows *windows, struct tide_window_cursor *cursor)
{
	uint64_t further = 0;

	if (!cursor->window)
		cursor->window = windows->first;
	if (cursor->cell)
		cursor->cell = cursor->cell->next;
	else
		cursor->cell = cursor->window->cells[0];
	while (!cursor->cell) {
		if (++cursor->number == CELL_BUCKETS) {
			cursor->window = cursor->window->next;
			cursor->number = 0;
			further++;
		}
		cursor->cell = cursor->window->cells[cursor->number];
	}
	return further;
}

static bool
slot_is_used(const struct tide_cell *cell, size_t slot)
{
	return cell->labels[slot] || cell->delays[slot] || cell->outcomes[slot];
}

static void
cell_save(const struct tide_windows *windows, struct tide_window_cursor *cursor,
          struct tide_buffer *out)
{
	uint8_t size[CELL_SIZE_BYTES] = {0};
	struct tide_cell_words words = cell_words(windows);
	unsigned slots = 0;

	tide_bytes_put_number(out, cell_next(windows, cursor));
	size_t start = out->length;
	tide_text_put(out, size, sizeof size);
	const struct tide_cell *cell = cursor->cell;
	enum tide_problem problem = tide_plan_model(&windows->setup, cell->key.model)->problem;
	for (size_t slot = 0; slot < CELL_SLOTS; slot++)
		slots |= (unsigned) slot_is_used(cell, slot) << slot;
	tide_cell_key_save(&cell->key, out);
	tide_cell_save_predictions(cell, &words, out);
	tide_bytes_put_number(out, slots);
	for (size_t slot = 0; slot < CELL_SLOTS; slot++)
		if (slots >> slot & 1)
			tide_cell_save_slot(cell, slot, problem, &words, out);
	if (out->failed)
		return;
	for (size_t i = 0; i < sizeof size; i++)
		size[i] = (uint8_t) ((out->length - start - sizeof size) >> 8 * i);
	memcpy(out->bytes + start, size, sizeof size);
}

/* What is zero in all its bits costs a bit. */
static void
tail_save(const double *tail, size_t count, struct tide_buffer *out)
{
	static const double zero;

	for (size_t first = 0; first < count; first += TAIL_GROUP) {
		size_t end = first + TAIL_GROUP < count ? first + TAIL_GROUP : count;
		unsigned there = 0;
		for (size_t i = first; i < end; i++)
			there |= (unsigned) (memcmp(&tail[i], &zero, sizeof zero) != 0)
			         << (i - first);
		tide_bytes_put_number(out, there);
		for (size_t i = first; i < end; i++)
			if (there >> (i - first) & 1)
				tide_bytes_put_double(out, tail[i]);
	}
}

static void
entry_save(const struct tide_pending_entry *entry, struct tide_window_cursor *cursor,
           struct tide_buffer *out)
{
	tide_bytes_put_word(out, entry->key.high);
	tide_bytes_put_word(out, entry->key.low);
	time_save(cursor, entry->time_ms, out);
	tide_bytes_put_number(out, entry->route);
	tide_bytes_put_number(out, entry->prediction);
}

static void
pending_save(const struct tide_windows *windows, struct tide_window_cursor *cursor,
             struct tide_buffer *out)
{
	if (!cursor->window) {
		cursor->window = windows->first;
		cursor->number = cursor->window->entries;
	} else {
		cursor->number = tide_pending_at(&windows->pending, cursor->number)->next;
	}
	while (!cursor->number) {
		cursor->window = cursor->window->next;
		cursor->number = cursor->window->entries;
	}
	const struct tide_pending_entry *entry =
	        tide_pending_at(&windows->pending, cursor->number);
	bool labelled = entry->flags & TIDE_PENDING_LABELLED;
	entry_save(entry, cursor, out);
	bool ineligible = entry->flags & TIDE_PENDING_INELIGIBLE;
	tide_bytes_put_number(out, labelled ? entry->slot + 1u : ineligible ? NO_SLOT : 0);
	if (labelled)
		tide_bytes_put_number(out, entry->target);
	tail_save(entry->tail, windows->tail.count, out);
}

static void
waiting_save(const struct tide_windows *windows, struct tide_window_cursor *cursor,
             struct tide_buffer *out)
{
	cursor->number = tide_pending_next(&windows->waiting, cursor->number);
	const struct tide_pending_entry *waiting =
	        tide_pending_at(&windows->waiting, cursor->number);
	entry_save(waiting, cursor, out);
	tide_bytes_put_number(out, waiting->sequence);
	tide_bytes_put_number(out, waiting->target);
	tail_save(waiting->tail, waiting_tail(windows), out);
}

typedef void save_fn(const struct tide_windows *windows, struct tide_window_cursor *cursor,
                     struct tide_buffer *out);

static save_fn *const saves[PARTS] = {class_save,  beginning_save, route_save,   input_save,
                                      window_save, cell_save,      pending_save, waiting_save};

static void
parts_count(const struct tide_windows *windows, uint64_t counts[PARTS])
{
	counts[PART_CLASSES] = windows->classes.count;
	counts[PART_BEGINNINGS] = windows->beginning_count;
	counts[PART_ROUTES] = windows->route_count - 1;
	counts[PART_INPUTS] = counts[PART_WINDOWS] = counts[PART_CELLS] = 0;
	for (const struct input_window *input = windows->inputs; input; input = input->next)
		counts[PART_INPUTS]++;
	for (const struct window *window = windows->first; window; window = window->next) {
		counts[PART_WINDOWS]++;
		counts[PART_CELLS] += window->cell_count;
	}
	counts[PART_PENDING] = windows->pending.count;
	counts[PART_WAITING] = windows->waiting.count;
}

static void
head_save(const struct tide_windows *windows, const uint64_t counts[PARTS],
          struct tide_buffer *out)
{
	uint64_t layout[LAYOUT_FACTS];

	layout_facts(windows, layout);
	for (size_t i = 0; i < LAYOUT_FACTS; i++)
		tide_bytes_put_number(out, layout[i]);
	tide_bytes_put_signed(out, windows->clock_ms);
	tide_bytes_put_signed(out, windows->prediction_clock_ms);
	tide_bytes_put_signed(out, windows->input_left_ms);
	tide_bytes_put_number(out, windows->sequence);
	tide_bytes_put_number(out, windows->joined_max);
	for (size_t i = 0; i < PARTS; i++)
		tide_bytes_put_number(out, counts[i]);
}

/* Goes on to the next part that has an item left, in *part and *left; false: there is none. */
static bool
part_next(struct tide_window_cursor *cursor, const uint64_t counts[PARTS])
{
	while (cursor->left == 0) {
		if (cursor->part + 1 == PARTS)
			return false;
		*cursor = (struct tide_window_cursor){.begun = true,
		                                      .part = cursor->part + 1,
		                                      .left = counts[cursor->part + 1]};
	}
	return true;
}

bool
tide_window_save(const struct tide_windows *windows, struct tide_window_cursor *cursor,
                 struct tide_buffer *portion)
{
	uint64_t counts[PARTS];

	parts_count(windows, counts);
	if (!cursor->begun) {
		*cursor = (struct tide_window_cursor){.begun = true, .left = counts[0]};
		head_save(windows, counts, portion);
	}
	while (portion->length < TIDE_WINDOW_PORTION && !portion->failed &&
	       part_next(cursor, counts)) {
		saves[cursor->part](windows, cursor, portion);
		cursor->left--;
	}
	if (portion->length == 0 && !portion->failed)
		return false;
	tide_bytes_put_word(
	        portion, tide_hash_plain((struct tide_text){portion->bytes, portion->length}));
	return true;
}
