#ifndef TIDE_APP_BACKTEST_H
#define TIDE_APP_BACKTEST_H
#include "app/config.h"
#include "detectors/reference.h"
/*
 * Which columns fail their own back-test, and what to do (SPEC 7.5).
 *
 *  (1) Of each model one line that names every column that a rule tests for drift and that fails,
 *      with the windows in which it would have alarmed had its rows been independent; most first.
 *  (2) Nothing where none fails, where no rule tests drift, or where there is no reference. A
 *      profile whose windows were of another size than the config's is said to know nothing.
 */
void tide_backtest_print(const struct tide_config *config, const struct tide_columns *columns,
                         const struct tide_reference *reference);
#endif
