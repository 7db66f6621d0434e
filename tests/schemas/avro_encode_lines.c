/* JSON lines on stdin, a schema that ships by name: each line's Avro datum in hex on stdout. */
#include "schemas/avro_encode.h"
#include "schemas/avro_schema.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DATUM_BYTES_MAX (16u << 20)

static int
lines_encode(const struct tide_avro_encoder *encoder, struct tide_error *error)
{
	struct tide_buffer out;
	char *line = NULL;
	size_t room = 0;
	int failed = 0;

	tide_text_buffer_init(&out, DATUM_BYTES_MAX);
	for (ssize_t length; !failed && (length = getline(&line, &room, stdin)) > 0;) {
		tide_text_buffer_reset(&out);
		failed = tide_avro_encode(encoder, (struct tide_text){line, (size_t)length}, &out,
		                          error);
		for (size_t i = 0; !failed && i < out.length; i++)
			printf("%02x", (unsigned)(unsigned char)out.bytes[i]);
		puts("");
	}
	free(line);
	tide_text_buffer_fini(&out);
	return failed;
}

int
main(int argc, char **argv)
{
	const struct tide_avro_schema *schema = tide_avro_schema;
	struct tide_avro_encoder *encoder;
	struct tide_error error = {0};

	while (argc == 2 && schema->name && strcmp(schema->name, argv[1]) != 0)
		schema++;
	if (argc != 2 || !schema->name)
		return TIDE_ERROR_USAGE;
	int failed = tide_avro_encode_new(schema->text, &encoder, &error);
	if (!failed) {
		failed = lines_encode(encoder, &error);
		tide_avro_encode_free(encoder);
	}
	if (failed)
		fprintf(stderr, "%s\n", error.text);
	return failed ? (int)error.code : 0;
}
