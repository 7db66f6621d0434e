#include "base/hash.h"
#include <openssl/sha.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

struct tide_hash
tide_hash_keyed(struct tide_text text, uint64_t seed)
{
	XXH128_hash_t hash = XXH3_128bits_withSeed(text.bytes, text.length, seed);

	return (struct tide_hash){hash.high64, hash.low64};
}

uint64_t
tide_hash_plain(struct tide_text text)
{
	return XXH3_64bits(text.bytes, text.length);
}

struct tide_hash
tide_hash_plain128(struct tide_text text)
{
	return tide_hash_keyed(text, 0);
}

void
tide_hash_sha256(struct tide_text text, char *hex, size_t hex_length)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char digest[SHA256_DIGEST_LENGTH];

	TIDE_ASSERT(hex_length <= 2 * sizeof digest && hex_length % 2 == 0);
	SHA256((const unsigned char *) text.bytes, text.length, digest);
	for (size_t i = 0; i < hex_length; i += 2) {
		hex[i] = digits[digest[i / 2] >> 4];
		hex[i + 1] = digits[digest[i / 2] & 15];
	}
	hex[hex_length] = 0;
}
