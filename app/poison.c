#include "app/poison.h"

#define BLOCK   1000 /* offsets */
#define LETTERS 100  /* a block */
#define JUDGED  100  /* records that a block needs to be judged at its end */
#define FIRST   1000 /* records of a beginning without hope */
#define DIGITS  10000

/* Of a block of so many records. Before the end, `records` is what it can have at most: what is
 * said then holds for whatever comes. */
static void
block_judge(struct tide_poison *poison, unsigned records)
{
	unsigned good = poison->records - poison->refused;

	if (2 * poison->refused >= records)
		poison->broken = true;
	else if (4 * good > 3 * records)
		poison->broken = false;
}

/* Goes on to an offset, whose block may be another one. */
static void
offset_move(struct tide_poison *poison, int64_t offset)
{
	if (offset / BLOCK != poison->next_offset / BLOCK) {
		if (poison->records >= JUDGED)
			block_judge(poison, poison->records);
		poison->records = poison->refused = 0;
	}
	poison->next_offset = offset;
}

unsigned
tide_poison_tell(struct tide_poison *poison, int64_t offset, enum tide_outcome outcome)
{
	bool refused = outcome == TIDE_POISON || outcome == TIDE_FUTURE;
	bool was_broken = poison->broken;
	unsigned answer = 0;

	if (offset < poison->next_offset)
		return 0;
	offset_move(poison, offset);
	poison->records++;
	poison->refused += refused;
	if (refused && poison->refused <= LETTERS)
		answer |= TIDE_POISON_LETTER;
	poison->capped += refused && poison->refused > LETTERS;
	poison->has_begun |= outcome != TIDE_POISON;
	poison->first = poison->has_begun ? 0 : poison->first + 1;
	if (poison->first == FIRST)
		answer |= TIDE_POISON_HOPELESS;
	block_judge(poison, BLOCK);
	offset_move(poison, offset + 1);
	if (poison->broken != was_broken)
		answer |= poison->broken ? TIDE_POISON_BREAKS : TIDE_POISON_HEALS;
	return answer;
}

int64_t
tide_poison_pack(const struct tide_poison *poison, int64_t offset)
{
	struct tide_poison then = *poison;
	int64_t number;

	if (offset > then.next_offset)
		offset_move(&then, offset);
	number = then.broken + 2 * then.has_begun;
	number = number * DIGITS + then.first;
	number = number * DIGITS + then.refused;
	return number * DIGITS + then.records;
}

bool
tide_poison_start(struct tide_poison *poison, int64_t offset, int64_t number)
{
	int64_t flags = number / DIGITS / DIGITS / DIGITS;

	*poison = (struct tide_poison){0};
	if (offset < 0)
		return true;
	poison->next_offset = offset;
	if (number < 0) {
		poison->has_begun = true;
		return number == -1;
	}
	poison->records = (unsigned) (number % DIGITS);
	poison->refused = (unsigned) (number / DIGITS % DIGITS);
	poison->first = (unsigned) (number / DIGITS / DIGITS % DIGITS);
	poison->has_begun = flags & 2;
	poison->broken = flags & 1;
	if (flags > 3 || poison->refused > poison->records || poison->records > offset % BLOCK)
		return false;
	if (poison->has_begun)
		return poison->first == 0;
	return poison->first < FIRST && poison->first >= poison->records &&
	       poison->refused == poison->records;
}
