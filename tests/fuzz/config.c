/* A config. What is accepted says so without an error; what is refused names a place. */
#include "app/config.h"
#include "fuzz.h"
#include <string.h>

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct tide_config *config = NULL;
	struct tide_error error = {0};

	if (tide_config_load(tide_fuzz_file(bytes, size), &config, &error) == 0) {
		TIDE_ASSERT(config && strlen(config->hash) == 16);
		tide_config_free(config);
	} else {
		TIDE_ASSERT(error.code != TIDE_ERROR_NONE && error.text[0] != '\0');
	}
	return 0;
}
