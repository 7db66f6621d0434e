#include "consumer/throttle.h"
#include <stdlib.h>
#include <string.h>

struct throttle_source {
	struct tide_source base;
	struct tide_source *behind;
	struct tide_throttle throttle;
	int64_t (*now_ms)(void *closure);
	void *closure;
	struct tide_batch *rests; /* of each queue: taken from behind, not given yet */
	size_t count;
};

bool
tide_throttle_read(const char *text, struct tide_throttle *throttle)
{
	static const struct {
		const char *name;
		int64_t unit;
		bool bytes;
	} units[] = {{"/s", 1, false},         {"B/s", 1, true},
	             {"kB/s", 1000, true},     {"MB/s", 1000000, true},
	             {"GB/s", 1000000000, true}, {"KiB/s", 1 << 10, true},
	             {"MiB/s", 1 << 20, true}, {"GiB/s", 1 << 30, true}};
	int64_t number = 0;

	while (*text >= '0' && *text <= '9' && number <= TIDE_THROTTLE_RATE_MAX)
		number = number * 10 + (*text++ - '0');
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (strcmp(text, units[i].name) == 0) {
			*throttle = (struct tide_throttle){.bytes = units[i].bytes,
			                                   .rate = number * units[i].unit};
			return number > 0 && number <= TIDE_THROTTLE_RATE_MAX / units[i].unit;
		}
	return false;
}

void
tide_throttle_fill(struct tide_throttle *throttle, int64_t now_ms)
{
	int64_t passed_ms = throttle->filled ? now_ms - throttle->filled_ms : 0;

	if (passed_ms < 0)
		return;
	/* a debt is one record, at most 2^31 bytes: more than the bucket holds is no matter then */
	int64_t full = 1000 * throttle->rate, missing = full - throttle->thousandths;
	throttle->thousandths =
	        passed_ms > missing / throttle->rate ? full
	                                             : throttle->thousandths + passed_ms * throttle->rate;
	throttle->filled_ms = now_ms;
	throttle->filled = true;
}

bool
tide_throttle_take(struct tide_throttle *throttle, size_t size_bytes)
{
	if (throttle->thousandths <= 0)
		return false;
	throttle->thousandths -= 1000 * (throttle->bytes ? (int64_t) size_bytes : 1);
	return true;
}

static int
source_poll(struct tide_source *base, int wait_ms, bool *changed, struct tide_error *error)
{
	struct tide_source *behind = ((struct throttle_source *) base)->behind;

	return behind->ops->poll(behind, wait_ms, changed, error);
}

static size_t
source_queues(struct tide_source *base, const struct tide_queue **queues)
{
	struct tide_source *behind = ((struct throttle_source *) base)->behind;

	return behind->ops->queues(behind, queues);
}

/* The records behind are good until the next take of this queue there, which comes when all of them
 * have been given. */
static int
source_take(struct tide_source *base, size_t queue, struct tide_batch *batch,
            enum tide_supply *supply, struct tide_error *error)
{
	struct throttle_source *source = (struct throttle_source *) base;
	struct tide_source *behind = source->behind;
	struct tide_batch *rest = &source->rests[queue];
	size_t count = 0;

	TIDE_ASSERT(queue < source->count);
	if (rest->count == 0 && behind->ops->take(behind, queue, rest, supply, error))
		return -1;
	*batch = *rest;
	if (rest->count == 0)
		return 0;
	tide_throttle_fill(&source->throttle, source->now_ms(source->closure));
	while (count < rest->count &&
	       tide_throttle_take(&source->throttle,
	                          rest->records[count].key_size + rest->records[count].value_size))
		count++;
	batch->count = count;
	rest->records += count;
	rest->count -= count;
	*supply = count ? TIDE_SUPPLY_RECORDS : TIDE_SUPPLY_WAIT;
	return 0;
}

static double
source_progress(struct tide_source *base)
{
	struct tide_source *behind = ((struct throttle_source *) base)->behind;

	return behind->ops->progress(behind);
}

static void
source_close(struct tide_source *base)
{
	struct throttle_source *source = (struct throttle_source *) base;

	source->behind->ops->close(source->behind);
	free(source->rests);
	free(source);
}

int
tide_throttle_wrap(struct tide_source **source, const struct tide_throttle *throttle,
                   int64_t (*now_ms)(void *closure), void *closure, struct tide_error *error)
{
	static const struct tide_source_ops ops = {source_poll, source_queues, source_take,
	                                           source_progress, source_close};
	struct throttle_source *made = calloc(1, sizeof *made);
	const struct tide_queue *queues;

	if (made)
		made->count = (*source)->ops->queues(*source, &queues);
	if (made)
		made->rests = calloc(made->count + 1, sizeof *made->rests);
	if (!made || !made->rests) {
		free(made);
		return tide_error_stop(error, TIDE_ERROR_MEMORY, "no memory for a throttle");
	}
	made->base.ops = &ops;
	made->behind = *source;
	made->throttle = *throttle;
	made->now_ms = now_ms;
	made->closure = closure;
	*source = &made->base;
	return 0;
}
