#include "schemas/avro_plan.h"
#include <avro.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define JSON_FLAGS (JSON_REJECT_DUPLICATES | JSON_DECODE_ANY)
#define NAMED_MAX 256     /* named types of one schema */
#define LISTED_MAX 16     /* names in a message */
#define PATH_BYTES 4096   /* longest dotted path of a schema */
#define LEVELS_ALL 1000u  /* below a map everything is kept */

/* A named type and the JSON that defines it: Avro C drops logical types, the JSON has them. */
struct named {
	avro_schema_t schema;
	json_t *json;
	bool open; /* being compiled: to meet it again is a recursion */
};

struct owned {
	struct tide_avro_plan plan; /* first: the caller's pointer is ours */
	avro_schema_t schema;       /* names and symbols are its texts */
	struct tide_avro_step *steps;
	struct tide_text *symbols[NAMED_MAX];
	size_t symbols_count;
};

struct build {
	struct owned *owned;
	const struct tide_mapping *mapping;
	const char **paths; /* all that are mapped */
	size_t path_count, step_room;
	struct named named[NAMED_MAX];
	size_t named_count;
	char path[PATH_BYTES]; /* of the step at hand */
	size_t path_length;
	struct tide_error *error;
};

static int
fail(struct build *build, const char *what)
{
	return tide_error_stop(build->error, TIDE_ERROR_CONFIG, "the Avro schema %s at `%.*s`", what,
	                       (int)build->path_length, build->path);
}

static int
no_memory(struct tide_error *error)
{
	return tide_error_stop(error, TIDE_ERROR_MEMORY, "no memory for an Avro schema");
}

/* Whether the step at hand is mapped itself, or stands on the way to what is. */
static void
look(const struct build *build, bool *mapped, bool *on_way)
{
	size_t length = build->path_length;

	*mapped = *on_way = false;
	for (size_t i = 0; i < build->path_count; i++) {
		if (strncmp(build->paths[i], build->path, length) != 0)
			continue;
		*mapped = *mapped || build->paths[i][length] == '\0';
		*on_way = *on_way || build->paths[i][length] == '.';
	}
	*on_way = *on_way || length == 0;
}

static int
step_new(struct build *build, uint32_t *at)
{
	struct tide_avro_plan *plan = &build->owned->plan;
	struct tide_avro_step *steps = build->owned->steps;

	if (plan->step_count == TIDE_AVRO_STEPS_MAX)
		return fail(build, "has too many fields");
	if (plan->step_count == build->step_room) {
		size_t room = build->step_room ? 2 * build->step_room : 64;

		steps = realloc(steps, room * sizeof(*steps));
		if (!steps)
			return no_memory(build->error);
		build->owned->steps = steps;
		build->step_room = room;
	}
	*at = plan->step_count++;
	steps[*at] = (struct tide_avro_step){.next = plan->step_count};
	return 0;
}

static int compile(struct build *build, avro_schema_t schema, json_t *json,
                   struct tide_text name, unsigned levels, unsigned depth);

static int
compile_fields(struct build *build, avro_schema_t schema, json_t *json, unsigned levels,
               unsigned depth)
{
	json_t *fields = json_object_get(json, "fields");
	size_t count = avro_schema_record_size(schema), length = build->path_length;

	for (size_t i = 0; i < count; i++) {
		struct tide_text name =
		    tide_text_of(avro_schema_record_field_name(schema, (int)i));

		if (length + name.length + 2 > sizeof(build->path))
			return fail(build, "has names that are too long");
		if (length > 0)
			build->path[build->path_length++] = '.';
		memcpy(build->path + build->path_length, name.bytes, name.length);
		build->path_length += name.length;
		if (compile(build, avro_schema_record_field_get_by_index(schema, (int)i),
		            json_object_get(json_array_get(fields, i), "type"), name, levels,
		            depth))
			return -1;
		build->path_length = length;
	}
	return 0;
}

static int
compile_record(struct build *build, avro_schema_t schema, json_t *json, unsigned levels,
               unsigned depth)
{
	struct named *named = build->named, *end = named + build->named_count;

	while (named < end && named->schema != schema)
		named++;
	if (named == end) {
		if (build->named_count == NAMED_MAX)
			return fail(build, "has too many named types");
		*named = (struct named){schema, json, false};
		build->named_count++;
	}
	if (named->open)
		return fail(build, "contains itself, which no record of bounded size can, ");
	named->open = true;
	if (compile_fields(build, schema, named->json, levels, depth))
		return -1;
	named->open = false;
	return 0;
}

static int
compile_branches(struct build *build, avro_schema_t schema, json_t *json, unsigned levels,
                 unsigned depth)
{
	size_t count = avro_schema_union_size(schema);

	for (size_t i = 0; i < count; i++)
		if (compile(build, avro_schema_union_branch(schema, (int)i),
		            json_array_get(json, i), (struct tide_text){"", 0}, levels, depth))
			return -1;
	return 0;
}

static int
compile_symbols(struct build *build, avro_schema_t schema, uint32_t at)
{
	int count = avro_schema_enum_number_of_symbols(schema);
	struct tide_text *symbols = calloc((size_t)count + 1, sizeof(*symbols));

	if (!symbols)
		return no_memory(build->error);
	if (build->owned->symbols_count == NAMED_MAX) {
		free(symbols);
		return fail(build, "has too many enums");
	}
	build->owned->symbols[build->owned->symbols_count++] = symbols;
	for (int i = 0; i < count; i++)
		symbols[i] = tide_text_of(avro_schema_enum_get(schema, i));
	build->owned->steps[at].symbols = symbols;
	build->owned->steps[at].count = (uint32_t)count;
	return 0;
}

static int
compile_fixed(struct build *build, avro_schema_t schema, uint32_t at)
{
	int64_t size = avro_schema_fixed_size(schema);

	if (size < 0 || size > TIDE_RECORD_BYTES_MAX)
		return fail(build, "has a fixed of no possible size");
	build->owned->steps[at].count = (uint32_t)size;
	return 0;
}

/* The unit of the mapped timestamp, where a logical type says it. */
static void
learn_unit(struct build *build, json_t *json)
{
	static const char *const types[] = {
	    [TIDE_TIME_MS] = "timestamp-millis", [TIDE_TIME_S] = NULL,
	    [TIDE_TIME_US] = "timestamp-micros", [TIDE_TIME_NS] = "timestamp-nanos"};
	const char *type = json_string_value(json_object_get(json, "logicalType"));
	const char *mapped = build->mapping->timestamp;

	if (!type || !mapped || strlen(mapped) != build->path_length ||
	    memcmp(mapped, build->path, build->path_length) != 0)
		return;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (types[i] && strcmp(type, types[i]) == 0)
			build->owned->plan.unit = (enum tide_time_unit)i;
}

static int
compile_parts(struct build *build, avro_schema_t schema, json_t *json, uint32_t at,
              unsigned levels, unsigned depth)
{
	static const struct tide_text none = {"", 0};

	switch (build->owned->steps[at].kind) {
	case TIDE_AVRO_RECORD:
		return compile_record(build, schema, json, levels, depth);
	case TIDE_AVRO_UNION:
		build->owned->steps[at].count = (uint32_t)avro_schema_union_size(schema);
		return compile_branches(build, schema, json, levels, depth);
	case TIDE_AVRO_ARRAY:
		return compile(build, avro_schema_array_items(schema),
		               json_object_get(json, "items"), none, levels, depth);
	case TIDE_AVRO_MAP:
		return compile(build, avro_schema_map_values(schema),
		               json_object_get(json, "values"), none,
		               build->owned->steps[at].kept ? LEVELS_ALL : 0, depth);
	case TIDE_AVRO_ENUM:
		return compile_symbols(build, schema, at);
	case TIDE_AVRO_FIXED:
		return compile_fixed(build, schema, at);
	case TIDE_AVRO_LONG:
		learn_unit(build, json);
		return 0;
	default:
		return 0;
	}
}

/* `levels`: how many levels from here on are kept because of what stands above. */
static int
compile(struct build *build, avro_schema_t schema, json_t *json, struct tide_text name,
        unsigned levels, unsigned depth)
{
	static const enum tide_avro_kind kinds[] = {
	    [AVRO_STRING] = TIDE_AVRO_STRING, [AVRO_BYTES] = TIDE_AVRO_BYTES,
	    [AVRO_INT32] = TIDE_AVRO_INT,     [AVRO_INT64] = TIDE_AVRO_LONG,
	    [AVRO_FLOAT] = TIDE_AVRO_FLOAT,   [AVRO_DOUBLE] = TIDE_AVRO_DOUBLE,
	    [AVRO_BOOLEAN] = TIDE_AVRO_BOOLEAN, [AVRO_NULL] = TIDE_AVRO_NULL,
	    [AVRO_RECORD] = TIDE_AVRO_RECORD, [AVRO_ENUM] = TIDE_AVRO_ENUM,
	    [AVRO_FIXED] = TIDE_AVRO_FIXED,   [AVRO_MAP] = TIDE_AVRO_MAP,
	    [AVRO_ARRAY] = TIDE_AVRO_ARRAY,   [AVRO_UNION] = TIDE_AVRO_UNION};
	bool mapped, on_way;
	struct tide_avro_step *step;
	uint32_t at;

	if (is_avro_link(schema))
		schema = avro_schema_link_target(schema);
	if (depth > TIDE_NESTING_MAX)
		return fail(build, "nests too deep");
	if (step_new(build, &at))
		return -1;
	look(build, &mapped, &on_way);
	step = &build->owned->steps[at];
	step->kind = kinds[avro_typeof(schema)];
	step->name = name;
	step->kept = mapped || on_way || levels > 0;
	if (!is_avro_union(schema)) { /* what is chosen in a union is at the union's level */
		levels -= levels > 0;
		if (mapped && levels == 0)
			levels = 1;
	}
	if (compile_parts(build, schema, json, at, levels, depth + 1))
		return -1;
	build->owned->steps[at].next = build->owned->plan.step_count;
	return 0;
}

/* Whether a record of the schema can have that path; the same search as in a record. */
static bool
reaches(const struct tide_avro_plan *plan, uint32_t at, struct tide_text path)
{
	const struct tide_avro_step *step = &plan->steps[at];

	if (step->kind == TIDE_AVRO_MAP)
		return true;
	if (step->kind != TIDE_AVRO_RECORD && step->kind != TIDE_AVRO_UNION)
		return false;
	for (uint32_t part = at + 1; part < step->next; part = plan->steps[part].next) {
		struct tide_text name = plan->steps[part].name;

		if (step->kind == TIDE_AVRO_UNION) {
			if (reaches(plan, part, path))
				return true;
		} else if (tide_text_equal(name, path) ||
		           (path.length > name.length && path.bytes[name.length] == '.' &&
		            memcmp(path.bytes, name.bytes, name.length) == 0 &&
		            reaches(plan, part,
		                    (struct tide_text){path.bytes + name.length + 1,
		                                       path.length - name.length - 1}))) {
			return true;
		}
	}
	return false;
}

/* The names of the record that the first parts of the path lead to. */
static int
fail_path(const struct tide_avro_plan *plan, const char *path, struct tide_error *error)
{
	char names[512] = "";
	size_t length = 0, count = 0;
	uint32_t at = 0;

	for (const char *dot = strchr(path, '.'); dot; dot = strchr(dot + 1, '.')) {
		struct tide_text head = {path, (size_t)(dot - path)};
		uint32_t part = 1;

		while (part < plan->steps[0].next && !tide_text_equal(plan->steps[part].name, head))
			part = plan->steps[part].next;
		if (part < plan->steps[0].next && plan->steps[part].kind == TIDE_AVRO_RECORD)
			at = part;
	}
	for (uint32_t part = at + 1; part < plan->steps[at].next; part = plan->steps[part].next) {
		struct tide_text name = plan->steps[part].name;

		if (count++ == LISTED_MAX || length + name.length + 8 > sizeof(names))
			break;
		length += (size_t)snprintf(names + length, sizeof(names) - length, "%s%.*s",
		                           count > 1 ? ", " : "", (int)name.length, name.bytes);
	}
	return tide_error_stop(error, TIDE_ERROR_CONFIG,
	                       "`map` names `%.128s`, which the Avro schema does not have; %s%.*s "
	                       "has %s%s", path, at > 0 ? "its " : "it",
	                       (int)plan->steps[at].name.length, plan->steps[at].name.bytes, names,
	                       count > LISTED_MAX ? " …" : "");
}

static void
add_path(struct build *build, const char *path)
{
	if (path)
		build->paths[build->path_count++] = path;
}

static int
gather_paths(struct build *build)
{
	const struct tide_mapping *mapping = build->mapping;
	const char *words[] = {mapping->timestamp, mapping->model,   mapping->version,
	                       mapping->prediction, mapping->proba,  mapping->target,
	                       mapping->latency,    mapping->error,  mapping->weight,
	                       mapping->features,   mapping->cpu,    mapping->memory};
	size_t word_count = sizeof(words) / sizeof(words[0]);

	build->paths = calloc(word_count + mapping->id_count + mapping->column_path_count +
	                          mapping->field_count, sizeof(*build->paths));
	if (!build->paths)
		return no_memory(build->error);
	for (size_t i = 0; i < word_count; i++)
		add_path(build, words[i]);
	for (size_t i = 0; i < mapping->id_count; i++)
		add_path(build, mapping->id[i]);
	for (size_t i = 0; i < mapping->field_count; i++)
		add_path(build, mapping->fields[i]);
	for (size_t i = 0; i < mapping->column_path_count; i++)
		add_path(build, mapping->column_paths[i]);
	return 0;
}

static int
compile_all(struct build *build, json_t *json)
{
	struct owned *owned = build->owned;
	const char *text = build->mapping->avro_schema;

	if (avro_schema_from_json_length(text, strlen(text), &owned->schema))
		return tide_error_stop(build->error, TIDE_ERROR_CONFIG,
		                       "the Avro schema is none: %.300s", avro_strerror());
	if (!is_avro_record(owned->schema))
		return tide_error_stop(build->error, TIDE_ERROR_CONFIG,
		                       "the Avro schema is of a %.32s, but a record is needed",
		                       avro_schema_type_name(owned->schema));
	if (gather_paths(build) ||
	    compile(build, owned->schema, json, (struct tide_text){"", 0}, 0, 0))
		return -1;
	owned->plan.steps = owned->steps;
	for (size_t i = 0; i < build->path_count; i++)
		if (!reaches(&owned->plan, 0, tide_text_of(build->paths[i])))
			return fail_path(&owned->plan, build->paths[i], build->error);
	return 0;
}

int
tide_avro_plan_new(const struct tide_mapping *mapping, struct tide_avro_plan **plan,
                   struct tide_error *error)
{
	struct build *build = calloc(1, sizeof(*build));
	struct owned *owned = calloc(1, sizeof(*owned));
	json_t *json = NULL;
	json_error_t where;
	int failed;

	if (!build || !owned) {
		failed = no_memory(error);
	} else if (!mapping->avro_schema) {
		failed = tide_error_stop(error, TIDE_ERROR_CONFIG,
		                         "format avro needs `schema`: name the writer's .avsc file");
	} else if (!(json = json_loads(mapping->avro_schema, JSON_FLAGS, &where))) {
		failed = tide_error_stop(error, TIDE_ERROR_CONFIG,
		                         "the Avro schema is no JSON: line %d: %.200s", where.line,
		                         where.text);
	} else {
		*build = (struct build){.owned = owned, .mapping = mapping, .error = error};
		owned->plan.unit = mapping->unit;
		failed = compile_all(build, json);
	}
	json_decref(json);
	if (build)
		free(build->paths);
	free(build);
	if (failed && owned)
		tide_avro_plan_free(&owned->plan);
	else
		*plan = owned ? &owned->plan : NULL;
	return failed;
}

void
tide_avro_plan_free(struct tide_avro_plan *plan)
{
	struct owned *owned = (struct owned *)plan;

	if (!owned)
		return;
	for (size_t i = 0; i < owned->symbols_count; i++)
		free(owned->symbols[i]);
	free(owned->steps);
	if (owned->schema)
		avro_schema_decref(owned->schema);
	free(owned);
}
