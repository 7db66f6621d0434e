#ifndef TIDE_CONSUMER_THROTTLE_H
#define TIDE_CONSUMER_THROTTLE_H
#include "consumer/source.h"
/*
 * A token bucket in front of a source: so many records, or bytes, a second are taken from it.
 *
 *  (1) Within any t ms at most rate * (t / 1000 + 1) is taken, and one record more: the bucket
 *      holds one second, and a record passes while anything is in it. It begins empty.
 *  (2) Nothing sleeps: what may not be taken yet is an empty batch that says WAIT.
 *  (3) Bytes are those of keys and values, as the source gives them. What is not taken is not
 *      fetched either: a Kafka client stops at queued.max.messages.kbytes a partition.
 *  (4) Arithmetic is in whole numbers, the clock is an argument; one that goes back stands.
 */
#define TIDE_THROTTLE_RATE_MAX INT64_C(1000000000000)

struct tide_throttle {
	bool bytes;        /* else records */
	int64_t rate;      /* a second; > 0 */
	int64_t thousandths; /* of a record or byte, that may be taken; < 0: a debt */
	int64_t filled_ms;
	bool filled;
};

/** `5000/s`, `10MB/s`, `512KiB/s`: B kB MB GB are powers of 1000, KiB MiB GiB of 1024. False for
 *  anything else; the bucket is empty then and so it is now. */
bool tide_throttle_read(const char *text, struct tide_throttle *throttle);
void tide_throttle_fill(struct tide_throttle *throttle, int64_t now_ms);
/** May one record of this size be taken now? Then it has been. */
bool tide_throttle_take(struct tide_throttle *throttle, size_t size_bytes);

/** Puts the throttle, which is copied, in front of a bounded source, which the new one owns. On
 *  failure, TIDE_ERROR_MEMORY, *source is as it was. */
int tide_throttle_wrap(struct tide_source **source, const struct tide_throttle *throttle,
                       int64_t (*now_ms)(void *closure), void *closure,
                       struct tide_error *error) TIDE_MUSTCHECK;
#endif
