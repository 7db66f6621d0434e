#ifndef TIDE_APP_COMMAND_STATE_H
#define TIDE_APP_COMMAND_STATE_H
#include "app/state_view.h"
/* What the parts of `tidemark state` say to each other. */

/** For people. */
void tide_command_state_print(struct tide_buffer *out, const struct tide_state_view *view,
                              size_t members, int64_t now_ms);
/** One JSON object; times in ms. */
void tide_command_state_print_json(struct tide_buffer *out, const struct tide_state_view *view,
                                   size_t members);
/** Says what a start would refuse and what is to be written, and with `yes` writes it. */
int tide_command_state_repair(struct tide_state_view *view, bool yes, struct tide_error *error);
#endif
