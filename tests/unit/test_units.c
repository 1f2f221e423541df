/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "core/rng.h"
#include "core/units.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct good {
	enum quantity qty;
	const char *text;
	uint64_t value;
	const char *shortest;
};

static const struct good goods[] = {
	{ QTY_COUNT, "256", 256, "256" },
	{ QTY_COUNT, "0", 0, "0" },
	{ QTY_COUNT, "18446744073709551615", UINT64_MAX,
	  "18446744073709551615" },
	{ QTY_BYTES, "64KiB", 65536, "64KiB" },
	{ QTY_BYTES, "64KB", 64000, "64KB" },
	{ QTY_BYTES, "1.5KiB", 1536, "1536B" },
	{ QTY_BYTES, "0", 0, "0" },
	{ QTY_BYTES, "0.0009765625KiB", 1, "1B" },
	{ QTY_BYTES, "0.0009765625000KiB", 1, "1B" },
	{ QTY_BYTES, "8GiB", UINT64_C(8) << 30, "8GiB" },
	{ QTY_TIME, "10us", 10000000, "10us" },
	{ QTY_TIME, "2.5us", 2500000, "2.5us" },
	{ QTY_TIME, "0.5us", 500000, "500ns" },
	{ QTY_TIME, "90s", UINT64_C(90000000000000), "90s" },
	{ QTY_TIME, "1h", UINT64_C(3600000000000000), "1h" },
	{ QTY_TIME, "2min", UINT64_C(120000000000000), "120s" },
	{ QTY_TIME, "0.123456789012s", UINT64_C(123456789012),
	  "123456789012ps" },
	{ QTY_RATE, "25Gbps", UINT64_C(25000000000), "25Gbps" },
	{ QTY_RATE, "9.5Gbps", UINT64_C(9500000000), "9.5Gbps" },
	{ QTY_FREQ, "3.3GHz", UINT64_C(3300000000), "3.3GHz" },
	{ QTY_CYCLES, "1500", 1500, "1500" },
	{ QTY_SHARE, "30%", 300000, "30%" },
	{ QTY_SHARE, "0.3", 300000, "30%" },
	{ QTY_SHARE, "62.5%", 625000, "62.5%" },
	{ QTY_SHARE, "1", 1000000, "100%" },
	{ QTY_FACTOR, "2.5", 2500000, "2.5" },
	{ QTY_FACTOR, "2.5x", 2500000, "2.5" },
	{ QTY_FACTOR, "0.000001", 1, "0.000001" },
	{ QTY_PPS, "1.2Mpps", 1200000, "1.2Mpps" },
};

static void test_good(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(goods); i++) {
		struct err err = ERR_INIT;
		char text[UNITS_TEXT_MAX];
		uint64_t value = 77;

		if (units_parse(goods[i].qty, goods[i].text, &value, &err) < 0)
			fail_msg("%s: %s", goods[i].text, err.text);
		assert_int_equal(value, goods[i].value);
		assert_string_equal(
			units_format(goods[i].qty, value, text, sizeof(text)),
			goods[i].shortest);
	}
}

struct bad {
	enum quantity qty;
	const char *text, *part;
};

static const struct bad bads[] = {
	{ QTY_COUNT, "", "not a number" },
	{ QTY_COUNT, "-1", "not a number" },
	{ QTY_COUNT, "+1", "not a number" },
	{ QTY_COUNT, " 1", "not a number" },
	{ QTY_COUNT, "1.0", "bare whole number" },
	{ QTY_COUNT, "1K", "bare whole number" },
	{ QTY_COUNT, "0x10", "bare whole number" },
	{ QTY_COUNT, "18446744073709551616", "too large" },
	{ QTY_BYTES, "64", "needs a unit, such as 64B or 64KiB" },
	{ QTY_BYTES, "64K", "unknown unit 'K'" },
	{ QTY_BYTES, "64Kb", "unknown unit 'Kb'" },
	{ QTY_BYTES, "64 KiB", "unknown unit ' KiB'" },
	{ QTY_BYTES, "0.5B", "finer than the base unit (bytes)" },
	{ QTY_BYTES, "20000000TiB", "too large" },
	{ QTY_TIME, "10", "needs a unit, such as 10us or 10ns" },
	{ QTY_TIME, "10uS", "ps ns us ms s min h" },
	{ QTY_TIME, ".5us", "not a number" },
	{ QTY_TIME, "5.us", "digit must follow" },
	{ QTY_TIME, "0.5ps", "finer" },
	{ QTY_TIME, "1e3us", "unknown unit" },
	{ QTY_TIME, "5125h", "too large" },
	{ QTY_TIME, "10,5us", "unknown unit" },
	{ QTY_RATE, "10Gb", "unknown unit" },
	{ QTY_SHARE, "101%", "too large" },
	{ QTY_SHARE, "30", "too large" },
	{ QTY_SHARE, "0.0000001", "finer" },
	{ QTY_FACTOR, "2.5y", "unknown unit 'y'" },
	{ QTY_COUNT, "18446744073709551616", "too large" },
	{ QTY_COUNT, "99999999999999999999", "too large" },
	{ QTY_RATE, "18446744073709551615Gbps", "too large" },
};

static void test_bad(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(bads); i++) {
		struct err err = ERR_INIT;
		uint64_t value = 77;

		assert_int_equal(
			units_parse(bads[i].qty, bads[i].text, &value, &err),
			-1);
		assert_int_equal(err.kind, ERR_USAGE);
		assert_int_equal(value, 77);
		if (!strstr(err.text, bads[i].part))
			fail_msg("'%s': got '%s', wanted '%s'", bads[i].text,
				 err.text, bads[i].part);
	}
}

/* What units_format() writes, units_parse() reads back exactly. */
static void test_round_trip(void **state)
{
	unsigned qty, i;
	uint64_t draw = 1;

	(void)state;
	for (qty = QTY_COUNT; qty <= QTY_PPS; qty++)
		for (i = 0; i < 20000; i++) {
			char text[UNITS_TEXT_MAX];
			uint64_t value, back = 0;

			draw = rng_again(draw);
			value = draw >> (draw & 63);
			if (i & 1) /* round values, as people write them */
				value = value % 1000 * (i & 2 ? 1000 : 1024);
			if (qty == QTY_SHARE)
				value %= 1000001;
			units_format((enum quantity)qty, value, text,
				     sizeof(text));
			if (units_parse((enum quantity)qty, text, &back, NULL) <
				    0 ||
			    back != value)
				fail_msg("%s: %llu became %llu", text,
					 (unsigned long long)value,
					 (unsigned long long)back);
		}
}

static const struct human {
	enum quantity qty;
	double value;
	int digits;
	const char *text;
} humans[] = {
	{ QTY_TIME, 12345678, 3, "12.3us" },
	{ QTY_TIME, 12345678, 4, "12.35us" },
	{ QTY_TIME, 999960, 3, "1.00us" },
	{ QTY_TIME, 999960, 4, "1.000us" },
	{ QTY_TIME, 999400, 3, "999ns" },
	{ QTY_TIME, 0, 3, "0" },
	{ QTY_TIME, 5, 3, "5ps" },
	{ QTY_TIME, 0.5, 3, "0.50ps" },
	{ QTY_TIME, 7.2e15, 3, "7200s" },
	{ QTY_TIME, -2500000, 3, "-2.50us" },
	{ QTY_RATE, 1.5e9, 3, "1.50Gbps" },
	{ QTY_RATE, 9.996e9, 3, "10.0Gbps" },
	{ QTY_COUNT, 48, 3, "48" },
	{ QTY_COUNT, 48.25, 3, "48.2" },
	{ QTY_COUNT, 1234567, 3, "1234567" },
	{ QTY_BYTES, 1536, 3, "1.50KiB" },
	{ QTY_BYTES, 1000, 3, "1000B" },
	{ QTY_SHARE, 625000, 3, "62.5%" },
	{ QTY_SHARE, 1000000, 3, "100%" },
	{ QTY_FACTOR, 2500000, 3, "2.50x" },
	/* What no unit fits. */
	{ QTY_COUNT, 1e31, 3, "-" },
	{ QTY_TIME, -1e31, 3, "-" },
	{ QTY_COUNT, 0. / 0., 3, "-" },
};

static void test_human(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(humans); i++) {
		char text[UNITS_TEXT_MAX];

		assert_string_equal(units_human(humans[i].qty, humans[i].value,
						humans[i].digits, text,
						sizeof(text)),
				    humans[i].text);
	}
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(units_base_name(QTY_TIME), "ps");
	assert_string_equal(units_base_name(QTY_SHARE), "ppm");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),	   cmocka_unit_test(test_bad),
		cmocka_unit_test(test_round_trip), cmocka_unit_test(test_human),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
