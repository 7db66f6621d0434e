#include "app/drain.h"

static int
queue_drain(struct tide_source *source, size_t queue,
            int (*each)(void *closure, size_t queue, const struct tide_record *record,
                        struct tide_error *error),
            void *closure, struct tide_error *error)
{
	enum tide_supply supply = TIDE_SUPPLY_RECORDS;
	struct tide_batch batch = {0};
	bool changed;

	while (supply != TIDE_SUPPLY_END) {
		if (source->ops->take(source, queue, &batch, &supply, error))
			return -1;
		for (size_t i = 0; i < batch.count; i++)
			if (each(closure, queue, &batch.records[i], error))
				return -1;
		if (batch.count == 0 && supply != TIDE_SUPPLY_END &&
		    source->ops->poll(source, 5, &changed, error))
			return -1;
	}
	return 0;
}

int
tide_drain(struct tide_source *source,
           int (*each)(void *closure, size_t queue, const struct tide_record *record,
                       struct tide_error *error),
           void *closure, struct tide_error *error)
{
	const struct tide_queue *queues;
	size_t count = source->ops->queues(source, &queues);

	for (size_t i = 0; i < count; i++)
		if (queue_drain(source, i, each, closure, error))
			return -1;
	return 0;
}
