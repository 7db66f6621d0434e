#include "consumer/kafka_client.h"
#include "base/log.h"
#include <librdkafka/rdkafka.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define METADATA_MS 30000

static void
client_log(const rd_kafka_t *client, int level, const char *facility, const char *text)
{
	enum tide_log_level mapped = level <= 3   ? TIDE_LOG_ERROR
	                             : level <= 4 ? TIDE_LOG_WARN
	                             : level <= 6 ? TIDE_LOG_INFO
	                                          : TIDE_LOG_DEBUG;

	tide_log(mapped, "consumer", "%s: %s: %s", rd_kafka_name(client), facility, text);
}

static int
client_set(rd_kafka_conf_t *conf, const char *key, const char *value, struct tide_error *error)
{
	char why[256];

	if (rd_kafka_conf_set(conf, key, value, why, sizeof why) == RD_KAFKA_CONF_OK)
		return 0;
	/* The library's own text quotes the value, which may be a password. */
	return tide_error_stop(error, TIDE_ERROR_CONFIG,
	                       "kafka: the property %s is unknown or its value is not allowed", key);
}

static bool
client_is_identity(const char *property)
{
	static const char *const identities[] = {"group.id=", "group.instance.id=",
	                                         "transactional.id="};

	for (size_t i = 0; i < sizeof identities / sizeof *identities; i++)
		if (strncmp(property, identities[i], strlen(identities[i])) == 0)
			return true;
	return false;
}

static int
client_set_property(rd_kafka_conf_t *conf, const char *property,
                    const struct tide_kafka_setting *forced, struct tide_error *error)
{
	const char *equals = strchr(property, '=');
	char key[128];

	if (!equals || equals == property || (size_t) (equals - property) >= sizeof key)
		return tide_error_stop(error, TIDE_ERROR_CONFIG, "kafka: a property is not key=value");
	memcpy(key, property, (size_t) (equals - property));
	key[equals - property] = 0;
	for (; forced->key; forced++) {
		if (strcmp(forced->key, key) == 0 && strcmp(forced->value, equals + 1) != 0)
			return tide_error_stop(error, TIDE_ERROR_CONFIG,
			                       "kafka: %s must be %s here; remove the property", key,
			                       forced->value);
	}
	return client_set(conf, key, equals + 1, error);
}

void *
tide_kafka_client_configure(const char *const *properties,
                            const struct tide_kafka_setting *defaults,
                            const struct tide_kafka_setting *forced, struct tide_error *error)
{
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	int failed = 0;

	for (; defaults->key && !failed; defaults++)
		failed = client_set(conf, defaults->key, defaults->value, error);
	for (; properties && *properties && !failed; properties++)
		if (!client_is_identity(*properties))
			failed = client_set_property(conf, *properties, forced, error);
	for (; forced->key && !failed; forced++)
		failed = client_set(conf, forced->key, forced->value, error);
	if (failed) {
		rd_kafka_conf_destroy(conf);
		return NULL;
	}
	rd_kafka_conf_set_log_cb(conf, client_log);
	return conf;
}

enum tide_error_code
tide_kafka_client_code(int code)
{
	switch (code) {
	case RD_KAFKA_RESP_ERR__FENCED:
	case RD_KAFKA_RESP_ERR_PRODUCER_FENCED:
	case RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH:
	case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
		return TIDE_ERROR_REPLACED;
	case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
	case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
	case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
		return TIDE_ERROR_NO_INPUT;
	case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
	case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
	case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
	case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
	case RD_KAFKA_RESP_ERR__AUTHENTICATION:
	case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
		return TIDE_ERROR_PERMISSION;
	case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
	case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
	case RD_KAFKA_RESP_ERR__BAD_MSG:
		return TIDE_ERROR_DATA;
	case RD_KAFKA_RESP_ERR__TRANSPORT:
	case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
	case RD_KAFKA_RESP_ERR__TIMED_OUT:
	case RD_KAFKA_RESP_ERR__RESOLVE:
		return TIDE_ERROR_UNAVAILABLE;
	default:
		return TIDE_ERROR_RESTART;
	}
}

int
tide_kafka_client_event(void *client, int err, const char *text, bool bounded,
                        struct tide_error *error)
{
	char fatal[256];
	rd_kafka_resp_err_t cause = rd_kafka_fatal_error(client, fatal, sizeof fatal);
	enum tide_error_code code = tide_kafka_client_code(cause ? (int) cause : err);

	if (!cause && (code == TIDE_ERROR_UNAVAILABLE || bounded)) {
		tide_log(TIDE_LOG_WARN, "consumer", "kafka: %s", text);
		return 0;
	}
	return tide_error_stop(error, code, "kafka: %s", cause ? fatal : text);
}

int
tide_kafka_client_partitions(void *client, const char *topic, int *count, struct tide_error *error)
{
	const struct rd_kafka_metadata *metadata;
	rd_kafka_topic_t *handle = rd_kafka_topic_new(client, topic, NULL);
	rd_kafka_resp_err_t err = handle ? rd_kafka_metadata(client, 0, handle, &metadata, METADATA_MS)
	                                 : rd_kafka_last_error();

	if (handle)
		rd_kafka_topic_destroy(handle);
	*count = 0;
	if (!err) {
		err = metadata->topic_cnt == 1 ? metadata->topics[0].err : RD_KAFKA_RESP_ERR__FAIL;
		*count = err ? 0 : metadata->topics[0].partition_cnt;
		rd_kafka_metadata_destroy(metadata);
	}
	if (!err || err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
		return 0;
	return tide_error_stop(error, tide_kafka_client_code(err), "kafka: topic %s: %s", topic,
	                       rd_kafka_err2str(err));
}

int64_t
tide_kafka_client_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
