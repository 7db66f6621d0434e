/* A file of predictions: plain, gzip or zstd; lines or kcat -J; damaged anywhere. */
#include "consumer/file_source.h"
#include "fuzz.h"

static void
queue_drain(struct tide_source *source, size_t queue)
{
	enum tide_supply supply = TIDE_SUPPLY_RECORDS;
	struct tide_error error = {0};
	volatile unsigned sum = 0;
	unsigned waits = 0;

	while (supply != TIDE_SUPPLY_END && waits < 64) {
		struct tide_batch batch = {0};

		if (source->ops->take(source, queue, &batch, &supply, &error)) {
			TIDE_ASSERT(error.text[0] != '\0');
			return;
		}
		waits += supply == TIDE_SUPPLY_WAIT;
		for (size_t i = 0; i < batch.count; i++)
			for (size_t j = 0; j < batch.records[i].value_size; j++)
				sum += batch.records[i].value[j];
	}
	(void)sum;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	const struct tide_queue *queues;
	struct tide_source *source;
	struct tide_error error = {0};

	if (tide_file_source_open(tide_fuzz_file(bytes, size), NULL, &source, &error)) {
		TIDE_ASSERT(error.text[0] != '\0');
		return 0;
	}
	for (size_t i = 0; i < source->ops->queues(source, &queues); i++)
		queue_drain(source, i);
	source->ops->close(source);
	return 0;
}
