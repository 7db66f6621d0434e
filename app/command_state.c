#include "app/command_state.h"
#include "app/command.h"
#include "base/log.h"
#include "consumer/kafka_group.h"
#include <string.h>
#include <time.h>

#define LEAVE_S 60 /* a worker that ended is a member until its session is over */

const char tide_command_state_help[] =
        "usage: tidemark state inspect CONFIG [--json]\n"
        "       tidemark state repair CONFIG [--yes]\n\n"
        "What a worker of this config would find if it started now: committed offsets, snapshots,\n"
        "and what rules remember, in the state topic. inspect says it, joins no group and writes\n"
        "nothing; exit 65 where a start would refuse. repair makes the state fit the committed\n"
        "offsets where a start refuses it: what was of another commit, program or config is\n"
        "forgotten, and so are open alerts of the partition; results go on from the offsets. It\n"
        "says what it would write, and writes it with --yes, in one transaction, while no\n"
        "worker runs (else exit 75, after a minute).\n\n"
        "  tidemark state inspect fraud.yaml\n"
        "  tidemark state repair fraud.yaml --yes\n";

static int64_t
clock_ms(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int
members_leave(const struct tide_config *config, const char *group, struct tide_error *error)
{
	const struct timespec pause = {.tv_sec = 1};
	int64_t until_ms = clock_ms(CLOCK_MONOTONIC) + LEAVE_S * 1000;
	bool told = false;
	size_t members;

	for (;;) {
		if (tide_kafka_group_members(config->kafka, group, &members, error))
			return -1;
		if (members == 0)
			return 0;
		if (clock_ms(CLOCK_MONOTONIC) >= until_ms)
			return tide_error_stop(error, TIDE_ERROR_RESTART,
			                       "the group %s has %zu members: stop its workers, wait "
			                       "until their session is over, and say this again",
			                       group, members);
		if (!told)
			tide_log(TIDE_LOG_INFO, "state",
			         "the group %s has %zu members; waiting until their session is over",
			         group, members);
		told = true;
		nanosleep(&pause, NULL);
	}
}

static int
state_inspect(struct tide_config *config, bool json, struct tide_error *error)
{
	struct tide_state_view view;
	struct tide_buffer out;
	size_t members;

	int failed = tide_state_view_read(&view, config, error) ||
	             tide_kafka_group_members(config->kafka, view.names.group, &members, error);
	tide_text_buffer_init(&out, (size_t) 64 << 20);
	if (!failed && json)
		tide_command_state_print_json(&out, &view, members);
	else if (!failed)
		tide_command_state_print(&out, &view, members, clock_ms(CLOCK_REALTIME));
	fwrite(out.bytes, 1, out.length, stdout);
	tide_text_buffer_fini(&out);
	if (!failed && tide_state_view_refusal(&view))
		failed = tide_error_stop(error, TIDE_ERROR_DATA, "a start refuses: %.900s",
		                         tide_state_view_refusal(&view)->text);
	tide_state_view_close(&view);
	return failed ? -1 : 0;
}

static int
state_repair(struct tide_config *config, bool yes, struct tide_error *error)
{
	struct tide_state_view view;
	struct tide_service_names names;

	if (tide_service_names(config, "", NULL, &names, error) ||
	    members_leave(config, names.group, error))
		return -1;
	int failed = tide_state_view_read(&view, config, error);
	if (!failed)
		failed = tide_command_state_repair(&view, yes, error);
	tide_state_view_close(&view);
	return failed;
}

int
tide_command_state(int argc, char **argv)
{
	const char *words[2] = {NULL};
	bool json = false, yes = false;
	const struct tide_command_option options[] = {{"--json", NULL, &json},
	                                              {"--yes", NULL, &yes},
	                                              {0}};
	struct tide_error error = {0};
	struct tide_config *config;

	if (!tide_command_words(argc, argv, options, words, 2, tide_command_state_help))
		return TIDE_ERROR_USAGE;
	bool inspect = words[0] && strcmp(words[0], "inspect") == 0;
	bool repair = words[0] && strcmp(words[0], "repair") == 0;
	if (!words[1] || (!inspect && !repair) || (inspect && yes) || (repair && json)) {
		fprintf(stderr, "tidemark: inspect or repair, and a config\n%s",
		        tide_command_state_help);
		return TIDE_ERROR_USAGE;
	}
	if (tide_config_load(words[1], &config, &error))
		return tide_command_failure(&error);
	int failed = tide_command_topics_broker(config, &error);
	if (!failed)
		failed = inspect ? state_inspect(config, json, &error)
		                 : state_repair(config, yes, &error);
	tide_config_free(config);
	return failed ? tide_command_failure(&error) : 0;
}
