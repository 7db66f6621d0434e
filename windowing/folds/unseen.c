#include "windowing/folds/unseen.h"
#include <string.h>

int
tide_unseen_compare(struct tide_hash a, struct tide_hash b)
{
	if (a.high != b.high)
		return a.high < b.high ? -1 : 1;
	return (a.low > b.low) - (a.low < b.low);
}

static void
grow(struct tide_unseen *unseen, struct tide_arena *arena)
{
	uint32_t room = unseen->room ? 2 * unseen->room : 8;
	struct tide_unseen_value *values =
	        tide_pool_arena_take(arena, room * sizeof *values);

	if (unseen->count)
		memcpy(values, unseen->values, unseen->count * sizeof *values);
	unseen->values = values;
	unseen->room = room;
}

void
tide_unseen_add(struct tide_unseen *unseen, struct tide_hash hash, uint64_t count,
                struct tide_arena *arena)
{
	uint32_t low = 0, high = unseen->count;

	while (low < high) {
		uint32_t middle = (low + high) / 2;
		if (tide_unseen_compare(unseen->values[middle].hash, hash) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < unseen->count && tide_unseen_compare(unseen->values[low].hash, hash) == 0) {
		unseen->values[low].count += count;
		return;
	}
	if (unseen->count == TIDE_UNSEEN_MAX) {
		unseen->more = true;
		if (low == TIDE_UNSEEN_MAX)
			return;
		unseen->count--; /* the greatest goes */
	} else if (unseen->count == unseen->room) {
		grow(unseen, arena);
	}
	memmove(unseen->values + low + 1, unseen->values + low,
	        (unseen->count - low) * sizeof *unseen->values);
	unseen->values[low] = (struct tide_unseen_value){hash, count};
	unseen->count++;
}

void
tide_unseen_merge(struct tide_unseen *to, const struct tide_unseen *from,
                  struct tide_arena *arena)
{
	to->more |= from->more;
	for (uint32_t i = 0; i < from->count; i++)
		tide_unseen_add(to, from->values[i].hash, from->values[i].count, arena);
}

void
tide_unseen_save(const struct tide_unseen *unseen, struct tide_buffer *out)
{
	tide_bytes_put_number(out, unseen->count);
	tide_bytes_put_number(out, unseen->more);
	for (uint32_t i = 0; i < unseen->count; i++) {
		tide_bytes_put_word(out, unseen->values[i].hash.high);
		tide_bytes_put_word(out, unseen->values[i].hash.low);
		tide_bytes_put_number(out, unseen->values[i].count);
	}
}

bool
tide_unseen_load(struct tide_unseen *unseen, struct tide_reader *in, struct tide_arena *arena)
{
	uint64_t count = tide_bytes_number(in);

	unseen->more |= tide_bytes_number(in) != 0;
	if (count > TIDE_UNSEEN_MAX)
		return false;
	for (; count > 0 && !in->bad; count--) {
		struct tide_hash hash = {.high = tide_bytes_word(in)};
		hash.low = tide_bytes_word(in);
		uint64_t times = tide_bytes_number(in);
		if (!in->bad)
			tide_unseen_add(unseen, hash, times, arena);
	}
	return !in->bad;
}
