#ifndef TIDE_TESTS_WINDOWING_PANES_WORLD_H
#define TIDE_TESTS_WINDOWING_PANES_WORLD_H
#include "tests/windowing/save_world.h"
/* A stream that falls into partitions, each with windows of its own, and the panes of all. No
 * record is late, and an id stays in its partition: what is said does not depend on how many there
 * are (SPEC 1.3). */
#define PARTS_MAX 5
#define RECORDS 260
#define RECENT 24

struct parts {
	struct world world; /* the setup, and the panes of all */
	int32_t count;
	bool few;
	struct tide_windows *windows[PARTS_MAX];
	int64_t watermarks_ms[PARTS_MAX][2]; /* by partition and role */
	bool idle[PARTS_MAX][2];
	uint64_t outcomes[2][TIDE_OUTCOMES]; /* what became of the records */
	uint64_t random, predictions;
	struct { /* predictions that labels may be of */
		uint64_t id;
		struct tide_text model;
	} recent[RECENT];
};

struct record {
	struct said said;
	struct tide_event event;
};

struct told {
	struct tide_buffer lines;        /* of predictions and labels (telling.h) */
	struct tide_input_counts counts; /* of input records */
	size_t inputs;
	int64_t input_ms; /* start of the last one's window */
};

/** `few`: windows keep three models and values apart, and every model has labels. */
struct parts *tide_parts_new(uint64_t seed, int32_t count, bool few);
void tide_parts_free(struct parts *parts);
/** The stream, RECORDS long; the caller frees it. */
struct record *tide_parts_records(struct parts *parts);
/** A number below `end`. */
uint64_t tide_parts_chosen(struct parts *parts, uint64_t end);
/** It is added to its partition, and moves a watermark. */
enum tide_outcome tide_parts_add(struct parts *parts, const struct tide_event *event);
/** How far the partition is, without its idle queues; true: all are. */
bool tide_parts_round(const struct parts *parts, int32_t partition,
                      struct tide_window_round *round);
/** The partition tells how far it is, and its partials. */
enum tide_panes_answer tide_parts_take(struct parts *parts, int32_t partition);
void tide_parts_take_all(struct parts *parts);
/** All input has ended. */
void tide_parts_end(struct parts *parts);

void tide_parts_told(struct told *told);
/** All that is due. Input records leave in the order of their windows, one each. */
void tide_parts_tell(struct parts *parts, struct told *told);
/** Every record that was added is in one input record. */
void tide_parts_assert_nothing_is_lost(const struct parts *parts, const struct told *told);
/** Both are freed. */
void tide_parts_assert_same(struct told *a, struct told *b);
#endif
