/* The first byte chooses an online detector, the rest is its state. */
#include "detectors/concept/online.h"
#include "fuzz.h"
#include <stdlib.h>
#include <string.h>

#define DETECTORS 9
#define BYTES_MAX 65536

static double state[TIDE_ONLINE_BYTES / sizeof(double)];

/* What was taken can be saved and taken again, to the same bytes, and gone on with. */
static void
again(const struct tide_online *online)
{
	struct tide_buffer first, second;

	tide_text_buffer_init(&first, BYTES_MAX);
	tide_text_buffer_init(&second, BYTES_MAX);
	online->save(state, &first);
	struct tide_reader in = {(const uint8_t *)first.bytes,
				 (const uint8_t *)first.bytes + first.length, false};
	TIDE_ASSERT(online->load(state, &in) && in.at == in.end);
	online->save(state, &second);
	TIDE_ASSERT(!first.failed && first.length == second.length &&
		    memcmp(first.bytes, second.bytes, first.length) == 0);
	tide_text_buffer_fini(&first);
	tide_text_buffer_fini(&second);
	for (int i = 0; i < 300; i++)
		online->add(state, i % 3 == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	if (size < 2)
		return 0;
	const struct tide_online *online = tide_online_at(bytes[0] % DETECTORS);
	uint8_t *copy = malloc(size - 1);
	TIDE_ASSERT(copy);
	memcpy(copy, bytes + 1, size - 1);
	struct tide_reader in = {copy, copy + size - 1, false};
	bool good = online->load(state, &in);
	TIDE_ASSERT(in.at <= in.end && (!good || !in.bad));
	if (good)
		again(online);
	free(copy);
	return 0;
}
