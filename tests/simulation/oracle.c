#include "tests/simulation/oracle.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum outcome { ACCEPTED, MATCHED, DUPLICATE, CONFLICT, CORRECTED, UNMATCHED, LATE, FUTURE, POISON,
	       OUTCOMES };

static const char *const outcome_names[OUTCOMES] = {"accepted",  "matched",   "duplicate",
						    "conflict",  "corrected", "unmatched",
						    "late",      "future",    "poison"};

#define NONE INT64_MIN

struct fact { /* an accepted prediction, and its label */
	const struct world_record *record;
	int partition;
	bool labelled;
	double first, target;
	int64_t first_ms;
};

struct oracle {
	const struct world *world;
	struct fact *facts;
	size_t count;
	double totals[2][OUTCOMES];
	bool *covered;
	int64_t limit_ms;
	bool ambiguous;
};

static int64_t
end_of(const struct world *world, int64_t time_ms)
{
	return world_window(world, time_ms) + world->size_ms;
}

/* The watermark behind a record that may move it. */
static int64_t
moved(const struct world *world, int64_t watermark_ms, const struct world_record *record)
{
	int64_t reached_ms = record->time_ms - world->out_of_orderness_ms;

	return reached_ms > watermark_ms ? reached_ms : watermark_ms;
}

static enum outcome
prediction_outcome(const struct oracle *oracle, int partition, const struct world_record *record,
		   int64_t watermark_ms)
{
	const struct world *world = oracle->world;
	int64_t horizon_ms = world->has_labels ? world->horizon_ms : 0;

	if (end_of(world, record->time_ms) + world->lateness_ms <= watermark_ms)
		return LATE;
	for (size_t i = 0; i < oracle->count; i++) {
		const struct fact *fact = &oracle->facts[i];
		if (fact->partition == partition && fact->record->id == record->id &&
		    fact->record->model == record->model &&
		    (world->versions == 1 || fact->record->version == record->version) &&
		    end_of(world, fact->record->time_ms) + horizon_ms > watermark_ms)
			return DUPLICATE;
	}
	return ACCEPTED;
}

static bool
is_eligible(const struct world *world, const struct world_record *prediction)
{
	return !world->eligible || prediction->value < 1;
}

static enum outcome
label_meets(struct oracle *oracle, struct fact *fact, const struct world_record *label,
	    int64_t watermark_ms)
{
	const struct world *world = oracle->world;
	int64_t end_ms = end_of(world, fact->record->time_ms);
	int64_t horizon_ms = end_ms + world->horizon_ms;

	if (!is_eligible(world, fact->record) || label->time_ms >= horizon_ms ||
	    horizon_ms + world->label_lateness_ms <= watermark_ms ||
	    fact->record->time_ms - label->time_ms > world->early_ttl_ms)
		return UNMATCHED;
	if (!fact->labelled) {
		fact->labelled = true;
		fact->first = fact->target = label->value;
		fact->first_ms = label->time_ms;
		if (label->time_ms < fact->record->time_ms)
			oracle->covered[CLASS_EARLY_LABEL] = true;
		if (label->record_ms < fact->record->record_ms)
			oracle->covered[CLASS_WAITING_LABEL] = true;
		return MATCHED;
	}
	if (fact->target == label->value)
		return DUPLICATE;
	if (!world->last_policy)
		return CONFLICT;
	fact->target = label->value;
	return CORRECTED;
}

static enum outcome
label_outcome(struct oracle *oracle, int partition, const struct world_record *label,
	      int64_t watermark_ms)
{
	const struct world *world = oracle->world;
	int64_t last_ms = end_of(world, label->time_ms + world->early_ttl_ms);
	enum outcome outcome = UNMATCHED;

	if (last_ms + world->horizon_ms + world->label_lateness_ms <= watermark_ms)
		return LATE;
	for (size_t i = 0; i < oracle->count; i++) {
		struct fact *fact = &oracle->facts[i];
		if (fact->partition != partition || fact->record->id != label->id ||
		    (world->label_models && label->model >= 0 &&
		     label->model != fact->record->model))
			continue;
		enum outcome one = label_meets(oracle, fact, label, watermark_ms);
		/* one that was taken waits for its own window only: who comes later may be too late */
		if (outcome != UNMATCHED && one != UNMATCHED &&
		    world_window(world, fact->record->time_ms) > world_window(world, label->time_ms))
			oracle->ambiguous = true;
		if (one < outcome)
			outcome = one;
	}
	return outcome;
}

static void
queue_read(struct oracle *oracle, const struct world_queue *queue)
{
	int64_t watermark_ms = NONE;

	for (size_t i = 0; i < queue->count; i++) {
		const struct world_record *record = &queue->records[i];
		enum outcome outcome;
		if (record->kind == WORLD_POISON)
			outcome = POISON;
		else if (record->kind == WORLD_FUTURE)
			outcome = FUTURE;
		else if (queue->role)
			outcome = label_outcome(oracle, queue->partition, record, watermark_ms);
		else
			outcome = prediction_outcome(oracle, queue->partition, record, watermark_ms);
		if (record->kind == WORLD_GOOD)
			watermark_ms = moved(oracle->world, watermark_ms, record);
		oracle->totals[queue->role][outcome]++;
		if (outcome == ACCEPTED)
			oracle->facts[oracle->count++] =
			    (struct fact){.record = record, .partition = queue->partition};
	}
}

static void
outcomes_cover(const struct oracle *oracle)
{
	static const enum broker_class classes[OUTCOMES] = {
	    [DUPLICATE] = CLASS_DUPLICATE, [CONFLICT] = CLASS_CONFLICT,
	    [CORRECTED] = CLASS_CORRECTION, [UNMATCHED] = CLASS_UNMATCHED, [LATE] = CLASS_LATE,
	    [FUTURE] = CLASS_FUTURE, [POISON] = CLASS_POISON};

	for (int i = DUPLICATE; i < OUTCOMES; i++)
		if (oracle->totals[0][i] + oracle->totals[1][i] > 0)
			oracle->covered[classes[i]] = true;
}

static bool
disagree(char why[LEDGER_WHY_MAX], const char *what, double got, double wanted, const char *body)
{
	snprintf(why, LEDGER_WHY_MAX, "%.80s is %.17g and should be %.17g: %.500s", what, got, wanted,
		 body);
	return false;
}

/* Totals of the input side, and how often each outcome came. */
static bool
totals_agree(const struct oracle *oracle, const struct ledger *letters, char why[LEDGER_WHY_MAX])
{
	static const char *const roles[] = {"\"counts\":{\"predictions\":", ",\"labels\":{\"matched"};
	double totals[2][OUTCOMES] = {{0}}, number;

	for (size_t i = 0; i < letters->count; i++) {
		const char *counts = letters->letters[i].body;
		for (int role = 0; letters->letters[i].input && role < 2; role++) {
			const char *at = strstr(counts, roles[role]);
			TIDE_ASSERT(at);
			for (int j = 0; j < OUTCOMES; j++) {
				bool prediction_word = j == ACCEPTED || j == DUPLICATE || j >= LATE;
				if ((role ? j != ACCEPTED : prediction_word) &&
				    ledger_number(at, outcome_names[j], &number))
					totals[role][j] += number;
			}
		}
	}
	for (int role = 0; role < 2; role++)
		for (int j = 0; j < OUTCOMES; j++)
			if (totals[role][j] != oracle->totals[role][j])
				return disagree(why, outcome_names[j], totals[role][j],
						oracle->totals[role][j], role ? "labels" : "predictions");
	return true;
}

struct cell { /* what a pane should say */
	double predictions, labels, imputed, ineligible, tp, fp, fn, tn, absolute, missing;
};

static void
row_count(struct cell *cell, double prediction, double target)
{
	cell->absolute += fabs(prediction - target);
	cell->tp += prediction == 1 && target == 1;
	cell->fp += prediction == 1 && target == 0;
	cell->fn += prediction == 0 && target == 1;
	cell->tn += prediction == 0 && target == 0;
}

/* age_ms < 0: the last word. */
static struct cell
cell_count(const struct oracle *oracle, int64_t start_ms, int model, int version, int segment,
	   int64_t age_ms)
{
	const struct world *world = oracle->world;
	struct cell cell = {0};

	for (size_t i = 0; i < oracle->count; i++) {
		const struct fact *fact = &oracle->facts[i];
		const struct world_record *record = fact->record;
		if (world_window(world, record->time_ms) != start_ms || record->model != model ||
		    (version >= 0 && record->version != version) ||
		    (segment >= 0 && record->segment != segment))
			continue;
		cell.predictions++;
		cell.missing += isnan(record->x);
		bool labelled = fact->labelled && (age_ms < 0 || fact->first_ms < start_ms +
								     world->size_ms + age_ms);
		bool imputed = !labelled && age_ms < 0 && world->absent &&
			       is_eligible(world, record);
		cell.labels += labelled;
		cell.imputed += imputed;
		cell.ineligible += !is_eligible(world, record);
		if (labelled || imputed)
			row_count(&cell, record->value,
				  imputed ? 0 : age_ms >= 0 ? fact->first : fact->target);
	}
	return cell;
}

/* The finding of a metric and column in a body; NULL: none. */
static const char *
finding(const char *body, const char *metric, const char *column)
{
	char text[160];

	snprintf(text, sizeof text, column ? "\"metric\":\"%s\",\"column\":\"%s\"," :
		 "\"metric\":\"%s\",\"column\":null,", metric, column);
	return strstr(body, text);
}

static bool
values_agree(const struct world *world, const char *body, const struct cell *cell,
	     char why[LEDGER_WHY_MAX])
{
	const char *const names[] = {"tp", "fp", "fn", "tn"};
	const double wanted[] = {cell->tp, cell->fp, cell->fn, cell->tn};
	const char *confusion = strstr(body, "\"confusion\":{");
	const char *mae = finding(body, "mean_absolute_error", NULL);
	double number, rows = cell->labels + cell->imputed;

	for (int i = 0; confusion && i < 4; i++)
		if (!ledger_number(confusion, names[i], &number) || number != wanted[i])
			return disagree(why, names[i], number, wanted[i], confusion);
	if (!world->regression)
		return confusion || rows == 0 ? true : disagree(why, "confusion", 0, 1, body);
	bool has = mae && ledger_number(mae, "value", &number);
	if (has != (rows > 0) || (has && fabs(number - cell->absolute / rows) > 1e-9))
		return disagree(why, "mean_absolute_error", has ? number : NAN,
				cell->absolute / rows, body);
	return true;
}

static bool
absences_agree(const struct oracle *oracle, const char *body, const struct cell *cell,
	       char why[LEDGER_WHY_MAX])
{
	const char *counts = strstr(body, "\"counts\":{");
	double imputed = 0, ineligible = 0;

	TIDE_ASSERT(counts);
	bool imputes = ledger_number(counts, "imputed", &imputed);
	bool asks = ledger_number(counts, "ineligible", &ineligible);
	oracle->covered[CLASS_IMPUTED] |= imputed > 0;
	oracle->covered[CLASS_INELIGIBLE] |= ineligible > 0;
	if (imputes != oracle->world->absent || imputed != cell->imputed)
		return disagree(why, "imputed", imputed, cell->imputed, body);
	if (asks != oracle->world->eligible || ineligible != cell->ineligible)
		return disagree(why, "ineligible", ineligible, cell->ineligible, body);
	return true;
}

static bool
pane_agrees(const struct oracle *oracle, const struct ledger_letter *letter, bool last,
	    char why[LEDGER_WHY_MAX])
{
	const struct world *world = oracle->world;
	const char *body = letter->body;
	bool label = strstr(body, "\"side\":\"label\""), early = strstr(body, "\"timing\":\"early\"");
	char model[64] = "", version[64], segment[64];
	double number, age_ms = -1;

	TIDE_ASSERT(ledger_text(body, "model", model));
	bool has_version = ledger_text(body, "model_version", version);
	bool has_segment = ledger_text(body, "seg", segment);
	oracle->covered[CLASS_EARLY_PANE] |= early;
	oracle->covered[CLASS_REVISED_PANE] |= strstr(body, "\"timing\":\"revised\"") != NULL;
	oracle->covered[CLASS_IDLE_RELEASE] |= strstr(body, "\"complete\":false") != NULL;
	if (label && (early ? !world->exact : !last))
		return true;
	if (early)
		ledger_number(body, "age_ms", &age_ms);
	struct cell cell = cell_count(oracle, letter->start_ms, model[1] - '0',
				      has_version ? version[0] - '0' : -1,
				      has_segment ? segment[1] - '0' : -1, (int64_t)age_ms);
	if (!ledger_number(body, "predictions", &number) || number != cell.predictions)
		return disagree(why, "predictions", number, cell.predictions, body);
	if (!label) {
		const char *missing = finding(body, "missing", "x");
		bool has = missing && ledger_number(missing, "value", &number);
		if (has && fabs(number * cell.predictions - cell.missing) > 1e-6)
			return disagree(why, "missing", number * cell.predictions, cell.missing, body);
		return true;
	}
	if (!ledger_number(body, "labels", &number) || number != cell.labels)
		return disagree(why, "labels", number, cell.labels, body);
	if (!absences_agree(oracle, body, &cell, why))
		return false;
	return values_agree(world, body, &cell, why);
}

/* Every accepted prediction stands in a total of each side that there is. */
static bool
totals_are_there(const struct oracle *oracle, double sums[2], char why[LEDGER_WHY_MAX])
{
	const struct world *world = oracle->world;
	double count = 0;

	for (size_t i = 0; i < oracle->count; i++)
		count += oracle->facts[i].record->time_ms < oracle->limit_ms;
	for (int side = 0; side < 2; side++)
		if ((side ? world->has_labels : world->has_predictions) && sums[side] != count)
			return disagree(why, "predictions of all totals", sums[side], count,
					side ? "label side" : "prediction side");
	return true;
}

static bool
panes_agree(const struct oracle *oracle, const struct ledger *letters, char why[LEDGER_WHY_MAX])
{
	double sums[2] = {0, 0}, number;

	for (size_t i = 0; i < letters->count; i++) {
		const struct ledger_letter *at = &letters->letters[i], *next = at + 1;
		if (at->kind != TIDE_LETTER_RESULT || at->input || at->start_ms >= oracle->limit_ms)
			continue;
		bool last = i + 1 == letters->count || next->kind != at->kind ||
			    strcmp(next->name, at->name) != 0;
		if (!pane_agrees(oracle, at, last, why))
			return false;
		if (last && strstr(at->body, "\"model_version\":null,\"segment\":{},") &&
		    ledger_number(at->body, "predictions", &number))
			sums[strstr(at->body, "\"side\":\"label\"") != NULL] += number;
	}
	return totals_are_there(oracle, sums, why);
}

bool
oracle_agrees(const struct world *world, const struct ledger *letters, int64_t limit_ms,
	      bool covered[CLASSES], char why[LEDGER_WHY_MAX])
{
	struct oracle oracle = {.world = world, .covered = covered, .limit_ms = limit_ms};
	bool whole = limit_ms == INT64_MAX;
	size_t room = 0;

	for (int i = 0; i < world->queues_count; i++)
		room += world->queues[i].count;
	oracle.facts = calloc(room + 1, sizeof *oracle.facts);
	TIDE_ASSERT(oracle.facts);
	for (int i = 0; i < world->queues_count; i++)
		if (world->queues[i].role ? world->has_labels : world->has_predictions)
			queue_read(&oracle, &world->queues[i]);
	outcomes_cover(&oracle);
	covered[CLASS_NO_LABELS] |= !world->has_labels;
	covered[CLASS_NO_PREDICTIONS] |= !world->has_predictions;
	bool good = oracle.ambiguous || ((!whole || totals_agree(&oracle, letters, why)) &&
					 panes_agree(&oracle, letters, why));
	free(oracle.facts);
	return good && (!whole || oracle_rules_agree(world, letters, why));
}
