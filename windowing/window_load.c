#include "windowing/window_save_private.h"
#include <math.h>
#include <string.h>

/* Reads what window_save.c writes, function for function. Nothing is believed: a number is held
 * against what it counts or points at before it is used, and room is asked for item by item. */

#define OK        TIDE_WINDOW_LOAD_OK
#define STRANGE   TIDE_WINDOW_LOAD_STRANGE
#define NO_MEMORY TIDE_WINDOW_LOAD_NO_MEMORY

#define CELL_BLOCKS 2 /* of a cell and its texts, without its folds */
#define FURTHEST_MS (2 * TIDE_CLOCK_LAST_MS) /* either way; nothing near the limits of int64 */

/* The time of an item; false: none that a record has. */
static bool
time_load(struct tide_windows *windows, struct tide_reader *in, int64_t *time_ms)
{
	int64_t since_ms = tide_bytes_signed(in);

	if (since_ms > FURTHEST_MS || since_ms < -FURTHEST_MS)
		return false;
	*time_ms = windows->loading.time_ms + since_ms;
	if (*time_ms > FURTHEST_MS || *time_ms < -FURTHEST_MS)
		return false;
	windows->loading.time_ms = *time_ms;
	return true;
}

/* The start of a window behind the one before. */
static bool
start_load(struct tide_windows *windows, struct tide_reader *in, int64_t *start_ms)
{
	bool first = windows->loading.number == 0;
	int64_t before_ms = windows->loading.time_ms;

	return time_load(windows, in, start_ms) && (first || *start_ms > before_ms) &&
	       tide_clock_window(&windows->setup.options, *start_ms) == *start_ms;
}

static bool
class_is_there(const struct tide_windows *windows, uint64_t class)
{
	return class < windows->classes.count || class == TIDE_CLASS_OTHER;
}

static bool
name_load(struct tide_reader *in, struct tide_text *name)
{
	*name = tide_bytes_text(in);
	return name->length <= ROUTE_NAME_BYTES_MAX;
}

static enum tide_window_load
class_load(struct tide_windows *windows, struct tide_reader *in)
{
	struct tide_text name = tide_bytes_text(in);

	if (name.length > TIDE_CLASS_BYTES_MAX)
		return STRANGE;
	if (!tide_pool_reserve(windows->pool, 1))
		return NO_MEMORY;
	return tide_classes_number(&windows->classes, name, &windows->arena) ==
	                       windows->loading.number
	               ? OK
	               : STRANGE;
}

static enum tide_window_load
beginning_load(struct tide_windows *windows, struct tide_reader *in)
{
	int64_t partition = tide_bytes_signed(in), end_ms = tide_bytes_signed(in);

	if (partition < INT32_MIN || partition > INT32_MAX)
		return STRANGE;
	return tide_window_begin(windows, (int32_t) partition, end_ms) ? OK : NO_MEMORY;
}

static enum tide_window_load
route_load(struct tide_windows *windows, struct tide_reader *in)
{
	int64_t partition = tide_bytes_signed(in);
	struct route route = {.partition = (int32_t) partition};
	bool good = partition >= INT32_MIN && partition <= INT32_MAX;

	good &= name_load(in, &route.model) && name_load(in, &route.version);
	for (size_t i = 0; i < windows->setup.segment_count; i++)
		good &= name_load(in, &route.values[i].text);
	if (!good)
		return STRANGE;
	if (!tide_window_route_room(windows))
		return NO_MEMORY;
	return tide_window_route_number(windows, &route) == windows->loading.number + 1 ? OK
	                                                                                 : STRANGE;
}

static enum tide_window_load
input_load(struct tide_windows *windows, struct tide_reader *in)
{
	int64_t start_ms;

	if (!start_load(windows, in, &start_ms) || start_ms < windows->input_left_ms)
		return STRANGE;
	if (!windows->spare_input)
		windows->spare_input =
		        tide_pool_table_new(windows->pool, sizeof *windows->spare_input);
	if (!windows->spare_input)
		return NO_MEMORY;
	struct input_window *input = tide_window_input(windows, start_ms);
	for (size_t i = 0; i < 2; i++)
		tide_bytes_counts(in, input->counts.outcomes[i], TIDE_OUTCOMES);
	return OK;
}

static enum tide_window_load
ranks_load(struct tide_windows *windows, struct window *window, size_t dimension,
           struct tide_reader *in)
{
	uint64_t count = tide_bytes_number(in);

	for (uint64_t i = 0; i < count; i++) {
		uint64_t rank = tide_bytes_number(in);
		if (in->bad)
			return STRANGE;
		if (!tide_pool_reserve(windows->pool, 1))
			return NO_MEMORY;
		tide_window_route_rank(windows, window, dimension, rank);
	}
	return window->ranks[dimension].count == count ? OK : STRANGE;
}

static enum tide_window_load
window_load(struct tide_windows *windows, struct tide_reader *in)
{
	enum tide_window_load result = OK;
	int64_t start_ms;

	if (!start_load(windows, in, &start_ms))
		return STRANGE;
	if (!windows->spare)
		windows->spare = tide_pool_table_new(windows->pool, sizeof *windows->spare);
	if (!windows->spare)
		return NO_MEMORY;
	struct window *window = tide_window_at(windows, start_ms);
	uint64_t left = tide_bytes_number(in), told = tide_bytes_number(in);
	window->left = (uint32_t) left;
	window->told = (uint32_t) told;
	window->labels_at_final = tide_bytes_number(in);
	window->labels = tide_bytes_number(in);
	if (left >> TIDE_PANE_INPUT || told >> TIDE_PANE_INPUT)
		return STRANGE;
	for (size_t i = 0; i < windows->setup.segment_count + 1 && result == OK; i++)
		result = ranks_load(windows, window, i, in);
	return result;
}

static bool
key_load(const struct tide_windows *windows, struct tide_cell_key *key, struct tide_reader *in)
{
	return tide_cell_key_load(key, in) && key->segment >= -1 &&
	       key->segment < (int) windows->setup.segment_count &&
	       key->model.length <= ROUTE_NAME_BYTES_MAX &&
	       key->version.length <= ROUTE_NAME_BYTES_MAX &&
	       key->value.length <= ROUTE_NAME_BYTES_MAX;
}

static bool
folds_load(struct tide_windows *windows, struct window *window, struct tide_cell *cell,
           struct tide_reader *in)
{
	struct tide_cell_words words = cell_words(windows);
	enum tide_problem problem = tide_plan_model(&windows->setup, cell->key.model)->problem;

	if (!tide_cell_load_predictions(cell, &words, in, &window->columns))
		return false;
	uint64_t slots = tide_bytes_number(in);
	for (size_t slot = 0; slot < CELL_SLOTS; slot++)
		if (slots >> slot & 1 &&
		    !tide_cell_load_slot(cell, slot, problem, &words, in, &window->arena))
			return false;
	return slots >> CELL_SLOTS == 0 && in->at == in->end && !in->bad;
}

/* The window that a cell is of. */
static struct window *
window_further(struct tide_windows *windows, struct tide_reader *in)
{
	struct window **window = &windows->loading.window;
	uint64_t further = tide_bytes_number(in);

	if (!*window)
		*window = windows->first;
	while (*window && further-- > 0)
		*window = (*window)->next;
	return *window;
}

static enum tide_window_load
cell_load(struct tide_windows *windows, struct tide_reader *in)
{
	struct tide_cell_words words = cell_words(windows);
	struct window *window = window_further(windows, in);
	struct tide_cell_key key;
	size_t size = 0;

	if (!window || (size_t) (in->end - in->at) < CELL_SIZE_BYTES)
		return STRANGE;
	for (size_t i = 0; i < CELL_SIZE_BYTES; i++)
		size |= (size_t) *in->at++ << 8 * i;
	if (size > (size_t) (in->end - in->at))
		return STRANGE;
	struct tide_reader own = {.at = in->at, .end = in->at + size};
	in->at = own.end;
	if (!key_load(windows, &key, &own))
		return STRANGE;
	if (!tide_pool_reserve(windows->pool, tide_cell_load_blocks(own, &words) + CELL_BLOCKS))
		return NO_MEMORY;
	struct tide_cell *cell = tide_window_route_restore(window, &key);
	if (!cell || !folds_load(windows, window, cell, &own))
		return STRANGE;
	tide_window_route_blocks(windows, window);
	return OK;
}

static void
tail_load(double *tail, size_t count, struct tide_reader *in)
{
	for (size_t first = 0; first < count; first += TAIL_GROUP) {
		uint64_t there = tide_bytes_number(in);
		for (size_t i = 0; i < TAIL_GROUP && first + i < count; i++)
			if (there >> i & 1)
				tail[first + i] = tide_bytes_double(in);
	}
}

/* What predictions and labels have in common. */
static enum tide_window_load
entry_load(struct tide_windows *windows, struct tide_pending *pending, struct tide_reader *in,
           struct tide_pending_entry **made, uint32_t *number)
{
	struct tide_hash key = {.high = tide_bytes_word(in)};

	key.low = tide_bytes_word(in);
	if (!tide_pending_reserve(pending))
		return NO_MEMORY;
	*number = tide_pending_add(pending, key);
	struct tide_pending_entry *entry = tide_pending_at(pending, *number);
	bool timed = time_load(windows, in, &entry->time_ms);
	uint64_t route = tide_bytes_number(in), prediction = tide_bytes_number(in);
	if (!timed || route == 0 || route >= windows->route_count || prediction > UINT8_MAX)
		return STRANGE;
	entry->route = (uint32_t) route;
	entry->prediction = (uint8_t) prediction;
	*made = entry;
	return OK;
}

/* The numbers of an entry are those that its model's folds can take. */
static bool
pending_is_sound(const struct tide_windows *windows, const struct tide_pending_entry *entry)
{
	enum tide_problem problem = windows->routes[entry->route]->options->problem;

	for (size_t i = 0; i < windows->shapes[problem].score.curves; i++)
		if (!isnan(entry->tail[i]) && !(entry->tail[i] >= 0 && entry->tail[i] <= 1))
			return false;
	if (problem == TIDE_PROBLEM_BINARY)
		return entry->prediction <= 1 && entry->target <= 1;
	return problem != TIDE_PROBLEM_MULTICLASS || (class_is_there(windows, entry->prediction) &&
	                                              class_is_there(windows, entry->target));
}

/* The window of a time that is not before the one found last. */
static struct window *
window_of(struct tide_windows *windows, int64_t time_ms)
{
	struct window *window = windows->loading.window;

	if (!window)
		window = windows->first;
	while (window && window->end_ms <= time_ms)
		window = window->next;
	windows->loading.window = window;
	return window && window->start_ms <= time_ms ? window : NULL;
}

static enum tide_window_load
pending_load(struct tide_windows *windows, struct tide_reader *in)
{
	struct tide_pending_entry *entry;
	uint32_t number;
	enum tide_window_load result =
	        entry_load(windows, &windows->pending, in, &entry, &number);

	if (result != OK)
		return result;
	struct window *window = window_of(windows, entry->time_ms);
	uint64_t slot = tide_bytes_number(in);
	bool labelled = slot != 0 && slot != NO_SLOT;
	uint64_t target = labelled ? tide_bytes_number(in) : 0;
	tail_load(entry->tail, windows->tail.count, in);
	if (!window || slot > NO_SLOT || target > UINT8_MAX)
		return STRANGE;
	if (slot == NO_SLOT)
		entry->flags |= TIDE_PENDING_INELIGIBLE;
	if (labelled) {
		entry->flags |= TIDE_PENDING_LABELLED;
		entry->slot = (uint8_t) (slot - 1);
		entry->target = (uint8_t) target;
	}
	entry->next = window->entries;
	window->entries = number;
	return pending_is_sound(windows, entry) ? OK : STRANGE;
}

/* The record that counts a label; most are counted where the one before is. */
static struct input_window *
input_of(struct tide_windows *windows, int64_t time_ms)
{
	int64_t start_ms = tide_clock_window(&windows->setup.options, time_ms);
	struct input_window *input = windows->loading.input;

	if (start_ms < windows->input_left_ms)
		start_ms = windows->input_left_ms;
	if (!input || input->start_ms > start_ms)
		input = windows->inputs;
	while (input && input->start_ms < start_ms)
		input = input->next;
	windows->loading.input = input;
	return input && input->start_ms == start_ms ? input : NULL;
}

/* A label that waits for a better outcome keeps the record open that counts it. */
static bool
input_open(struct tide_windows *windows, const struct tide_pending_entry *waiting)
{
	struct input_window *input;
	int64_t time_ms;

	memcpy(&time_ms, &waiting->tail[TAIL_WATERMARK], sizeof time_ms);
	if (time_ms == TIDE_NO_TIME)
		time_ms = waiting->time_ms;
	if (time_ms > FURTHEST_MS || time_ms < -FURTHEST_MS)
		return false;
	if (waiting->prediction == TIDE_MATCHED)
		return true;
	input = input_of(windows, time_ms);
	if (input)
		input->open++;
	return input != NULL;
}

static enum tide_window_load
waiting_load(struct tide_windows *windows, struct tide_reader *in)
{
	struct tide_pending_entry *waiting;
	uint32_t number;
	enum tide_window_load result =
	        entry_load(windows, &windows->waiting, in, &waiting, &number);

	if (result != OK)
		return result;
	uint64_t sequence = tide_bytes_number(in), target = tide_bytes_number(in);
	tail_load(waiting->tail, waiting_tail(windows), in);
	waiting->sequence = (uint32_t) sequence;
	waiting->target = (uint8_t) target;
	return sequence <= UINT32_MAX && class_is_there(windows, target) &&
	                       waiting->prediction >= TIDE_MATCHED &&
	                       waiting->prediction <= TIDE_WAITING && input_open(windows, waiting)
	               ? OK
	               : STRANGE;
}

typedef enum tide_window_load load_fn(struct tide_windows *windows, struct tide_reader *in);

static load_fn *const loads[PARTS] = {class_load,  beginning_load, route_load,   input_load,
                                      window_load, cell_load,      pending_load, waiting_load};

static enum tide_window_load
head_load(struct tide_windows *windows, struct tide_reader *in)
{
	uint64_t layout[LAYOUT_FACTS];

	layout_facts(windows, layout);
	for (size_t i = 0; i < LAYOUT_FACTS; i++)
		if (tide_bytes_number(in) != layout[i])
			return STRANGE;
	windows->clock_ms = tide_bytes_signed(in);
	windows->prediction_clock_ms = tide_bytes_signed(in);
	windows->input_left_ms = tide_bytes_signed(in);
	uint64_t sequence = tide_bytes_number(in), joined = tide_bytes_number(in);
	windows->sequence = (uint32_t) sequence;
	windows->joined_max = (size_t) joined;
	for (size_t i = 0; i < PARTS; i++)
		windows->loading.left[i] = tide_bytes_number(in);
	windows->loading.begun = true;
	return in->bad || sequence > UINT32_MAX || joined > UINT32_MAX ? STRANGE : OK;
}

/* Goes on to the part that has items to come; false: there is none. */
static bool
part_next(struct loading *loading)
{
	while (loading->left[loading->part] == 0) {
		if (loading->part + 1 == PARTS)
			return false;
		loading->part++;
		loading->number = 0;
		loading->time_ms = 0;
		loading->window = NULL;
		loading->input = NULL;
	}
	return true;
}

enum tide_window_load
tide_window_load(struct tide_windows *windows, const uint8_t *bytes, size_t size)
{
	struct loading *loading = &windows->loading;
	enum tide_window_load result = OK;

	if (size < CHECK_BYTES)
		return STRANGE;
	const uint8_t *end = bytes + size - CHECK_BYTES;
	struct tide_reader in = {.at = bytes, .end = end}, check = {.at = end, .end = bytes + size};
	if (tide_bytes_word(&check) !=
	    tide_hash_plain((struct tide_text){(const char *) bytes, size - CHECK_BYTES}))
		return STRANGE;
	if (!loading->begun)
		result = head_load(windows, &in);
	while (result == OK && in.at < in.end) {
		if (!part_next(loading))
			return STRANGE;
		result = loads[loading->part](windows, &in);
		if (result == OK && in.bad)
			result = STRANGE;
		loading->left[loading->part]--;
		loading->number++;
	}
	return result;
}

enum tide_window_load
tide_window_load_end(struct tide_windows *windows)
{
	if (!windows->loading.begun || part_next(&windows->loading))
		return STRANGE;
	windows->waiting_expiry_ms = INT64_MIN; /* the next close finds it */
	return tide_window_has_room(windows) ? OK : NO_MEMORY;
}
