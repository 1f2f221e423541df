/* SPDX-License-Identifier: Apache-2.0 */
/* Axes of a sweep: lists, ranges, products, files, and what is refused. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#include "cmd/axes.h"

static const struct param rows[] = {
	{ .key = "nic.ring",
	  .type = PARAM_QUANTITY,
	  .qty = QTY_COUNT,
	  .preset_default = "64",
	  .min = 1,
	  .max = 4096,
	  .help = "ring",
	  .source = "test" },
	{ .key = "hal.price",
	  .type = PARAM_QUANTITY,
	  .qty = QTY_TIME,
	  .preset_default = "400ns",
	  .max = 1000000000,
	  .help = "price",
	  .source = "assumed" },
	{ .key = "nic.lso",
	  .type = PARAM_BOOL,
	  .preset_default = "no",
	  .help = "lso",
	  .source = "test" },
	{ .key = "traffic.local",
	  .type = PARAM_STRING,
	  .preset_default = "",
	  .help = "local",
	  .source = "test",
	  .fixed = true },
	{ .key = NULL },
};
static const struct param *const tables[] = { rows, NULL };
static const struct param_set set = { tables };

static struct config *new_config(void)
{
	struct err err = ERR_INIT;
	struct config *cfg = config_new(&set, &err);

	assert_non_null(cfg);
	return cfg;
}

/* The values of the only axis, joined by blanks. */
static void joined(const struct axes *axes, char *buf, size_t size)
{
	size_t i, used = 0;

	buf[0] = '\0';
	for (i = 0; i < axes->list[0].count; i++)
		used += (size_t)snprintf(buf + used, size - used, "%s%s",
					 i ? " " : "", axes->list[0].values[i]);
}

static void test_values(void **state)
{
	static const struct {
		const char *text, *values;
	} cases[] = {
		{ "nic.ring=64,128,512", "64 128 512" },
		{ "nic.ring=64,64,128", "64 128" },
		{ "nic.ring=64..256/64", "64 128 192 256" },
		{ "nic.ring=64..250/64", "64 128 192" },
		{ "nic.ring=64..256 step 64, 1024", "64 128 192 256 1024" },
		{ "nic.ring=64..512 x 2", "64 128 256 512" },
		{ "hal.price=1ns..3ns log 3", "1ns 1732ps 3ns" },
		{ "nic.ring=64..512/x2", "64 128 256 512" },
		{ "nic.ring=1..6/x1.5", "1 2 3 4 6" },
		{ "nic.ring=1,4..8/2,100", "1 4 6 8 100" },
		{ "nic.ring=10..20/n3", "10 15 20" },
		{ "nic.ring=1..1000/log4", "1 10 100 1000" },
		{ "hal.price=100ns..2us/n3", "100ns 1050ns 2us" },
		{ "hal.price=0..1us/500ns", "0 500ns 1us" },
		{ "hal.price=1ns..3ns/log3", "1ns 1732ps 3ns" },
		{ "nic.lso=yes,no", "yes no" },
		{ "tx=ndis6-sg,ndis6-copy", "ndis6-sg ndis6-copy" },
		{ "seed=1,2", "1 2" },
	};
	struct config *cfg = new_config();
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct axes axes = { .count = 0 };
		struct err err = ERR_INIT;
		char buf[256];

		if (axes_add(&axes, cfg, cases[i].text, &err) < 0)
			fail_msg("%s: %s", cases[i].text, err.text);
		joined(&axes, buf, sizeof(buf));
		assert_string_equal(buf, cases[i].values);
		axes_clear(&axes);
	}
	config_free(cfg);
}

static void test_refused(void **state)
{
	static const struct {
		const char *text, *word;
	} cases[] = {
		{ "nic.ring", "KEY=VALUES" },
		{ "=1", "KEY=VALUES" },
		{ "nic.rnig=1", "nic.ring" },
		{ "nic.ring=", "empty value" },
		{ "nic.ring=1,,2", "empty value" },
		{ "nic.ring=5000", "4096" },
		{ "nic.ring=1..8", "no step" },
		{ "nic.ring=8..1/1", "goes down" },
		{ "nic.ring=1..8/0", "step 0" },
		{ "nic.ring=1..8/x1", "factor above 1" },
		{ "nic.ring=1..8/n1", "at least 2" },
		{ "nic.ring=1..8/2us", "2us" },
		{ "nic.ring=1..8/n18446744073709551615", "more than 4096" },
		{ "nic.ring=1..8/log4097", "more than 4096" },
		{ "nic.ring=1..18446744073709551615/x1000000", "out of range" },
		{ "nic.ring=18446744073709551615..18446744073709551615/x2",
		  "out of range" },
		{ "hal.price=0..1us/x2", "begin at 0" },
		{ "hal.price=5..9/1", "unit" },
		{ "nic.lso=0..1/1", "list" },
		{ "traffic.local=a", "cannot be an axis" },
		{ "seed=x", "x" },
	};
	struct config *cfg = new_config();
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct axes axes = { .count = 0 };
		struct err err = ERR_INIT;

		if (!axes_add(&axes, cfg, cases[i].text, &err))
			fail_msg("'%s' was accepted", cases[i].text);
		assert_int_equal(err.kind, ERR_USAGE);
		if (!strstr(err.text, cases[i].word))
			fail_msg("'%s': '%s' does not say '%s'", cases[i].text,
				 err.text, cases[i].word);
		assert_int_equal(axes.count, 0);
	}
	config_free(cfg);
}

static void test_product(void **state)
{
	static const char *const expected[][2] = {
		{ "1", "a" }, { "1", "b" }, { "1", "c" },
		{ "2", "a" }, { "2", "b" }, { "2", "c" },
	};
	struct config *cfg = new_config();
	struct axes axes = { .count = 0 };
	struct err err = ERR_INIT;
	size_t points, i;

	(void)state;
	assert_int_equal(axes_points(&axes, &points, &err), 0);
	assert_int_equal(points, 1);
	assert_int_equal(axes_add(&axes, cfg, "nic.ring=1,2", &err), 0);
	assert_int_equal(axes_add(&axes, cfg, "tx=a,b,c", &err), 0);
	assert_int_equal(axes_add(&axes, cfg, "tx=d", &err), -1);
	assert_non_null(strstr(err.text, "twice"));
	assert_int_equal(axes_points(&axes, &points, &err), 0);
	assert_int_equal(points, 6);
	for (i = 0; i < points; i++) {
		assert_string_equal(axes_value(&axes, 0, i), expected[i][0]);
		assert_string_equal(axes_value(&axes, 1, i), expected[i][1]);
	}
	assert_non_null(axes_find(&axes, "tx"));
	assert_null(axes_find(&axes, "rx"));
	axes_clear(&axes);
	config_free(cfg);
}

static void test_zip(void **state)
{
	static const char *const expected[][3] = {
		{ "1", "a", "100ns" },
		{ "1", "b", "100ns" },
		{ "2", "a", "200ns" },
		{ "2", "b", "200ns" },
	};
	struct config *cfg = new_config();
	struct axes axes = { .count = 0 };
	struct err err = ERR_INIT;
	size_t points, i, a;

	(void)state;
	assert_int_equal(axes_add(&axes, cfg, "nic.ring=1,2", &err), 0);
	assert_int_equal(axes_add(&axes, cfg, "tx=a,b", &err), 0);
	assert_int_equal(axes_add(&axes, cfg, "hal.price=100ns,200ns", &err),
			 0);
	assert_int_equal(axes_zip(&axes, "nic.ring, hal.price", &err), 0);
	assert_int_equal(axes_points(&axes, &points, &err), 0);
	assert_int_equal(points, 4);
	for (i = 0; i < points; i++)
		for (a = 0; a < 3; a++)
			assert_string_equal(axes_value(&axes, a, i),
					    expected[i][a]);
	assert_int_equal(axes_zip(&axes, "rx,tx", &err), -1);
	assert_non_null(strstr(err.text, "'rx' is not an axis"));
	assert_int_equal(axes_zip(&axes, "tx,nic.ring", &err), -1);
	assert_non_null(strstr(err.text, "'nic.ring' is in two"));
	axes_clear(&axes);
	assert_int_equal(axes_add(&axes, cfg, "nic.ring=1,2,3", &err), 0);
	assert_int_equal(axes_add(&axes, cfg, "tx=a,b", &err), 0);
	assert_int_equal(axes_zip(&axes, "nic.ring,tx", &err), -1);
	assert_non_null(strstr(err.text, "equally many"));
	axes_clear(&axes);
	config_free(cfg);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_product),
		cmocka_unit_test(test_zip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
