#include "app/diff_compare.h"
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PATH_MAX_BYTES 4096
#define NAMES_MAX      4

/* Two documents on their way down. */
struct walk {
	const struct tide_diff_rules *rules;
	void (*told)(void *closure, struct tide_text path, struct tide_text a, struct tide_text b);
	void *closure;
	struct tide_buffer path; /* for people */
	struct tide_buffer bare; /* without brackets, for `ignore` */
	int64_t count;
	bool failed;
};

static void values_compare(struct walk *walk, json_t *a, json_t *b);

static struct tide_text
text_of(const struct tide_buffer *buffer)
{
	return (struct tide_text){buffer->bytes, buffer->length};
}

static void
path_cut(struct walk *walk, size_t path, size_t bare)
{
	walk->path.length = path;
	walk->bare.length = bare;
}

static bool
is_ignored(const struct walk *walk)
{
	const char *at = walk->rules->ignore;

	while (at && *at) {
		size_t length = strcspn(at, ",");
		if (tide_text_equal((struct tide_text){at, length}, text_of(&walk->bare)))
			return true;
		at += length + (at[length] == ',');
	}
	return false;
}

/* The value as JSON, numbers in their canonical form (SPEC 5.3); NULL: no memory. */
static char *
value_print(const json_t *value, char number[TIDE_TEXT_NUMBER_SIZE])
{
	if (!json_is_real(value))
		return json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
	tide_text_number(json_real_value(value), number);
	return strdup(number);
}

static void
difference_tell(struct walk *walk, const json_t *a, const json_t *b)
{
	char number[TIDE_TEXT_NUMBER_SIZE];
	char *texts[] = {a ? value_print(a, number) : NULL, b ? value_print(b, number) : NULL};

	walk->failed |= (a && !texts[0]) || (b && !texts[1]);
	walk->count++;
	walk->told(walk->closure, text_of(&walk->path), tide_text_of(texts[0]),
	           tide_text_of(texts[1]));
	free(texts[0]);
	free(texts[1]);
}

static bool
numbers_equal(double a, double b, double tolerance)
{
	double scale = fmax(1, fmax(fabs(a), fabs(b)));

	return a == b || fabs(a - b) <= tolerance * scale;
}

static void
member_compare(struct walk *walk, const char *name, json_t *a, json_t *b)
{
	size_t path = walk->path.length, bare = walk->bare.length;

	for (int i = 0; i < 2; i++) {
		struct tide_buffer *at = i ? &walk->bare : &walk->path;
		if (at->length)
			tide_text_put(at, ".", 1);
		tide_text_put_string(at, name);
	}
	if (!is_ignored(walk))
		values_compare(walk, a, b);
	path_cut(walk, path, bare);
}

static void
objects_compare(struct walk *walk, json_t *a, json_t *b)
{
	const char *name;
	json_t *member;

	json_object_foreach (a, name, member)
		member_compare(walk, name, member, json_object_get(b, name));
	json_object_foreach (b, name, member)
		if (!json_object_get(a, name))
			member_compare(walk, name, NULL, member);
}

/* What names the elements of an array; none: their number does. */
static const char *const *
names_of(const struct walk *walk)
{
	static const char *const findings[NAMES_MAX + 1] = {"metric", "column", "dialect", "family"};
	static const char *const distributions[NAMES_MAX + 1] = {"column"};
	struct tide_text bare = text_of(&walk->bare);

	return tide_text_is(bare, "findings")        ? findings
	       : tide_text_is(bare, "distributions") ? distributions
	                                             : NULL;
}

static bool
names_equal(const json_t *a, const json_t *b, const char *const *names)
{
	for (; *names; names++)
		if (!json_equal(json_object_get(a, *names), json_object_get(b, *names)))
			return false;
	return true;
}

/* The n-th element of the array that is named as this one is. */
static json_t *
element_find(const json_t *array, const json_t *like, size_t nth, const char *const *names)
{
	size_t index;
	json_t *element;

	json_array_foreach (array, index, element)
		if (names_equal(element, like, names) && nth-- == 0)
			return element;
	return NULL;
}

static size_t
element_rank(const json_t *array, size_t at, const char *const *names)
{
	size_t rank = 0;

	for (size_t i = 0; i < at; i++)
		rank += names_equal(json_array_get(array, i), json_array_get(array, at), names);
	return rank;
}

static void
element_compare(struct walk *walk, size_t index, const char *const *names, json_t *a, json_t *b)
{
	size_t path = walk->path.length, bare = walk->bare.length;
	bool first = true;

	tide_text_put(&walk->path, "[", 1);
	if (!names)
		tide_text_put_format(&walk->path, "%zu", index);
	for (; names && *names; names++) {
		const char *name = json_string_value(json_object_get(a ? a : b, *names));
		/* the family of a measure is no secret */
		if (!name || strcmp(*names, "family") == 0)
			continue;
		tide_text_put_format(&walk->path, "%s%s", first ? "" : " ", name);
		first = false;
	}
	tide_text_put(&walk->path, "]", 1);
	values_compare(walk, a, b);
	path_cut(walk, path, bare);
}

static void
named_compare(struct walk *walk, const json_t *a, const json_t *b, const char *const *names)
{
	size_t i;
	json_t *element;

	json_array_foreach (a, i, element)
		element_compare(walk, i, names, element,
		                element_find(b, element, element_rank(a, i, names), names));
	json_array_foreach (b, i, element)
		if (!element_find(a, element, element_rank(b, i, names), names))
			element_compare(walk, i, names, NULL, element);
}

static void
arrays_compare(struct walk *walk, const json_t *a, const json_t *b)
{
	const char *const *names = names_of(walk);
	size_t longer = json_array_size(a) > json_array_size(b) ? json_array_size(a)
	                                                         : json_array_size(b);

	if (names) {
		named_compare(walk, a, b, names);
		return;
	}
	for (size_t i = 0; i < longer; i++)
		element_compare(walk, i, NULL, json_array_get(a, i), json_array_get(b, i));
}

static void
values_compare(struct walk *walk, json_t *a, json_t *b)
{
	if (json_is_object(a) && json_is_object(b))
		objects_compare(walk, a, b);
	else if (json_is_array(a) && json_is_array(b))
		arrays_compare(walk, a, b);
	else if (json_is_number(a) && json_is_number(b)
	                 ? !numbers_equal(json_number_value(a), json_number_value(b),
	                                  walk->rules->tolerance)
	                 : !json_equal(a, b))
		difference_tell(walk, a, b);
}

int64_t
tide_diff_compare(struct tide_text a, struct tide_text b, const struct tide_diff_rules *rules,
                  void (*told)(void *closure, struct tide_text path, struct tide_text a,
                               struct tide_text b),
                  void *closure, struct tide_error *error)
{
	struct walk walk = {.rules = rules, .told = told, .closure = closure};
	json_t *left, *right;

	if (tide_text_equal(a, b))
		return 0;
	tide_text_buffer_init(&walk.path, PATH_MAX_BYTES);
	tide_text_buffer_init(&walk.bare, PATH_MAX_BYTES);
	left = json_loadb(a.bytes, a.length, JSON_ALLOW_NUL, NULL);
	right = json_loadb(b.bytes, b.length, JSON_ALLOW_NUL, NULL);
	if (left && right)
		objects_compare(&walk, left, right);
	/* a name too long for the path is not told in full, and no more than that */
	walk.failed |= !left || !right || (walk.path.failed && !walk.path.full);
	json_decref(left);
	json_decref(right);
	tide_text_buffer_fini(&walk.path);
	tide_text_buffer_fini(&walk.bare);
	return walk.failed ? tide_error_stop(error, TIDE_ERROR_MEMORY, "out of memory") : walk.count;
}
