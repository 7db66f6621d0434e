#ifndef TIDE_APP_CONFIG_PART_H
#define TIDE_APP_CONFIG_PART_H
#include "app/config_yaml.h"
/* The parts of a config that have a file of their own: readers of TIDE_CONFIG_READ keys. */

/** `inputs`: into is the struct tide_config. */
int tide_config_input_read(struct tide_config_reader *reader, struct yaml_node_s *node, void *into);
/** After all else: refuses a word of a map that nothing uses and that is nearly a known one. */
int tide_config_input_finish(struct tide_config_reader *reader, struct yaml_node_s *root);
/** `format` of an input or output: into is an enum tide_format. */
int tide_config_input_format(struct tide_config_reader *reader, struct yaml_node_s *node,
                             void *into);
/** `schema` of an input: the file's text; into is the struct tide_mapping. */
int tide_config_schema_read(struct tide_config_reader *reader, struct yaml_node_s *node,
                            void *into);
/** `frame` of an input: into is the bool. */
int tide_config_schema_frame(struct tide_config_reader *reader, struct yaml_node_s *node,
                             void *into);
/** Whether schema and mapping go together; `node` is the input. */
int tide_config_schema_check(struct tide_config_reader *reader, const struct yaml_node_s *node,
                             const struct tide_mapping *mapping);
/** `window`: into is a struct tide_window_options with its defaults. */
int tide_config_window_read(struct tide_config_reader *reader, struct yaml_node_s *node,
                            void *into);
/** `rules`: into is the struct tide_config. */
int tide_config_rule_read(struct tide_config_reader *reader, struct yaml_node_s *node, void *into);
/** What rules name must be there: metrics, segments. `rules` is the node that was read. */
int tide_config_rule_finish(struct tide_config_reader *reader, const struct yaml_node_s *rules);
/** Fills config->hash from everything else. Errors: TIDE_ERROR_NO_INPUT (the reference). */
int tide_config_hash_fill(struct tide_config_owned *owned, struct tide_error *error);
#endif
