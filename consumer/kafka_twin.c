#include "consumer/kafka_twin.h"
#include "base/log.h"
#include <librdkafka/rdkafka.h>
#include <string.h>

#define GROUP_ASK_MS 5000

static bool
group_holds(const rd_kafka_ConsumerGroupDescription_t *group, const char *instance,
            const char *member)
{
	size_t count = rd_kafka_ConsumerGroupDescription_member_count(group);

	for (size_t i = 0; i < count; i++) {
		const rd_kafka_MemberDescription_t *one =
		    rd_kafka_ConsumerGroupDescription_member(group, i);
		const char *name = rd_kafka_MemberDescription_group_instance_id(one);
		if (name && strcmp(name, instance) == 0 &&
		    strcmp(rd_kafka_MemberDescription_consumer_id(one), member) != 0)
			return true;
	}
	return false;
}

/* NULL: there is no answer, and *why says what there is instead. */
static const rd_kafka_ConsumerGroupDescription_t *
group_of(rd_kafka_event_t *event, const char **why)
{
	size_t count = 0;

	*why = event ? rd_kafka_event_error_string(event) : "no answer";
	if (!event || rd_kafka_event_error(event))
		return NULL;
	const rd_kafka_ConsumerGroupDescription_t **groups =
	    rd_kafka_DescribeConsumerGroups_result_groups(
	        rd_kafka_event_DescribeConsumerGroups_result(event), &count);
	const rd_kafka_error_t *failure =
	    count == 1 ? rd_kafka_ConsumerGroupDescription_error(groups[0]) : NULL;
	if (failure)
		*why = rd_kafka_error_string(failure);
	return count == 1 && !failure ? groups[0] : NULL;
}

bool
tide_kafka_twin_lives(void *client, const char *group, const char *instance,
                          const char *member)
{
	rd_kafka_AdminOptions_t *options =
	    rd_kafka_AdminOptions_new(client, RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS);
	rd_kafka_queue_t *queue = rd_kafka_queue_new(client);
	const char *why;
	char text[256];

	rd_kafka_AdminOptions_set_request_timeout(options, GROUP_ASK_MS, text, sizeof text);
	rd_kafka_DescribeConsumerGroups(client, &group, 1, options, queue);
	rd_kafka_event_t *event = rd_kafka_queue_poll(queue, GROUP_ASK_MS);
	const rd_kafka_ConsumerGroupDescription_t *answer = group_of(event, &why);
	bool has = answer && group_holds(answer, instance, member);
	if (!answer)
		tide_log(TIDE_LOG_WARN, "consumer", "who is %s in the group %s is not known: %s",
		         instance, group, why);
	if (event)
		rd_kafka_event_destroy(event);
	rd_kafka_queue_destroy(queue);
	rd_kafka_AdminOptions_destroy(options);
	return has;
}
