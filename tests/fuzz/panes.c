/* The first byte chooses the setup, and whether memory is scarce; the rest is what partitions say,
 * in any order. */
#include "fuzz.h"
#include "tests/windowing/save_world.h"
#include "tests/windowing/telling.h"
#include <stdlib.h>

#define SCARCE 128u
#define PARTITIONS 4

enum op { OP_PUT, OP_TELL, OP_CLOSE, OP_RESTART, OP_RESUME, OPS };

struct play {
	struct world world;
	struct tide_panes *panes;
	struct tide_reader in;
};

static enum tide_panes_answer
tell(struct play *play)
{
	int32_t partition = (int32_t) (tide_bytes_number(&play->in) % PARTITIONS);
	int32_t partitions = (int32_t) (tide_bytes_number(&play->in) % (PARTITIONS + 1));
	struct tide_progress progress = {.clock_ms = tide_bytes_signed(&play->in)};

	progress.whole_ms = tide_bytes_signed(&play->in);
	progress.input_ms = tide_bytes_signed(&play->in);
	progress.idle = tide_bytes_number(&play->in) & 1;
	return tide_panes_tell(play->panes, partition, partitions, &progress);
}

static enum tide_panes_answer
close_all(struct play *play)
{
	enum tide_panes_answer answer;
	struct tide_evidence evidence;
	struct tide_buffer out;

	while ((answer = tide_panes_close(play->panes, &evidence)) == TIDE_PANES_OK) {
		tide_text_buffer_init(&out, 64 << 20);
		telling_write(&play->world.setup, &evidence, &out);
		TIDE_ASSERT(!out.failed);
		tide_text_buffer_fini(&out);
	}
	TIDE_ASSERT(tide_panes_close(play->panes, &evidence) == answer);
	return answer;
}

static bool
partial_move(void *closure, const uint8_t *bytes, size_t size)
{
	return tide_panes_put(closure, 0, bytes, size, 0) != TIDE_PANES_STRANGE;
}

/* Other panes go on with what these have to leave. */
static enum tide_panes_answer
restart(struct play *play)
{
	struct tide_panes *next = tide_panes_new(&play->world.setup, &play->world.panes_pool);
	enum tide_panes_answer answer = TIDE_PANES_NO_ROOM;
	struct tide_buffer state;

	tide_text_buffer_init(&state, 1 << 20);
	tide_panes_state_save(play->panes, &state);
	TIDE_ASSERT(!state.failed);
	if (next)
		answer = tide_panes_state_load(next, (const uint8_t *) state.bytes, state.length);
	TIDE_ASSERT(answer != TIDE_PANES_STRANGE);
	for (int32_t i = 0; next && i < PARTITIONS; i++)
		TIDE_ASSERT(tide_panes_state_walk(play->panes, i, partial_move, next));
	tide_text_buffer_fini(&state);
	if (answer == TIDE_PANES_OK) {
		tide_panes_free(play->panes);
		play->panes = next;
	} else {
		tide_panes_free(next);
	}
	return answer;
}

static enum tide_panes_answer
op_do(struct play *play)
{
	enum op op = (enum op) (tide_bytes_number(&play->in) % OPS);

	if (op == OP_TELL)
		return tell(play);
	if (op == OP_CLOSE)
		return close_all(play);
	if (op == OP_RESTART)
		return restart(play);
	uint64_t partition = tide_bytes_number(&play->in) % PARTITIONS;
	struct tide_text text = tide_bytes_text(&play->in);
	const uint8_t *bytes = (const uint8_t *) (text.bytes ? text.bytes : "");
	if (op == OP_RESUME)
		return tide_panes_state_load(play->panes, bytes, text.length);
	return tide_panes_put(play->panes, (int32_t) partition, bytes, text.length, 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct play *play = malloc(sizeof *play);

	TIDE_ASSERT(play);
	if (size == 0) {
		free(play);
		return 0;
	}
	TIDE_ASSERT(tide_world_open(&play->world, bytes[0] % SCARCE, 0, 64 << 20));
	play->panes = play->world.panes;
	if (bytes[0] & SCARCE)
		play->world.panes_pool.cap_bytes = 64 * TIDE_POOL_BLOCK;
	play->in = (struct tide_reader){bytes + 1, bytes + size, false};
	while (play->in.at < play->in.end && !play->in.bad)
		(void) op_do(play);
	(void) close_all(play);
	play->world.panes = play->panes;
	tide_world_close(&play->world);
	free(play);
	return 0;
}
