#ifndef TIDE_APP_CONFIG_BUSINESS_H
#define TIDE_APP_CONFIG_BUSINESS_H
#include "app/config_yaml.h"
/*
 * `business: {NAME: {rate, of} | {sum, where} | {mean, where} | {value_matrix, where}}` (SPEC 5.8).
 *
 *  (1) Read last, when the maps are known: names are looked up in both maps, and a rule whose
 *      metric is the name of a measure becomes one of its detector with that name as the column.
 *  (2) A measure that needs the label is cut: what speaks of the prediction alone is evaluated
 *      when the prediction comes, and what speaks of the label alone when the label comes. Each
 *      leaves a number, and the rest of the expression is over these (windowing/folds/business.h).
 */

/** `business`: remembers the node for (1). */
int tide_config_business_read(struct tide_config_reader *reader, struct yaml_node_s *node,
                              void *into);
/** Fills config->measures from the remembered node and the maps. */
int tide_config_business_finish(struct tide_config_reader *reader);
/** A condition over the map of predictions alone, and its text. */
int tide_config_business_condition(struct tide_config_reader *reader, struct yaml_node_s *node,
                                   struct tide_expression *condition, const char **text);
/** A rule whose metric is the name of a measure is rewritten (1). */
int tide_config_business_rule(struct tide_config_reader *reader, struct tide_rule *rule,
                              const struct yaml_node_s *node);
#endif
