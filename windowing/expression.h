#ifndef TIDE_WINDOWING_EXPRESSION_H
#define TIDE_WINDOWING_EXPRESSION_H
#include "schemas/event.h"
/*
 * The small language of conditions and amounts over the mapped fields of a record (SPEC 5.8).
 *
 *      or   and   not   == != < <= > >=   + -   * /   - (sign)   ( )
 *
 *  (1) Names, numbers, 'text', "text", true, false, null; operators bind as listed, weakest
 *      first; a comparison has two sides, never three.
 *  (2) A value is a number, a boolean, a text or missing. A boolean is 1 or 0 to a number. Numbers
 *      compare as numbers, texts by bytes; a text and a number are equal where the canonical text
 *      of the number is the text (SPEC 5.3), and have no order.
 *  (3) A missing value equals nothing, has no order, and makes arithmetic missing; so do a text and
 *      a result that is not finite. `== null` asks whether a value is missing. A condition holds
 *      where its value is true or a number other than 0.
 *  (4) A program is at most TIDE_EXPRESSION_NODES nodes, operands before what takes them. It
 *      borrows its texts from the text that was parsed. Pure: no memory, nothing fails after parse.
 *
 * Cost: one step a node; there is no loop and no jump in a program.
 */
#define TIDE_EXPRESSION_NODES 64

/* A number or a name; a name's `index` says which field, or which slot of a row. */
enum tide_expression_leaf {
	TIDE_LEAF_CONSTANT,
	TIDE_LEAF_FIELD, /* of the event: fields[index] */
	TIDE_LEAF_PREDICTION,
	TIDE_LEAF_SCORE,
	TIDE_LEAF_LATENCY,
	TIDE_LEAF_CPU,
	TIDE_LEAF_MEMORY,
	TIDE_LEAF_WEIGHT,
	TIDE_LEAF_ERROR,
	TIDE_LEAF_TARGET,
	TIDE_LEAF_KEPT,   /* of a joined row: what its prediction left */
	TIDE_LEAF_OUTCOME /* what its label left */
};

#define TIDE_OF_PREDICTION 1u
#define TIDE_OF_LABEL 2u

struct tide_expression_name {
	enum tide_expression_leaf leaf;
	uint32_t index;
	unsigned of; /* TIDE_OF_PREDICTION or TIDE_OF_LABEL */
};

struct tide_expression_node {
	unsigned char op, left, right; /* op: a leaf or an operator; operands by their place */
	unsigned char of;              /* sides that it needs, 0: a constant */
	uint32_t index;
	struct tide_value constant;
};

struct tide_expression {
	const struct tide_expression_node *nodes; /* the last one is the whole */
	size_t count;
};

struct tide_expression_fault {
	size_t offset; /* in the text */
	const char *message;
	struct tide_text name; /* that `resolve` refused; empty: something else is wrong */
};

/** What a name means; false: nothing. */
typedef bool tide_expression_resolve_fn(void *closure, struct tide_text name,
                                        struct tide_expression_name *found);

/** Writes the program of `text` to nodes; 0 and a fault where it is not in the language. */
size_t tide_expression_parse(const char *text, tide_expression_resolve_fn *resolve, void *closure,
                             struct tide_expression_node nodes[TIDE_EXPRESSION_NODES],
                             struct tide_expression_fault *fault);

/* What names stand for when a program runs; NULL where its leaves are not of that kind. */
struct tide_expression_row {
	const struct tide_event *event;
	const double *kept, *outcome; /* NaN: missing */
};

struct tide_value tide_expression_value(const struct tide_expression *expression,
                                        const struct tide_expression_row *row);
/** (3); an expression of no node always holds. */
bool tide_expression_holds(const struct tide_expression *expression,
                           const struct tide_expression_row *row);
/** A number, 1 or 0 for a boolean, NaN where missing or a text. */
double tide_expression_number(const struct tide_expression *expression,
                              const struct tide_expression_row *row);
#endif
