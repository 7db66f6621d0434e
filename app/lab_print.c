#include "app/config_value.h"
#include "app/lab.h"
#include "app/utc.h"
#include <math.h>
#include <stdio.h>

#define LINE_BYTES 256
#define JSON_BYTES ((size_t) 16 << 20)
#define DAY_MS     86400000.

static void
time_print(int64_t time_ms)
{
	struct tide_buffer line;

	tide_text_buffer_init(&line, LINE_BYTES);
	tide_utc_print(&line, time_ms);
	printf("%.*s", (int) line.length, line.bytes ? line.bytes : "");
	tide_text_buffer_fini(&line);
}

static void
count_print(bool is_rule, const struct tide_lab_score *score, int side)
{
	char text[64];

	if (is_rule)
		snprintf(text, sizeof text, "%llu", (unsigned long long) score->alarms[side]);
	else
		snprintf(text, sizeof text, "%llu/%llu", (unsigned long long) score->alarms[side],
		         (unsigned long long) score->windows[side]);
	printf(" %9s", text);
}

static bool
is_silent(const struct tide_lab_score *score)
{
	return score->alarms[0] + score->alarms[1] == 0;
}

static void
subject_print(const struct tide_lab *lab, const struct tide_lab_world *world, size_t subject,
              uint64_t repeats)
{
	const struct tide_lab_score *with = &world->injected[subject];
	bool is_rule = tide_lab_subject_is_rule(lab, subject);

	printf("  %-38s", tide_lab_subject_name(lab, subject));
	count_print(is_rule, &world->clean[subject], 0);
	if (world->injection.change == TIDE_LAB_NONE) {
		putchar('\n');
		return;
	}
	count_print(is_rule, &world->clean[subject], 1);
	count_print(is_rule, with, 1);
	printf(" %4llu/%-4llu", (unsigned long long) with->noticed, (unsigned long long) repeats);
	if (with->noticed)
		printf(" %7.3g %9.3g d", with->delay_windows / (double) with->noticed,
		       with->delay_ms / (double) with->noticed / DAY_MS);
	putchar('\n');
}

static void
world_print(const struct tide_lab *lab, const struct tide_lab_world *world, uint64_t repeats)
{
	const struct tide_lab_injection *injection = &world->injection;
	size_t silent[2] = {0, 0};

	if (injection->change == TIDE_LAB_NONE) {
		printf("\nclean\n  %-38s %9s\n", "", "alarms");
	} else {
		printf("\ninject %s: %llu values, from ", injection->text,
		       (unsigned long long) injection->changed);
		time_print(injection->at_ms);
		printf("\n  %-38s %9s %9s %9s %9s %7s %11s\n", "alarms", "before", "after",
		       "injected", "noticed", "windows", "delay");
	}
	for (size_t i = 0; i < tide_lab_subjects(lab); i++)
		if (is_silent(&world->clean[i]) && is_silent(&world->injected[i]))
			silent[tide_lab_subject_is_rule(lab, i)]++;
		else
			subject_print(lab, world, i, repeats);
	printf("  without an alarm: %zu rules, %zu detectors\n", silent[1], silent[0]);
}

void
tide_lab_print(const struct tide_lab *lab, uint64_t repeats)
{
	char size[TIDE_CONFIG_DURATION_SIZE];

	tide_config_value_duration_text(lab->setup.config->window.size_ms, size);
	printf("%s: ", lab->setup.config->name);
	time_print(lab->facts.first_ms);
	printf(" to ");
	time_print(lab->facts.last_ms);
	printf(", windows of %s; tests at p < %g; %llu x %g of the ids\n", size, lab->alpha,
	       (unsigned long long) repeats, lab->keep);
	for (size_t i = 0; i < lab->world_count; i++)
		world_print(lab, &lab->worlds[i], repeats);
}

static void
score_json(struct tide_buffer *out, const char *name, const struct tide_lab_score *score,
           bool is_rule)
{
	static const char *const sides[] = {"before", "after"};

	tide_text_json_key(out, name);
	tide_text_json_open(out, '{');
	for (int i = 0; i < 2; i++) {
		tide_text_json_key(out, sides[i]);
		tide_text_json_open(out, '{');
		if (!is_rule)
			tide_text_json_put_integer(out, "windows", (int64_t) score->windows[i]);
		tide_text_json_put_integer(out, "alarms", (int64_t) score->alarms[i]);
		tide_text_json_close(out, '}');
	}
	tide_text_json_close(out, '}');
}

static void
subject_json(struct tide_buffer *out, const struct tide_lab *lab,
             const struct tide_lab_world *world, size_t subject)
{
	const struct tide_lab_score *with = &world->injected[subject];
	bool is_rule = tide_lab_subject_is_rule(lab, subject);
	double noticed = with->noticed ? (double) with->noticed : NAN;

	tide_text_json_open(out, '{');
	tide_text_json_put_string(out, is_rule ? "rule" : "detector",
	                          tide_lab_subject_name(lab, subject));
	score_json(out, "clean", &world->clean[subject], is_rule);
	if (world->injection.change != TIDE_LAB_NONE) {
		score_json(out, "injected", with, is_rule);
		tide_text_json_put_integer(out, "noticed", (int64_t) with->noticed);
		tide_text_json_put_number(out, "delay_windows", with->delay_windows / noticed);
		tide_text_json_put_number(out, "delay_ms", with->delay_ms / noticed);
	}
	tide_text_json_close(out, '}');
}

static void
world_json(struct tide_buffer *out, const struct tide_lab *lab, const struct tide_lab_world *world)
{
	const struct tide_lab_injection *injection = &world->injection;

	tide_text_json_open(out, '{');
	tide_text_json_put_string(out, "inject", injection->text);
	if (injection->change != TIDE_LAB_NONE) {
		tide_text_json_put_integer(out, "at", injection->at_ms);
		tide_text_json_put_integer(out, "changed", (int64_t) injection->changed);
	}
	tide_text_json_key(out, "subjects");
	tide_text_json_open(out, '[');
	for (size_t i = 0; i < tide_lab_subjects(lab); i++)
		subject_json(out, lab, world, i);
	tide_text_json_close(out, ']');
	tide_text_json_close(out, '}');
}

bool
tide_lab_print_json(const struct tide_lab *lab, uint64_t repeats)
{
	struct tide_buffer out;

	tide_text_buffer_init(&out, JSON_BYTES);
	tide_text_json_open(&out, '{');
	tide_text_json_put_string(&out, "name", lab->setup.config->name);
	tide_text_json_put_integer(&out, "first", lab->facts.first_ms);
	tide_text_json_put_integer(&out, "last", lab->facts.last_ms);
	tide_text_json_put_integer(&out, "repeat", (int64_t) repeats);
	tide_text_json_put_number(&out, "keep", lab->keep);
	tide_text_json_put_number(&out, "alpha", lab->alpha);
	tide_text_json_key(&out, "worlds");
	tide_text_json_open(&out, '[');
	for (size_t i = 0; i < lab->world_count; i++)
		world_json(&out, lab, &lab->worlds[i]);
	tide_text_json_close(&out, ']');
	tide_text_json_close(&out, '}');
	bool printed = !out.failed;
	if (printed)
		printf("%.*s\n", (int) out.length, out.bytes);
	tide_text_buffer_fini(&out);
	return printed;
}
