/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ledger of routines: every row is called by some strategy, priced by
 * parameters that exist, and counted with what calls it.
 */
#include "tests/unit/machine_fixture.h"

#include "models/ndis/routines_table.h"
#include "traces/params.h"

#define FRAMES 400

static uint64_t calls[ROUTINES];

static void run(const char *preset, const char *pairs, const struct tx_ops *tx,
		const struct rx_ops *rx)
{
	struct frame *frames = fix_traffic(&(struct fix_traffic){
		.count = FRAMES,
		.seed = 3,
		.tx_ppm = 600000,
		.gap = 4 * PS_PER_US,
		.poisson = true,
		.min = 60,
		.max = 1514,
		.flows = 3,
	});
	struct config *cfg = fix_config(preset, pairs);
	struct machine *m;
	size_t i;

	fix_suit(cfg, tx);
	fix_suit_rx(cfg, rx);
	if (fix_applies(cfg, tx, rx)) {
		m = fix_run(cfg, tx->name, rx->name, frames, FRAMES);
		for (i = 0; i < m->result.routine_count; i++)
			calls[i] += m->result.routines[i].calls;
		machine_free(m);
	}
	config_free(cfg);
	free(frames);
}

/* A row nobody calls is a row nobody can trust. */
static void every_routine_has_a_caller(void **state)
{
	static const struct {
		const char *preset, *pairs;
	} machines[] = {
		{ "gbe-32bit", "tx.wdm_shortage=cancel" },
		{ "gbe-32bit",
		  "layout.mdl=fragments nic.sg_elements=4 tx.wdm_list=get" },
		{ "xge-strict", "tx.wdf_version=3 layout.tx_source=zero-copy "
				"tx.cx_bounce=always" },
		{ "xge-64bit", "tx.wdf_version=3 tx.wdf_reserve=yes "
			       "tx.ndis5_list_alloc=no nic.isr_reads=1 "
			       "rx.hold_share=100%" },
		{ "xge-64bit", "host.coherent=no rx.low_watermark=100%" },
		{ "xge-64bit", "rx.buffers=8 rx.buffers_max=99 "
			       "rx.low_watermark=100% rx.slave_mode=single" },
	};
	struct routine_info row;
	size_t i, tx, rx;

	(void)state;
	for (i = 0; i < sizeof(machines) / sizeof(machines[0]); i++) {
		for (tx = 0; tx_registry[tx]; tx++)
			run(machines[i].preset, machines[i].pairs,
			    tx_registry[tx], rx_ops_find("common-copy"));
		for (rx = 0; rx_registry[rx]; rx++)
			run(machines[i].preset, machines[i].pairs,
			    tx_ops_find("ndis6-sg"), rx_registry[rx]);
	}
	for (i = 0; routine_row(i, &row); i++)
		if (!calls[i])
			fail_msg("nobody calls %s", row.name);
}

static void names_and_prices_are_sound(void **state)
{
	struct config *cfg = fix_config(NULL, "");
	struct routine_info row, other;
	size_t i, j;

	(void)state;
	for (i = 0; routine_row(i, &row); i++) {
		assert_non_null(row.source);
		assert_non_null(row.help);
		for (j = 0; j < i; j++) {
			routine_row(j, &other);
			assert_string_not_equal(row.name, other.name);
		}
		/* Stops the program when there is no such parameter. */
		if (row.base_price)
			config_u64(cfg, row.base_price);
		if (row.unit_price)
			config_u64(cfg, row.unit_price);
	}
	assert_int_equal(i, ROUTINES - 1);
	config_free(cfg);
}

/* What is assumed says between which limits. */
static void assumed_prices_have_a_band(void **state)
{
	const struct param *row;

	(void)state;
	for (row = machine_params; row->key; row++)
		if (!strncmp(row->key, "cost.", 5) &&
		    !strcmp(row->source, "assumed") &&
		    !strstr(row->help, "band"))
			fail_msg("%s: no band", row->key);
}

static uint64_t of(const struct machine *m, enum routine routine)
{
	return m->result.routines[routine - 1].calls;
}

static void inner_calls_are_counted_and_free(void **state)
{
	struct frame *frames = fix_traffic(&(struct fix_traffic){
		.count = FRAMES,
		.seed = 3,
		.tx_ppm = 1000000,
		.gap = 20 * PS_PER_US,
		.min = 900,
		.max = 900,
	});
	struct config *cfg = fix_config("xge-64bit", "");
	struct machine *m = fix_run(cfg, "ndis6-sg", "null", frames, FRAMES);

	(void)state;
	assert_int_equal(of(m, R_SG_BUILD), FRAMES);
	assert_int_equal(of(m, R_BUILD_LIST), FRAMES);
	assert_int_equal(of(m, R_PUT_LIST), FRAMES);
	assert_int_equal(m->ledger.row[R_BUILD_LIST].cycles, 0);
	assert_int_equal(m->ledger.row[R_PUT_LIST].cycles, 0);
	/* What is taken at set-up is given back at halt. */
	assert_int_equal(of(m, R_REGISTER_SG), 1);
	assert_int_equal(of(m, R_DEREGISTER_SG), 1);
	assert_true(of(m, R_SHARED_MEMORY) > 0);
	assert_int_equal(of(m, R_FREE_SHARED), of(m, R_SHARED_MEMORY));
	assert_int_equal(of(m, R_FREE_COMMON), of(m, R_COMMON_BUFFER));
	machine_free(m);
	config_free(cfg);
	free(frames);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_routine_has_a_caller),
		cmocka_unit_test(names_and_prices_are_sound),
		cmocka_unit_test(assumed_prices_have_a_band),
		cmocka_unit_test(inner_calls_are_counted_and_free),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
