#ifndef TIDE_BASE_HASH_H
#define TIDE_BASE_HASH_H
#include "base/text.h"
/*
 * Two kinds of hash, never mixed up.
 *
 *  (1) tide_hash_keyed: 128 bits, keyed by a secret seed; for tables keyed by the world's ids.
 *      Nothing that anybody can see depends on it (SPEC 3.6).
 *  (2) tide_hash_plain: 64 bits without a seed; the same on every host and run; for choices that
 *      must not depend on arrival: which values stay under a cap, ties in an order.
 *  (3) tide_hash_sha256: identity of documents and alerts (SPEC 4.1, 4.4).
 * XXH3 (xxHash 0.8), SHA-256 (FIPS 180-4, libcrypto).
 */
struct tide_hash {
	uint64_t high, low;
};

struct tide_hash tide_hash_keyed(struct tide_text text, uint64_t seed);
uint64_t tide_hash_plain(struct tide_text text);
struct tide_hash tide_hash_plain128(struct tide_text text);

/** Hex of the first `hex_length` (even, <= 64) digits of SHA-256, 0-terminated into hex. */
void tide_hash_sha256(struct tide_text text, char *hex, size_t hex_length);
#endif
