#include "detectors/concept/online.h"
#include <string.h>

extern const struct tide_online tide_adwin, tide_cusum, tide_ddm, tide_eddm, tide_fhddm,
        tide_hddm_a, tide_hddm_w, tide_kswin, tide_page_hinkley;

static const struct tide_online *const registry[] = {
        &tide_adwin,  &tide_cusum,  &tide_ddm,   &tide_eddm,         &tide_fhddm,
        &tide_hddm_a, &tide_hddm_w, &tide_kswin, &tide_page_hinkley,
};
#define DETECTORS (sizeof registry / sizeof *registry)

const struct tide_online *
tide_online_at(size_t index)
{
	return index < DETECTORS ? registry[index] : NULL;
}

const struct tide_online *
tide_online_find(const char *name)
{
	for (size_t i = 0; i < DETECTORS; i++)
		if (strcmp(registry[i]->name, name) == 0)
			return registry[i];
	return NULL;
}
