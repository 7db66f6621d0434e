#ifndef TIDE_APP_COMMAND_H
#define TIDE_APP_COMMAND_H
#include "base/error.h"
#include "base/text.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
/*
 * One function a command: takes the arguments behind its name, returns the exit code (SPEC 5.7).
 * Results go to stdout, what went wrong to stderr, once. Its help stands beside it, its line in the
 * table of main.c.
 */
typedef int tide_command_fn(int argc, char **argv);

extern const char tide_command_demo_help[], tide_command_replay_help[], tide_command_run_help[],
        tide_command_check_help[], tide_command_diff_help[], tide_command_gate_help[],
        tide_command_describe_help[], tide_command_lab_help[], tide_command_reference_help[],
        tide_command_repartition_help[], tide_command_schema_help[],
        tide_command_state_help[], tide_command_test_help[]; /* of `tidemark COMMAND --help` */

tide_command_fn tide_command_demo, tide_command_replay, tide_command_run, tide_command_check,
        tide_command_diff, tide_command_gate, tide_command_describe, tide_command_lab,
        tide_command_reference, tide_command_repartition, tide_command_schema, tide_command_state,
        tide_command_test;

struct tide_alert;
struct tide_config;
struct tide_sink;
struct tide_worker_setup;
struct tide_worker_summary;

/** A word of the command line: one with a value, or a flag. */
struct tide_command_option {
	const char *name;
	const char **value;
	bool *flag;
};

/** Reads options, ended by one without name, and at most words_max other words ("-" is one). False,
 *  and the reason and `help` on stderr: a word is unknown, a value is missing. */
bool tide_command_words(int argc, char **argv, const struct tide_command_option *options,
                        const char **words, size_t words_max,
                        const char *help) TIDE_MUSTCHECK;
/** Reads options, ended by one without name, and at most one other word into *config. False, and
 *  the reason and `help` on stderr: a word is unknown, a value is missing, there is no config. */
bool tide_command_options(int argc, char **argv, const struct tide_command_option *options,
                          const char **config, const char *help) TIDE_MUSTCHECK;
/** Prints the error once; returns its exit code. */
int tide_command_failure(const struct tide_error *error);


/** What every command that processes records needs: columns, reference, seed. Released by the
 *  caller, also on failure. */
int tide_command_prepare(const struct tide_config *config, struct tide_worker_setup *setup,
                         struct tide_error *error) TIDE_MUSTCHECK;
void tide_command_release(struct tide_worker_setup *setup);
/** What was read and sent, for people. */
void tide_command_summary(FILE *out, const struct tide_worker_summary *summary,
                          const struct tide_sink *sink);
/** A line for people, and the same on stdout for tide_worker_setup.on_alert. */
void tide_command_alert_print(FILE *out, const struct tide_alert *alert, struct tide_text message);
void tide_command_alert(void *closure, const struct tide_alert *alert, struct tide_text message);

/** Refuses a config without broker. */
int tide_command_topics_broker(const struct tide_config *config,
                               struct tide_error *error) TIDE_MUSTCHECK;
/** Refuses a config without broker, or with a topic that is not there (SPEC 4.6). */
int tide_command_topics_require(const struct tide_config *config,
                                struct tide_error *error) TIDE_MUSTCHECK;
/** Says which topics of a config are at the broker and what they keep, warns of policies that do
 *  not fit and of a retention shorter than a rewind (SPEC 3.1), then refuses as require does. */
int tide_command_topics_check(const struct tide_config *config,
                              struct tide_error *error) TIDE_MUSTCHECK;
/** Makes the topics of a config that are not there, and says so. */
int tide_command_topics_create(const struct tide_config *config, int partitions,
                               struct tide_error *error) TIDE_MUSTCHECK;
#endif
