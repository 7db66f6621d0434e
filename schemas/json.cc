/* The only file that knows simdjson. On-demand is lazy, so the walk below touches every value. */
#define SIMDJSON_EXCEPTIONS 0
#include "schemas/json.h"
#include "schemas/mapping.h"
#include <cmath>
#include <cstdlib>
#include <new>
#include <simdjson.h>
#include <string_view>
#include <utility>

namespace ondemand = simdjson::ondemand;

static_assert(TIDE_JSON_PADDING >= simdjson::SIMDJSON_PADDING, "the parser reads past the record");

struct tide_json {
	ondemand::parser parser;
	struct tide_json_node *nodes = nullptr;
	uint32_t count = 0;
};

namespace
{

const char *put_value(struct tide_json *json, ondemand::value value, std::string_view key,
                      unsigned depth);

const char *
reason_of(simdjson::error_code code)
{
	switch (code) {
	case simdjson::UTF8_ERROR:
		return "not_utf8";
	case simdjson::EMPTY:
		return "empty";
	case simdjson::CAPACITY:
		return "too_large";
	case simdjson::DEPTH_ERROR:
		return "too_deep";
	default:
		return "not_json";
	}
}

struct tide_text
text_of(std::string_view view)
{
	struct tide_text text = {view.data(), view.size()};

	return text;
}

bool
is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

size_t
digits_at(std::string_view token, size_t at)
{
	while (at < token.size() && is_digit(token[at]))
		at++;
	return at;
}

/* The grammar is checked here: a failed conversion of a good number can only be its size. */
bool
is_number(std::string_view token)
{
	size_t at = !token.empty() && token[0] == '-';
	size_t end = digits_at(token, at);

	if (end == at || (token[at] == '0' && end > at + 1))
		return false;
	at = end;
	if (at < token.size() && token[at] == '.') {
		end = digits_at(token, at + 1);
		if (end == at + 1)
			return false;
		at = end;
	}
	if (at < token.size() && (token[at] == 'e' || token[at] == 'E')) {
		at++;
		at += at < token.size() && (token[at] == '+' || token[at] == '-');
		end = digits_at(token, at);
		if (end == at)
			return false;
		at = end;
	}
	return at == token.size();
}

bool
is_space(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

std::string_view
trim(std::string_view token)
{
	while (!token.empty() && is_space(token.back()))
		token.remove_suffix(1);
	while (!token.empty() && is_space(token.front()))
		token.remove_prefix(1);
	return token;
}

const char *
put_scalar(struct tide_json_node *node, ondemand::value value, std::string_view token)
{
	node->text = text_of(token);
	if (token == "null") {
		node->kind = TIDE_JSON_NULL;
		node->text.length = 0;
		return nullptr;
	}
	if (token == "true" || token == "false") {
		node->kind = TIDE_JSON_BOOLEAN;
		node->number = token == "true";
		return nullptr;
	}
	if (!is_number(token))
		return "not_json";
	node->kind = TIDE_JSON_NUMBER;
	if (value.get_double().get(node->number)) {
		node->kind = TIDE_JSON_HUGE;
		node->number = token[0] == '-' ? -HUGE_VAL : HUGE_VAL;
	}
	return nullptr;
}

const char *
put_members(struct tide_json *json, ondemand::object object, unsigned depth)
{
	for (auto member : object) {
		ondemand::field field;
		std::string_view key;

		if (auto code = std::move(member).get(field))
			return reason_of(code);
		if (auto code = field.unescaped_key().get(key))
			return reason_of(code);
		if (key.size() > TIDE_TEXT_BYTES_MAX)
			return "too_long";
		if (const char *reason = put_value(json, field.value(), key, depth + 1))
			return reason;
	}
	return nullptr;
}

const char *
put_elements(struct tide_json *json, ondemand::array array, unsigned depth)
{
	for (auto element : array) {
		ondemand::value value;

		if (auto code = std::move(element).get(value))
			return reason_of(code);
		if (const char *reason = put_value(json, value, std::string_view(), depth + 1))
			return reason;
	}
	return nullptr;
}

struct tide_json_node *
node_new(struct tide_json *json, std::string_view key)
{
	struct tide_json_node *node = &json->nodes[json->count++];

	*node = tide_json_node();
	node->key = text_of(key);
	node->next = json->count;
	return node;
}

const char *
put_nested(struct tide_json *json, ondemand::value value, bool is_object,
           struct tide_json_node *node, unsigned depth)
{
	const char *reason;

	if (depth > TIDE_NESTING_MAX)
		return "too_deep";
	if (is_object) {
		ondemand::object object;

		node->kind = TIDE_JSON_OBJECT;
		if (auto code = value.get_object().get(object))
			return reason_of(code);
		reason = put_members(json, object, depth);
	} else {
		ondemand::array array;

		node->kind = TIDE_JSON_ARRAY;
		if (auto code = value.get_array().get(array))
			return reason_of(code);
		reason = put_elements(json, array, depth);
	}
	node->next = json->count;
	return reason;
}

const char *
put_value(struct tide_json *json, ondemand::value value, std::string_view key, unsigned depth)
{
	ondemand::json_type type;
	std::string_view text;
	struct tide_json_node *node;

	if (json->count == TIDE_JSON_NODES_MAX)
		return "too_large";
	node = node_new(json, key);
	if (auto code = value.type().get(type))
		return reason_of(code);
	if (type == ondemand::json_type::object || type == ondemand::json_type::array)
		return put_nested(json, value, type == ondemand::json_type::object, node, depth);
	if (type != ondemand::json_type::string)
		return put_scalar(node, value, trim(value.raw_json_token()));
	if (auto code = value.get_string().get(text))
		return reason_of(code);
	node->kind = TIDE_JSON_TEXT;
	node->text = text_of(text);
	return text.size() > TIDE_TEXT_BYTES_MAX ? "too_long" : nullptr;
}

/* What does not begin as an object: another JSON value, or no JSON at all. */
const char *
reason_of_other(std::string_view all)
{
	if (all.empty())
		return "empty";
	if (all[0] == '[' || all[0] == '"' || all == "null" || all == "true" || all == "false" ||
	    is_number(all))
		return "not_object";
	return "not_json";
}

} // namespace

struct tide_json *
tide_json_new(void)
{
	struct tide_json *json = new (std::nothrow) tide_json;

	if (!json)
		return nullptr;
	json->nodes = static_cast<struct tide_json_node *>(
	    calloc(TIDE_JSON_NODES_MAX, sizeof(*json->nodes)));
	if (!json->nodes || json->parser.allocate(TIDE_RECORD_BYTES_MAX)) {
		tide_json_free(json);
		return nullptr;
	}
	return json;
}

void
tide_json_free(struct tide_json *json)
{
	if (json)
		free(json->nodes);
	delete json;
}

const char *
tide_json_parse(struct tide_json *json, const uint8_t *bytes, size_t size,
                const struct tide_json_node **nodes)
{
	ondemand::document document;
	ondemand::object object;

	if (size == 0)
		return "empty";
	if (size > TIDE_RECORD_BYTES_MAX)
		return "too_large";
	if (auto code = json->parser.iterate(bytes, size, size + TIDE_JSON_PADDING).get(document))
		return reason_of(code);
	std::string_view all = trim({reinterpret_cast<const char *>(bytes), size});
	if (all.empty() || all[0] != '{')
		return reason_of_other(all);
	if (auto code = document.get_object().get(object))
		return reason_of(code);
	json->count = 0;
	struct tide_json_node *root = node_new(json, std::string_view());
	root->kind = TIDE_JSON_OBJECT;
	if (const char *reason = put_members(json, object, 1))
		return reason;
	/* An iterator that is alive and behind its last token has no location. */
	if (document.current_location().error() != simdjson::OUT_OF_BOUNDS)
		return "not_json";
	root->next = json->count;
	*nodes = json->nodes;
	return nullptr;
}

bool
tide_json_is_utf8(struct tide_text text)
{
	return simdjson::validate_utf8(text.bytes, text.length);
}
