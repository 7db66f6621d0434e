#ifndef TIDE_BASE_ERROR_H
#define TIDE_BASE_ERROR_H
#include "base/assert.h"
/*
 * What the world did to us, told upward once.
 *
 *  (1) A function that can fail returns int (0, or -1 with *error filled in) and takes
 *      `struct tide_error *error` last; any other return type cannot fail.
 *  (2) The error lives on the caller's stack; filling it in allocates nothing.
 *  (3) On failure the object that was asked is unmodified unless its header says otherwise.
 *  (4) `code` is the process exit code that this failure leads to when nobody mends it (SPEC 5.7).
 *  (5) `remedy` says what may be done: the same call again, abort the transaction, or stop.
 *  (6) Leaves do not print; app/ prints the text once.
 */
enum tide_error_code {
	TIDE_ERROR_NONE = 0,
	TIDE_ERROR_MODEL = 1,        /* a gate or rule said no */
	TIDE_ERROR_USAGE = 64,       /* the command line */
	TIDE_ERROR_DATA = 65,        /* input that cannot be read as what it is said to be */
	TIDE_ERROR_NO_INPUT = 66,    /* a file or topic that is not there */
	TIDE_ERROR_UNAVAILABLE = 69, /* broker or registry away */
	TIDE_ERROR_BUG = 70,         /* ours */
	TIDE_ERROR_MEMORY = 71,      /* out of memory or over a configured cap */
	TIDE_ERROR_CREATE = 73,      /* cannot create an output */
	TIDE_ERROR_WRITE = 74,       /* cannot write an output */
	TIDE_ERROR_RESTART = 75,     /* restart me: fenced, unknown outcome, lost member */
	TIDE_ERROR_REPLACED = 76,    /* a live twin has our identity */
	TIDE_ERROR_PERMISSION = 77,  /* an access right is missing */
	TIDE_ERROR_CONFIG = 78,      /* the configuration */
	TIDE_ERROR_INTERRUPTED = 130 /* stopped by a signal after a clean commit */
};

enum tide_remedy { TIDE_STOP, TIDE_RETRY, TIDE_ABORT_TRANSACTION };

struct tide_error {
	enum tide_error_code code;
	enum tide_remedy remedy;
	char text[1024]; /* one sentence for a person: what, where, what to do */
};

/** Fills *error (2) and returns -1, so that a function can end with
 *  `return tide_error_set(...)`. */
int tide_error_set(struct tide_error *error, enum tide_error_code code, enum tide_remedy remedy,
                   const char *format, ...) TIDE_PRINTF(4, 5);

/** tide_error_set with TIDE_STOP: the usual case. */
#define tide_error_stop(error, code, ...) tide_error_set(error, code, TIDE_STOP, __VA_ARGS__)

/** Puts "prefix: " before the text of a set error, cutting at the end; returns -1. */
int tide_error_prefix(struct tide_error *error, const char *format, ...) TIDE_PRINTF(2, 3);
#endif
