#include "consumer/file_source.h"
#include "consumer/file_kcat.h"
#include "consumer/file_reader.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BATCH_BYTES ((size_t) 4 << 20)
#define TOO_LONG "line longer than 1048576 bytes"

_Static_assert(TIDE_FILE_SOURCE_LINE_MAX == TIDE_FILE_READER_LINE_MAX, "one limit, two names");

/* One line taken apart; key and value point into the reader. */
struct parsed {
	struct tide_record record;
	int32_t partition;
};

struct spot {
	size_t key, value;
};

/* Records whose bytes may still move: pointers are set when the pile is lent. */
struct pile {
	struct tide_record *records;
	struct spot *spots;
	uint8_t *bytes;
	size_t count, capacity, length, byte_capacity;
};

struct queue {
	struct pile lent, parked;
	size_t at;                    /* first record of `lent` that was not given */
	uint64_t expected, collected; /* records there will be (UINT64_MAX: not known), were read */
	struct tide_file_reader *reader;
};

struct file_source {
	struct tide_source base;
	struct tide_file_reader readers[2];
	struct tide_queue *list;
	struct queue *queues;
	size_t count;
	uint64_t parked_bytes;
};

/* The next record: 1, or 0 at the end, or -1 (fault). */
static int
source_record(struct tide_file_reader *r, struct parsed *parsed)
{
	struct tide_record *record = &parsed->record;
	uint8_t *line;
	size_t length;
	int got = tide_file_reader_line(r, &line, &length);

	if (got <= 0)
		return got;
	*parsed = (struct parsed){.record = {.time_ms = INT64_MIN}};
	if (line && r->form == TIDE_FILE_FORM_UNKNOWN) {
		int is_kcat = tide_file_kcat_is(line, length);
		if (is_kcat < 0)
			return tide_file_reader_fault(r, TIDE_ERROR_MEMORY, "no memory to read it");
		r->form = is_kcat ? TIDE_FILE_FORM_KCAT : TIDE_FILE_FORM_LINES;
	}
	if (line && r->form == TIDE_FILE_FORM_KCAT) {
		record->damage = tide_file_kcat_parse(line, length, r->plain, record,
		                                      &parsed->partition);
		if (!record->damage && parsed->partition && !r->regular)
			record->damage = "partition other than 0 in a pipe; give a file instead";
	} else {
		record->damage = line ? NULL : TOO_LONG;
	}
	if (record->damage || r->form != TIDE_FILE_FORM_KCAT)
		*parsed = (struct parsed){.record = {.value = line,
		                                     .value_size = line ? length : 0,
		                                     .offset = r->next_offset,
		                                     .time_ms = INT64_MIN,
		                                     .damage = record->damage}};
	if (parsed->partition == 0)
		r->next_offset = record->offset + 1;
	return 1;
}

/* Doubles *array until `count` pieces fit. */
static bool
grow(void *array, size_t *capacity, size_t count, size_t size)
{
	size_t wanted = *capacity ? *capacity : 64;
	void *old;

	memcpy(&old, array, sizeof old);
	while (wanted < count)
		wanted *= 2;
	void *bytes = old && wanted == *capacity ? old : realloc(old, wanted * size);
	if (!bytes)
		return false;
	memcpy(array, &bytes, sizeof bytes);
	*capacity = wanted;
	return true;
}

static bool
pile_add(struct pile *pile, const struct tide_record *record)
{
	size_t need = record->key_size + record->value_size, spots = pile->capacity;

	if (!grow(&pile->spots, &spots, pile->count + 1, sizeof *pile->spots) ||
	    !grow(&pile->records, &pile->capacity, pile->count + 1, sizeof *pile->records) ||
	    !grow(&pile->bytes, &pile->byte_capacity,
	          pile->length + need + TIDE_SOURCE_PADDING, 1))
		return false;
	pile->records[pile->count] = *record;
	pile->spots[pile->count++] = (struct spot){pile->length, pile->length + record->key_size};
	if (record->key_size)
		memcpy(pile->bytes + pile->length, record->key, record->key_size);
	if (record->value_size)
		memcpy(pile->bytes + pile->length + record->key_size, record->value,
		       record->value_size);
	pile->length += need;
	return true;
}

static void
pile_fini(struct pile *pile)
{
	free(pile->records);
	free(pile->spots);
	free(pile->bytes);
	*pile = (struct pile){0};
}

static uint64_t
pile_size(const struct pile *pile)
{
	return pile->length + pile->count * (sizeof *pile->records + sizeof *pile->spots);
}

/* From here on nothing is added: the pointers can be told. */
static void
pile_seal(struct pile *pile)
{
	if (pile->count)
		memset(pile->bytes + pile->length, 0, TIDE_SOURCE_PADDING);
	for (size_t i = 0; i < pile->count; i++) {
		struct tide_record *record = &pile->records[i];
		record->key = record->key ? pile->bytes + pile->spots[i].key : NULL;
		record->value = record->value ? pile->bytes + pile->spots[i].value : NULL;
	}
}

static size_t
queue_find(const struct file_source *source, const struct tide_file_reader *reader,
           int32_t partition)
{
	size_t i = 0;

	while (i < source->count && (source->queues[i].reader != reader ||
	                             source->list[i].partition != partition))
		i++;
	return i;
}

/* Reads a batch's worth of lines into the parked piles; stops early where a pipe would block. */
static int
source_read(struct file_source *source, struct queue *queue, struct tide_error *error)
{
	struct tide_file_reader *r = queue->reader;
	struct parsed parsed;
	size_t bytes = 0;

	for (size_t i = 0; i < TIDE_FILE_SOURCE_BATCH_MAX && bytes < BATCH_BYTES; i++) {
		if (i && !r->regular && !memchr(r->window + r->at, '\n', r->end - r->at))
			break;
		int got = source_record(r, &parsed);
		if (got < 0 && queue->parked.count)
			return 0;
		if (got < 0) {
			*error = r->fault;
			return -1;
		}
		if (got == 0)
			break;
		size_t found = queue_find(source, r, parsed.partition);
		if (found == source->count) {
			tide_file_reader_fault(r, TIDE_ERROR_DATA,
			                       "the file changed while it was read");
			*error = r->fault;
			return -1;
		}
		struct pile *pile = &source->queues[found].parked;
		uint64_t before = pile_size(pile);
		bool added = pile_add(pile, &parsed.record);
		source->parked_bytes += pile_size(pile) - before;
		if (!added || source->parked_bytes > TIDE_FILE_SOURCE_PARKED_MAX)
			return tide_error_stop(error, TIDE_ERROR_MEMORY,
			                       "%s: line %llu: more than 64 MiB between the "
			                       "partitions; split the dump by partition",
			                       r->path, (unsigned long long) r->lines);
		source->queues[found].collected++;
		bytes += parsed.record.key_size + parsed.record.value_size;
	}
	return 0;
}

static int
source_take(struct tide_source *base, size_t index, struct tide_batch *batch,
            enum tide_supply *supply, struct tide_error *error)
{
	struct file_source *source = (struct file_source *) base;

	TIDE_ASSERT(index < source->count);
	struct queue *q = &source->queues[index];
	*batch = (struct tide_batch){0};
	if (q->at == q->lent.count) {
		struct pile spent = q->lent;
		if (q->parked.count == 0 && q->collected < q->expected &&
		    source_read(source, q, error))
			return -1;
		source->parked_bytes -= pile_size(&q->parked);
		q->lent = q->parked;
		if (spent.byte_capacity > 2 * BATCH_BYTES)
			pile_fini(&spent);
		spent.count = spent.length = 0;
		q->parked = spent;
		q->at = 0;
		pile_seal(&q->lent);
	}
	size_t rest = q->lent.count - q->at;
	batch->count = rest < TIDE_FILE_SOURCE_BATCH_MAX ? rest : TIDE_FILE_SOURCE_BATCH_MAX;
	batch->records = rest ? q->lent.records + q->at : NULL;
	q->at += batch->count;
	bool last = q->collected >= q->expected ||
	            (q->reader->ended && !q->reader->over && q->reader->at == q->reader->end);
	*supply = batch->count ? TIDE_SUPPLY_RECORDS : last ? TIDE_SUPPLY_END : TIDE_SUPPLY_WAIT;
	return 0;
}

static int
source_poll(struct tide_source *base, int wait_ms, bool *changed, struct tide_error *error)
{
	(void) base, (void) wait_ms, (void) error;
	*changed = false;
	return 0;
}

static size_t
source_queues(struct tide_source *base, const struct tide_queue **queues)
{
	const struct file_source *source = (const struct file_source *) base;

	*queues = source->list;
	return source->count;
}

static double
source_progress(struct tide_source *base)
{
	const struct file_source *source = (const struct file_source *) base;
	uint64_t done = 0, size = 0;

	for (int i = 0; i < 2; i++) {
		const struct tide_file_reader *r = &source->readers[i];
		if (!r->path)
			continue;
		if (!r->regular)
			return NAN;
		size += r->size_bytes;
		done += r->ended ? r->size_bytes : r->read_bytes - (r->input_end - r->input_at);
	}
	return done < size ? (double) done / (double) size : 1;
}

static void
source_close(struct tide_source *base)
{
	struct file_source *source = (struct file_source *) base;

	for (size_t i = 0; i < source->count; i++) {
		pile_fini(&source->queues[i].lent);
		pile_fini(&source->queues[i].parked);
	}
	for (int i = 0; i < 2; i++)
		tide_file_reader_close(&source->readers[i]);
	free(source->queues);
	free(source->list);
	free(source);
}

static bool
source_add_queue(struct file_source *source, int role, const struct parsed *first)
{
	size_t count = source->count + 1;
	struct tide_queue *list = realloc(source->list, count * sizeof *list);

	source->list = list ? list : source->list;
	struct queue *queues = realloc(source->queues, count * sizeof *queues);
	source->queues = queues ? queues : source->queues;
	if (!list || !queues)
		return false;
	list[source->count] = (struct tide_queue){.role = role,
	                                          .partition = first->partition,
	                                          .partition_count = 1,
	                                          .topic = source->readers[role].path,
	                                          .start_offset = first->record.offset,
	                                          .metadata = ""};
	queues[source->count++] = (struct queue){.reader = &source->readers[role],
	                                         .expected = UINT64_MAX};
	return true;
}

/* Reads a kcat file to its end for its partitions; of any other file only the first line. */
static int
source_survey(struct file_source *source, int role, struct tide_error *error)
{
	struct tide_file_reader *live = &source->readers[role], r;
	struct parsed parsed = {0};
	int got = 0, failed = live->regular ? tide_file_reader_open(&r, live->path, error) : 0;
	bool kcat = false;

	while (live->regular && !failed && (got = source_record(&r, &parsed)) > 0) {
		kcat = r.form == TIDE_FILE_FORM_KCAT;
		if (r.form == TIDE_FILE_FORM_LINES)
			break;
		size_t found = queue_find(source, live, parsed.partition);
		if (found == source->count && !source_add_queue(source, role, &parsed))
			failed = tide_error_stop(error, TIDE_ERROR_MEMORY, "no memory for queues");
		else if (source->queues[found].expected++ == UINT64_MAX)
			source->queues[found].expected = 1;
	}
	if (!failed && got < 0 && (kcat || r.fault.code == TIDE_ERROR_NO_INPUT)) {
		*error = r.fault;
		failed = -1;
	}
	for (size_t i = 0; !kcat && i < source->count; i++)
		if (source->queues[i].reader == live)
			source->queues[i].expected = UINT64_MAX;
	if (live->regular)
		tide_file_reader_close(&r);
	parsed = (struct parsed){0};
	if (!failed && queue_find(source, live, 0) == source->count && !kcat &&
	    !source_add_queue(source, role, &parsed))
		failed = tide_error_stop(error, TIDE_ERROR_MEMORY, "no memory for queues");
	return failed;
}

static const struct tide_source_ops ops = {
        .poll = source_poll,
        .queues = source_queues,
        .take = source_take,
        .progress = source_progress,
        .close = source_close,
};

int
tide_file_source_open(const char *predictions_path, const char *labels_path,
                      struct tide_source **source, struct tide_error *error)
{
	const char *paths[2] = {predictions_path, labels_path};
	struct file_source *made;

	if (paths[0] && paths[1] && strcmp(paths[0], "-") == 0 && strcmp(paths[1], "-") == 0)
		return tide_error_stop(error, TIDE_ERROR_USAGE,
		                       "predictions and labels cannot both be stdin; name a file");
	made = calloc(1, sizeof *made);
	if (!made)
		return tide_error_stop(error, TIDE_ERROR_MEMORY, "no memory for a file source");
	made->base.ops = &ops;
	for (int role = 0; role < 2; role++)
		if (paths[role] &&
		    (tide_file_reader_open(&made->readers[role], paths[role], error) ||
		     source_survey(made, role, error))) {
			source_close(&made->base);
			return -1;
		}
	*source = &made->base;
	return 0;
}
