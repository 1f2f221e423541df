/* SPDX-License-Identifier: Apache-2.0 */
/* Bands: every one that a help states is read, and means what it says. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#include "cmd/band.h"
#include "cmd/cmd.h"
#include "cmd/tables.h"

/* The program's own is in cmd/main.c. */
atomic_int cmd_interrupted;

static void test_all_are_read(void **state)
{
	struct err err = ERR_INIT;
	struct config *cfg = tables_config(&err);
	const struct param *row;
	unsigned stated = 0;
	size_t i;

	(void)state;
	for (i = 0; (row = config_row(cfg, i)); i++) {
		struct band band;

		if (row->type != PARAM_QUANTITY || !band_of(cfg, row, &band))
			continue;
		stated += band.stated;
		assert_true(band.low < band.high);
		assert_in_range(config_u64(cfg, row->key), band.low, band.high);
		assert_in_range(band.low, row->min, row->max);
		assert_in_range(band.high, row->min, row->max);
		/* A stated band is not that of the others by chance. */
		if (strstr(row->help, "band "))
			assert_true(band.stated);
	}
	assert_true(stated > 30);
	config_free(cfg);
}

static void test_forms(void **state)
{
	static const struct {
		const char *key;
		uint64_t low, high;
		bool stated;
	} rows[] = {
		{ "cost.send", 75, 750, true },
		/* 3.3 GHz */
		{ "cost.line_write_back", 16, 330, true },
		{ "cost.shared_memory", 2000, 100000, true },
		{ "tx.slave_rate", 8000000, 64000000, true },
		{ "host.stack_tx", 750, 3000, false },
		{ "rx.hold_share", 150000, 600000, false },
	};
	struct err err = ERR_INIT;
	struct config *cfg = tables_config(&err);
	struct band band;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_true(band_of(cfg, config_find(cfg, rows[i].key), &band));
		assert_int_equal(band.low, rows[i].low);
		assert_int_equal(band.high, rows[i].high);
		assert_int_equal(band.stated, rows[i].stated);
	}
	/* Assumed to be nothing: half and twice of it are nothing. */
	assert_false(band_of(cfg, config_find(cfg, "nic.write_gap"), &band));
	config_free(cfg);
}

static void test_given(void **state)
{
	struct err err = ERR_INIT;
	struct config *cfg = tables_config(&err);
	const struct param *row = config_find(cfg, "iommu.walk");
	struct band band;

	(void)state;
	assert_int_equal(band_parse(row, "100ns..1us", &band, &err), 0);
	assert_int_equal(band.low, 100000);
	assert_int_equal(band.high, 1000000);
	assert_int_equal(band_parse(row, "100ns", &band, &err), -1);
	assert_int_equal(band_parse(row, "1us..100ns", &band, &err), -1);
	assert_int_equal(band_parse(row, "100..200", &band, &err), -1);
	assert_int_equal(band_parse(row, "0..1s", &band, &err), -1);
	config_free(cfg);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_are_read),
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_given),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
