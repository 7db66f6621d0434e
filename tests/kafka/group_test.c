#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "consumer/kafka_admin.h"
#include "consumer/kafka_source.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TASKS   3 /* odd, so that dealing all partitions out one by one parts the tasks */
#define ROLES   TIDE_SOURCE_ROLES
#define QUEUES  (2 * TASKS + 1)
#define POLL_MS 10
#define TURNS   3000 /* of two polls: a minute */

static char bootstrap[128];

/* The queues of a worker as bits, TASKS x role + partition. */
static unsigned
owned(struct tide_source *source)
{
	const struct tide_queue *queues;
	size_t count = source->ops->queues(source, &queues);
	unsigned set = 0;

	for (size_t i = 0; i < count; i++) {
		unsigned bit = 1U << (TASKS * queues[i].role + queues[i].partition);
		assert_false(set & bit);
		assert_int_equal(queues[i].partition_count, queues[i].role == 2 ? 1 : TASKS);
		set |= bit;
	}
	return set;
}

static struct tide_source *
worker(const char *instance)
{
	const char *const properties[] = {bootstrap, "session.timeout.ms=6000", NULL};
	struct tide_kafka_options options = {.properties = properties,
	                                     .group = "many",
	                                     .instance = instance,
	                                     .predictions_topic = "p",
	                                     .labels_topic = "l",
	                                     .partials_topic = "q",
	                                     .start = TIDE_KAFKA_EARLIEST,
	                                     .end_ms = INT64_MAX};
	struct tide_source *source;
	struct tide_error error;

	if (tide_kafka_source_open(&options, &source, &error))
		fail_msg("%s", error.text);
	return source;
}

static bool
turn(struct tide_source *source)
{
	struct tide_error error;
	bool changed;

	if (source->ops->poll(source, POLL_MS, &changed, &error))
		fail_msg("%s", error.text);
	return changed;
}

/* Until all queues are owned, by both where there are two. */
static void
settle(struct tide_source *one, struct tide_source *two)
{
	const unsigned all = (1U << QUEUES) - 1;

	for (int i = 0; i < TURNS; i++) {
		turn(one);
		if (two)
			turn(two);
		unsigned mine = owned(one), other = two ? owned(two) : 0;
		if ((mine | other) == all && mine && (other || !two)) {
			assert_int_equal(mine & other, 0);
			return;
		}
	}
	fail_msg("some partitions are nobody's");
}

static void
workers_share_whole_tasks_and_one_has_the_partials(void **state)
{
	struct tide_source *one = worker("one"), *two = worker("two");

	(void) state;
	settle(one, two);
	for (unsigned p = 0; p < TASKS; p++)
		assert_int_equal(owned(one) >> p & 1, owned(one) >> (TASKS + p) & 1);
	one->ops->close(one);
	two->ops->close(two);
}

static void
a_worker_that_comes_back_in_time_has_its_partitions_and_nobody_else_notices(void **state)
{
	struct tide_source *one = worker("one"), *two = worker("two");

	(void) state;
	settle(one, two);
	unsigned before = owned(one);
	one->ops->close(one);
	one = worker("one");
	turn(two);
	for (int i = 0; i < TURNS && !owned(one); i++) {
		turn(one);
		assert_false(turn(two));
	}
	assert_int_equal(owned(one), before);
	one->ops->close(one);
	two->ops->close(two);
}

static void
the_partitions_of_a_worker_that_stays_away_go_to_the_others(void **state)
{
	struct tide_source *one = worker("one"), *two = worker("two");

	(void) state;
	settle(one, two);
	one->ops->close(one);
	settle(two, NULL);
	two->ops->close(two);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(workers_share_whole_tasks_and_one_has_the_partials),
	    cmocka_unit_test(
	        a_worker_that_comes_back_in_time_has_its_partitions_and_nobody_else_notices),
	    cmocka_unit_test(the_partitions_of_a_worker_that_stays_away_go_to_the_others),
	};
	static const struct tide_kafka_topic topics[ROLES] = {
	    {.name = "p", .partitions = TASKS},
	    {.name = "l", .partitions = TASKS},
	    {.name = "q", .partitions = 1, .policy = "compact", .is_memory = true}};
	const char *const properties[] = {bootstrap, NULL};
	const char *broker = getenv("TIDE_KAFKA");
	struct tide_error error;

	if (!broker)
		return 2;
	snprintf(bootstrap, sizeof bootstrap, "bootstrap.servers=%s", broker);
	if (tide_kafka_admin_create(properties, topics, ROLES, &error)) {
		fprintf(stderr, "%s\n", error.text);
		return 1;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
