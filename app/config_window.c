#include "app/config_part.h"
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static int
read_origin(struct tide_config_reader *reader, struct yaml_node_s *node, void *into)
{
	double number;

	/* An offset of the first boundary from 1970: a duration, or epoch milliseconds. */
	if (tide_text_read_number(tide_text_of(tide_config_yaml_raw(node)), &number)
	    && number > -0x1p53 && number < 0x1p53) {
		*(int64_t *) into = (int64_t) number;
		return 0;
	}
	return tide_config_yaml_duration(reader, node, into);
}

static int
read_early(struct tide_config_reader *reader, struct yaml_node_s *node, void *into)
{
	struct tide_window_options *window = into;
	size_t count;

	if (!tide_config_yaml_is_list(node))
		return tide_config_yaml_fail(reader, node,
			"`early` should be a list of durations like [1h, 1d]");
	count = tide_config_yaml_length(node);
	if (count > TIDE_EARLY_MAX)
		return tide_config_yaml_fail(reader, node, "`early` has more than %d ages",
			TIDE_EARLY_MAX);
	for (size_t i = 0; i < count; i++) {
		struct yaml_node_s *item = tide_config_yaml_item(reader, node, i);

		if (tide_config_yaml_duration(reader, item, &window->early_ms[i]) != 0)
			return -1;
		if (window->early_ms[i] <= (i > 0 ? window->early_ms[i - 1] : 0))
			return tide_config_yaml_fail(reader, item,
				"ages of `early` should ascend and be above 0, but this is `%.64s`",
				tide_config_yaml_raw(item));
	}
	window->early_count = count;
	return 0;
}

static int
read_label_policy(struct tide_config_reader *reader, struct yaml_node_s *node, void *into)
{
	static const char *const words[] = {"first", "last"};
	size_t index;

	if (tide_config_yaml_word(reader, node, words, COUNT(words), &index) != 0)
		return -1;
	*(enum tide_label_policy *) into = index == 0 ? TIDE_LABEL_FIRST : TIDE_LABEL_LAST;
	return 0;
}

static int
read_idle_policy(struct tide_config_reader *reader, struct yaml_node_s *node, void *into)
{
	static const char *const words[] = {"hold"};
	const char *raw = tide_config_yaml_raw(node);
	size_t index;

	(void) into;
	if (strcmp(raw, "advance") == 0 || strcmp(raw, "tick") == 0)
		return tide_config_yaml_fail(reader, node,
			"`%s` comes with a later release; say hold", raw);
	return tide_config_yaml_word(reader, node, words, COUNT(words), &index);
}

int
tide_config_window_read(struct tide_config_reader *reader, struct yaml_node_s *node, void *into)
{
#define TIME(word) \
	{#word, TIDE_CONFIG_DURATION, offsetof(struct tide_window_options, word##_ms), NULL}
	static const struct tide_config_key keys[] = {
		TIME(size), TIME(lateness), TIME(out_of_orderness), TIME(label_horizon),
		TIME(label_lateness), TIME(early_label_ttl), TIME(max_future_skew),
		TIME(idle_timeout),
		{"origin", TIDE_CONFIG_READ, offsetof(struct tide_window_options, origin_ms),
			read_origin},
		{"early", TIDE_CONFIG_READ, 0, read_early},
		{"label_policy", TIDE_CONFIG_READ,
			offsetof(struct tide_window_options, label_policy), read_label_policy},
		{"idle_policy", TIDE_CONFIG_READ, 0, read_idle_policy},
		{"slot", TIDE_CONFIG_LATER, 0, NULL},
	};
#undef TIME
	static const struct tide_config_table table = TIDE_CONFIG_TABLE("`window`", keys, NULL);
	struct tide_window_options *window = into;
	struct yaml_node_s *early, *horizon;

	if (tide_config_yaml_walk(reader, node, &table, into) != 0)
		return -1;
	if (window->size_ms <= 0)
		return tide_config_yaml_fail(reader, node,
			"`window` needs a `size` above 0: say e.g. size: 1h");
	horizon = tide_config_yaml_find(reader, node, "label_horizon");
	if (horizon != NULL && window->lateness_ms > window->label_horizon_ms)
		return tide_config_yaml_fail(reader, horizon,
			"`label_horizon` is shorter than `lateness`: a window's labels would be "
			"final before its predictions; make it at least as long");
	early = tide_config_yaml_find(reader, node, "early");
	if (window->label_horizon_ms == 0)
		return 0;
	for (size_t i = 0; i < window->early_count; i++)
		if (window->early_ms[i] >= window->label_horizon_ms) {
			struct yaml_node_s *item = tide_config_yaml_item(reader, early, i);

			return tide_config_yaml_fail(reader, item,
				"the early age `%.64s` is not below `label_horizon`; take it out",
				tide_config_yaml_raw(item));
		}
	return 0;
}
