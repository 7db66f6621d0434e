#include "windowing/expression.h"
#include <math.h>
#include <string.h>

/* Operators come after the leaves in tide_expression_node.op. */
enum op {
	OP_OR = TIDE_LEAF_OUTCOME + 1,
	OP_AND,
	OP_NOT,
	OP_EQUAL,
	OP_UNEQUAL,
	OP_AT_MOST,
	OP_BELOW,
	OP_AT_LEAST,
	OP_ABOVE,
	OP_PLUS,
	OP_MINUS,
	OP_TIMES,
	OP_OVER,
	OP_NEGATIVE,
	OP_MISSING, /* == null */
	OP_THERE    /* != null */
};

enum { BINDS_OR = 1, BINDS_AND, BINDS_NOT, BINDS_COMPARE, BINDS_SUM, BINDS_PRODUCT, BINDS_SIGN };

/* Infix operators; of two that begin alike the longer stands first. */
static const struct infix {
	const char *text;
	enum op op;
	int binds;
} infixes[] = {
        {"or", OP_OR, BINDS_OR},
        {"and", OP_AND, BINDS_AND},
        {"==", OP_EQUAL, BINDS_COMPARE},
        {"!=", OP_UNEQUAL, BINDS_COMPARE},
        {"<=", OP_AT_MOST, BINDS_COMPARE},
        {"<", OP_BELOW, BINDS_COMPARE},
        {">=", OP_AT_LEAST, BINDS_COMPARE},
        {">", OP_ABOVE, BINDS_COMPARE},
        {"+", OP_PLUS, BINDS_SUM},
        {"-", OP_MINUS, BINDS_SUM},
        {"*", OP_TIMES, BINDS_PRODUCT},
        {"/", OP_OVER, BINDS_PRODUCT},
};
#define INFIXES (sizeof infixes / sizeof *infixes)
#define DEPTH_MAX 32

struct parser {
	const char *text, *at;
	tide_expression_resolve_fn *resolve;
	void *closure;
	struct tide_expression_node *nodes;
	size_t count;
	int depth;
	struct tide_expression_fault *fault;
};

static bool parse_level(struct parser *parser, int least);

static bool
fail(struct parser *parser, const char *at, const char *message)
{
	*parser->fault = (struct tide_expression_fault){(size_t) (at - parser->text), message,
	                                                {"", 0}};
	return false;
}

static bool
is_name_byte(char byte, bool first)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_' ||
	       (!first && ((byte >= '0' && byte <= '9') || byte == '.'));
}

static void
skip_blanks(struct parser *parser)
{
	parser->at += strspn(parser->at, " \t\r\n");
}

static size_t
name_length(const char *at)
{
	size_t length = 0;

	while (is_name_byte(at[length], length == 0))
		length++;
	return length;
}

/* Takes a word or a sign if it stands here; a word must not go on. */
static bool
take(struct parser *parser, const char *text)
{
	size_t length = strlen(text), name;

	skip_blanks(parser);
	name = name_length(parser->at);
	if (strncmp(parser->at, text, length) != 0 || (name > 0 && name != length))
		return false;
	parser->at += length;
	return true;
}

static bool
put(struct parser *parser, const char *at, struct tide_expression_node node)
{
	if (parser->count == TIDE_EXPRESSION_NODES)
		return fail(parser, at, "the expression is too long; it has more than 64 parts");
	parser->nodes[parser->count++] = node;
	return true;
}

static bool
put_constant(struct parser *parser, const char *at, enum tide_value_kind kind, double number,
             struct tide_text text)
{
	return put(parser, at,
	           (struct tide_expression_node){
	                   .constant = {.kind = kind, .number = number, .text = text}});
}

static bool
parse_text(struct parser *parser)
{
	const char *start = parser->at++;
	size_t length = 0;

	while (parser->at[length] && parser->at[length] != *start)
		length++;
	if (!parser->at[length])
		return fail(parser, start, "a text begins here and never ends");
	struct tide_text text = {parser->at, length};
	parser->at += length + 1;
	return put_constant(parser, start, TIDE_VALUE_TEXT, 0, text);
}

static bool
parse_number(struct parser *parser)
{
	const char *start = parser->at;
	size_t length = strspn(start, "0123456789.eE");
	double number;

	if ((start[length] == '+' || start[length] == '-') && length > 1 &&
	    (start[length - 1] == 'e' || start[length - 1] == 'E'))
		length += 1 + strspn(start + length + 1, "0123456789");
	struct tide_text text = {start, length};
	if (!tide_text_read_number(text, &number) || is_name_byte(start[length], true))
		return fail(parser, start, "this is not a number");
	parser->at += length;
	return put_constant(parser, start, TIDE_VALUE_NUMBER, number, text);
}

static bool
parse_name(struct parser *parser)
{
	const char *start = parser->at;
	struct tide_text name = {start, name_length(start)};
	struct tide_expression_name found = {0};

	for (size_t i = 0; i < INFIXES; i++)
		if (tide_text_is(name, infixes[i].text))
			return fail(parser, start, "a name, a number or a text should stand here");
	if (take(parser, "true"))
		return put_constant(parser, start, TIDE_VALUE_BOOLEAN, 1, TIDE_TEXT("true"));
	if (take(parser, "false"))
		return put_constant(parser, start, TIDE_VALUE_BOOLEAN, 0, TIDE_TEXT("false"));
	if (take(parser, "null"))
		return put_constant(parser, start, TIDE_VALUE_NULL, 0, TIDE_TEXT(""));
	if (!parser->resolve(parser->closure, name, &found)) {
		(void) fail(parser, start, "this name means nothing here");
		parser->fault->name = name;
		return false;
	}
	parser->at += name.length;
	return put(parser, start,
	           (struct tide_expression_node){.op = (unsigned char) found.leaf,
	                                         .of = (unsigned char) found.of,
	                                         .index = found.index});
}

static bool
is_null(const struct tide_expression_node *node)
{
	return node->op == TIDE_LEAF_CONSTANT && node->constant.kind == TIDE_VALUE_NULL;
}

/* `of` of a node is that of its operands together. A comparison with null is of the other operand
 * alone. */
static bool
put_operator(struct parser *parser, const char *at, enum op op, size_t left, size_t right)
{
	struct tide_expression_node node = {.op = (unsigned char) op,
	                                    .left = (unsigned char) left,
	                                    .right = (unsigned char) right};

	if ((op == OP_EQUAL || op == OP_UNEQUAL) &&
	    (is_null(&parser->nodes[left]) || is_null(&parser->nodes[right]))) {
		node.op = op == OP_EQUAL ? OP_MISSING : OP_THERE;
		if (is_null(&parser->nodes[right]))
			node.right = node.left;
		else
			node.left = node.right;
	}
	node.of = parser->nodes[left].of | parser->nodes[right].of;
	return put(parser, at, node);
}

static bool
parse_prefix(struct parser *parser)
{
	static const struct infix prefixes[] = {{"not", OP_NOT, BINDS_NOT},
	                                        {"-", OP_NEGATIVE, BINDS_SIGN}};

	skip_blanks(parser);
	const char *start = parser->at;
	for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
		if (take(parser, prefixes[i].text))
			return parse_level(parser, prefixes[i].binds) &&
			       put_operator(parser, start, prefixes[i].op, parser->count - 1,
			                    parser->count - 1);
	if (take(parser, "(")) {
		if (!parse_level(parser, BINDS_OR))
			return false;
		return take(parser, ")") || fail(parser, start, "this bracket is never closed");
	}
	if (*start == '\'' || *start == '"')
		return parse_text(parser);
	if ((*start >= '0' && *start <= '9') || *start == '.')
		return parse_number(parser);
	if (is_name_byte(*start, true))
		return parse_name(parser);
	return fail(parser, start, "a name, a number or a text should stand here");
}

static const struct infix *
take_infix(struct parser *parser, int least)
{
	const char *start = parser->at;

	for (size_t i = 0; i < INFIXES; i++) {
		if (!take(parser, infixes[i].text))
			continue;
		if (infixes[i].binds >= least)
			return &infixes[i];
		parser->at = start;
		return NULL;
	}
	return NULL;
}

/* One operand, and all that follows which binds at least so tightly. */
static bool
parse_level(struct parser *parser, int least)
{
	const struct infix *infix;
	bool compared = false;

	if (++parser->depth > DEPTH_MAX)
		return fail(parser, parser->at, "the expression is nested too deeply");
	if (!parse_prefix(parser))
		return false;
	skip_blanks(parser);
	const char *start = parser->at;
	while ((infix = take_infix(parser, least))) {
		size_t left = parser->count - 1;
		if (infix->binds == BINDS_COMPARE && compared)
			return fail(parser, start, "a comparison has two sides; use `and`");
		compared = infix->binds == BINDS_COMPARE;
		if (!parse_level(parser, infix->binds + 1) ||
		    !put_operator(parser, start, infix->op, left, parser->count - 1))
			return false;
		skip_blanks(parser);
		start = parser->at;
	}
	parser->depth--;
	return true;
}

size_t
tide_expression_parse(const char *text, tide_expression_resolve_fn *resolve, void *closure,
                      struct tide_expression_node nodes[TIDE_EXPRESSION_NODES],
                      struct tide_expression_fault *fault)
{
	struct parser parser = {.text = text,
	                        .at = text,
	                        .resolve = resolve,
	                        .closure = closure,
	                        .nodes = nodes,
	                        .fault = fault};

	if (!parse_level(&parser, BINDS_OR))
		return 0;
	if (*parser.at) {
		(void) fail(&parser, parser.at, "an operator like `and`, `==` or `+` should stand here");
		return 0;
	}
	return parser.count;
}

static struct tide_value
number_value(double number)
{
	return (struct tide_value){.kind = isfinite(number) ? TIDE_VALUE_NUMBER : TIDE_VALUE_NULL,
	                           .number = number};
}

static struct tide_value
boolean_value(bool truth)
{
	return (struct tide_value){.kind = TIDE_VALUE_BOOLEAN,
	                           .number = truth,
	                           .text = truth ? TIDE_TEXT("true") : TIDE_TEXT("false")};
}

static bool
is_number(const struct tide_value *value)
{
	return value->kind == TIDE_VALUE_NUMBER || value->kind == TIDE_VALUE_BOOLEAN;
}

static bool
is_true(const struct tide_value *value)
{
	return is_number(value) && value->number != 0;
}

static bool
is_missing(const struct tide_value *value)
{
	return !is_number(value) && value->kind != TIDE_VALUE_TEXT;
}

static struct tide_value
leaf_value(const struct tide_expression_node *node, const struct tide_expression_row *row)
{
	const struct tide_event *event = row->event;

	switch ((enum tide_expression_leaf) node->op) {
	case TIDE_LEAF_CONSTANT:
		return node->constant;
	case TIDE_LEAF_FIELD:
		return node->index < event->field_count ? event->fields[node->index]
		                                        : number_value(NAN);
	case TIDE_LEAF_PREDICTION:
		return event->prediction;
	case TIDE_LEAF_SCORE:
		return event->score;
	case TIDE_LEAF_LATENCY:
		return number_value(event->latency_ms);
	case TIDE_LEAF_CPU:
		return number_value(event->cpu);
	case TIDE_LEAF_MEMORY:
		return number_value(event->memory);
	case TIDE_LEAF_WEIGHT:
		return number_value(event->weight);
	case TIDE_LEAF_ERROR:
		return boolean_value(event->error);
	case TIDE_LEAF_TARGET:
		return event->target;
	case TIDE_LEAF_KEPT:
		return number_value(row->kept[node->index]);
	case TIDE_LEAF_OUTCOME:
		return number_value(row->outcome[node->index]);
	}
	return number_value(NAN);
}

/* <0, 0, >0 for two values that have an order, 2 for others (which may still be equal). */
static int
order_of(const struct tide_value *left, const struct tide_value *right)
{
	if (is_number(left) && is_number(right))
		return (left->number > right->number) - (left->number < right->number);
	if (left->kind == TIDE_VALUE_TEXT && right->kind == TIDE_VALUE_TEXT) {
		int order = tide_text_compare(left->text, right->text);
		return (order > 0) - (order < 0);
	}
	return 2;
}

static bool
are_equal(const struct tide_value *left, const struct tide_value *right)
{
	char rooms[2][TIDE_TEXT_NUMBER_SIZE];

	if (is_missing(left) || is_missing(right))
		return false;
	if (order_of(left, right) != 2)
		return order_of(left, right) == 0;
	return tide_text_equal(tide_event_value_text(left, rooms[0]),
	                       tide_event_value_text(right, rooms[1]));
}

static struct tide_value
arithmetic(enum op op, const struct tide_value *left, const struct tide_value *right)
{
	if (!is_number(left) || !is_number(right))
		return number_value(NAN);
	switch (op) {
	case OP_PLUS:
		return number_value(left->number + right->number);
	case OP_MINUS:
		return number_value(left->number - right->number);
	case OP_TIMES:
		return number_value(left->number * right->number);
	case OP_OVER:
		return number_value(right->number != 0 ? left->number / right->number : NAN);
	default:
		return number_value(-left->number);
	}
}

static struct tide_value
operator_value(enum op op, const struct tide_value *left, const struct tide_value *right)
{
	int order = order_of(left, right);

	switch (op) {
	case OP_OR:
		return boolean_value(is_true(left) || is_true(right));
	case OP_AND:
		return boolean_value(is_true(left) && is_true(right));
	case OP_NOT:
		return boolean_value(!is_true(left));
	case OP_EQUAL:
		return boolean_value(are_equal(left, right));
	case OP_UNEQUAL:
		return boolean_value(!are_equal(left, right));
	case OP_AT_MOST:
		return boolean_value(order <= 0);
	case OP_BELOW:
		return boolean_value(order < 0);
	case OP_AT_LEAST:
		return boolean_value(order == 0 || order == 1);
	case OP_ABOVE:
		return boolean_value(order == 1);
	case OP_MISSING:
		return boolean_value(is_missing(left));
	case OP_THERE:
		return boolean_value(!is_missing(left));
	default:
		return arithmetic(op, left, right);
	}
}

struct tide_value
tide_expression_value(const struct tide_expression *expression,
                      const struct tide_expression_row *row)
{
	struct tide_value values[TIDE_EXPRESSION_NODES];

	TIDE_ASSERT(expression->count > 0 && expression->count <= TIDE_EXPRESSION_NODES);
	for (size_t i = 0; i < expression->count; i++) {
		const struct tide_expression_node *node = &expression->nodes[i];
		values[i] = node->op <= TIDE_LEAF_OUTCOME
		                    ? leaf_value(node, row)
		                    : operator_value((enum op) node->op, &values[node->left],
		                                     &values[node->right]);
	}
	return values[expression->count - 1];
}

bool
tide_expression_holds(const struct tide_expression *expression,
                      const struct tide_expression_row *row)
{
	if (expression->count == 0)
		return true;
	struct tide_value value = tide_expression_value(expression, row);
	return is_true(&value);
}

double
tide_expression_number(const struct tide_expression *expression,
                       const struct tide_expression_row *row)
{
	struct tide_value value = tide_expression_value(expression, row);

	return is_number(&value) ? value.number : NAN;
}
