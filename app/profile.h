#ifndef TIDE_APP_PROFILE_H
#define TIDE_APP_PROFILE_H
#include "app/config.h"
#include "detectors/reference.h"
/*
 * The profile file of a reference: written by `tidemark reference build`, read by every command
 * whose config says `reference: {profile: FILE}`.
 *
 *  (1) One JSON document of at most 1 GiB (detectors/reference_profile.h). A file that is none, is
 *      cut off, of a newer version, of another problem or contradicts itself is refused with
 *      TIDE_ERROR_DATA, the file's name and the place in it.
 *  (2) A profile whose numbers mean something else in this config is refused (profile_words.h).
 *  (3) The back-test of windows of another size than the config's is left out (SPEC 7.4).
 *  (4) Cells of segments that the config does not declare are left out.
 */

/** Writes the file, whole or not at all: it is made beside `path` and then renamed. */
int tide_profile_write(const struct tide_reference *reference, const struct tide_config *config,
                       const char *path, bool keep_values, struct tide_error *error) TIDE_MUSTCHECK;
/** On success *reference is the caller's. */
int tide_profile_read(const struct tide_config *config, struct tide_columns *columns,
                      struct tide_reference **reference, struct tide_error *error) TIDE_MUSTCHECK;
#endif
