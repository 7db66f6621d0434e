#ifndef TIDE_CONSUMER_KAFKA_CLIENT_H
#define TIDE_CONSUMER_KAFKA_CLIENT_H
#include "base/error.h"
#include <stdbool.h>
#include <stdint.h>
/*
 * What the Kafka source and sink share: settings, log lines, the meaning of error codes.
 *
 *  (1) A configuration or a client is passed as void * (an rd_kafka_conf_t, an rd_kafka_t), a code
 *      as int, so that no header of the library is seen outside the kafka_*.c files.
 *  (2) `forced` settings win: a property that says something else is an error of the configuration,
 *      since each of them is needed for the promise that nothing is lost or doubled.
 *  (3) group.id, group.instance.id and transactional.id are no settings but who we are: among the
 *      properties they are passed over, and the source's and the sink's options say them.
 *  (4) Values of properties are never printed; they may be passwords.
 */
struct tide_kafka_setting {
	const char *key, *value;
};

/** A new configuration: defaults, then "key=value" properties (NULL-ended), then forced (2); both
 *  setting lists end with a NULL key. NULL and *error on failure. The caller owns it. */
void *tide_kafka_client_configure(const char *const *properties,
                                  const struct tide_kafka_setting *defaults,
                                  const struct tide_kafka_setting *forced,
                                  struct tide_error *error);
/** The exit code that an error of the library leads to when nobody mends it. */
enum tide_error_code tide_kafka_client_code(int code);
/** An error that came among the records: what passes by itself is a log line and 0, and in a
 *  bounded source everything that does not end the client. */
int tide_kafka_client_event(void *client, int err, const char *text, bool bounded,
                            struct tide_error *error);
/** How many partitions a topic has; 0: there is no such topic. Waits at most half a minute. */
int tide_kafka_client_partitions(void *client, const char *topic, int *count,
                                 struct tide_error *error);
/** Now, on a clock that never steps. */
int64_t tide_kafka_client_now_ms(void);
#endif
