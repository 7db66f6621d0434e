/* The first byte chooses the problem and its options, the rest is a cell. */
#include "fuzz.h"
#include "tests/windowing/cell_world.h"
#include <stdlib.h>
#include <string.h>

#define PROBLEMS 4
#define WEIGHTED 4
#define FEW_ROWS 8
#define FILLED 16

/* What was taken as a cell can be written, and that is taken too. */
static void
again(const struct tide_cell *cell, enum tide_problem problem, struct process *process)
{
	struct tide_cell other = {0};
	struct tide_buffer out;

	tide_text_buffer_init(&out, 1 << 26);
	save(cell, problem, process, &out);
	struct tide_reader in = {(const uint8_t *)out.bytes, (const uint8_t *)out.bytes + out.length,
				 false};
	TIDE_ASSERT(load(&other, problem, process, &in) && in.at == in.end);
	TIDE_ASSERT(other.predictions == cell->predictions);
	tide_text_buffer_fini(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct process process;
	struct tide_cell cell = {0};
	struct tide_cell_key key;

	if (size < 2)
		return 0;
	struct world world = {.seed = 1,
			      .exact_rows = bytes[0] & FEW_ROWS ? 3 : 1000,
			      .weighted = bytes[0] & WEIGHTED};
	enum tide_problem problem = (enum tide_problem)(bytes[0] % PROBLEMS);
	process_open(&process, &world, true, CLASSES);
	for (int i = 0; bytes[0] & FILLED && i < 3; i++)
		world_fold(&world, &process, &cell, problem);
	uint8_t *copy = malloc(size - 1);
	TIDE_ASSERT(copy);
	memcpy(copy, bytes + 1, size - 1);
	struct tide_reader in = {copy, copy + size - 1, false}, start = in, keys = in;
	size_t before = process.arena.taken_blocks + process.names.taken_blocks;
	bool good = load(&cell, problem, &process, &in);
	TIDE_ASSERT(in.at <= in.end && (!good || !in.bad));
	TIDE_ASSERT(process.arena.taken_blocks + process.names.taken_blocks - before <=
		    tide_cell_load_blocks(start, &process.words));
	if (good)
		again(&cell, problem, &process);
	if (tide_cell_key_load(&key, &keys))
		TIDE_ASSERT(keys.at <= keys.end && key.model.length < size);
	free(copy);
	process_close(&process);
	return 0;
}
