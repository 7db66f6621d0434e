#ifndef TIDE_APP_CONFIG_DETECTORS_H
#define TIDE_APP_CONFIG_DETECTORS_H
#include "app/config_yaml.h"
#include "detectors/reference.h"
/* `detectors`: which measures are made beside those that always are (SPEC 7.1). */

/** into is the struct tide_config. */
int tide_config_detectors_read(struct tide_config_reader *reader, struct yaml_node_s *node,
                               void *into);
/** The i-th dialect that can be asked for, NULL past the end. */
const char *tide_config_detectors_dialect(size_t index);
/** Asks the reference for the measures on demand: those that a rule names, and whole dialects. */
void tide_config_detectors_ask(const struct tide_config *config, struct tide_reference *reference);
#endif
