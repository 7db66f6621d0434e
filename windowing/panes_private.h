#ifndef TIDE_WINDOWING_PANES_PRIVATE_H
#define TIDE_WINDOWING_PANES_PRIVATE_H
#include "windowing/panes.h"
#include "windowing/plan.h"
/* What panes.c (who waits for whom) and panes_merge.c (partials become evidence) share. */

#define HELD_BUCKETS 64u

struct held { /* a partial */
	struct held *next; /* in its bucket */
	int64_t position;
	uint64_t hash; /* of its name */
	uint32_t size, name_size;
	int32_t partition;
	bool told; /* it was in the pane when that left */
	uint8_t bytes[];
};

struct pane {
	struct tide_pane pane;
	struct held *held[HELD_BUCKETS];
	size_t count, bytes;
	bool has_left; /* and was not whole */
	bool missed;   /* when its time came it had nothing to say */
	bool resumed;  /* it left before a restart */
	bool forced;   /* revised: the final pane was not whole */
	struct pane *next; /* in the order of trigger times */
};

struct source {
	int32_t partition;
	struct tide_progress progress;
};

#define MERGED_BUCKETS 256u

struct merged { /* a cell that is being made */
	struct tide_cell cell;
	bool told, capped, gone;
	struct merged *next; /* in its bucket */
};

struct tide_panes {
	struct tide_window_setup setup;
	struct tide_pool *pool;
	struct tide_arena names; /* of classes */
	struct tide_classes classes;
	struct tide_label_shape shapes[4]; /* by problem */
	struct tide_selection_edges selections[4];
	struct source *sources;
	size_t source_count, source_room;
	void (*forget)(void *closure, int32_t partition, struct tide_text name, size_t size);
	void *forget_closure;
	int32_t partitions; /* how many there are; 0: nobody has told */
	struct pane *first; /* of both sides of the join */
	struct pane *inputs;
	int64_t clock_ms, whole_ms, input_ms;
	/* of what is being handed out: */
	struct tide_arena out;
	struct tide_score_scratch scratch;
	struct tide_evidence *evidence;
	size_t evidence_count, evidence_at, evidence_room;
	struct merged **merged; /* in the order of their keys */
	size_t merged_count, merged_room;
	struct merged *buckets[MERGED_BUCKETS];
};

/* Drops panes that have said all; see tide_panes_resume. */
void tide_panes_purge(struct tide_panes *panes);
/* Made if new; NULL: no memory. */
struct source *tide_panes_source(struct tide_panes *panes, int32_t partition);
struct pane *tide_panes_at(struct tide_panes *panes, const struct tide_pane *wanted);
/* Makes the evidence of a pane, behind what is there, or none where it has nothing to say. On
 * anything but OK nothing of it counts. */
enum tide_panes_answer tide_panes_merge(struct tide_panes *panes, const struct pane *pane,
                                        bool complete);
enum tide_panes_answer tide_panes_merge_input(struct tide_panes *panes, const struct pane *pane);
/* Sorts what was made, so that it can be handed out. */
enum tide_panes_answer tide_panes_merge_end(struct tide_panes *panes);
void tide_panes_merge_reset(struct tide_panes *panes);
void tide_panes_merge_fini(struct tide_panes *panes);
#endif
