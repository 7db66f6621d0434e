#ifndef TIDE_APP_CONFIG_YAML_H
#define TIDE_APP_CONFIG_YAML_H
#include "app/config.h"
/*
 * A YAML document walked by tables: every mapping has a table of the keys it may hold.
 *
 *  (1) A function that returns int returns -1 with reader->error filled in; the text begins with
 *      file:line:column of the node at fault.
 *  (2) What is kept (texts, arrays) lives in the config and dies with it.
 *  (3) Messages show a scalar as it was written, never what `${...}` was replaced by.
 */
#define TIDE_CONFIG_PAIRS_MAX 1000 /* keys of one mapping: the search for doubles is quadratic */

#define TIDE_CONFIG_BUSINESS_KEYS 9

struct yaml_document_s;
struct yaml_node_s;

struct tide_config_piece {
	struct tide_config_piece *next;
	_Alignas(16) char bytes[];
};

/* What is behind the pointer that tide_config_load gives out. */
struct tide_config_owned {
	struct tide_config config; /* first: the caller's pointer is ours */
	struct tide_config_piece *pieces;
	const char *prediction_words[TIDE_FIELDS_MAX]; /* words of mapping.fields, same index */
	const char *label_words[TIDE_FIELDS_MAX];
	uint64_t fields_used[2]; /* [role]: bit i: a measure names mapping.fields[i] */
	struct tide_business business[TIDE_BUSINESS_MAX];
	/* as written, for the hash: fn, fp, mean, of, rate, sum, tn, tp, where; or NULL */
	const char *business_texts[TIDE_BUSINESS_MAX][TIDE_CONFIG_BUSINESS_KEYS];
};

struct tide_config_reader {
	const char *path;
	const char *folder; /* with its last '/', or "" */
	struct yaml_document_s *document;
	struct tide_config_owned *owned;
	struct yaml_node_s *business; /* the value of `business`, read last; or NULL */
	struct tide_error *error;
};

enum tide_config_kind {
	TIDE_CONFIG_TEXT,     /* const char * */
	TIDE_CONFIG_PATH,     /* const char *, made relative to the config's folder */
	TIDE_CONFIG_NUMBER,   /* double */
	TIDE_CONFIG_DURATION, /* int64_t, ms */
	TIDE_CONFIG_READ,     /* the function reads it */
	TIDE_CONFIG_LATER     /* a key of a later release */
};

struct tide_config_key {
	const char *name;
	enum tide_config_kind kind;
	size_t offset;
	int (*read)(struct tide_config_reader *reader, struct yaml_node_s *node, void *into);
};

/** Takes a key that no table has; NULL where there is no such thing. */
typedef int tide_config_yaml_other(struct tide_config_reader *reader, struct yaml_node_s *key,
                                   struct yaml_node_s *value, void *into);

struct tide_config_table {
	const char *what; /* "`window`" */
	const struct tide_config_key *keys;
	size_t count;
	tide_config_yaml_other *other;
};

#define TIDE_CONFIG_TABLE(what, keys, other) {what, keys, sizeof(keys) / sizeof((keys)[0]), other}

/** What a file says, from its root on, which is NULL where it says nothing. */
typedef int tide_config_file_root(struct tide_config_reader *reader, struct yaml_node_s *root);
/** Reads the file at reader->path, at most 1 MiB. Errors: TIDE_ERROR_NO_INPUT, and those of
 *  `read`. */
int tide_config_file_read(struct tide_config_reader *reader, tide_config_file_root *read);

int tide_config_yaml_fail(struct tide_config_reader *reader, const struct yaml_node_s *node,
                          const char *format, ...) TIDE_PRINTF(3, 4);
/** The same of a place within a scalar that stands on one line as it is. */
int tide_config_yaml_fail_inside(struct tide_config_reader *reader, const struct yaml_node_s *node,
                                 size_t offset, const char *format, ...) TIDE_PRINTF(4, 5);
/** Zeroed memory that lives as long as the config; NULL with reader->error filled in. */
void *tide_config_yaml_keep(struct tide_config_reader *reader, size_t size_bytes);

bool tide_config_yaml_is_scalar(const struct yaml_node_s *node);
bool tide_config_yaml_is_list(const struct yaml_node_s *node);
bool tide_config_yaml_is_map(const struct yaml_node_s *node);
/** The scalar as it was written; "" for anything else. */
const char *tide_config_yaml_raw(const struct yaml_node_s *node);
int tide_config_yaml_line(const struct yaml_node_s *node);
size_t tide_config_yaml_length(const struct yaml_node_s *list);
struct yaml_node_s *tide_config_yaml_item(struct tide_config_reader *reader,
                                          const struct yaml_node_s *list, size_t index);
/** The value of a key, or NULL. */
struct yaml_node_s *tide_config_yaml_find(struct tide_config_reader *reader,
                                          const struct yaml_node_s *map, const char *key);

/** Reads a mapping by its table into the struct at `into`. */
int tide_config_yaml_walk(struct tide_config_reader *reader, struct yaml_node_s *node,
                          const struct tide_config_table *table, void *into);
int tide_config_yaml_text(struct tide_config_reader *reader, struct yaml_node_s *node,
                          const char **text);
int tide_config_yaml_path(struct tide_config_reader *reader, struct yaml_node_s *node,
                          const char **path);
int tide_config_yaml_number(struct tide_config_reader *reader, struct yaml_node_s *node,
                            double *number);
int tide_config_yaml_duration(struct tide_config_reader *reader, struct yaml_node_s *node,
                              int64_t *duration_ms);
/** One of the words, by its index; the message lists them. */
int tide_config_yaml_word(struct tide_config_reader *reader, struct yaml_node_s *node,
                          const char *const *words, size_t count, size_t *index);
/** A list of texts, kept; at least one. */
int tide_config_yaml_texts(struct tide_config_reader *reader, struct yaml_node_s *node,
                           const char ***texts, size_t *count);
#endif
