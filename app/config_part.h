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
/** `models`, `columns` and `target`: into is the struct tide_config. */
int tide_config_model_read(struct tide_config_reader *reader, struct yaml_node_s *node, void *into);
int tide_config_model_columns(struct tide_config_reader *reader, struct yaml_node_s *node,
                              void *into);
int tide_config_model_target(struct tide_config_reader *reader, struct yaml_node_s *node,
                             void *into);
/** `problem_type`: into is an enum tide_problem. */
int tide_config_model_problem(struct tide_config_reader *reader, struct yaml_node_s *node,
                              void *into);
/** `decision_threshold`: into is a double. */
int tide_config_model_threshold(struct tide_config_reader *reader, struct yaml_node_s *node,
                                void *into);
/** What a model does not say is what the top level says. `models` is the node that was read, or
 *  NULL. */
int tide_config_model_finish(struct tide_config_reader *reader, struct yaml_node_s *root,
                             struct yaml_node_s *models);
/** `schema` of an input: the file's text; into is the struct tide_mapping. */
int tide_config_schema_read(struct tide_config_reader *reader, struct yaml_node_s *node,
                            void *into);
/** `frame` of an input: into is the bool. */
int tide_config_schema_frame(struct tide_config_reader *reader, struct yaml_node_s *node,
                             void *into);
/** Whether schema and mapping go together; `node` is the input. */
int tide_config_schema_check(struct tide_config_reader *reader, const struct yaml_node_s *node,
                             const struct tide_mapping *mapping);
/** `segments` and `fairness`: into is the struct tide_config. */
int tide_config_segment_read(struct tide_config_reader *reader, struct yaml_node_s *node,
                             void *into);
int tide_config_segment_fairness(struct tide_config_reader *reader, struct yaml_node_s *node,
                                 void *into);
/** Segments that are a word of the map of predictions have its field. */
void tide_config_segment_finish(struct tide_config_owned *owned);
/** `window`: into is a struct tide_window_options with its defaults. */
int tide_config_window_read(struct tide_config_reader *reader, struct yaml_node_s *node,
                            void *into);
/** `rules`: into is the struct tide_config. */
int tide_config_pack_read(struct tide_config_reader *reader, struct yaml_node_s *node, void *into);
/** Takes the default rules where `rules` is NULL, else it is the node that was read; checks what
 *  rules name, and drops default rules that no model of the config can break. */
int tide_config_pack_finish(struct tide_config_reader *reader, struct yaml_node_s *rules);
/** One rule: the words of the node over what the struct tide_rule at `into` is already. */
int tide_config_rule_read(struct tide_config_reader *reader, struct yaml_node_s *node, void *into);
/** What a rule names must be there: its metric, segments and pane. */
int tide_config_rule_check(struct tide_config_reader *reader, const struct tide_rule *rule,
                           struct yaml_node_s *node);
/** Fills config->hash from everything else. Errors: TIDE_ERROR_NO_INPUT (the reference). */
int tide_config_hash_fill(struct tide_config_owned *owned, struct tide_error *error);
#endif
