#ifndef TIDE_APP_PROFILE_WORDS_H
#define TIDE_APP_PROFILE_WORDS_H
#include "app/config.h"
#include "base/text.h"
#include "windowing/cell.h"
/*
 * The words of a config that decide what the numbers of a profile mean.
 *
 *  (1) What a prediction is made of, what stands for its values, whether rows have weights, and the
 *      positive class and threshold of each entry of `models`. Where they differ, the profile's
 *      numbers answer another question, and it is refused; entries that only one side has say
 *      nothing. Paths of the map, topics, windows and segments say nothing either: the same records
 *      may stand elsewhere.
 *  (2) A column's type, ignore and min_effect are the profile's own. A config that says otherwise
 *      would be passed over in silence, so it is refused.
 */

/** One object of texts, behind a key that was put. */
void tide_profile_words_put(struct tide_buffer *buffer, const struct tide_config *config);
/** What of the config contradicts the shape of a column, or NULL. */
const char *tide_profile_words_column(const struct tide_config *config, struct tide_text name,
                                      const struct tide_column_shape *shape);
#endif
