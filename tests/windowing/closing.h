#ifndef TIDE_TESTS_WINDOWING_CLOSING_H
#define TIDE_TESTS_WINDOWING_CLOSING_H
#include "windowing/panes.h"
/* The panes of one partition, from hand to hand. */

/** The next evidence when the clock stands at clock_ms; false: there is none. */
static inline bool
closing_next(struct tide_panes *panes, struct tide_windows *windows, int64_t clock_ms,
             struct tide_evidence *evidence)
{
	const struct tide_window_round round = {clock_ms, clock_ms, clock_ms};
	struct tide_buffer room;

	tide_text_buffer_init(&room, 64 << 20);
	enum tide_panes_answer answer = tide_panes_take(panes, 0, 1, windows, &round, false, &room);
	assert_int_equal(answer, TIDE_PANES_OK);
	tide_text_buffer_fini(&room);
	answer = tide_panes_close(panes, evidence);
	assert_true(answer == TIDE_PANES_OK || answer == TIDE_PANES_NONE);
	return answer == TIDE_PANES_OK;
}
#endif
