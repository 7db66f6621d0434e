#ifndef TIDE_WINDOWING_WINDOW_PRIVATE_H
#define TIDE_WINDOWING_WINDOW_PRIVATE_H
#include "windowing/pending.h"
#include "windowing/window.h"
/* What window.c (the join), window_route.c (who is met) and window_close.c (the panes) share. */

struct route { /* one (model, version, partition, segment values), met once */
	struct tide_text model, version;
	int32_t partition;
	struct tide_text values[TIDE_SEGMENTS_MAX]; /* bytes NULL: null */
	uint64_t hash;
	uint32_t next; /* in its hash bucket */
};

#define ROUTES_MAX 65536u
#define ROUTE_BUCKETS 4096u
#define CELL_BUCKETS 128u

struct window {
	int64_t start_ms, end_ms;
	struct tide_arena arena;
	struct tide_cell *cells[CELL_BUCKETS];
	size_t cell_count;
	uint32_t entries; /* its pending predictions */
	bool prediction_out, final_out, revised_out;
	size_t early_out; /* how many early panes have left */
	uint64_t labels_at_final, labels;
	struct window *next; /* ascending */
};

struct input_window {
	int64_t start_ms, end_ms;
	struct tide_input_counts counts;
	uint64_t open; /* waiting labels charged to it */
	struct input_window *next;
};

struct tide_windows {
	struct tide_window_setup setup;
	struct tide_pool *pool;
	struct tide_arena arena; /* routes */
	struct route **routes;
	uint32_t route_count;
	uint32_t buckets[ROUTE_BUCKETS];
	/* tails: of a prediction its weight, kept and, once labelled, outcome; of a label, outcome */
	struct tide_pending pending, waiting;
	double *outcome; /* of the label at hand: setup.measures->outcome_count */
	int64_t waiting_expiry_ms; /* no waiting label expires before */
	uint32_t sequence;
	uint64_t held[2][TIDE_OUTCOMES]; /* read before their queue had a watermark */
	struct window *first;
	struct input_window *inputs;
	struct tide_arena out; /* of the panes being handed out */
	struct tide_evidence *evidence;
	size_t evidence_count, evidence_at, evidence_room;
	size_t cells_seen_max;
};
/* The number of the event's (model, version, partition, segment values), made if new. */
uint32_t tide_window_route(struct tide_windows *windows, const struct tide_event *event);
/* Ends the wait of labels that no prediction can take any more; INT64_MAX: of all. */
void tide_window_private_expire(struct tide_windows *windows, int64_t prediction_clock_ms);
#endif
