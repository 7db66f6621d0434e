#include "tests/simulation/topic.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint8_t *
copy(const void *bytes, size_t size)
{
	uint8_t *room = bytes ? calloc(1, size + 1) : NULL;

	TIDE_ASSERT(room || !bytes);
	if (room)
		memcpy(room, bytes, size);
	return room;
}

struct letter
letter_take(const struct tide_letter *given)
{
	struct letter letter = {.kind = given->kind,
				.partition = given->is_placed ? given->partition : -1};
	char place[128] = "";
	const void *key = given->key;

	letter.key_size = given->key_size;
	letter.value_size = given->value_size;
	if (given->kind == TIDE_LETTER_DEAD) {
		for (size_t i = 0; i < 3; i++) /* topic, partition, offset */
			snprintf(place + strlen(place), sizeof place - strlen(place), "%s ",
				 given->headers[i].value.bytes);
		key = place;
		letter.key_size = strlen(place);
	}
	letter.key = copy(key, letter.key_size);
	letter.value = copy(given->value, given->value_size);
	return letter;
}

struct letter
letter_copy(const struct letter *letter)
{
	struct letter made = *letter;

	made.key = copy(letter->key, letter->key_size);
	made.value = copy(letter->value, letter->value_size);
	return made;
}

void
letter_free(struct letter *letter)
{
	free(letter->key);
	free(letter->value);
	letter->key = letter->value = NULL;
}

/* FNV-1a */
uint32_t
letter_hash(const struct letter *letter)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < letter->key_size; i++)
		hash = (hash ^ letter->key[i]) * 16777619u;
	return hash;
}

static struct topic_record *
record_new(struct topic *topic)
{
	if (topic->count == topic->room) {
		topic->room = topic->room ? 2 * topic->room : 64;
		topic->records = realloc(topic->records, topic->room * sizeof *topic->records);
		TIDE_ASSERT(topic->records);
	}
	return &topic->records[topic->count++];
}

void
topic_append(struct topic *topic, int producer, struct letter letter)
{
	*record_new(topic) = (struct topic_record){TOPIC_OPEN, producer, letter};
}

void
topic_settle(struct topic *topic, int producer, bool commit)
{
	for (size_t i = topic->stable; i < topic->count; i++) {
		struct topic_record *record = &topic->records[i];
		if (record->fate != TOPIC_OPEN || record->producer != producer)
			continue;
		record->fate = commit ? TOPIC_COMMITTED : TOPIC_GONE;
		if (!commit)
			letter_free(&record->letter);
	}
	*record_new(topic) = (struct topic_record){.fate = TOPIC_GONE};
}

size_t
topic_stable(struct topic *topic)
{
	while (topic->stable < topic->count && topic->records[topic->stable].fate != TOPIC_OPEN)
		topic->stable++;
	return topic->stable;
}

static bool
is_same_key(const struct letter *a, const struct letter *b)
{
	return a->key_size == b->key_size && memcmp(a->key, b->key, a->key_size) == 0;
}

bool
topic_has_key(const struct topic *topic, size_t record, const char *prefix)
{
	const struct topic_record *at = &topic->records[record];
	size_t length = strlen(prefix);

	return at->fate == TOPIC_COMMITTED && at->letter.key_size >= length &&
	       memcmp(at->letter.key, prefix, length) == 0;
}

void
topic_lose(struct topic_record *record)
{
	record->fate = TOPIC_GONE;
	letter_free(&record->letter);
}

void
topic_compact(struct topic *topic)
{
	size_t end = topic_stable(topic);

	for (size_t i = 0; i < end; i++)
		for (size_t j = i + 1; j < end && topic->records[i].fate == TOPIC_COMMITTED; j++)
			if (topic->records[j].fate == TOPIC_COMMITTED &&
			    is_same_key(&topic->records[i].letter, &topic->records[j].letter))
				topic_lose(&topic->records[i]);
}

static size_t
bytes_of(const struct letter *letter)
{
	return letter->key_size + letter->value_size + 2 * TIDE_SOURCE_PADDING;
}

static const uint8_t *
bytes_put(uint8_t **at, const uint8_t *bytes, size_t size)
{
	uint8_t *put = *at;

	if (!bytes)
		return NULL;
	memcpy(put, bytes, size);
	*at += size + TIDE_SOURCE_PADDING;
	return put;
}

struct tide_record *
topic_take(const struct topic *topic, size_t *next, size_t end, size_t max, size_t *count)
{
	size_t from = *next, bytes = 0;

	for (*count = 0; *next < end && *count < max; ++*next) {
		if (topic->records[*next].fate != TOPIC_COMMITTED)
			continue;
		bytes += bytes_of(&topic->records[*next].letter);
		++*count;
	}
	struct tide_record *records = calloc(1, *count * sizeof *records + bytes + 1);
	TIDE_ASSERT(records);
	uint8_t *at = (uint8_t *)(records + *count);
	for (size_t i = from, j = 0; i < *next; i++) {
		const struct letter *letter = &topic->records[i].letter;
		if (topic->records[i].fate == TOPIC_COMMITTED)
			records[j++] = (struct tide_record){
			    .key = bytes_put(&at, letter->key, letter->key_size),
			    .value = bytes_put(&at, letter->value, letter->value_size),
			    .key_size = letter->key_size,
			    .value_size = letter->value_size,
			    .offset = (int64_t)i,
			    .time_ms = INT64_MIN};
	}
	return records;
}

void
topic_free(struct topic *topic)
{
	for (size_t i = 0; i < topic->count; i++)
		letter_free(&topic->records[i].letter);
	free(topic->records);
	*topic = (struct topic){0};
}
