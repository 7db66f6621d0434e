#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "base/kolmogorov.h"
#include "detectors/concept/online.h"
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define VALUES 6000
#define CHANGE 3000
#define BYTES_MAX 65536
/* Every detector, by `online`. */
#define EACH_DETECTOR \
	const struct tide_online *online; \
	for (size_t at = 0; (online = tide_online_at(at)); at++)

struct any {
	double words[TIDE_ONLINE_BYTES / sizeof(double)];
};

static struct any state, other;
static uint64_t seed;

static uint64_t
random_bits(void)
{
	uint64_t z = seed += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static double
uniform(void)
{
	return (double) (random_bits() >> 11) * 0x1p-53;
}

/* Errors at a rate of .05, then of .8; the same as numbers, with a little noise. */
static double
value_at(const struct tide_online *online, int i)
{
	double error = uniform() < (i < CHANGE ? .05 : .8), noise = uniform();

	return online->takes == TIDE_ONLINE_NUMBERS ? error + noise / 10 : error;
}

static void
saved(const struct tide_online *online, const struct any *from, struct tide_buffer *out)
{
	tide_text_buffer_init(out, BYTES_MAX);
	online->save(from, out);
	assert_false(out->failed);
}

static bool
loaded(const struct tide_online *online, struct any *to, const void *bytes, size_t length)
{
	struct tide_reader in = {bytes, (const uint8_t *) bytes + length, false};

	memset(to, 0xa5, sizeof *to);
	return online->load(to, &in) && !in.bad && in.at == in.end;
}

static void
assert_same_state(const struct tide_online *online)
{
	struct tide_buffer a, b;

	saved(online, &state, &a);
	saved(online, &other, &b);
	assert_int_equal(a.length, b.length);
	assert_memory_equal(a.bytes, b.bytes, a.length);
	tide_text_buffer_fini(&a);
	tide_text_buffer_fini(&b);
}

static void
names_find_their_detector_and_states_fit(void **unused)
{
	const char *before = "";

	(void) unused;
	EACH_DETECTOR
	{
		assert_ptr_equal(tide_online_find(online->name), online);
		assert_true(strcmp(before, online->name) < 0);
		assert_in_range(online->size, 1, TIDE_ONLINE_BYTES);
		before = online->name;
	}
	assert_int_equal(strcmp(before, "page_hinkley"), 0);
	assert_null(tide_online_find("adwi"));
}

static void
a_jump_of_the_error_rate_is_a_drift_soon_after_it(void **unused)
{
	(void) unused;
	EACH_DETECTOR
	{
		int early = 0, first = 0;
		seed = 7;
		online->reset(&state);
		for (int i = 0; i < VALUES && !first; i++)
			if (online->add(&state, value_at(online, i)) != TIDE_ONLINE_DRIFT)
				continue;
			else if (i < CHANGE)
				early++;
			else
				first = i;
		if (early > 10 || first == 0 || first > CHANGE + 300)
			fail_msg("%s: %d early, then %d", online->name, early, first);
	}
}

static void
a_state_saved_and_loaded_anywhere_goes_on_the_same(void **unused)
{
	struct tide_buffer bytes;

	(void) unused;
	EACH_DETECTOR
	{
		seed = 11;
		online->reset(&state);
		online->reset(&other);
		for (int i = 0; i < VALUES; i++) {
			double value = value_at(online, i);
			assert_int_equal(online->add(&state, value), online->add(&other, value));
			if (i % 7 != 0)
				continue;
			assert_same_state(online);
			saved(online, &other, &bytes);
			assert_true(loaded(online, &other, bytes.bytes, bytes.length));
			tide_text_buffer_fini(&bytes);
		}
		assert_same_state(online);
	}
}

static void
a_drift_leaves_what_reset_leaves(void **unused)
{
	(void) unused;
	EACH_DETECTOR
	{
		int drifts = 0;
		seed = 13;
		online->reset(&state);
		online->reset(&other);
		for (int i = 0; i < VALUES; i++)
			if (online->add(&state, value_at(online, i)) == TIDE_ONLINE_DRIFT) {
				assert_same_state(online);
				drifts++;
			}
		assert_true(drifts > 0);
	}
}

static void
bytes_that_end_early_are_refused(void **unused)
{
	struct tide_buffer bytes;

	(void) unused;
	EACH_DETECTOR
	{
		seed = 17;
		online->reset(&state);
		for (int i = 0; i < 250; i++)
			online->add(&state, value_at(online, i));
		saved(online, &state, &bytes);
		assert_true(loaded(online, &other, bytes.bytes, bytes.length));
		for (size_t length = 0; length < bytes.length; length++)
			assert_false(loaded(online, &other, bytes.bytes, length));
		tide_text_buffer_fini(&bytes);
	}
}

/* Whatever is taken as a state is safe to go on with: the sanitizers look on. */
static void
damaged_bytes_are_refused_or_can_be_gone_on_with(void **unused)
{
	struct tide_buffer bytes;
	int refused = 0, taken = 0;

	(void) unused;
	EACH_DETECTOR
	{
		seed = 19;
		online->reset(&state);
		for (int i = 0; i < 500; i++)
			online->add(&state, value_at(online, i));
		saved(online, &state, &bytes);
		for (int round = 0; round < 2000; round++) {
			size_t place = random_bits() % bytes.length;
			char kept = bytes.bytes[place];
			bytes.bytes[place] = (char) random_bits();
			if (loaded(online, &other, bytes.bytes, bytes.length)) {
				taken++;
				for (int i = 0; i < 200; i++)
					online->add(&other, value_at(online, i));
			} else {
				refused++;
			}
			bytes.bytes[place] = kept;
		}
		tide_text_buffer_fini(&bytes);
	}
	assert_true(refused > 500 && taken > 500);
}

static void
a_constant_is_no_change(void **unused)
{
	static const double constants[] = {0, 1, .5, 1e-300, -3, .1, 1e12};

	(void) unused;
	EACH_DETECTOR
	{
		size_t count = online->takes == TIDE_ONLINE_ERRORS   ? 2
		               : online->takes == TIDE_ONLINE_SHARES ? 4
		                                                     : 7;
		for (size_t c = 0; c < count; c++) {
			online->reset(&state);
			for (int i = 0; i < 20000; i++)
				if (online->add(&state, constants[c]) != TIDE_ONLINE_NONE)
					fail_msg("%s: %g at %d", online->name, constants[c], i);
		}
	}
}

static void
the_largest_numbers_do_no_harm(void **unused)
{
	static const double largest[] = {DBL_MAX, -DBL_MAX, DBL_TRUE_MIN, 0, 1e200};
	struct tide_buffer bytes;

	(void) unused;
	EACH_DETECTOR
	{
		if (online->takes != TIDE_ONLINE_NUMBERS)
			continue;
		seed = 23;
		online->reset(&state);
		for (int i = 0; i < 5000; i++)
			online->add(&state, largest[random_bits() % 5]);
		saved(online, &state, &bytes);
		assert_true(loaded(online, &other, bytes.bytes, bytes.length));
		tide_text_buffer_fini(&bytes);
		assert_same_state(online);
	}
}

/* The i-th of 30 values: `first` below 0, the others spread over 0 to 69 from `from` on. */
static double
newer_at(int i, int first, int from)
{
	return i < first ? -1 : from - .5 + (i - first) * (70.0 - from) / (30 - first);
}

static double
distance(int first, int from)
{
	double most = 0;

	for (double x = -1; x < 70; x += .25) {
		int older = x < 0 ? 0 : (int) x + 1, newer = 0;
		for (int i = 0; i < 30; i++)
			newer += newer_at(i, first, from) <= x;
		most = fmax(most, abs(3 * older - 7 * newer));
	}
	return most / 210;
}

static void
kswin_finds_a_drift_where_the_exact_p_is_at_most_005(void **unused)
{
	static double scratch[71];
	const struct tide_online *online = tide_online_find("kswin");
	int drifts = 0;

	(void) unused;
	for (int at = 0; at < 3 * 70; at++) {
		int first = at % 3, from = at / 3;
		enum tide_online_verdict last = TIDE_ONLINE_NONE;
		online->reset(&state);
		for (int i = 0; i < 70; i++)
			last = online->add(&state, i);
		for (int i = 0; i < 30; i++)
			last = online->add(&state, newer_at(i, first, from));
		double p = tide_kolmogorov_two_sample(distance(first, from), 70, 30, scratch, 71);
		assert_int_equal(last == TIDE_ONLINE_DRIFT, p <= .005);
		drifts += last == TIDE_ONLINE_DRIFT;
	}
	assert_in_range(drifts, 100, 150);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_find_their_detector_and_states_fit),
		cmocka_unit_test(a_jump_of_the_error_rate_is_a_drift_soon_after_it),
		cmocka_unit_test(a_state_saved_and_loaded_anywhere_goes_on_the_same),
		cmocka_unit_test(a_drift_leaves_what_reset_leaves),
		cmocka_unit_test(bytes_that_end_early_are_refused),
		cmocka_unit_test(damaged_bytes_are_refused_or_can_be_gone_on_with),
		cmocka_unit_test(a_constant_is_no_change),
		cmocka_unit_test(the_largest_numbers_do_no_harm),
		cmocka_unit_test(kswin_finds_a_drift_where_the_exact_p_is_at_most_005),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
