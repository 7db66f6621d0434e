#include "app/lab.h"
#include "consumer/file_sink.h"
#include <math.h>
#include <stdlib.h>

size_t
tide_lab_subjects(const struct tide_lab *lab)
{
	return lab->setup.config->rule_count + lab->detectors;
}

bool
tide_lab_subject_is_rule(const struct tide_lab *lab, size_t subject)
{
	return subject < lab->setup.config->rule_count;
}

const char *
tide_lab_subject_name(const struct tide_lab *lab, size_t subject)
{
	const struct tide_config *config = lab->setup.config;

	return subject < config->rule_count ? config->rules[subject].name
	                                    : tide_detector_at(subject - config->rule_count)->name;
}

/* One mark a subject and window: an alarm of any column or model is one. */
static void
mark(struct tide_lab_log *log, const struct tide_lab_mark *made)
{
	for (size_t i = log->count; i-- > 0;) {
		struct tide_lab_mark *old = &log->marks[i];
		if (old->subject == made->subject && old->start_ms == made->start_ms) {
			old->judged |= made->judged;
			old->alarms |= made->alarms;
			return;
		}
		if (old->known_ms < made->known_ms)
			break;
	}
	if (log->count == log->room) {
		size_t room = 2 * log->room + 1024;
		void *more = realloc(log->marks, room * sizeof *log->marks);
		log->lost |= !more;
		if (!more)
			return;
		log->marks = more;
		log->room = room;
	}
	log->marks[log->count++] = *made;
}

/* The injections that what is said of this column concerns. */
static uint64_t
concerned(const struct tide_lab *lab, struct tide_text column)
{
	uint64_t bits = 0;

	for (size_t i = 0; i < lab->world_count; i++) {
		const struct tide_lab_injection *injection = &lab->worlds[i].injection;
		const char *glob = injection->change == TIDE_LAB_FLIP   ? "$label:*"
		                   : injection->change == TIDE_LAB_NONE ? "*"
		                                                        : injection->column;
		if (column.length == 0 || tide_text_matches(column, glob))
			bits |= (uint64_t) 1 << i;
	}
	return bits;
}

static bool
event_take(void *closure, struct tide_event *event)
{
	struct tide_lab *lab = closure;

	if (!lab->log) {
		tide_lab_inject_learn(&lab->facts, event);
		return true;
	}
	if (lab->keep < 1 && tide_lab_inject_chance(event, UINT64_MAX, lab->repeat) >= lab->keep)
		return false;
	if (lab->injection)
		tide_lab_inject(lab->injection, &lab->facts, lab->setup.columns, lab->repeat,
		                event, lab->room);
	return true;
}

/* Does the finding count as an alarm? 1 yes, 0 no, -1 it says nothing. */
static int
finding_alarms(const struct tide_lab *lab, const struct tide_finding *finding)
{
	if (finding->status != TIDE_OK)
		return -1;
	if (finding->detector->needs & TIDE_HAS_TEST)
		return isnan(finding->p_value) ? -1 : finding->p_value < lab->alpha;
	if (isnan(finding->lower) || isnan(finding->upper) || isnan(finding->reference) ||
	    finding->reference_n == 0)
		return -1;
	return finding->reference < finding->lower || finding->reference > finding->upper;
}

static void
result_take(void *closure, const struct tide_evidence *evidence,
            const struct tide_finding *findings, size_t count)
{
	struct tide_lab *lab = closure;
	size_t at = 0, rules = lab->setup.config->rule_count;

	if (!lab->log || evidence->timing != TIDE_TIMING_FINAL || evidence->key.segment >= 0 ||
	    evidence->key.version.length)
		return;
	for (size_t i = 0; i < count; i++) {
		int alarms = finding_alarms(lab, &findings[i]);
		if (alarms < 0)
			continue;
		if (tide_detector_at(at) != findings[i].detector)
			for (at = 0; tide_detector_at(at) != findings[i].detector;)
				at++;
		uint64_t bits = concerned(lab, findings[i].column);
		mark(lab->log, &(struct tide_lab_mark){rules + at, evidence->start_ms,
		                                       evidence->end_ms, evidence->trigger_ms,
		                                       bits, alarms ? bits : 0});
	}
}

static void
alert_take(void *closure, const struct tide_alert *alert, struct tide_text message)
{
	struct tide_lab *lab = closure;
	size_t rule = (size_t) (alert->rule - lab->setup.config->rules);

	(void) message;
	if (!lab->log || !alert->opens)
		return;
	uint64_t bits = concerned(lab, alert->finding->column);
	mark(lab->log, &(struct tide_lab_mark){rule, alert->window_start_ms, alert->window_end_ms,
	                                       alert->transition_ms, bits, bits});
}

int
tide_lab_run(struct tide_lab *lab, struct tide_lab_injection *injection, struct tide_lab_log *log,
             struct tide_error *error)
{
	struct tide_worker_setup *setup = &lab->setup;

	lab->injection = injection;
	lab->log = log;
	lab->summary = (struct tide_worker_summary){0};
	if (log)
		log->count = 0;
	if (injection)
		injection->changed = 0;
	setup->on_event = event_take;
	setup->on_result = result_take;
	setup->on_alert = alert_take;
	setup->closure = lab;
	setup->seed = lab->seed;
	if (tide_replay_input_open(setup->config, lab->replay, setup, error))
		return -1;
	int failed = tide_file_sink_open(NULL, NULL, NULL, &setup->sink, error);
	if (!failed) {
		failed = tide_worker_run(setup, &lab->summary, error);
		setup->sink->ops->close(setup->sink);
	}
	setup->source->ops->close(setup->source);
	if (!failed && log && log->lost)
		failed = tide_error_stop(error, TIDE_ERROR_MEMORY, "out of memory");
	return failed;
}

/* Does the log have an alarm of the subject in that window? *at goes on from call to call. */
static bool
has_alarm(const struct tide_lab_log *log, size_t subject, int64_t start_ms, uint64_t bit,
          size_t *at)
{
	const struct tide_lab_mark *marks = log->marks;

	while (*at < log->count && (marks[*at].subject != subject || marks[*at].start_ms < start_ms))
		(*at)++;
	return *at < log->count && marks[*at].start_ms == start_ms && (marks[*at].alarms & bit);
}

void
tide_lab_score_add(struct tide_lab_score *score, const struct tide_lab *lab, size_t world,
                   size_t subject, const struct tide_lab_log *log,
                   const struct tide_lab_log *clean)
{
	int64_t at_ms = lab->worlds[world].injection.at_ms;
	int64_t size_ms = lab->setup.config->window.size_ms;
	uint64_t bit = (uint64_t) 1 << world;
	bool noticed = clean == NULL;
	size_t at = 0;

	for (size_t i = 0; i < log->count; i++) {
		const struct tide_lab_mark *m = &log->marks[i];
		bool after = m->end_ms > at_ms;
		if (m->subject != subject || !(m->judged & bit))
			continue;
		score->windows[after]++;
		score->alarms[after] += (m->alarms & bit) != 0;
		if (noticed || !after || !(m->alarms & bit) ||
		    has_alarm(clean, subject, m->start_ms, bit, &at))
			continue;
		noticed = true;
		score->noticed++;
		score->delay_windows += (double) ((m->end_ms - at_ms + size_ms - 1) / size_ms);
		score->delay_ms += (double) (m->known_ms - at_ms);
	}
}
