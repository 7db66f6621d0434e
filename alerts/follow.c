#include "alerts/follow.h"
#include "base/hash.h"
#include <string.h>

#define WINDOWS_MAX 1024 /* that a cell may be silent */
#define NAME_MAX    64

static int64_t
follow_window(const struct tide_evidence *evidence)
{
	int64_t size_ms = evidence->end_ms - evidence->start_ms;

	TIDE_ASSERT(size_ms > 0);
	return evidence->start_ms / size_ms - (evidence->start_ms % size_ms < 0);
}

struct tide_follow *
tide_follow_of(struct tide_follows *follows, const char *identity,
               const struct tide_detector *detector)
{
	uint64_t hash = tide_hash_plain((struct tide_text){identity, TIDE_MEMORY_DIGITS});
	struct tide_follow **at = &follows->buckets[hash % TIDE_FOLLOW_BUCKETS];
	size_t size = detector ? detector->follower->size : 0;

	TIDE_ASSERT(size <= TIDE_FOLLOWER_BYTES);
	if (!tide_pool_reserve(follows->arena->pool, 2))
		return NULL;
	while (*at && memcmp((*at)->memory.identity, identity, TIDE_MEMORY_DIGITS) != 0)
		at = &(*at)->next;
	if (!*at) {
		*at = tide_pool_arena_take(follows->arena, sizeof **at);
		(*at)->memory.kind = TIDE_MEMORY_FOLLOW;
		memcpy((*at)->memory.identity, identity, TIDE_MEMORY_DIGITS);
	}
	if ((*at)->size < size) {
		(*at)->state = tide_pool_arena_take(follows->arena, size);
		(*at)->size = size;
	}
	return *at;
}

static void
follow_reset(struct tide_follow *follow)
{
	follow->detector = NULL;
	if (follow->size)
		memset(follow->state, 0, follow->size);
}

void
tide_follow_forget(struct tide_follows *follows, const struct tide_evidence *evidence)
{
	int64_t now = follow_window(evidence);

	if (now <= follows->swept)
		return;
	follows->swept = now;
	for (size_t i = 0; i < TIDE_FOLLOW_BUCKETS; i++) {
		for (struct tide_follow *at = follows->buckets[i]; at; at = at->next) {
			if (!at->detector || now - at->newest <= WINDOWS_MAX)
				continue;
			follow_reset(at);
			tide_memory_change(follows->changed, &at->memory);
		}
	}
}

void
tide_follow_take(struct tide_follows *follows, struct tide_follow *follow,
                 const struct tide_evidence *evidence, struct tide_finding *finding)
{
	if (!finding->detector->follower->follow(follow->state, evidence, finding))
		return;
	follow->detector = finding->detector;
	follow->newest = follow_window(evidence);
	tide_memory_change(follows->changed, &follow->memory);
}

void
tide_follow_write(const struct tide_follow *follow, struct tide_buffer *value)
{
	struct tide_buffer bytes;

	tide_text_buffer_init(&bytes, 2 * TIDE_FOLLOWER_BYTES);
	follow->detector->follower->save(follow->state, &bytes);
	tide_text_put_string(value, "o1");
	tide_memory_put_number(value, follow->newest);
	tide_text_put_format(value, ";%s;", follow->detector->name);
	tide_text_put_hex(value, bytes.bytes, bytes.length);
	value->failed |= bytes.failed;
	tide_text_buffer_fini(&bytes);
}

/* Cuts (3) in its parts; false: it has others. */
static bool
follow_cut(struct tide_text value, int64_t *newest, struct tide_text *name, struct tide_text *hex)
{
	if (value.length < 2 || memcmp(value.bytes, "o1", 2) != 0)
		return false;
	value = (struct tide_text){value.bytes + 2, value.length - 2};
	if (!tide_memory_read_number(&value, newest) || value.length == 0 || *value.bytes != ';')
		return false;
	const char *start = value.bytes + 1;
	const char *end = memchr(start, ';', value.length - 1);
	if (!end)
		return false;
	*name = (struct tide_text){start, (size_t) (end - start)};
	*hex = (struct tide_text){end + 1, value.length - name->length - 2};
	return true;
}

const struct tide_detector *
tide_follow_detector(struct tide_text value)
{
	struct tide_text name, hex;
	char word[NAME_MAX] = "";
	int64_t newest;

	if (!follow_cut(value, &newest, &name, &hex) || name.length >= sizeof word)
		return NULL;
	memcpy(word, name.bytes, name.length);
	const struct tide_detector *detector = tide_detector_find(word);
	return detector && detector->follower && tide_text_is(name, detector->name) ? detector
	                                                                            : NULL;
}

bool
tide_follow_read(struct tide_follow *follow, struct tide_text value)
{
	uint8_t bytes[2 * TIDE_FOLLOWER_BYTES];
	struct tide_text name, hex;

	follow_reset(follow);
	if (value.length == 0)
		return true;
	if (!follow_cut(value, &follow->newest, &name, &hex) || hex.length / 2 > sizeof bytes ||
	    !tide_text_read_hex(hex, bytes))
		return false;
	struct tide_reader reader = {bytes, bytes + hex.length / 2, false};
	follow->detector = tide_follow_detector(value);
	return follow->detector && follow->detector->follower->load(follow->state, &reader) &&
	       !reader.bad && reader.at == reader.end;
}
