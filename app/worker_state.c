#include "alerts/alert_state.h"
#include "app/worker_private.h"
/* Small state: what rules remember, a record each (SPEC 3.1). */

static int
record_put(struct worker *worker, const struct tide_record *record, struct tide_error *error)
{
	struct tide_text key = {(const char *) record->key, record->key ? record->key_size : 0};
	struct tide_text value = {(const char *) record->value, record->value_size};
	enum tide_alert_put put = tide_alert_state_put(worker->alerts, key, value);

	if (put == TIDE_ALERT_PUT_OK)
		return 0;
	if (put == TIDE_ALERT_PUT_NO_MEMORY)
		return tide_error_stop(error, TIDE_ERROR_MEMORY, "out of memory");
	return tide_error_stop(error, TIDE_ERROR_DATA,
	                       "state topic, offset %lld: no record of this program: name another "
	                       "topic in outputs.state, or empty this one",
	                       (long long) record->offset);
}

/* All records of one queue, in their order. */
static int
queue_read(struct worker *worker, struct tide_source *source, size_t queue,
           struct tide_error *error)
{
	enum tide_supply supply = TIDE_SUPPLY_RECORDS;
	struct tide_batch batch = {0};
	bool changed;

	while (supply != TIDE_SUPPLY_END) {
		if (source->ops->take(source, queue, &batch, &supply, error))
			return -1;
		for (size_t i = 0; i < batch.count; i++)
			if (record_put(worker, &batch.records[i], error))
				return -1;
		if (batch.count == 0 && supply != TIDE_SUPPLY_END &&
		    source->ops->poll(source, 5, &changed, error))
			return -1;
	}
	return 0;
}

int
tide_worker_state_restore(struct worker *worker, struct tide_error *error)
{
	const struct tide_worker_setup *setup = worker->setup;
	const struct tide_queue *queues;
	struct tide_source *source;
	int failed = 0;

	if (!setup->state_open || worker->queue_count == 0)
		return 0;
	if (setup->state_open(setup->closure, &source, error))
		return -1;
	size_t count = source->ops->queues(source, &queues);
	for (size_t i = 0; !failed && i < count; i++)
		failed = queue_read(worker, source, i, error);
	source->ops->close(source);
	return failed;
}

int
tide_worker_state_give(struct worker *worker, struct tide_error *error)
{
	char key[TIDE_ALERT_STATE_KEY];
	struct tide_buffer value;
	int failed = 0;

	if (!worker->setup->state_open)
		return 0;
	tide_text_buffer_init(&value, TIDE_ALERT_STATE_VALUE);
	while (!failed && tide_alert_state_take(worker->alerts, key, &value)) {
		struct tide_letter letter = {.kind = TIDE_LETTER_STATE,
		                             .key = (const uint8_t *) key,
		                             .key_size = sizeof key - 1,
		                             .value = value.length ? (const uint8_t *) value.bytes
		                                                   : NULL,
		                             .value_size = value.length,
		                             .time_ms = INT64_MIN};
		failed = value.failed
		                 ? tide_error_stop(error, TIDE_ERROR_MEMORY, "out of memory")
		                 : tide_worker_judge_letter(worker, &letter, error);
		tide_text_buffer_reset(&value);
	}
	tide_text_buffer_fini(&value);
	return failed;
}
