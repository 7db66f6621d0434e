#ifndef TIDE_TESTS_SCHEMAS_REFERENCE_H
#define TIDE_TESTS_SCHEMAS_REFERENCE_H
#include "schemas/decode.h"
/*
 * A slow decoder of JSON over jansson, written from SPEC 3.8 and the headers alone, to be compared
 * with the fast one.
 */
enum tide_reference_verdict {
	TIDE_REFERENCE_READ,      /* the event is filled in; it may be poison */
	TIDE_REFERENCE_UNREADABLE, /* no object that a record may be */
	TIDE_REFERENCE_UNKNOWN    /* jansson cannot tell: a key twice, a number too large for it */
};

/** The event borrows from the reference's memory until the next call. */
enum tide_reference_verdict tide_reference_decode(const struct tide_mapping *mapping,
                                                  struct tide_columns *columns, const char *bytes,
                                                  size_t size, struct tide_event *event);
/** Gives the last document back. */
void tide_reference_end(void);
#endif
