#include "app/config_business.h"
#include "app/config_value.h"
#include "detectors/detector.h"
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define SLOTS_MAX 64 /* numbers that a prediction, or a label, leaves */
#define NAME_BYTES_MAX 64
#define MAPPED(word) offsetof(struct tide_mapping, word)

/* The words of the house that an expression may name, where they are mapped. */
static const struct known {
	const char *name;
	enum tide_role role;
	enum tide_expression_leaf leaf;
	size_t offset;
} knowns[] = {
	{"prediction", TIDE_PREDICTIONS, TIDE_LEAF_PREDICTION, MAPPED(prediction)},
	{"score", TIDE_PREDICTIONS, TIDE_LEAF_SCORE, MAPPED(proba)},
	{"latency", TIDE_PREDICTIONS, TIDE_LEAF_LATENCY, MAPPED(latency)},
	{"cpu", TIDE_PREDICTIONS, TIDE_LEAF_CPU, MAPPED(cpu)},
	{"memory", TIDE_PREDICTIONS, TIDE_LEAF_MEMORY, MAPPED(memory)},
	{"weight", TIDE_PREDICTIONS, TIDE_LEAF_WEIGHT, MAPPED(weight)},
	{"error", TIDE_PREDICTIONS, TIDE_LEAF_ERROR, MAPPED(error)},
	{"target", TIDE_LABELS, TIDE_LEAF_TARGET, MAPPED(target)},
};

struct slots {
	struct tide_expression list[SLOTS_MAX];
	size_t count;
};

struct compiler {
	struct tide_config_reader *reader;
	struct slots slots[2]; /* [role] */
};

/* One measure while it is read: its expressions by their place in TIDE_CONFIG_BUSINESS_KEYS. */
struct draft {
	struct yaml_node_s *nodes[TIDE_CONFIG_BUSINESS_KEYS], *matrix;
	struct tide_expression expressions[TIDE_CONFIG_BUSINESS_KEYS];
};

enum { FN, FP, MEAN, OF, RATE, SUM, TN, TP, WHERE };

static const struct tide_input *
input_of(const struct tide_config *config, enum tide_role role)
{
	return role == TIDE_LABELS ? &config->labels : &config->predictions;
}

static const char *const *
words_of(const struct tide_config_owned *owned, enum tide_role role)
{
	return role == TIDE_LABELS ? owned->label_words : owned->prediction_words;
}

static bool
resolve_known(const struct tide_config *config, struct tide_text name,
              struct tide_expression_name *found)
{
	for (size_t i = 0; i < COUNT(knowns); i++) {
		const struct tide_mapping *mapping = &input_of(config, knowns[i].role)->mapping;
		const char *path;

		if (!tide_text_is(name, knowns[i].name))
			continue;
		memcpy(&path, (const char *) mapping + knowns[i].offset, sizeof(path));
		found->leaf = knowns[i].leaf;
		found->of = knowns[i].role == TIDE_LABELS ? TIDE_OF_LABEL : TIDE_OF_PREDICTION;
		return path != NULL;
	}
	return false;
}

/* A word of one map; one that stands in both could mean either, and means nothing. */
static bool
resolve(void *closure, struct tide_text name, struct tide_expression_name *found)
{
	struct tide_config_owned *owned = closure;
	int matches = 0;

	if (resolve_known(&owned->config, name, found))
		return true;
	for (enum tide_role role = TIDE_PREDICTIONS; role <= TIDE_LABELS; role++)
		for (size_t i = 0; i < input_of(&owned->config, role)->mapping.field_count; i++) {
			if (!tide_text_is(name, words_of(owned, role)[i]))
				continue;
			*found = (struct tide_expression_name){TIDE_LEAF_FIELD, (uint32_t) i,
				role == TIDE_LABELS ? TIDE_OF_LABEL : TIDE_OF_PREDICTION};
			owned->fields_used[role] |= UINT64_C(1) << i;
			matches++;
		}
	return matches == 1;
}

static void
nearer(const char *written, const char *candidate, const char **nearest, size_t *least)
{
	size_t distance = tide_config_value_distance(written, candidate);

	if (distance < *least) {
		*least = distance;
		*nearest = candidate;
	}
}

static int
unresolved(struct tide_config_reader *reader, struct yaml_node_s *node,
           const struct tide_expression_fault *fault)
{
	char written[NAME_BYTES_MAX + 1] = "";
	size_t length = fault->name.length < NAME_BYTES_MAX ? fault->name.length : NAME_BYTES_MAX;
	const struct tide_config_owned *owned = reader->owned;
	const char *nearest = NULL;
	size_t least;

	memcpy(written, fault->name.bytes, length);
	least = length / 3 + 2;
	for (size_t i = 0; i < COUNT(knowns); i++)
		nearer(written, knowns[i].name, &nearest, &least);
	for (enum tide_role role = TIDE_PREDICTIONS; role <= TIDE_LABELS; role++)
		for (size_t i = 0; i < input_of(&owned->config, role)->mapping.field_count; i++)
			nearer(written, words_of(owned, role)[i], &nearest, &least);
	if (nearest != NULL && least > 0)
		return tide_config_yaml_fail_inside(reader, node, fault->offset,
			"no `map` has a field `%s`; did you mean `%s`?", written, nearest);
	for (size_t i = 0; i < COUNT(knowns) && least == 0; i++)
		if (strcmp(knowns[i].name, nearest) == 0)
			return tide_config_yaml_fail_inside(reader, node, fault->offset,
				"`%s` is not mapped; add it to inputs.%s.map", written,
				knowns[i].role == TIDE_LABELS ? "labels" : "predictions");
	if (least == 0)
		return tide_config_yaml_fail_inside(reader, node, fault->offset,
			"`%s` stands in both maps; rename one of them", written);
	return tide_config_yaml_fail_inside(reader, node, fault->offset,
		"no `map` has a field `%s`; add it, e.g. %s: features.%s", written, written,
		written);
}

static int
keep_expression(struct tide_config_reader *reader, const struct tide_expression_node *nodes,
                size_t count, struct tide_expression *expression)
{
	struct tide_expression_node *kept =
		tide_config_yaml_keep(reader, count * sizeof(*kept));

	if (kept == NULL)
		return -1;
	memcpy(kept, nodes, count * sizeof(*kept));
	*expression = (struct tide_expression){kept, count};
	return 0;
}

static int
read_expression(struct tide_config_reader *reader, struct yaml_node_s *node,
                struct tide_expression *expression, const char **text)
{
	struct tide_expression_node nodes[TIDE_EXPRESSION_NODES];
	struct tide_expression_fault fault;
	size_t count;

	if (tide_config_yaml_text(reader, node, text) != 0)
		return -1;
	count = tide_expression_parse(*text, resolve, reader->owned, nodes, &fault);
	if (count > 0)
		return keep_expression(reader, nodes, count, expression);
	if (fault.name.length > 0)
		return unresolved(reader, node, &fault);
	return tide_config_yaml_fail_inside(reader, node, fault.offset, "%s", fault.message);
}

static unsigned
needs(const struct tide_expression *expression)
{
	return expression->count > 0 ? expression->nodes[expression->count - 1].of : 0;
}

int
tide_config_business_condition(struct tide_config_reader *reader, struct yaml_node_s *node,
                               struct tide_expression *condition, const char **text)
{
	if (read_expression(reader, node, condition, text) != 0)
		return -1;
	if ((needs(condition) & TIDE_OF_LABEL) == 0)
		return 0;
	return tide_config_yaml_fail(reader, node,
		"this is asked before there is a label: name fields of predictions.map only");
}

static bool
same_nodes(const struct tide_expression *expression, const struct tide_expression_node *nodes,
           size_t count)
{
	bool same = expression->count == count;

	for (size_t i = 0; same && i < count; i++) {
		const struct tide_expression_node *a = &expression->nodes[i], *b = &nodes[i];

		same = a->op == b->op && a->left == b->left && a->right == b->right
		       && a->index == b->index && a->constant.kind == b->constant.kind
		       && tide_text_equal(a->constant.text, b->constant.text);
	}
	return same;
}

/* The slot of a program of one role, made if new. */
static int
slot_of(struct compiler *compiler, enum tide_role role, const struct tide_expression_node *nodes,
        size_t count, struct yaml_node_s *node, uint32_t *index)
{
	struct slots *slots = &compiler->slots[role];

	for (*index = 0; *index < slots->count; ++*index)
		if (same_nodes(&slots->list[*index], nodes, count))
			return 0;
	if (slots->count == SLOTS_MAX)
		return tide_config_yaml_fail(compiler->reader, node,
			"`business` needs more than %d numbers of one record; take a measure out",
			SLOTS_MAX);
	return keep_expression(compiler->reader, nodes, count, &slots->list[slots->count++]);
}

static bool
is_leaf(const struct tide_expression_node *node)
{
	return node->op <= TIDE_LEAF_OUTCOME;
}

/* Copies the part that ends at `end`, whose nodes stand together, to be a program of its own. */
static size_t
copy_part(const struct tide_expression *from, size_t end, struct tide_expression_node *to)
{
	size_t start = end;

	while (!is_leaf(&from->nodes[start]))
		start = from->nodes[start].left;
	/* the leftmost leaf comes first of all */
	for (size_t i = start; i <= end; i++) {
		to[i - start] = from->nodes[i];
		if (!is_leaf(&from->nodes[i])) {
			to[i - start].left = (unsigned char) (from->nodes[i].left - start);
			to[i - start].right = (unsigned char) (from->nodes[i].right - start);
		}
	}
	return end - start + 1;
}

struct cut {
	struct compiler *compiler;
	const struct tide_expression *from;
	struct yaml_node_s *node; /* for messages */
	struct tide_expression_node nodes[TIDE_EXPRESSION_NODES];
	size_t count;
};

/* Writes the part that ends at `end` over slots; parts of both sides go on to their operands. */
static int
cut_part(struct cut *cut, size_t end)
{
	struct tide_expression_node part[TIDE_EXPRESSION_NODES], node = cut->from->nodes[end];
	size_t count;

	if (node.of == 0 && is_leaf(&node)) {
		cut->nodes[cut->count++] = node;
		return 0;
	}
	if (node.of == TIDE_OF_PREDICTION || node.of == TIDE_OF_LABEL) {
		bool label = node.of == TIDE_OF_LABEL;

		count = copy_part(cut->from, end, part);
		node = (struct tide_expression_node){
			.op = label ? TIDE_LEAF_OUTCOME : TIDE_LEAF_KEPT, .of = node.of};
		if (slot_of(cut->compiler, label ? TIDE_LABELS : TIDE_PREDICTIONS, part, count,
			    cut->node, &node.index) != 0)
			return -1;
		cut->nodes[cut->count++] = node;
		return 0;
	}
	if (cut_part(cut, cut->from->nodes[end].left) != 0)
		return -1;
	node.left = node.right = (unsigned char) (cut->count - 1);
	if (cut->from->nodes[end].right != cut->from->nodes[end].left) {
		if (cut_part(cut, cut->from->nodes[end].right) != 0)
			return -1;
		node.right = (unsigned char) (cut->count - 1);
	}
	cut->nodes[cut->count++] = node;
	return 0;
}

static int
cut_expression(struct compiler *compiler, struct yaml_node_s *node,
               struct tide_expression *expression)
{
	struct cut cut = {.compiler = compiler, .from = expression, .node = node};

	if (expression->count == 0)
		return 0;
	if (cut_part(&cut, expression->count - 1) != 0)
		return -1;
	return keep_expression(compiler->reader, cut.nodes, cut.count, expression);
}

static int
remember(struct tide_config_reader *reader, struct yaml_node_s *node, void *into)
{
	(void) reader;
	*(struct yaml_node_s **) into = node;
	return 0;
}

#define NODE(word, place) \
	{word, TIDE_CONFIG_READ, offsetof(struct draft, nodes[0]) \
		+ (place) * sizeof(struct yaml_node_s *), remember}

static int
read_matrix(struct tide_config_reader *reader, struct draft *draft)
{
	static const struct tide_config_key keys[] = {
		NODE("tp", TP), NODE("fp", FP), NODE("fn", FN), NODE("tn", TN)};
	static const struct tide_config_table table =
		TIDE_CONFIG_TABLE("`value_matrix`", keys, NULL);

	if (reader->owned->config.problem != TIDE_PROBLEM_BINARY)
		return tide_config_yaml_fail(reader, draft->matrix,
			"`value_matrix` is for problem_type classification_binary");
	if (tide_config_yaml_walk(reader, draft->matrix, &table, draft) != 0)
		return -1;
	if (!draft->nodes[TP] || !draft->nodes[FP] || !draft->nodes[FN] || !draft->nodes[TN])
		return tide_config_yaml_fail(reader, draft->matrix,
			"`value_matrix` needs all of tp, fp, fn and tn; say 0 for what costs nothing");
	return 0;
}

static int
read_measure(struct tide_config_reader *reader, struct yaml_node_s *node, struct draft *draft)
{
	static const struct tide_config_key keys[] = {
		NODE("mean", MEAN), NODE("of", OF), NODE("rate", RATE), NODE("sum", SUM),
		NODE("where", WHERE),
		{"value_matrix", TIDE_CONFIG_READ, offsetof(struct draft, matrix), remember},
	};
	static const struct tide_config_table table =
		TIDE_CONFIG_TABLE("a business measure", keys, NULL);

	if (tide_config_yaml_walk(reader, node, &table, draft) != 0)
		return -1;
	if (!!draft->nodes[RATE] + !!draft->nodes[SUM] + !!draft->nodes[MEAN] + !!draft->matrix
	    != 1)
		return tide_config_yaml_fail(reader, node,
			"a business measure has one of rate, sum, mean and value_matrix");
	if (draft->nodes[OF] != NULL && draft->nodes[RATE] == NULL)
		return tide_config_yaml_fail(reader, draft->nodes[OF],
			"`of` goes with `rate`; say `where`");
	if (draft->nodes[WHERE] != NULL && draft->nodes[RATE] != NULL)
		return tide_config_yaml_fail(reader, draft->nodes[WHERE],
			"`where` does not go with `rate`; say `of`");
	return draft->matrix != NULL ? read_matrix(reader, draft) : 0;
}
#undef NODE

static void
fill(struct tide_business *business, const struct draft *draft)
{
	static const int matrix[] = {TN, FP, FN, TP};
	int place = draft->nodes[RATE] ? RATE : draft->nodes[SUM] ? SUM : MEAN;

	business->kind = draft->matrix         ? TIDE_BUSINESS_MATRIX
			 : place == RATE ? TIDE_BUSINESS_RATE
			 : place == SUM  ? TIDE_BUSINESS_SUM
					 : TIDE_BUSINESS_MEAN;
	business->where = draft->expressions[place == RATE ? OF : WHERE];
	for (size_t i = 0; i < COUNT(matrix); i++)
		business->value[i] = draft->expressions[draft->matrix ? matrix[i] : place];
}

static int
measure_compile(struct compiler *compiler, struct yaml_node_s *node,
                struct tide_business *business, const char **texts)
{
	struct draft draft = {0};

	if (read_measure(compiler->reader, node, &draft) != 0)
		return -1;
	business->labelled = draft.matrix != NULL;
	for (size_t i = 0; i < TIDE_CONFIG_BUSINESS_KEYS; i++) {
		if (draft.nodes[i] == NULL)
			continue;
		if (read_expression(compiler->reader, draft.nodes[i], &draft.expressions[i],
			    &texts[i]) != 0)
			return -1;
		business->labelled |= (needs(&draft.expressions[i]) & TIDE_OF_LABEL) != 0;
	}
	for (size_t i = 0; business->labelled && i < TIDE_CONFIG_BUSINESS_KEYS; i++)
		if (cut_expression(compiler, draft.nodes[i], &draft.expressions[i]) != 0)
			return -1;
	fill(business, &draft);
	return 0;
}

static int
compile(struct tide_config_reader *reader, struct yaml_node_s *key, struct yaml_node_s *value,
        void *into)
{
	struct compiler *compiler = into;
	struct tide_measures *measures = &reader->owned->config.measures;
	struct tide_business *business = &reader->owned->business[measures->business_count];
	const char **texts = reader->owned->business_texts[measures->business_count];

	if (measures->business_count == TIDE_BUSINESS_MAX)
		return tide_config_yaml_fail(reader, key, "`business` has more than %d measures",
			TIDE_BUSINESS_MAX);
	if (tide_config_yaml_text(reader, key, &business->name) != 0)
		return -1;
	if (tide_detector_find(business->name) != NULL)
		return tide_config_yaml_fail(reader, key,
			"`%.64s` is the name of a metric; name the measure otherwise",
			business->name);
	measures->business_count++;
	return measure_compile(compiler, value, business, texts);
}

static int
slots_keep(struct compiler *compiler, enum tide_role role, const struct tide_expression **list,
           size_t *count)
{
	const struct slots *slots = &compiler->slots[role];
	struct tide_expression *kept =
		tide_config_yaml_keep(compiler->reader, (slots->count + 1) * sizeof(*kept));

	if (kept == NULL)
		return -1;
	memcpy(kept, slots->list, slots->count * sizeof(*kept));
	*list = kept;
	*count = slots->count;
	return 0;
}

int
tide_config_business_rule(struct tide_config_reader *reader, struct tide_rule *rule,
                          const struct yaml_node_s *node)
{
	const struct tide_measures *measures = &reader->owned->config.measures;

	for (size_t i = 0; i < measures->business_count; i++) {
		const struct tide_business *business = &measures->business[i];

		if (strcmp(rule->metric, business->name) != 0)
			continue;
		if (rule->all_columns || rule->column_count > 0)
			return tide_config_yaml_fail(reader, node,
				"rule `%.64s` is about a business measure, which has no columns",
				rule->name);
		rule->metric = business->labelled ? "business_outcome" : "business";
		rule->columns = &business->name;
		rule->column_count = 1;
		return 0;
	}
	return 0;
}

int
tide_config_business_read(struct tide_config_reader *reader, struct yaml_node_s *node, void *into)
{
	(void) into;
	reader->business = node;
	return 0;
}

int
tide_config_business_finish(struct tide_config_reader *reader)
{
	static const struct tide_config_table table = {"`business`", NULL, 0, compile};
	struct tide_config *config = &reader->owned->config;
	struct tide_measures *measures = &config->measures;
	const struct tide_mapping *map = &config->predictions.mapping;
	struct compiler compiler = {.reader = reader};

	measures->business = reader->owned->business;
	measures->mapped = (unsigned) (map->latency != NULL) << TIDE_LATENCY
			   | (unsigned) (map->cpu != NULL) << TIDE_CPU
			   | (unsigned) (map->memory != NULL) << TIDE_MEMORY
			   | (unsigned) (map->error != NULL) << TIDE_FAILURE;
	if (reader->business == NULL)
		return 0;
	if (tide_config_yaml_walk(reader, reader->business, &table, &compiler) != 0
	    || slots_keep(&compiler, TIDE_PREDICTIONS, &measures->kept, &measures->kept_count) != 0
	    || slots_keep(&compiler, TIDE_LABELS, &measures->outcome, &measures->outcome_count)
		       != 0)
		return -1;
	return 0;
}
