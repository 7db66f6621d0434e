#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "app/poison.h"
#include <string.h>

#define RECORDS 30000

static uint32_t
chance(uint64_t *random, uint32_t of)
{
	*random = *random * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t) (*random >> 33) % of;
}

/* Records of a queue, and what is right to say of each, found by looking at its whole block. */
static struct {
	int64_t offset;
	enum tide_outcome outcome;
	unsigned answer;
} records[RECORDS];

static bool
is_refused(size_t i)
{
	return records[i].outcome == TIDE_POISON || records[i].outcome == TIDE_FUTURE;
}

static bool
is_same_block(size_t i, size_t j)
{
	return i < RECORDS && records[i].offset / 1000 == records[j].offset / 1000;
}

/* Stretches of all kinds of trouble, and of offsets with and without gaps. */
static void
records_make(uint64_t random)
{
	static const uint32_t shares[] = {0, 1, 9, 20, 26, 40, 49, 51, 74, 76, 100};
	uint32_t share = 0, gaps = 0, left = 0;
	int64_t offset = chance(&random, 5000);

	for (size_t i = 0; i < RECORDS; i++) {
		if (left-- == 0) {
			share = shares[chance(&random, sizeof shares / sizeof *shares)];
			gaps = chance(&random, 3);
			left = chance(&random, 3000);
		}
		offset += gaps == 0 ? 1 : chance(&random, gaps == 1 ? 3 : 40) + 1;
		records[i].offset = offset;
		records[i].outcome = TIDE_ACCEPTED;
		if (chance(&random, 100) < share)
			records[i].outcome = chance(&random, 8) ? TIDE_POISON : TIDE_FUTURE;
	}
}

static void
records_judge(void)
{
	bool is_broken = false;
	size_t first = 0;

	while (first < RECORDS && records[first].outcome == TIDE_POISON)
		first++;
	for (size_t i = 0; i < RECORDS; i++) {
		size_t from = i, refused = 0, good = 0;
		bool was_broken = is_broken;
		while (from > 0 && is_same_block(from - 1, i))
			from--;
		if (from == i && i > 0) { /* the block before has ended without its last offset */
			size_t all = 0;
			for (size_t j = i; j-- > 0 && is_same_block(j, i - 1); all++)
				refused += is_refused(j);
			if (all >= 100 && refused * 2 >= all)
				is_broken = true;
			if (all >= 100 && refused * 4 < all)
				is_broken = false;
			refused = 0;
		}
		for (size_t j = from; j <= i; j++)
			(*(is_refused(j) ? &refused : &good))++;
		records[i].answer = is_refused(i) && refused <= 100 ? TIDE_POISON_LETTER : 0;
		if (refused >= 500)
			is_broken = true;
		if (good > 750)
			is_broken = false;
		if (records[i].offset % 1000 == 999 && refused + good >= 100) {
			if (refused >= good)
				is_broken = true;
			if (refused * 3 < good)
				is_broken = false;
		}
		if (is_broken != was_broken)
			records[i].answer |= is_broken ? TIDE_POISON_BREAKS : TIDE_POISON_HEALS;
		if (i + 1 == 1000 && first >= 1000)
			records[i].answer |= TIDE_POISON_HOPELESS;
	}
}

struct seen {
	size_t letters, breaks, heals, restarts;
};

/* A life with deaths: after some record the worker is restarted at an offset behind it, and is told
 * again what it knows. */
static void
live(uint64_t random, struct seen *seen)
{
	struct tide_poison poison;
	size_t next = 0;

	assert_true(tide_poison_start(&poison, -1, -1));
	while (next < RECORDS) {
		unsigned answer = tide_poison_tell(&poison, records[next].offset,
		                                   records[next].outcome);
		assert_int_equal(answer, records[next].answer);
		seen->letters += answer & TIDE_POISON_LETTER;
		seen->breaks += (answer & TIDE_POISON_BREAKS) != 0;
		seen->heals += (answer & TIDE_POISON_HEALS) != 0;
		next++;
		if (next == RECORDS || chance(&random, 50))
			continue;
		int64_t gap = records[next].offset - records[next - 1].offset;
		int64_t at = records[next - 1].offset + 1 + chance(&random, (uint32_t) gap);
		int64_t number = tide_poison_pack(&poison, at);
		memset(&poison, 0xa5, sizeof poison);
		assert_true(tide_poison_start(&poison, at, number));
		assert_true(tide_poison_pack(&poison, at) == number);
		for (size_t i = next - chance(&random, (uint32_t) next + 1); i < next; i += 7)
			assert_int_equal(tide_poison_tell(&poison, records[i].offset,
			                                  records[i].outcome),
			                 0);
		seen->restarts++;
	}
}

static void
a_worker_that_is_restarted_anywhere_answers_as_one_that_lasts(void **state)
{
	struct seen seen = {0};

	(void) state;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		records_make(seed);
		records_judge();
		live(seed, &seen);
	}
	assert_true(seen.letters > 10000 && seen.restarts > 1000);
	assert_true(seen.breaks > 20 && seen.heals > 20);
}

static unsigned
tell_many(struct tide_poison *poison, int64_t from, int64_t until, enum tide_outcome outcome)
{
	unsigned letters = 0;

	for (int64_t offset = from; offset < until; offset++)
		letters += tide_poison_tell(poison, offset, outcome) & TIDE_POISON_LETTER;
	return letters;
}

static void
a_block_has_100_letters_and_the_rest_is_counted(void **state)
{
	struct tide_poison poison = {0};

	(void) state;
	assert_int_equal(tell_many(&poison, 0, 950, TIDE_ACCEPTED), 0);
	assert_int_equal(tell_many(&poison, 950, 1000, TIDE_POISON), 50);
	assert_int_equal(tell_many(&poison, 1000, 2000, TIDE_FUTURE), 100);
	assert_int_equal(poison.capped, 900);
	assert_int_equal(tell_many(&poison, 2000, 2001, TIDE_POISON), 1);
	assert_int_equal(poison.capped, 900);
}

static void
an_input_breaks_at_500_and_heals_at_751(void **state)
{
	struct tide_poison poison = {0};

	(void) state;
	tell_many(&poison, 0, 501, TIDE_LATE);
	tell_many(&poison, 501, 1000, TIDE_POISON);
	tell_many(&poison, 1000, 1499, TIDE_POISON);
	assert_false(poison.broken);
	assert_int_equal(tide_poison_tell(&poison, 1499, TIDE_POISON), TIDE_POISON_BREAKS);
	assert_true(poison.broken);
	tell_many(&poison, 1500, 2750, TIDE_MATCHED);
	assert_true(poison.broken);
	assert_int_equal(tide_poison_tell(&poison, 2750, TIDE_MATCHED), TIDE_POISON_HEALS);
	assert_false(poison.broken);
}

static void
a_block_with_gaps_is_judged_when_it_has_100_records(void **state)
{
	struct tide_poison poison = {0};

	(void) state;
	tell_many(&poison, 0, 99, TIDE_POISON);
	assert_int_equal(tide_poison_tell(&poison, 1000, TIDE_POISON), TIDE_POISON_LETTER);
	tell_many(&poison, 1001, 1050, TIDE_POISON);
	tell_many(&poison, 1050, 1100, TIDE_ACCEPTED);
	assert_int_equal(tide_poison_tell(&poison, 5000, TIDE_ACCEPTED), TIDE_POISON_BREAKS);
	tell_many(&poison, 5001, 5075, TIDE_ACCEPTED);
	tell_many(&poison, 5075, 5100, TIDE_POISON);
	assert_int_equal(tide_poison_tell(&poison, 6000, TIDE_ACCEPTED), 0);
	tell_many(&poison, 6001, 6076, TIDE_ACCEPTED);
	tell_many(&poison, 6076, 6100, TIDE_POISON);
	assert_int_equal(tide_poison_tell(&poison, 7000, TIDE_ACCEPTED), TIDE_POISON_HEALS);
}

/* Of 1,000 records told, the one after which there is no hope; 1000: none. */
static int
hopeless_at(struct tide_poison *poison, int good_at)
{
	for (int i = 0; i < 1000; i++)
		if (tide_poison_tell(poison, 5000 + i,
		                     i == good_at ? TIDE_FUTURE : TIDE_POISON) &
		    TIDE_POISON_HOPELESS)
			return i;
	return 1000;
}

static void
an_input_is_hopeless_only_when_its_first_1000_records_are_poison(void **state)
{
	struct tide_poison poison;
	int64_t number;

	(void) state;
	assert_true(tide_poison_start(&poison, -1, -1));
	assert_int_equal(hopeless_at(&poison, -1), 999);
	assert_true(tide_poison_start(&poison, -1, -1));
	assert_int_equal(hopeless_at(&poison, 999), 1000);
	assert_true(tide_poison_start(&poison, -1, -1));
	tell_many(&poison, 4000, 4400, TIDE_POISON);
	number = tide_poison_pack(&poison, 4400);
	assert_true(tide_poison_start(&poison, 4400, number));
	assert_int_equal(hopeless_at(&poison, -1), 599);
	assert_true(tide_poison_start(&poison, -1, -1));
	tell_many(&poison, 0, 1, TIDE_ACCEPTED);
	number = tide_poison_pack(&poison, 1);
	assert_true(tide_poison_start(&poison, 1, number));
	assert_int_equal(hopeless_at(&poison, -1), 1000);
	assert_true(tide_poison_start(&poison, 1, -1)); /* a note that does not say */
	assert_int_equal(hopeless_at(&poison, -1), 1000);
}

static void
a_number_that_no_worker_wrote_is_refused(void **state)
{
	static const struct {
		int64_t offset, number;
		bool is_good;
	} cases[] = {
	        {5700, 2000005000700, true},  {5700, 3000005000700, true},
	        {5700, 30000000700, false},   {5700, 2000007010700, false},
	        {5700, 2000000000701, false}, {5700, 4000000000000, false},
	        {5700, 2000100000000, false}, {5700, 99900000000, true},
	        {5700, 100000000000, false},  {5700, INT64_MAX, false},
	        {5700, -2, false},            {5700, -1, true},
	        {5700, 70007000700, true},    {5700, 70006000700, false},
	        {5700, 10007000700, false},
	};
	struct tide_poison poison;

	(void) state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(tide_poison_start(&poison, cases[i].offset, cases[i].number),
		                 cases[i].is_good);
	assert_true(tide_poison_start(&poison, 5700, 3000005000700));
	assert_true(poison.broken && poison.has_begun);
	assert_int_equal(poison.refused, 500);
	assert_int_equal(poison.records, 700);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_worker_that_is_restarted_anywhere_answers_as_one_that_lasts),
	        cmocka_unit_test(a_block_has_100_letters_and_the_rest_is_counted),
	        cmocka_unit_test(an_input_breaks_at_500_and_heals_at_751),
	        cmocka_unit_test(a_block_with_gaps_is_judged_when_it_has_100_records),
	        cmocka_unit_test(an_input_is_hopeless_only_when_its_first_1000_records_are_poison),
	        cmocka_unit_test(a_number_that_no_worker_wrote_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
