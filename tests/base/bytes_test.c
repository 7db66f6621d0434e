#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "base/bytes.h"
#include <math.h>
#include <stdlib.h>

static struct tide_buffer buffer;

static int
buffer_open(void **state)
{
	(void) state;
	tide_text_buffer_init(&buffer, 1 << 20);
	return 0;
}

static int
buffer_close(void **state)
{
	(void) state;
	tide_text_buffer_fini(&buffer);
	return 0;
}

/* A reader of the first `length` bytes, behind which there is nothing that may be read. */
static struct tide_reader
reader_of(const void *bytes, size_t length, uint8_t **copy)
{
	*copy = malloc(length ? length : 1);
	assert_non_null(*copy);
	if (length)
		memcpy(*copy, bytes, length);
	return (struct tide_reader){.at = *copy, .end = *copy + length};
}

static void
numbers_are_written_as_leb128_and_zigzag(void **state)
{
	static const uint8_t expected[] = {0, 127, 128, 1, 0xac, 2, 255, 255, 255, 255, 255, 255,
	                                   255, 255, 255, 1, /* zigzag of 0, -1, 1, the least */
	                                   0, 1, 2, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1};
	static const uint64_t numbers[] = {0, 127, 128, 300, UINT64_MAX};
	static const int64_t signed_numbers[] = {0, -1, 1, INT64_MIN};
	uint8_t *copy;

	(void) state;
	for (size_t i = 0; i < 5; i++)
		tide_bytes_put_number(&buffer, numbers[i]);
	for (size_t i = 0; i < 4; i++)
		tide_bytes_put_signed(&buffer, signed_numbers[i]);
	assert_int_equal(buffer.length, sizeof expected);
	assert_memory_equal(buffer.bytes, expected, sizeof expected);
	struct tide_reader in = reader_of(buffer.bytes, buffer.length, &copy);
	for (size_t i = 0; i < 5; i++)
		assert_true(tide_bytes_number(&in) == numbers[i]);
	for (size_t i = 0; i < 4; i++)
		assert_true(tide_bytes_signed(&in) == signed_numbers[i]);
	assert_true(in.at == in.end && !in.bad);
	assert_int_equal(tide_bytes_number(&in), 0);
	assert_true(in.bad);
	free(copy);
}

static void
a_number_of_more_than_64_bits_is_bad(void **state)
{
	static const uint8_t ten[] = {255, 255, 255, 255, 255, 255, 255, 255, 255, 2};
	static const uint8_t eleven[] = {128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 0};
	struct tide_reader in = {ten, ten + sizeof ten, false};

	(void) state;
	assert_int_equal(tide_bytes_number(&in), 0);
	assert_true(in.bad);
	in = (struct tide_reader){eleven, eleven + sizeof eleven, false};
	assert_int_equal(tide_bytes_number(&in), 0);
	assert_true(in.bad);
}

static void
doubles_and_texts_come_back_with_their_bits(void **state)
{
	static const double doubles[] = {0, -0.0, 1, -1e308, 5e-324, INFINITY, NAN};
	static const uint8_t one[] = {0, 0, 0, 0, 0, 0, 0xf0, 0x3f};
	uint8_t *copy;

	(void) state;
	for (size_t i = 0; i < 7; i++)
		tide_bytes_put_double(&buffer, doubles[i]);
	assert_memory_equal(buffer.bytes + 2 * sizeof(double), one, sizeof one);
	tide_bytes_put_text(&buffer, TIDE_TEXT("a\0b"));
	tide_bytes_put_text(&buffer, TIDE_TEXT(""));
	tide_bytes_put_text(&buffer, (struct tide_text){NULL, 0});
	struct tide_reader in = reader_of(buffer.bytes, buffer.length, &copy);
	for (size_t i = 0; i < 7; i++) {
		double number = tide_bytes_double(&in);
		assert_memory_equal(&number, &doubles[i], sizeof number);
	}
	assert_true(tide_text_equal(tide_bytes_text(&in), TIDE_TEXT("a\0b")));
	struct tide_text empty = tide_bytes_text(&in);
	assert_true(empty.bytes && empty.length == 0);
	assert_null(tide_bytes_text(&in).bytes);
	assert_true(in.at == in.end && !in.bad);
	free(copy);
}

static uint64_t
next(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

/* Any finite double. */
static double
any_double(uint64_t *seed)
{
	double number;
	uint64_t bits;

	do {
		bits = next(seed);
		memcpy(&number, &bits, sizeof number);
	} while (!isfinite(number));
	return number;
}

static void
sums_come_back_exactly_and_add_up(void **state)
{
	uint64_t seed = 42;

	(void) state;
	for (int round = 0; round < 2000; round++) {
		struct tide_sum sum, other, loaded;
		uint8_t *copy;
		tide_sum_start(&sum);
		tide_sum_start(&other);
		for (uint64_t i = next(&seed) % 4; i > 0; i--)
			tide_sum_add(&sum, round % 2 ? any_double(&seed) : (double) i - 2.5);
		tide_sum_add(&other, any_double(&seed));
		tide_text_buffer_reset(&buffer);
		tide_bytes_put_sum(&buffer, &sum);
		tide_bytes_put_sum(&buffer, &other);
		struct tide_reader in = reader_of(buffer.bytes, buffer.length, &copy);
		tide_sum_start(&loaded);
		tide_bytes_sum(&in, &loaded);
		assert_true(tide_sum_equal(&loaded, &sum));
		tide_bytes_sum(&in, &loaded);
		tide_sum_merge(&sum, &other);
		assert_true(tide_sum_equal(&loaded, &sum) && !in.bad && in.at == in.end);
		free(copy);
	}
}

static void
a_sum_of_few_numbers_takes_few_bytes(void **state)
{
	struct tide_sum sum;

	(void) state;
	tide_sum_start(&sum);
	tide_bytes_put_sum(&buffer, &sum);
	assert_int_equal(buffer.length, 1);
	tide_sum_add(&sum, -.1);
	tide_bytes_put_sum(&buffer, &sum);
	assert_in_range(buffer.length, 9, 12);
}

static void
counts_come_back_and_add_up(void **state)
{
	uint64_t counts[300] = {[0] = 1, [7] = UINT64_MAX, [299] = 300}, loaded[300] = {[0] = 5};
	uint8_t *copy;

	(void) state;
	tide_bytes_put_counts(&buffer, counts, 300);
	assert_in_range(buffer.length, 1, 20);
	struct tide_reader in = reader_of(buffer.bytes, buffer.length, &copy);
	tide_bytes_counts(&in, loaded, 300);
	assert_true(!in.bad && in.at == in.end);
	counts[0] = 6;
	assert_memory_equal(loaded, counts, sizeof counts);
	in = (struct tide_reader){copy, copy + buffer.length, false};
	tide_bytes_counts(&in, loaded, 299); /* one place too few */
	assert_true(in.bad);
	free(copy);
}

static void
what_is_cut_short_is_bad_and_gives_zeros(void **state)
{
	struct tide_sum sum, zero;
	uint64_t counts[3] = {1, 2, 3};

	(void) state;
	tide_sum_start(&sum);
	tide_sum_start(&zero);
	tide_sum_add(&sum, .3);
	tide_bytes_put_double(&buffer, 1);
	tide_bytes_put_text(&buffer, TIDE_TEXT("text"));
	tide_bytes_put_sum(&buffer, &sum);
	tide_bytes_put_counts(&buffer, counts, 3);
	for (size_t length = 0; length < buffer.length; length++) {
		uint8_t *copy;
		uint64_t loaded[3] = {0};
		struct tide_reader in = reader_of(buffer.bytes, length, &copy);
		(void) tide_bytes_double(&in);
		(void) tide_bytes_text(&in);
		tide_sum_start(&sum);
		tide_bytes_sum(&in, &sum);
		tide_bytes_counts(&in, loaded, 3);
		assert_true(in.bad && in.at <= in.end);
		assert_true(tide_bytes_double(&in) == 0 && !tide_bytes_text(&in).bytes);
		assert_int_equal(tide_bytes_number(&in), 0);
		tide_sum_start(&sum);
		tide_bytes_sum(&in, &sum);
		assert_true(tide_sum_equal(&sum, &zero));
		free(copy);
	}
}

static void
a_count_without_room_for_its_things_is_bad(void **state)
{
	static const uint8_t three[] = {3, 0, 0, 0, 0, 0, 0};
	struct tide_reader in = {three, three + sizeof three, false};

	(void) state;
	assert_int_equal(tide_bytes_count(&in, 2), 3);
	assert_false(in.bad);
	in = (struct tide_reader){three, three + sizeof three - 1, false};
	assert_int_equal(tide_bytes_count(&in, 2), 0);
	assert_true(in.bad);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, buffer_open, buffer_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	        CASE(numbers_are_written_as_leb128_and_zigzag),
	        CASE(a_number_of_more_than_64_bits_is_bad),
	        CASE(doubles_and_texts_come_back_with_their_bits),
	        CASE(sums_come_back_exactly_and_add_up),
	        CASE(a_sum_of_few_numbers_takes_few_bytes),
	        CASE(counts_come_back_and_add_up),
	        CASE(what_is_cut_short_is_bad_and_gives_zeros),
	        CASE(a_count_without_room_for_its_things_is_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
