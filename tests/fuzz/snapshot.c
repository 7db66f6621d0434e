/* The first byte chooses the windows, the rest is a portion of a snapshot without its hash. What
 * loads as a whole is closed and saved again. */
#include "fuzz.h"
#include "tests/windowing/save_world.h"
#include "windowing/window_save.h"
#include <stdlib.h>
#include <string.h>

#define CAP_BYTES ((size_t)64 << 20)
#define PORTION_BYTES_MAX (16u << 20)

static uint8_t *
hashed(const uint8_t *bytes, size_t size)
{
	uint64_t hash = tide_hash_plain((struct tide_text){(const char *)bytes, size});
	uint8_t *copy = malloc(size + sizeof(hash));

	TIDE_ASSERT(copy);
	if (size > 0)
		memcpy(copy, bytes, size);
	for (size_t i = 0; i < sizeof(hash); i++)
		copy[size + i] = (uint8_t)(hash >> 8 * i);
	return copy;
}

static void
loaded_walk(struct world *world)
{
	struct tide_window_cursor cursor = {0};
	struct tide_evidence evidence;
	struct tide_buffer portion;
	bool more;

	do {
		tide_text_buffer_init(&portion, PORTION_BYTES_MAX);
		more = tide_window_save(world->windows, &cursor, &portion);
		tide_text_buffer_fini(&portion);
	} while (more);
	if (!tide_window_has_room(world->windows))
		return;
	while (tide_world_next(world, true, &evidence))
		;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct world world;
	uint8_t *portion;

	if (size == 0)
		return 0;
	portion = hashed(bytes + 1, size - 1);
	TIDE_ASSERT(tide_world_open(&world, bytes[0], 0, CAP_BYTES));
	if (tide_window_load(world.windows, portion, size - 1 + sizeof(uint64_t)) ==
	        TIDE_WINDOW_LOAD_OK &&
	    tide_window_load_end(world.windows) == TIDE_WINDOW_LOAD_OK)
		loaded_walk(&world);
	tide_world_close(&world);
	free(portion);
	return 0;
}
