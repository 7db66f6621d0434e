#include "tests/simulation/broker.h"

void
group_rebalance(struct broker *broker)
{
	broker->is_rebalancing = true;
	for (int i = 0; i < BROKER_WORKERS; i++)
		broker->members[i].has_joined = false;
}

int
group_join(struct broker *broker, int worker)
{
	struct broker_member *member = &broker->members[worker];

	if (!member->id)
		group_rebalance(broker);
	member->id = ++broker->members_made;
	member->away_ms = INT64_MAX;
	if (broker->is_rebalancing)
		member->has_joined = true;
	return member->id;
}

void
group_rejoin(struct broker *broker, int worker)
{
	broker->members[worker].has_joined = true;
}

enum broker_answer
group_heartbeat(const struct broker *broker, int worker, int member)
{
	const struct broker_member *known = &broker->members[worker];

	if (!known->id)
		return ANSWER_UNKNOWN;
	if (known->id != member)
		return ANSWER_FENCED;
	return broker->is_rebalancing ? ANSWER_REBALANCE : ANSWER_OK;
}

void
group_expire(struct broker *broker, int worker)
{
	broker->members[worker].id = 0;
	group_rebalance(broker);
}

/* The assignor `range`: for each topic, members in the order of their names get runs of partitions
 * of the same length, the first ones one more. */
static void
range_assign(struct broker *broker, int role, const int *members, int count)
{
	int partitions = broker_queue_count(broker, broker_queue_of(broker, role, 0));

	for (int i = 0, at = 0; i < count; i++) {
		int run = partitions / count + (i < partitions % count);
		for (; run > 0; run--)
			broker->owner[broker_queue_of(broker, role, at++)] = members[i];
	}
}

static void
rebalance_end(struct broker *broker)
{
	int members[BROKER_WORKERS], count = 0;

	for (int i = 0; i < BROKER_WORKERS; i++) {
		if (!broker->members[i].id)
			continue;
		if (!broker->members[i].has_joined)
			return;
		members[count++] = i;
	}
	if (count == 0 || broker_chance(broker, 3))
		return;
	broker->is_rebalancing = false;
	broker->generation++;
	for (int role = 0; role < 3; role++)
		if (broker_queue_exists(broker, broker_queue_of(broker, role, 0)))
			range_assign(broker, role, members, count);
}

void
group_tick(struct broker *broker)
{
	for (int i = 0; i < BROKER_WORKERS; i++) {
		const struct broker_member *member = &broker->members[i];
		if (!member->id || member->away_ms >= broker->now_ms - broker->session_ms)
			continue;
		broker->covered[CLASS_TAKEN_OVER] |= broker->workers > 1;
		group_expire(broker, i);
	}
	if (broker->is_rebalancing)
		rebalance_end(broker);
}
