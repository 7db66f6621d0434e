#ifndef TIDE_APP_LEARN_WINDOWS_H
#define TIDE_APP_LEARN_WINDOWS_H
#include "app/config.h"
#include "detectors/reference.h"
/*
 * What the measures of rules are in the reference's own windows: `reference_std(N)` (SPEC 5.5).
 *
 *  (1) The records of the reference, in windows of `window.size` with nothing late and every label
 *      there, are judged against the reference that was learnt from them.
 *  (2) Nothing is read where no rule asks for it. Errors: TIDE_ERROR_CONFIG, where one does and the
 *      reference has no records or no times.
 */
int tide_learn_windows(const struct tide_config *config, struct tide_columns *columns,
                       struct tide_reference *reference, struct tide_error *error) TIDE_MUSTCHECK;
#endif
