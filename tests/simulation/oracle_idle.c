#include "tests/simulation/oracle.h"
#include <stdio.h>
#include <string.h>

#define NONE INT64_MIN

static int64_t
queue_reaches(const struct world *world, const struct world_queue *queue, bool closed)
{
	int64_t reached_ms = NONE;

	for (size_t i = 0; i < queue->count; i++) {
		const struct world_record *record = &queue->records[i];
		int64_t time_ms = record->time_ms - world->out_of_orderness_ms;
		if (record->kind == WORLD_GOOD && (closed || !record->closing) && time_ms > reached_ms)
			reached_ms = time_ms;
	}
	return reached_ms;
}

/* Panes with a trigger time up to it are passed by all: in the end (`closed`), or before time leaps
 * to the end, beyond which nothing waits for anybody (SPEC 1.4). */
static int64_t
all_reach(const struct world *world, bool closed)
{
	int64_t least_ms = INT64_MAX;

	for (int i = 0; i < world->queues_count; i++) {
		int64_t reached_ms = queue_reaches(world, &world->queues[i], closed);
		if (reached_ms < least_ms)
			least_ms = reached_ms;
	}
	return least_ms;
}

static bool
is_whole(const struct ledger_letter *letter)
{
	return strstr(letter->body, "\"complete\":true") != NULL;
}

/* When the pane of a result is due (SPEC 1.3); or, as a final pane that was not whole has its word
 * in the revised one, that. */
static int64_t
trigger_of(const struct world *world, const struct ledger_letter *letter)
{
	bool revised = strstr(letter->body, "\"timing\":\"revised\"") || !is_whole(letter);
	double age_ms = 0;
	int64_t end_ms = letter->start_ms + world->size_ms;

	if (strstr(letter->body, "\"side\":\"prediction\""))
		return end_ms + world->lateness_ms;
	if (ledger_number(letter->body, "age_ms", &age_ms))
		return end_ms + (int64_t)age_ms;
	return end_ms + world->horizon_ms + (revised ? world->label_lateness_ms : 0);
}

/* A later revision of the same key is whole. */
static bool
is_made_good(const struct ledger *seen, size_t at)
{
	const char *name = seen->letters[at].name;

	for (size_t i = at + 1; i < seen->count; i++) {
		const struct ledger_letter *letter = &seen->letters[i];
		if (letter->kind != TIDE_LETTER_RESULT || strcmp(letter->name, name) != 0)
			return false;
		if (is_whole(letter))
			return true;
	}
	return false;
}

bool
oracle_idle_agrees(const struct world *world, struct ledger *seen, char why[LEDGER_WHY_MAX])
{
	int64_t end_ms = all_reach(world, true), all_ms = all_reach(world, false);

	ledger_sort(seen);
	for (size_t i = 0; i < seen->count; i++) {
		const struct ledger_letter *letter = &seen->letters[i];
		const char *wrong = NULL;
		if (letter->kind != TIDE_LETTER_RESULT || letter->input)
			continue;
		int64_t trigger_ms = trigger_of(world, letter);
		bool early = strstr(letter->body, "\"timing\":\"early\"") != NULL;
		if (is_whole(letter) && trigger_ms > end_ms)
			wrong = "it says that it is whole, and a queue never came so far";
		else if (!is_whole(letter) && !early && trigger_ms <= all_ms &&
			 !is_made_good(seen, i))
			wrong = "all queues came so far, and it stays incomplete";
		if (wrong) {
			snprintf(why, LEDGER_WHY_MAX, "%s: %.160s, revision %lld\n  %.300s", wrong,
				 letter->name, (long long)letter->revision, letter->body);
			return false;
		}
	}
	return true;
}
