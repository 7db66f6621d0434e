#ifndef TIDE_TESTS_FUZZ_FUZZ_H
#define TIDE_TESTS_FUZZ_FUZZ_H
#include "schemas/decode.h"
/* What the targets share. A target fails by a sanitizer, a signal, or TIDE_ASSERT. */

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/** A decoder for good; asserts. */
struct tide_decoder *tide_fuzz_decoder(const struct tide_mapping *mapping);
/** Decodes a copy with `padding` bytes behind it and holds the event against its contract. */
void tide_fuzz_decode(struct tide_decoder *decoder, const uint8_t *bytes, size_t size,
                      size_t padding);
/** A file that holds the bytes, until the next call; never seen by another process. */
const char *tide_fuzz_file(const uint8_t *bytes, size_t size);
#endif
