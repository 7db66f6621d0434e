#include "app/profile_words.h"
#include <math.h>
#include <stdio.h>

#define WORD_BYTES_MAX (1u << 20)

static const char *
proba_word(const struct tide_mapping *map)
{
	if (!map->proba)
		return "not mapped";
	return map->proba_is_classes ? "an object of classes"
	       : map->class_count    ? "an array of classes"
	                             : "a number";
}

/* Classes in the order of an array of scores, and values with what they stand for. */
static void
list_put(struct tide_buffer *buffer, const char *key, const struct tide_mapping *map, bool values)
{
	struct tide_buffer word;
	size_t count = values ? map->value_count : map->class_count;

	tide_text_buffer_init(&word, WORD_BYTES_MAX);
	for (size_t i = 0; i < count; i++) {
		const struct tide_value *to = values ? &map->values[i].to : NULL;
		tide_text_put_format(&word, "%s%s", i ? " " : "",
		                     values ? map->values[i].from : map->classes[i]);
		if (to && to->kind == TIDE_VALUE_TEXT)
			tide_text_put_format(&word, ":%.*s", (int) to->text.length, to->text.bytes);
		else if (to)
			tide_text_put_format(&word, ":%.17g", to->number);
	}
	tide_text_json_key(buffer, key);
	tide_text_json_text(buffer, (struct tide_text){word.bytes ? word.bytes : "", word.length});
	buffer->failed |= word.failed;
	tide_text_buffer_fini(&word);
}

static void
model_put(struct tide_buffer *buffer, const struct tide_model_options *model, bool thresholded)
{
	static const char *const problems[] = {
	        [TIDE_PROBLEM_NONE] = "none",
	        [TIDE_PROBLEM_BINARY] = "classification_binary",
	        [TIDE_PROBLEM_MULTICLASS] = "classification_multiclass",
	        [TIDE_PROBLEM_REGRESSION] = "regression",
	};
	char key[512], threshold[32];

	snprintf(key, sizeof key, "problem_type of %.400s", model->pattern);
	tide_text_json_put_string(buffer, key, problems[model->problem]);
	if (model->problem != TIDE_PROBLEM_BINARY)
		return;
	snprintf(key, sizeof key, "positive_class of %.400s", model->pattern);
	tide_text_json_put_string(buffer, key,
	                          model->positive_class ? model->positive_class : "1 or true");
	if (!thresholded)
		return;
	snprintf(key, sizeof key, "decision_threshold of %.400s", model->pattern);
	snprintf(threshold, sizeof threshold, "%.17g", model->decision_threshold);
	tide_text_json_put_string(buffer, key, threshold);
}

void
tide_profile_words_put(struct tide_buffer *buffer, const struct tide_config *config)
{
	const struct tide_mapping *map = &config->predictions.mapping;

	tide_text_json_open(buffer, '{');
	tide_text_json_put_string(buffer, "prediction", map->prediction ? "mapped" : "not mapped");
	tide_text_json_put_string(buffer, "proba", proba_word(map));
	tide_text_json_put_string(buffer, "weight", map->weight ? "mapped" : "not mapped");
	list_put(buffer, "classes", map, false);
	list_put(buffer, "prediction.values", map, true);
	if (config->has_labels)
		list_put(buffer, "target.values", &config->labels.mapping, true);
	for (size_t i = 0; i < config->model_count; i++)
		model_put(buffer, &config->models[i], !map->prediction);
	tide_text_json_close(buffer, '}');
}

const char *
tide_profile_words_column(const struct tide_config *config, struct tide_text name,
                          const struct tide_column_shape *shape)
{
	size_t at = 0;

	while (at < config->column_count &&
	       !tide_text_matches(name, config->columns[at].pattern))
		at++;
	if (at == config->column_count || shape->type == TIDE_COLUMN_UNKNOWN)
		return NULL;
	const struct tide_column_options *options = &config->columns[at];
	if (options->ignore != (shape->type == TIDE_COLUMN_IGNORED))
		return options->ignore ? "the config ignores it and the profile does not"
		                       : "the profile ignores it and the config does not";
	if (options->ignore)
		return NULL;
	if (options->type != TIDE_COLUMN_UNKNOWN && options->type != shape->type)
		return "the config gives it another type than the profile";
	if (!isnan(options->min_effect) && options->min_effect != shape->min_effect)
		return "the config gives it another min_effect than the profile";
	return NULL;
}
