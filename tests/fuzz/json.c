/* The first byte chooses the mapping, the rest is a record. */
#include "fuzz.h"

static const struct tide_mapping binary = {.role = TIDE_PREDICTIONS,
                                           .id = {"id", "o.id"},
                                           .id_count = 2,
                                           .timestamp = "ts",
                                           .model = "model",
                                           .version = "version",
                                           .prediction = "prediction",
                                           .proba = "proba",
                                           .features = "features",
                                           .latency = "latency",
                                           .error = "error",
                                           .weight = "weight",
                                           .fields = {"o.f", "a.b.c"},
                                           .field_count = 2,
                                           .problem = TIDE_PROBLEM_BINARY};
static const struct tide_mapping classes = {.id = {"id"},
                                            .id_count = 1,
                                            .timestamp = "ts",
                                            .unit = TIDE_TIME_RFC3339,
                                            .proba = "proba",
                                            .proba_is_classes = true,
                                            .features = "f",
                                            .problem = TIDE_PROBLEM_MULTICLASS};
static const struct tide_mapping label = {.role = TIDE_LABELS,
                                          .id = {"id"},
                                          .id_count = 1,
                                          .timestamp = "ts",
                                          .unit = TIDE_TIME_NS,
                                          .target = "label",
                                          .weight = "w",
                                          .problem = TIDE_PROBLEM_REGRESSION};

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static struct tide_decoder *decoders[3];

	if (!decoders[0]) {
		decoders[0] = tide_fuzz_decoder(&binary);
		decoders[1] = tide_fuzz_decoder(&classes);
		decoders[2] = tide_fuzz_decoder(&label);
	}
	if (size > 0)
		tide_fuzz_decode(decoders[bytes[0] % 3], bytes + 1, size - 1, TIDE_DECODE_PADDING);
	return 0;
}
