#include "report/metrics.h"
#include <inttypes.h>
#include <string.h>

static const char *const roles[] = {"predictions", "labels"};
static const char *const outcomes[TIDE_OUTCOMES] = {
        "accepted", "matched",      "duplicate", "conflict", "corrected", "unmatched",
        "before_start", "late", "future",    "poison",   "waiting"};
/* Outcomes that a role can have (SPEC 2.1, 2.2), one bit each; waiting is a gauge of its own. */
static const unsigned possible[] = {1u << TIDE_ACCEPTED | 1u << TIDE_DUPLICATE | 1u << TIDE_LATE |
                                            1u << TIDE_FUTURE | 1u << TIDE_POISON,
                                    (1u << TIDE_OUTCOMES) - 1 - (1u << TIDE_ACCEPTED) -
                                            (1u << TIDE_WAITING)};

#define load(place) atomic_load_explicit(place, memory_order_relaxed)

static void
head(struct tide_buffer *buffer, const char *name, const char *type, const char *help)
{
	tide_text_put_format(buffer, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* One metric of one sample. */
static void
single(struct tide_buffer *buffer, const char *name, const char *type, const char *help,
       uint64_t value)
{
	head(buffer, name, type, help);
	tide_text_put_format(buffer, "%s %" PRIu64 "\n", name, value);
}

static void
sample(struct tide_buffer *buffer, const char *name, const char *label, const char *value,
       uint64_t number)
{
	tide_text_put_format(buffer, "%s{%s=\"%s\"} %" PRIu64 "\n", name, label, value, number);
}

static void
label_text(struct tide_buffer *buffer, const char *text)
{
	tide_text_put_string(buffer, "\"");
	for (; text && *text; text++) {
		if (*text == '\n')
			tide_text_put_string(buffer, "\\n");
		else if (*text == '"' || *text == '\\')
			tide_text_put_format(buffer, "\\%c", *text);
		else
			tide_text_put(buffer, text, 1);
	}
	tide_text_put_string(buffer, "\"");
}

static void
print_records(struct tide_buffer *buffer, const struct tide_counters *counters)
{
	head(buffer, "tidemark_records_read_total", "counter", "Records read from the inputs.");
	for (size_t role = 0; role < 2; role++)
		sample(buffer, "tidemark_records_read_total", "role", roles[role],
		       load(&counters->read[role]));
	head(buffer, "tidemark_records_total", "counter", "Records by what became of them.");
	for (size_t role = 0; role < 2; role++)
		for (unsigned i = 0; i < TIDE_OUTCOMES; i++)
			if (possible[role] >> i & 1)
				tide_text_put_format(buffer,
				                     "tidemark_records_total{role=\"%s\","
				                     "outcome=\"%s\"} %" PRIu64 "\n",
				                     roles[role], outcomes[i],
				                     load(&counters->outcomes[role][i]));
}

static void
print_commits(struct tide_buffer *buffer, const struct tide_counters *counters)
{
	static const char name[] = "tidemark_commit_duration_seconds";
	uint64_t count = 0;

	head(buffer, "tidemark_commits_total", "counter", "Transactions by how they ended.");
	sample(buffer, "tidemark_commits_total", "outcome", "committed", load(&counters->commits));
	sample(buffer, "tidemark_commits_total", "outcome", "aborted", load(&counters->aborts));
	head(buffer, name, "histogram", "Time that a commit took.");
	for (size_t i = 0; i <= TIDE_COUNTERS_COMMIT_BUCKETS; i++) {
		char end[TIDE_TEXT_NUMBER_SIZE] = "+Inf";
		if (i < TIDE_COUNTERS_COMMIT_BUCKETS)
			tide_text_number(tide_counters_commit_seconds[i], end);
		count += load(&counters->commit_buckets[i]);
		tide_text_put_format(buffer, "%s_bucket{le=\"%s\"} %" PRIu64 "\n", name, end,
		                     count);
	}
	tide_text_put_format(buffer, "%s_sum ", name);
	tide_text_put_number(buffer, (double) load(&counters->commit_ns) / 1e9);
	tide_text_put_format(buffer, "\n%s_count %" PRIu64 "\n", name, count);
}

static void
print_watermarks(struct tide_buffer *buffer, const struct tide_counters *counters, int64_t now_ms)
{
	static const struct {
		const char *name, *help;
		bool lag;
	} gauges[] = {{"tidemark_watermark_timestamp_seconds",
	               "Event time that the slowest partition has reached.", false},
	              {"tidemark_watermark_lag_seconds",
	               "Wall clock less the watermark of the slowest partition.", true}};

	for (size_t i = 0; i < 2; i++) {
		head(buffer, gauges[i].name, "gauge", gauges[i].help);
		for (size_t role = 0; role < 2; role++) {
			int64_t mark_ms = load(&counters->watermark_ms[role]);
			double reached = (double) mark_ms / 1e3, now = (double) now_ms / 1e3;
			if (mark_ms == INT64_MIN || mark_ms == INT64_MAX)
				continue;
			tide_text_put_format(buffer, "%s{role=\"%s\"} ", gauges[i].name,
			                     roles[role]);
			tide_text_put_number(buffer, gauges[i].lag ? now - reached : reached);
			tide_text_put_string(buffer, "\n");
		}
	}
}

/* A topic of both roles is broken where either is. */
static void
print_broken(struct tide_buffer *buffer, const struct tide_counters *counters)
{
	static const char name[] = "tidemark_input_broken";
	const char *const *topics = counters->topics;
	bool same = topics[0] && topics[1] && strcmp(topics[0], topics[1]) == 0;

	head(buffer, name, "gauge", "1 while half of the records of a partition are refused.");
	for (size_t role = 0; role < (same ? 1 : 2); role++) {
		uint64_t broken = load(&counters->broken[role]);
		if (!topics[role])
			continue;
		if (same)
			broken += load(&counters->broken[1]);
		tide_text_put_format(buffer, "%s{topic=", name);
		label_text(buffer, topics[role]);
		tide_text_put_format(buffer, "} %d\n", broken > 0);
	}
}

static void
print_state(struct tide_buffer *buffer, const struct tide_counters *counters, int64_t now_ms)
{
	static const char restore[] = "tidemark_restore_seconds";
	static const char since[] = "tidemark_snapshot_seconds_since";
	int64_t made_ms = load(&counters->snapshot_ms);

	single(buffer, "tidemark_tasks", "gauge", "Partitions of the inputs that this worker has.",
	       load(&counters->tasks));
	single(buffer, "tidemark_stages", "gauge", "Partitions of the partials, or the only stage.",
	       load(&counters->stages));
	single(buffer, "tidemark_rewinding", "gauge",
	       "1 while what was read before a restart is read again.", load(&counters->rewinding));
	head(buffer, restore, "gauge", "From the last assignment until the worker was ready.");
	tide_text_put_format(buffer, "%s ", restore);
	tide_text_put_number(buffer, (double) load(&counters->restore_ms) / 1e3);
	tide_text_put_string(buffer, "\n");
	single(buffer, "tidemark_snapshot_bytes", "gauge", "The newest snapshots of all tasks.",
	       load(&counters->snapshot_bytes));
	head(buffer, since, "gauge", "Age of the oldest of these, or of the assignment.");
	if (made_ms == INT64_MIN)
		return;
	tide_text_put_format(buffer, "%s ", since);
	tide_text_put_number(buffer, (double) now_ms / 1e3 - (double) made_ms / 1e3);
	tide_text_put_string(buffer, "\n");
}

void
tide_metrics_print(struct tide_buffer *buffer, const struct tide_counters *counters,
                   const char *name, const char *version, int64_t now_ms)
{
	head(buffer, "tidemark_build_info", "gauge", "Always 1; the version and the config's name.");
	tide_text_put_string(buffer, "tidemark_build_info{version=");
	label_text(buffer, version);
	tide_text_put_string(buffer, ",name=");
	label_text(buffer, name);
	tide_text_put_string(buffer, "} 1\n");
	print_records(buffer, counters);
	single(buffer, "tidemark_results_total", "counter", "Result records given out.",
	       load(&counters->results));
	head(buffer, "tidemark_alerts_total", "counter", "Alert records given out, by state.");
	sample(buffer, "tidemark_alerts_total", "state", "firing", load(&counters->fired));
	sample(buffer, "tidemark_alerts_total", "state", "resolved", load(&counters->resolved));
	single(buffer, "tidemark_dead_letters_total", "counter", "Records given to the dead letters.",
	       load(&counters->dead_letters));
	single(buffer, "tidemark_dead_letters_capped_total", "counter",
	       "Records that had none, for too many of theirs are refused.", load(&counters->capped));
	print_broken(buffer, counters);
	print_commits(buffer, counters);
	print_watermarks(buffer, counters, now_ms);
	single(buffer, "tidemark_pending_entries", "gauge",
	       "Predictions that wait for their label, and labels for their prediction.",
	       load(&counters->pending));
	single(buffer, "tidemark_waiting_labels", "gauge", "Labels that wait for their prediction.",
	       load(&counters->outcomes[TIDE_LABELS][TIDE_WAITING]));
	single(buffer, "tidemark_memory_bytes", "gauge", "Memory of pending records and windows.",
	       load(&counters->memory_bytes));
	single(buffer, "tidemark_memory_limit_bytes", "gauge", "What the config allows of it.",
	       load(&counters->memory_limit_bytes));
	print_state(buffer, counters, now_ms);
	single(buffer, "tidemark_ready", "gauge", "1 when partitions are assigned and restored.",
	       load(&counters->ready));
}
