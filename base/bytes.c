#include "base/bytes.h"

#define GROUP 7 /* bits of a number that a byte holds; the eighth says that more follow */

void
tide_bytes_put_number(struct tide_buffer *out, uint64_t number)
{
	uint8_t bytes[64 / GROUP + 1];
	size_t length = 0;

	while (number >> GROUP) {
		bytes[length++] = (uint8_t) (number & 127) | 128;
		number >>= GROUP;
	}
	bytes[length++] = (uint8_t) number;
	tide_text_put(out, bytes, length);
}

void
tide_bytes_put_signed(struct tide_buffer *out, int64_t number)
{
	tide_bytes_put_number(out, (uint64_t) number << 1 ^ (number < 0 ? UINT64_MAX : 0));
}

void
tide_bytes_put_word(struct tide_buffer *out, uint64_t word)
{
	uint8_t bytes[sizeof word];

	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t) (word >> 8 * i & 255);
	tide_text_put(out, bytes, sizeof bytes);
}

void
tide_bytes_put_double(struct tide_buffer *out, double number)
{
	uint64_t bits;

	memcpy(&bits, &number, sizeof bits);
	tide_bytes_put_word(out, bits);
}

void
tide_bytes_put_text(struct tide_buffer *out, struct tide_text text)
{
	tide_bytes_put_number(out, text.bytes ? text.length + 1 : 0);
	if (text.bytes)
		tide_text_put(out, text.bytes, text.length);
}

/* The bytes above are those of the sign, and at least one is there unless the sum is zero. */
void
tide_bytes_put_sum(struct tide_buffer *out, const struct tide_sum *sum)
{
	uint8_t bytes[TIDE_SUM_BYTES];
	size_t first = 0, end = TIDE_SUM_BYTES;

	tide_sum_save(sum, bytes);
	while (first < end && bytes[first] == 0)
		first++;
	while (end > first + 1 && bytes[end - 1] == (bytes[end - 2] & 128 ? 255 : 0))
		end--;
	tide_bytes_put_number(out, end - first);
	if (first == end)
		return;
	tide_bytes_put_number(out, first);
	tide_text_put(out, bytes + first, end - first);
}

/* Each count that is not zero follows its distance from the one before; a distance of 0 ends. */
void
tide_bytes_put_counts(struct tide_buffer *out, const uint64_t *counts, size_t count)
{
	size_t before = 0;

	for (size_t i = 0; i < count; i++) {
		if (counts[i] == 0)
			continue;
		tide_bytes_put_number(out, i + 1 - before);
		tide_bytes_put_number(out, counts[i]);
		before = i + 1;
	}
	tide_bytes_put_number(out, 0);
}

/* The next bytes, or NULL. */
static const uint8_t *
take(struct tide_reader *in, uint64_t length)
{
	const uint8_t *bytes = in->at;

	if (in->bad || length > (uint64_t) (in->end - in->at)) {
		in->bad = true;
		return NULL;
	}
	in->at += length;
	return bytes;
}

uint64_t
tide_bytes_number(struct tide_reader *in)
{
	uint64_t number = 0;

	for (unsigned shift = 0; shift < 64; shift += GROUP) {
		const uint8_t *byte = take(in, 1);
		if (!byte)
			return 0;
		uint64_t bits = *byte & 127;
		if (bits << shift >> shift != bits)
			break;
		number |= bits << shift;
		if (*byte < 128)
			return number;
	}
	in->bad = true; /* more than 64 bits */
	return 0;
}

int64_t
tide_bytes_signed(struct tide_reader *in)
{
	uint64_t number = tide_bytes_number(in);

	return (int64_t) (number >> 1 ^ (number & 1 ? UINT64_MAX : 0));
}

uint64_t
tide_bytes_word(struct tide_reader *in)
{
	const uint8_t *bytes = take(in, sizeof(uint64_t));
	uint64_t word = 0;

	for (size_t i = sizeof word; bytes && i-- > 0;)
		word = word << 8 | bytes[i];
	return word;
}

double
tide_bytes_double(struct tide_reader *in)
{
	uint64_t bits = tide_bytes_word(in);
	double number;

	memcpy(&number, &bits, sizeof number);
	return number;
}

struct tide_text
tide_bytes_text(struct tide_reader *in)
{
	uint64_t length = tide_bytes_number(in);
	const uint8_t *bytes = length ? take(in, length - 1) : NULL;

	return (struct tide_text){(const char *) bytes, bytes ? (size_t) length - 1 : 0};
}

void
tide_bytes_sum(struct tide_reader *in, struct tide_sum *sum)
{
	uint8_t all[TIDE_SUM_BYTES] = {0};
	uint64_t length = tide_bytes_number(in);
	uint64_t first = length ? tide_bytes_number(in) : 0;
	struct tide_sum other;

	if (length == 0)
		return;
	const uint8_t *bytes = take(in, length);
	if (!bytes || length > TIDE_SUM_BYTES || first > TIDE_SUM_BYTES - length) {
		in->bad = true;
		return;
	}
	memcpy(all + first, bytes, length);
	memset(all + first + length, bytes[length - 1] & 128 ? 255 : 0,
	       TIDE_SUM_BYTES - first - length);
	tide_sum_load(&other, all);
	tide_sum_merge(sum, &other);
}

void
tide_bytes_counts(struct tide_reader *in, uint64_t *counts, size_t count)
{
	size_t at = 0;

	for (uint64_t step; (step = tide_bytes_number(in)); at += step) {
		if (step > count - at) {
			in->bad = true;
			return;
		}
		counts[at + step - 1] += tide_bytes_number(in);
	}
}

uint64_t
tide_bytes_count(struct tide_reader *in, size_t least_bytes)
{
	uint64_t count = tide_bytes_number(in);

	if (count > (uint64_t) (in->end - in->at) / least_bytes)
		in->bad = true;
	return in->bad ? 0 : count;
}
