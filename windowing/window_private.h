#ifndef TIDE_WINDOWING_WINDOW_PRIVATE_H
#define TIDE_WINDOWING_WINDOW_PRIVATE_H
#include "windowing/clock.h"
#include "windowing/pending.h"
#include "windowing/plan.h"
#include "windowing/window.h"
/* What window.c (windows, room), window_route.c (routes, cells), window_join.c (the join),
 * window_entry.c (what it remembers), window_close.c (the panes) and window_final.c (labels that
 * did not come) share. */

#define ROUTE_NAME_BYTES_MAX 1024 /* longer models, versions and values are cut */

struct route_value { /* of a segment */
	struct tide_text text; /* bytes NULL: null */
	uint64_t rank;         /* 0: always kept */
};

struct route { /* one (model, version, partition, segment values), once while an entry has it */
	struct tide_text model, version;
	const struct tide_model_options *options; /* of its model */
	int32_t partition;
	uint64_t hash, rank; /* rank: of the model */
	uint32_t next;  /* in its hash bucket */
	uint32_t moved; /* its number in the table that is being made; 0: not in use */
	struct route_value values[TIDE_SEGMENTS_MAX]; /* as many as there are segments */
};

/* Where labels may be corrected and there are early panes, age slots hold first labels for these,
 * and one slot more holds the last labels for the final pane (SPEC 2.4). */
#define SLOT_CORRECTED (TIDE_EARLY_MAX + 1)
/* And one holds the rows whose label did not come and is taken for one (SPEC 8.3), while a pane
 * leaves that has them: what comes behind it changes who they are. */
#define SLOT_IMPUTED (SLOT_CORRECTED + 1)

struct label {
	int64_t time_ms, watermark_ms;
	double number;  /* NaN: its target is no number */
	uint8_t class;
	const struct route *route; /* its model, if it has one, and its partition */
	const double *outcome;
};

static inline bool
corrections_apart(const struct tide_window_options *options)
{
	return options->label_policy == TIDE_LABEL_LAST && options->early_count > 0;
}

struct ranks { /* of the models of a window, or of the values of a segment, that are kept */
	uint64_t *values;
	uint32_t count, room;
	uint64_t limit; /* the last one's once there are as many as may be; 0 before */
};

#define CELL_BUCKETS 128u

struct window {
	int64_t start_ms, end_ms;
	struct tide_arena arena;
	struct tide_arena columns; /* the prediction side of its cells, until that has left */
	struct tide_arena final;   /* what only a final pane has: selection, SLOT_IMPUTED */
	struct tide_cell *cells[CELL_BUCKETS];
	size_t cell_count;
	struct ranks ranks[TIDE_SEGMENTS_MAX + 1]; /* of the models, then of each segment */
	uint32_t entries; /* its pending predictions */
	uint32_t left;    /* bit enum tide_pane_number: for good */
	uint32_t told;    /* and since its last record, while a partition was idle (SPEC 1.4) */
	uint64_t labels_at_final, labels;
	struct window *next; /* ascending */
	struct window *peer; /* in its bucket */
};

#define WINDOW_BUCKETS 256u /* by number: neighbours are in different ones */

/* Where the doubles of a pending prediction stand in its tail, and how many there are. */
struct tail {
	size_t scores; /* 0: classification; scores, by class number */
	size_t weight, kept, outcome, count;
};
#define TAIL_PREDICTION 0 /* regression has these two in the place of scores */
#define TAIL_TARGET 1

/* And those of a waiting label: its target as a number, the bits of its queue's watermark, then its
 * outcome fields. */
#define TAIL_NUMBER 0
#define TAIL_WATERMARK 1
#define TAIL_OUTCOME 2

struct input_window {
	int64_t start_ms, end_ms;
	struct tide_input_counts counts;
	uint64_t open; /* waiting labels charged to it */
	struct input_window *next;
};

struct beginning { /* of a partition that was not read from its start */
	int32_t partition;
	int64_t end_ms; /* of its first prediction window; TIDE_CLOCK_END: none yet */
};

struct closing { /* the pane that is being handed out */
	struct window *window; /* NULL: none */
	struct tide_pane pane;
	bool is_firm, is_ready; /* ready: it has all that it is to say */
	size_t bucket;
	const struct tide_cell *cell;
};

/* What a snapshot is made of, in this order. Each part is items, which refer to nothing behind. */
enum window_part {
	PART_CLASSES,
	PART_BEGINNINGS,
	PART_ROUTES,
	PART_INPUTS,
	PART_WINDOWS,
	PART_CELLS,
	PART_PENDING,
	PART_WAITING,
	PARTS
};

struct loading { /* how far a snapshot has been loaded (window_load.c) */
	bool begun;
	enum window_part part;
	uint64_t left[PARTS]; /* items to come */
	uint32_t number;      /* items of the part before this one */
	int64_t time_ms;      /* of the item before this one: times are differences */
	struct window *window;
	struct input_window *input;
};

struct tide_windows {
	struct tide_window_setup setup;
	struct tide_pool *pool;
	struct tide_arena arena; /* names of classes */
	struct tide_arena names; /* routes and their texts */
	struct route **routes;
	uint32_t *buckets; /* as many as room for routes */
	uint32_t route_count, route_room;
	struct tide_pending pending, waiting;
	struct tail tail;
	struct tide_classes classes;
	struct tide_label_shape shapes[4]; /* by problem */
	struct tide_selection_edges selections[4];
	struct label absent; /* what stands for a label, where absence->is_label */
	size_t joined_max;   /* most predictions that one label can have met */
	int64_t waiting_expiry_ms; /* no waiting label expires before */
	int64_t prediction_clock_ms; /* as close was told last */
	uint32_t sequence;
	int64_t clock_ms;      /* as close was told: all panes up to it have left for good */
	int64_t input_left_ms; /* input records of windows that start before it have left */
	struct beginning *beginnings;
	size_t beginning_count, beginning_room;
	struct window *first;
	struct window *window_buckets[WINDOW_BUCKETS];
	struct input_window *inputs;
	struct input_window *input_found; /* last; records come close to each other in time */
	struct window *spare; /* what an add may need, made before it (SPEC 3.5) */
	struct input_window *spare_input;
	int64_t due_ms, due_firm_ms; /* before these no pane is due, or due for good */
	bool has_said; /* panes have left for good since windows were dropped */
	struct closing closing;
	struct tide_input_counts input_counts; /* of the record that is being handed out */
	size_t blocks_seen_max;                /* most that one window had */
	struct loading loading;
};

static inline int
first_segment(const struct tide_windows *windows)
{
	return tide_plan_first_segment(&windows->setup);
}

/* The number of the event's (model, version, partition, segment values), made if new; good until
 * the next reserve, except in entries, which are told. */
uint32_t tide_window_route(struct tide_windows *windows, const struct tide_event *event);
/* That of a route with these texts and partition; the rest of `route` is filled. */
uint32_t tide_window_route_number(struct tide_windows *windows, struct route *route);
/* Room for one route more, where none may be dropped though no entry uses it yet. */
bool tide_window_route_room(struct tide_windows *windows) TIDE_MUSTCHECK;
bool tide_window_route_reserve(struct tide_windows *windows) TIDE_MUSTCHECK;
void tide_window_route_fini(struct tide_windows *windows);
/* The cell of a route's total (segment -1) or of its value of a segment, made if new. */
struct tide_cell *tide_window_route_cell(struct tide_windows *windows, struct window *window,
                                         const struct route *route, int segment);
/* Takes note of a model (dimension 0) or a value of segment dimension - 1 by its rank; the one that
 * ranks last gives way where there are too many. */
void tide_window_route_rank(struct tide_windows *windows, struct window *window, size_t dimension,
                            uint64_t rank);
/* A new cell, empty; NULL: the window has one of that key. */
struct tide_cell *tide_window_route_restore(struct window *window,
                                            const struct tide_cell_key *key);
/* Takes note of how many blocks the window has. */
void tide_window_route_blocks(struct tide_windows *windows, const struct window *window);
struct window *tide_window_at(struct tide_windows *windows, int64_t time_ms);
/* Where the bucket of windows begins in which that of a time is. */
struct window **tide_window_bucket(struct tide_windows *windows, int64_t start_ms);
/* That of the time, or the first that has not left: what a partition says that was idle until now
 * overwrites no record. */
struct input_window *tide_window_input(struct tide_windows *windows, int64_t time_ms);
/* TIDE_NO_TIME: the partition was read from its start. */
int64_t tide_window_beginning(const struct tide_windows *windows, int32_t partition);

enum tide_outcome tide_window_join_prediction(struct tide_windows *windows,
                                              const struct tide_event *event,
                                              int64_t watermark_ms);
enum tide_outcome tide_window_join_label(struct tide_windows *windows,
                                         const struct tide_event *event, int64_t watermark_ms);

/* What a prediction says goes to its entry. */
void tide_window_entry_prediction(struct tide_windows *windows, const struct tide_event *event,
                                  const struct tide_model_options *options,
                                  struct tide_pending_entry *entry);
/* The label's target as a model takes it; false: it cannot. */
bool tide_window_entry_target(const struct tide_windows *windows, const struct label *label,
                              const struct tide_model_options *options, uint8_t *class,
                              double *number);
/* And what the label says; class and number are its target. */
void tide_window_entry_label(const struct tide_windows *windows, const struct label *label,
                             uint8_t class, double number, struct tide_pending_entry *entry);

/* The class that a label's target is; its name is kept where a model tells classes apart. */
uint8_t tide_window_join_class(struct tide_windows *windows, const struct tide_event *event);
/* Folds the prediction with `absent` as its label into SLOT_IMPUTED, if its model takes that;
 * there is room. It goes on without a label. */
void tide_window_join_impute(struct tide_windows *windows, struct window *window,
                             struct tide_pending_entry *entry);
/* Ends the wait of labels that no prediction can take any more; INT64_MAX: of all. */
void tide_window_join_expire(struct tide_windows *windows, int64_t prediction_clock_ms);

/* Makes `absent` of the labels; false: no memory. */
bool tide_window_final_init(struct tide_windows *windows) TIDE_MUSTCHECK;
/* Fills the selection and SLOT_IMPUTED of the window's cells; false: there is no room, and they
 * are empty. */
bool tide_window_final(struct tide_windows *windows, struct window *window) TIDE_MUSTCHECK;
void tide_window_final_undo(struct window *window);
#endif
