/*
 * A stream of predictions of a fraud model and of their labels, for measurements.
 *
 *	generate COUNT RATE DELAY_S PREDICTIONS LABELS REFERENCE
 *
 *  (1) COUNT predictions, RATE a second of event time. 19 of 20 get a label, up to DELAY_S later.
 *      Each file is in the order of its timestamps. REFERENCE has 5,000 labelled records.
 *  (2) A prediction has 15 numbers and 5 short texts, some 640 bytes; a label has some 100.
 *  (3) The same arguments give the same bytes: the only randomness is SplitMix64 from a fixed seed
 *      (Steele, Lea and Flood 2014).
 */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define START_MS INT64_C(1700000000000)
#define REFERENCE_RECORDS 5000

static uint64_t state = 20240229;

struct label {
	int64_t time_ms;
	uint64_t id[2];
	bool target;
};

/* A heap of the labels that are still to come, the earliest on top. */
struct heap {
	struct label *labels;
	size_t count, capacity;
};

static uint64_t
bits(void)
{
	uint64_t z = state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

/* In [0, 1). */
static double
share(void)
{
	return (double) (bits() >> 11) * 0x1p-53;
}

static void
heap_add(struct heap *heap, struct label label)
{
	if (heap->count == heap->capacity) {
		heap->capacity = heap->capacity ? heap->capacity * 2 : 1024;
		heap->labels = realloc(heap->labels, heap->capacity * sizeof *heap->labels);
		if (!heap->labels)
			abort();
	}
	size_t at = heap->count++;
	for (; at > 0 && heap->labels[(at - 1) / 2].time_ms > label.time_ms; at = (at - 1) / 2)
		heap->labels[at] = heap->labels[(at - 1) / 2];
	heap->labels[at] = label;
}

static struct label
heap_take(struct heap *heap)
{
	struct label top = heap->labels[0], last = heap->labels[--heap->count];
	size_t at = 0, child;

	while ((child = 2 * at + 1) < heap->count) {
		if (child + 1 < heap->count &&
		    heap->labels[child + 1].time_ms < heap->labels[child].time_ms)
			child++;
		if (last.time_ms <= heap->labels[child].time_ms)
			break;
		heap->labels[at] = heap->labels[child];
		at = child;
	}
	heap->labels[at] = last;
	return top;
}

static void
print_id(FILE *file, const uint64_t *id)
{
	fprintf(file, "\"id\":\"%08" PRIx64 "-%04" PRIx64 "-4%03" PRIx64 "-8%03" PRIx64 "-%012" PRIx64
	        "\"",
	        id[0] >> 32, id[0] >> 16 & 0xffff, id[0] & 0xfff, id[1] >> 52,
	        id[1] & 0xffffffffffff);
}

/* One record; returns whether it is fraud. `with_target`: as the reference has it. */
static bool
print_prediction(FILE *file, int64_t time_ms, const uint64_t *id, bool with_target)
{
	static const char *const texts[][4] = {{"card", "wire", "cash", "gift"},
	                                       {"DE", "FR", "IT", "ES"},
	                                       {"web", "app", "shop", "phone"},
	                                       {"gold", "silver", "basic", "new"},
	                                       {"EUR", "USD", "GBP", "CHF"}};
	static const char *const names[] = {"method", "country", "channel", "tier", "currency"};
	double risk = share(), score = risk * risk;
	bool target = share() < score * 0.9;

	fputc('{', file);
	print_id(file, id);
	fprintf(file, ",\"ts\":%" PRId64 ",\"model\":\"fraud\",\"version\":\"7\",\"features\":{",
	        time_ms);
	for (int i = 0; i < 15; i++)
		fprintf(file, "\"feature_%02d\":%.6f,", i, (share() + share() + risk) * (i + 1) * 7);
	for (size_t i = 0; i < 5; i++)
		fprintf(file, "%s\"%s\":\"%s\"", i ? "," : "", names[i], texts[i][bits() >> 62]);
	fprintf(file, "},\"score\":%.6f,\"prediction\":%d", score, score >= 0.5);
	if (with_target)
		fprintf(file, ",\"label\":%d", target);
	fputs("}\n", file);
	return target;
}

static void
print_label(FILE *file, struct label label)
{
	fputc('{', file);
	print_id(file, label.id);
	fprintf(file, ",\"ts\":%" PRId64 ",\"source\":\"review\",\"label\":%d}\n", label.time_ms,
	        label.target);
}

static FILE *
create(const char *path)
{
	FILE *file = fopen(path, "wb");

	if (!file) {
		fprintf(stderr, "generate: %s: %s\n", path, strerror(errno));
		exit(73);
	}
	return file;
}

static void
finish(FILE *file, const char *path)
{
	if (fclose(file) == 0)
		return;
	fprintf(stderr, "generate: %s: %s\n", path, strerror(errno));
	exit(74);
}

int
main(int argc, char **argv)
{
	struct heap heap = {0};

	if (argc != 7) {
		fprintf(stderr, "usage: generate COUNT RATE DELAY_S PREDICTIONS LABELS REFERENCE\n");
		return 64;
	}
	int64_t count = strtoll(argv[1], NULL, 10), rate = strtoll(argv[2], NULL, 10);
	double delay_ms = 1000 * strtod(argv[3], NULL);
	FILE *predictions = create(argv[4]), *labels = create(argv[5]), *reference = create(argv[6]);
	for (int64_t i = 0; i < REFERENCE_RECORDS; i++) {
		uint64_t id[] = {bits(), bits()};
		print_prediction(reference, START_MS - 1000 * (REFERENCE_RECORDS - i), id, true);
	}
	for (int64_t i = 0; i < count; i++) {
		uint64_t id[] = {bits(), bits()};
		int64_t now_ms = START_MS + i * 1000 / rate;
		while (heap.count && heap.labels[0].time_ms <= now_ms)
			print_label(labels, heap_take(&heap));
		bool target = print_prediction(predictions, now_ms, id, false);
		int64_t later_ms = now_ms + 1 + (int64_t) (share() * delay_ms);
		if (share() < 0.95)
			heap_add(&heap, (struct label){later_ms, {id[0], id[1]}, target});
	}
	while (heap.count)
		print_label(labels, heap_take(&heap));
	free(heap.labels);
	finish(predictions, argv[4]);
	finish(labels, argv[5]);
	finish(reference, argv[6]);
	return 0;
}
