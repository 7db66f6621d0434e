#include "tests/simulation/ledger.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *
member(const char *body, const char *name)
{
	char quoted[64];

	snprintf(quoted, sizeof quoted, "\"%s\":", name);
	const char *at = strstr(body, quoted);
	return at ? at + strlen(quoted) : NULL;
}

bool
ledger_number(const char *body, const char *name, double *number)
{
	const char *at = member(body, name);
	char *end;

	if (!at)
		return false;
	*number = strtod(at, &end);
	return end != at;
}

bool
ledger_text(const char *body, const char *name, char text[64])
{
	const char *at = member(body, name);

	if (!at || *at != '"')
		return false;
	snprintf(text, 64, "%.*s", (int)strcspn(at + 1, "\""), at + 1);
	return true;
}

static char *
copy(const void *bytes, size_t size)
{
	char *text = malloc(size + 1);

	TIDE_ASSERT(text);
	if (size)
		memcpy(text, bytes, size);
	text[size] = 0;
	return text;
}

static struct ledger_letter *
letter_new(struct ledger *ledger)
{
	if (ledger->count == ledger->room) {
		ledger->room = ledger->room ? 2 * ledger->room : 64;
		ledger->letters = realloc(ledger->letters, ledger->room * sizeof *ledger->letters);
		TIDE_ASSERT(ledger->letters);
	}
	ledger->letters[ledger->count] = (struct ledger_letter){.sequence = ledger->count};
	return &ledger->letters[ledger->count++];
}

/* A run that began somewhere says before_start where one of all records says unmatched (SPEC 8.6):
 * both are counted as unmatched. */
static void
before_start_forget(struct ledger_letter *letter)
{
	char *at = strstr(letter->body, "\"unmatched\":"), *rest, *body;
	double unmatched = 0, before = 0;

	if (!at || !ledger_number(at, "unmatched", &unmatched) ||
	    !ledger_number(at, "before_start", &before) || !(rest = strstr(at, ",\"late\":")))
		return;
	size_t size = strlen(letter->body) + 32;
	body = malloc(size);
	TIDE_ASSERT(body);
	snprintf(body, size, "%.*s\"unmatched\":%g,\"before_start\":0%s", (int)(at - letter->body),
		 letter->body, unmatched + before, rest);
	free(letter->body);
	letter->body = body;
}

void
ledger_add(struct ledger *ledger, const struct letter *letter)
{
	struct ledger_letter *added = letter_new(ledger);
	char name[128] = "";
	double number = 0;

	added->kind = letter->kind;
	added->body = copy(letter->value, letter->value_size);
	if (letter->kind != TIDE_LETTER_DEAD && ledger_number(added->body, "window_start", &number))
		added->start_ms = (int64_t)number;
	if (letter->kind == TIDE_LETTER_ALERT) {
		TIDE_ASSERT(ledger_text(added->body, "record_id", name));
		added->name = copy(name, strlen(name));
		return;
	}
	added->name = copy(letter->key, letter->key_size);
	if (letter->kind != TIDE_LETTER_RESULT)
		return;
	added->input = strstr(added->body, "\"side\":\"input\"");
	if (added->input)
		before_start_forget(added);
	if (ledger_number(added->body, "revision", &number))
		added->revision = (int64_t)number;
}

void
ledger_clear(struct ledger *ledger)
{
	for (size_t i = 0; i < ledger->count; i++) {
		free(ledger->letters[i].name);
		free(ledger->letters[i].body);
	}
	free(ledger->letters);
	*ledger = (struct ledger){0};
}

static int
known_order(const struct ledger_letter *x, const struct ledger_letter *y)
{
	int order = (int)x->kind - (int)y->kind;

	if (!order)
		order = strcmp(x->name, y->name);
	return order ? order : (x->revision > y->revision) - (x->revision < y->revision);
}

static int
letter_order(const void *a, const void *b)
{
	const struct ledger_letter *x = a, *y = b;
	int order = known_order(x, y);

	return order ? order : (x->sequence > y->sequence) - (x->sequence < y->sequence);
}

void
ledger_sort(struct ledger *ledger)
{
	if (ledger->count)
		qsort(ledger->letters, ledger->count, sizeof *ledger->letters, letter_order);
}

static bool
disagree(char why[LEDGER_WHY_MAX], const char *what, const struct ledger_letter *letter,
	 const char *other)
{
	const char *body = letter->body;
	size_t same = 0, from;

	while (body[same] && body[same] == other[same])
		same++;
	from = *other && same > 80 ? same - 80 : 0;
	snprintf(why, LEDGER_WHY_MAX, "%s: %.160s, revision %lld\n  %.300s\n  %.300s", what,
		 letter->name, (long long)letter->revision, body + from, *other ? other + from : "");
	return false;
}

static bool
is_each_once(const struct ledger *seen, bool strict, char why[LEDGER_WHY_MAX])
{
	for (size_t i = 1; i < seen->count; i++) {
		const struct ledger_letter *before = &seen->letters[i - 1], *at = &seen->letters[i];
		if (at->input && !strict)
			continue;
		if (known_order(before, at) == 0)
			return disagree(why, "visible twice", at, before->body);
		if (at->kind == before->kind && strcmp(at->name, before->name) == 0 &&
		    at->sequence < before->sequence)
			return disagree(why, "revisions do not ascend", at, before->body);
	}
	return true;
}

static bool
is_same(const char *body, const char *other, bool strict)
{
	static const char complete[] = "\"complete\":";
	const char *a = strstr(body, complete), *b = strstr(other, complete);

	if (strict || !a || !b)
		return strcmp(body, other) == 0;
	return a - body == b - other && memcmp(body, other, (size_t)(a - body)) == 0 &&
	       strcmp(strchr(a, ','), strchr(b, ',')) == 0;
}

bool
ledger_agrees(struct ledger *seen, struct ledger *wanted, int64_t limit_ms, bool exact, bool strict,
	      bool all, char why[LEDGER_WHY_MAX])
{
	ledger_sort(seen);
	ledger_sort(wanted);
	*why = 0;
	if (!is_each_once(seen, strict, why))
		return false;
	if (!exact)
		return true;
	for (size_t i = 0, j = 0; i < seen->count || j < wanted->count;) {
		const struct ledger_letter *a = i < seen->count ? &seen->letters[i] : NULL;
		const struct ledger_letter *b = j < wanted->count ? &wanted->letters[j] : NULL;
		int order = !a ? 1 : !b ? -1 : known_order(a, b);
		if (a && order <= 0)
			i++;
		if (b && order >= 0)
			j++;
		const struct ledger_letter *first = a && order <= 0 ? a : b;
		if (first->start_ms >= limit_ms || (first->input && !strict) ||
		    (!strict && strstr(first->body, "\"timing\":\"revised\"")))
			continue;
		if (order < 0)
			return disagree(why, "no other run has this", a, "");
		if (order > 0 && all)
			return disagree(why, "this is missing", b, "");
		if (order == 0 && !strict && strstr(a->body, "\"complete\":false"))
			continue;
		if (order == 0 && !is_same(a->body, b->body, strict))
			return disagree(why, "bodies differ", a, b->body);
	}
	return true;
}
