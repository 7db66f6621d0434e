#ifndef TIDE_APP_COMMAND_H
#define TIDE_APP_COMMAND_H
#include "base/error.h"
/*
 * One function a command: takes the arguments behind its name, returns the exit code (SPEC 5.7).
 * Results go to stdout, what went wrong to stderr, once.
 */
typedef int tide_command_fn(int argc, char **argv);

tide_command_fn tide_command_demo, tide_command_replay, tide_command_check, tide_command_describe;
tide_command_fn tide_command_reference;
#endif
