#include "windowing/panes_private.h"
#include <string.h>

#define FIRST_SOURCES 16

struct tide_panes *
tide_panes_new(const struct tide_window_setup *setup, struct tide_pool *pool)
{
	struct tide_panes *panes = tide_pool_table_new(pool, sizeof *panes);

	if (!panes)
		return NULL;
	panes->setup = tide_plan_setup(setup);
	panes->pool = pool;
	panes->clock_ms = panes->whole_ms = TIDE_NO_TIME;
	panes->input_ms = TIDE_NO_TIME;
	tide_pool_arena_init(&panes->names, pool);
	tide_pool_arena_init(&panes->out, pool);
	tide_plan_shapes(&panes->setup, panes->shapes);
	if (tide_plan_classes(&panes->setup, &panes->classes, &panes->names))
		return panes;
	tide_panes_free(panes);
	return NULL;
}

static void
held_free(struct tide_panes *panes, struct held *held)
{
	tide_pool_table_free(panes->pool, held, sizeof *held + held->size);
}

/* Forgets the partials of a pane. */
static void
pane_empty(struct tide_panes *panes, struct pane *pane)
{
	for (size_t i = 0; i < HELD_BUCKETS; i++) {
		while (pane->held[i]) {
			struct held *held = pane->held[i];
			pane->held[i] = held->next;
			if (panes->forget)
				panes->forget(panes->forget_closure, held->partition,
				              (struct tide_text){(const char *) held->bytes,
				                                 held->name_size},
				              held->size);
			held_free(panes, held);
		}
	}
	pane->count = pane->bytes = 0;
}

static void
pane_drop(struct tide_panes *panes, struct pane **at)
{
	struct pane *pane = *at;

	*at = pane->next;
	pane_empty(panes, pane);
	tide_pool_table_free(panes->pool, pane, sizeof *pane);
}

void
tide_panes_free(struct tide_panes *panes)
{
	if (!panes)
		return;
	panes->forget = NULL;
	while (panes->first)
		pane_drop(panes, &panes->first);
	while (panes->inputs)
		pane_drop(panes, &panes->inputs);
	tide_panes_merge_fini(panes);
	tide_pool_table_free(panes->pool, panes->sources,
	                     panes->source_room * sizeof *panes->sources);
	tide_pool_arena_fini(&panes->names);
	tide_pool_table_free(panes->pool, panes, sizeof *panes);
}

void
tide_panes_forget(struct tide_panes *panes,
                  void (*forget)(void *closure, int32_t partition, struct tide_text name,
                                 size_t size),
                  void *closure)
{
	panes->forget = forget;
	panes->forget_closure = closure;
}

/* Where the pane stands in its list, or would. */
static struct pane **
pane_place(struct tide_panes *panes, const struct tide_pane *wanted)
{
	struct pane **at = wanted->side == TIDE_SIDE_INPUT ? &panes->inputs : &panes->first;

	for (; *at && (*at)->pane.trigger_ms <= wanted->trigger_ms; at = &(*at)->next)
		if ((*at)->pane.start_ms == wanted->start_ms && (*at)->pane.number == wanted->number)
			break;
	return at;
}

static bool
place_has(struct pane *const *at, const struct tide_pane *wanted)
{
	return *at && (*at)->pane.start_ms == wanted->start_ms &&
	       (*at)->pane.number == wanted->number;
}

struct pane *
tide_panes_at(struct tide_panes *panes, const struct tide_pane *wanted)
{
	struct pane **at = pane_place(panes, wanted);

	if (place_has(at, wanted))
		return *at;
	struct pane *pane = tide_pool_table_new(panes->pool, sizeof *pane);
	if (!pane)
		return NULL;
	pane->pane = *wanted;
	pane->missed = wanted->side != TIDE_SIDE_INPUT && wanted->trigger_ms <= panes->clock_ms;
	pane->next = *at;
	*at = pane;
	return pane;
}

/* Whatever this pane had to say was said. */
static bool
is_over(struct tide_panes *panes, const struct tide_pane *pane)
{
	if (pane->side == TIDE_SIDE_INPUT)
		return pane->end_ms <= panes->input_ms;
	if (pane->timing == TIDE_TIMING_EARLY)
		return pane->trigger_ms <= panes->clock_ms;
	return pane->trigger_ms <= panes->whole_ms;
}

enum tide_panes_answer
tide_panes_put(struct tide_panes *panes, int32_t partition, const uint8_t *bytes, size_t size,
               int64_t position)
{
	const struct tide_window_options *options = &panes->setup.options;
	struct tide_reader reader = {bytes, bytes + size, false};
	struct tide_partial partial;

	if (size > UINT32_MAX || !tide_partial_load(&partial, options, &reader) ||
	    !tide_pane_is(options, partial.pane.number) ||
	    tide_clock_window(options, partial.pane.start_ms) != partial.pane.start_ms)
		return TIDE_PANES_STRANGE;
	if (is_over(panes, &partial.pane))
		return TIDE_PANES_OK;
	size_t name_size = tide_partial_name_bytes(bytes, size);
	struct held *held = tide_pool_table_new(panes->pool, sizeof *held + size);
	struct pane *pane = held ? tide_panes_at(panes, &partial.pane) : NULL;
	if (!pane) {
		tide_pool_table_free(panes->pool, held, sizeof *held + size);
		return TIDE_PANES_NO_ROOM;
	}
	*held = (struct held){.position = position,
	                      .partition = partition,
	                      .size = (uint32_t) size,
	                      .name_size = (uint32_t) name_size};
	memcpy(held->bytes, bytes, size);
	held->hash = tide_hash_plain((struct tide_text){(const char *) bytes, name_size});
	struct held **at = &pane->held[(held->hash + (uint64_t) partition) % HELD_BUCKETS];
	for (; *at; at = &(*at)->next)
		if ((*at)->hash == held->hash && (*at)->partition == partition &&
		    (*at)->name_size == name_size && memcmp((*at)->bytes, bytes, name_size) == 0)
			break;
	held->told = pane->resumed;
	if (*at) {
		struct held *old = *at;
		held->told |= old->told;
		held->next = old->next;
		pane->count--;
		pane->bytes -= old->size;
		held_free(panes, old);
	}
	*at = held;
	pane->count++;
	pane->bytes += size;
	return TIDE_PANES_OK;
}

struct source *
tide_panes_source(struct tide_panes *panes, int32_t partition)
{
	for (size_t i = 0; i < panes->source_count; i++)
		if (panes->sources[i].partition == partition)
			return &panes->sources[i];
	if (panes->source_count == panes->source_room) {
		size_t room = panes->source_room ? 2 * panes->source_room : FIRST_SOURCES;
		struct source *grown = tide_pool_table_new(panes->pool, room * sizeof *grown);
		if (!grown)
			return NULL;
		if (panes->source_count)
			memcpy(grown, panes->sources, panes->source_count * sizeof *grown);
		tide_pool_table_free(panes->pool, panes->sources,
		                     panes->source_room * sizeof *grown);
		panes->sources = grown;
		panes->source_room = room;
	}
	struct source *source = &panes->sources[panes->source_count++];
	*source = (struct source){partition, {TIDE_NO_TIME, TIDE_NO_TIME, TIDE_NO_TIME, false}};
	return source;
}

static void
clocks_move(struct tide_panes *panes)
{
	int64_t clock_ms = TIDE_CLOCK_END, whole_ms = TIDE_CLOCK_END, input_ms = TIDE_CLOCK_END;
	bool awake = false;

	if (panes->partitions == 0 || panes->source_count < (size_t) panes->partitions)
		return;
	for (size_t i = 0; i < panes->source_count; i++) {
		const struct tide_progress *progress = &panes->sources[i].progress;
		tide_clock_lower(&whole_ms, progress->whole_ms);
		if (progress->idle)
			continue;
		awake = true;
		tide_clock_lower(&clock_ms, progress->clock_ms);
		tide_clock_lower(&input_ms, progress->input_ms);
	}
	tide_clock_raise(&panes->whole_ms, whole_ms);
	if (!awake)
		return;
	tide_clock_raise(&panes->clock_ms, clock_ms);
	tide_clock_raise(&panes->input_ms, input_ms);
}

enum tide_panes_answer
tide_panes_tell(struct tide_panes *panes, int32_t partition, int32_t partitions,
                const struct tide_progress *progress)
{
	struct source *source = tide_panes_source(panes, partition);

	if (!source)
		return TIDE_PANES_NO_ROOM;
	source->progress = *progress;
	panes->partitions = partitions;
	return TIDE_PANES_OK;
}

enum tide_panes_answer
tide_panes_take(struct tide_panes *panes, int32_t partition, int32_t partitions,
                struct tide_windows *windows, const struct tide_window_round *round, bool idle,
                struct tide_buffer *room)
{
	struct tide_progress progress = {.clock_ms = round->clock_ms,
	                                 .whole_ms = round->whole_ms,
	                                 .idle = idle};
	struct tide_partial partial;

	while (tide_window_close(windows, round, &partial)) {
		tide_text_buffer_reset(room);
		tide_window_close_save(windows, &partial, room);
		if (room->failed)
			return TIDE_PANES_NO_ROOM;
		enum tide_panes_answer answer =
		        tide_panes_put(panes, partition, (const uint8_t *) room->bytes,
		                       room->length, INT64_MAX);
		if (answer != TIDE_PANES_OK)
			return answer;
	}
	progress.input_ms = tide_window_close_input(windows, round->clock_ms);
	return tide_panes_tell(panes, partition, partitions, &progress);
}

enum step { STEP_WAIT, STEP_LEAVE, STEP_AGAIN, STEP_FORGET };

/* A final pane that was not whole, and that the revised one makes good. */
static bool
is_followed(const struct tide_panes *panes, const struct pane *pane)
{
	return pane->has_left && pane->pane.number == TIDE_PANE_FINAL &&
	       tide_pane_is(&panes->setup.options, TIDE_PANE_REVISED);
}

static enum step
followed_step(struct tide_panes *panes, const struct pane *pane)
{
	struct tide_pane revised = tide_pane_of(&panes->setup.options, pane->pane.start_ms,
	                                        TIDE_PANE_REVISED);

	return revised.trigger_ms > panes->clock_ms ||
	                       place_has(pane_place(panes, &revised), &revised)
	               ? STEP_WAIT
	               : STEP_FORGET;
}

static enum step
pane_step(struct tide_panes *panes, const struct pane *pane)
{
	const struct tide_window_options *options = &panes->setup.options;

	if (pane->pane.trigger_ms > panes->clock_ms)
		return STEP_WAIT;
	if (!pane->has_left && !pane->missed)
		return STEP_LEAVE;
	if (is_followed(panes, pane))
		return followed_step(panes, pane);
	if (panes->clock_ms - tide_pane_hold_ms(options) >= pane->pane.trigger_ms)
		return STEP_FORGET;
	if (pane->pane.trigger_ms > panes->whole_ms)
		return STEP_WAIT;
	return pane->count ? STEP_AGAIN : STEP_FORGET;
}

/* The final pane of the same window left, and was not whole. */
static bool
final_was_partial(struct tide_panes *panes, const struct tide_pane *pane)
{
	struct tide_pane final = tide_pane_of(&panes->setup.options, pane->start_ms,
	                                      TIDE_PANE_FINAL);
	struct pane **at = pane_place(panes, &final);

	return place_has(at, &final) && (*at)->has_left;
}

/* The pane has left: what is whole is forgotten. */
static void
pane_leave(struct tide_panes *panes, struct pane **at)
{
	struct pane *pane = *at;
	bool has_said = false;

	for (size_t i = 0; i < panes->evidence_count; i++)
		has_said |= panes->evidence[i].start_ms == pane->pane.start_ms &&
		            panes->evidence[i].side == pane->pane.side;

	if (is_over(panes, &pane->pane)) {
		pane_drop(panes, at);
		return;
	}
	pane->has_left |= has_said;
	pane->missed = !pane->has_left;
	for (size_t i = 0; i < HELD_BUCKETS; i++)
		for (struct held *held = pane->held[i]; held; held = held->next)
			held->told |= has_said;
	if (is_followed(panes, pane))
		pane_empty(panes, pane);
}

/* All panes of the least trigger time that have something to say. */
static enum tide_panes_answer
panes_gather(struct tide_panes *panes)
{
	enum tide_panes_answer answer = TIDE_PANES_OK;
	int64_t trigger_ms = INT64_MAX;

	for (struct pane **at = &panes->first; *at;) {
		enum step step = pane_step(panes, *at);
		if ((*at)->pane.trigger_ms > panes->clock_ms || (*at)->pane.trigger_ms > trigger_ms)
			break;
		if (step == STEP_FORGET) {
			pane_drop(panes, at);
			continue;
		}
		if (step != STEP_WAIT) {
			struct pane *pane = *at;
			trigger_ms = pane->pane.trigger_ms;
			pane->forced = pane->pane.number == TIDE_PANE_REVISED &&
			               final_was_partial(panes, &pane->pane);
			answer = tide_panes_merge(panes, pane, trigger_ms <= panes->whole_ms);
			if (answer != TIDE_PANES_OK)
				return answer;
		}
		at = &(*at)->next;
	}
	if (trigger_ms == INT64_MAX)
		return TIDE_PANES_NONE;
	answer = tide_panes_merge_end(panes);
	for (struct pane **at = &panes->first; answer == TIDE_PANES_OK && *at;) {
		struct pane *pane = *at;
		if (pane->pane.trigger_ms == trigger_ms && pane_step(panes, pane) != STEP_WAIT)
			pane_leave(panes, at);
		if (*at == pane)
			at = &pane->next;
	}
	return answer;
}

static enum tide_panes_answer
input_gather(struct tide_panes *panes)
{
	struct pane *pane = panes->inputs;

	if (!pane || pane->pane.end_ms > panes->input_ms)
		return TIDE_PANES_NONE;
	enum tide_panes_answer answer = tide_panes_merge_input(panes, pane);
	if (answer == TIDE_PANES_OK)
		pane_drop(panes, &panes->inputs);
	return answer;
}

enum tide_panes_answer
tide_panes_close(struct tide_panes *panes, struct tide_evidence *evidence)
{
	clocks_move(panes);
	while (panes->evidence_at == panes->evidence_count) {
		tide_panes_merge_reset(panes);
		enum tide_panes_answer answer = panes_gather(panes);
		if (answer == TIDE_PANES_NONE)
			answer = input_gather(panes);
		if (answer != TIDE_PANES_OK) {
			tide_panes_merge_reset(panes);
			return answer;
		}
	}
	panes->scratch.of = NULL; /* what it holds may be of memory that is gone */
	*evidence = panes->evidence[panes->evidence_at++];
	evidence->after = panes->evidence + panes->evidence_at;
	evidence->after_count = panes->evidence_count - panes->evidence_at;
	return TIDE_PANES_OK;
}

int64_t
tide_panes_clock(const struct tide_panes *panes)
{
	return panes->clock_ms;
}

int64_t
tide_panes_input(const struct tide_panes *panes)
{
	return panes->input_ms;
}

int64_t
tide_panes_oldest(const struct tide_panes *panes)
{
	int64_t oldest_ms = panes->inputs ? panes->inputs->pane.start_ms : INT64_MAX;

	for (const struct pane *pane = panes->first; pane; pane = pane->next)
		if (pane->pane.start_ms < oldest_ms)
			oldest_ms = pane->pane.start_ms;
	return oldest_ms;
}

void
tide_panes_resume(struct tide_panes *panes, int64_t clock_ms, int64_t input_ms, bool whole)
{
	panes->clock_ms = clock_ms;
	panes->whole_ms = whole ? clock_ms : TIDE_NO_TIME;
	panes->input_ms = input_ms;
}

static void
list_purge(struct tide_panes *panes, struct pane **at)
{
	while (*at) {
		if (is_over(panes, &(*at)->pane))
			pane_drop(panes, at);
		else
			at = &(*at)->next;
	}
}

void
tide_panes_purge(struct tide_panes *panes)
{
	list_purge(panes, &panes->first);
	list_purge(panes, &panes->inputs);
}
