#include "schemas/decode.h"

const char *const tide_decode_reasons[] = {
    "empty", "too_large", "not_utf8", "not_json", "not_object", "not_avro", "no_frame",
    "too_deep", "too_long", "missing_id", "bad_id", "missing_timestamp", "bad_timestamp",
    "negative_timestamp", "missing_prediction", "bad_prediction", "missing_target", "bad_target",
    "bad_score", "bad_features", "bad_weight", NULL};

const char *const tide_decode_reasons_text[] = {
    "the record has no bytes, or only white space",
    "the record has more than 1 MiB or more than 65,536 values",
    "the record is not UTF-8",
    "the record is not one whole JSON document",
    "the record is JSON, but not an object",
    "the record is not one whole Avro value of the input's schema",
    "the record does not begin with a zero byte and a four-byte schema id",
    "the record nests deeper than 32 levels",
    "a text or a name in the record is longer than 64 KiB",
    "the mapped id is absent or null",
    "the mapped id is not a non-empty text or an integer of at most 256 bytes",
    "the mapped timestamp is absent or null",
    "the mapped timestamp is not an integer, or not RFC 3339 where that is the unit",
    "the mapped timestamp is before 1970",
    "the mapped prediction is absent or null",
    "the mapped prediction is not a number (regression), or not a number, text or boolean",
    "the mapped target is absent or null",
    "the mapped target is not a number (regression), or not a number, text or boolean",
    "the mapped score is not a number from 0 to 1, or not of the mapped form",
    "the mapped features container is not an object",
    "the mapped weight is not a number from 0 up", NULL};
