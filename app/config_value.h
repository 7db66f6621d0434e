#ifndef TIDE_APP_CONFIG_VALUE_H
#define TIDE_APP_CONFIG_VALUE_H
#include "app/config_yaml.h"
#include "alerts/rule.h"
/*
 * The small languages inside scalars. The functions that return bool say false for a text that is
 * not in the language and leave the result as it was.
 */
/** Edits (insert, delete, replace) between two words; 99 for words longer than 63 bytes. */
size_t tide_config_value_distance(const char *a, const char *b);
/** `90s`, `28d`, `0s`, `0`: units ms s m h d w. */
bool tide_config_value_duration(const char *text, int64_t *duration_ms);
/** The metric whose name is most like this one. */
const char *tide_config_rule_nearest(const char *metric, const struct tide_measures *measures);
#define TIDE_CONFIG_DURATION_SIZE 32
/** Writes a duration in its largest whole unit, as the config would say it. */
void tide_config_value_duration_text(int64_t duration_ms, char text[TIDE_CONFIG_DURATION_SIZE]);
/** `1 GiB`, `512 MiB`, `64 KiB`, `4096`: bytes, at least one. */
bool tide_config_value_size(const char *text, size_t *size_bytes);
/** `2026-01-02T03:04:05.678Z` or with an offset like +01:00. */
bool tide_config_value_time(const char *text, int64_t *time_ms);
/** The right-hand side of a comparison (SPEC 5.5). */
bool tide_config_value_side(const char *text, enum tide_rule_side *side, double *number);
/** `A sep B`, e.g. `2 of 3`: two texts around a separator. Whole unsigned numbers. */
bool tide_config_value_m_of_n(const char *text, unsigned *m, unsigned *n);
/** `1 per 30d`. */
bool tide_config_value_rate(const char *text, double *count, int64_t *per_ms);
/** `${env:NAME}` and `${file:PATH}` put in place (1 MiB at most); the result is kept. */
int tide_config_value_substitute(struct tide_config_reader *reader, const struct yaml_node_s *node,
                                 const char *raw, const char **text);
#endif
