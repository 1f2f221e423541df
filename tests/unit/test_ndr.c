/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The highest rate without loss: against the wire's arithmetic, and against
 * trying every rate.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#include "cmd/cmd.h"
#include "cmd/ndr.h"
#include "cmd/tables.h"
#include "core/hist.h"

/* The program's own is in cmd/main.c. */
atomic_int cmd_interrupted;

static const struct capacity_goal goal = { .replicates = 1,
					   .resolution_ppm = 10000,
					   .held_only = true };

struct fixture {
	struct config *cfg;
	struct options_machine machine;
	struct ndr_row row;
	struct ndr study;
};

static void fixture_init(struct fixture *f, const char *machine, const char *tx,
			 const char *rx, const char *path)
{
	struct err err = ERR_INIT;

	memset(f, 0, sizeof(*f));
	f->cfg = tables_config(&err);
	if (!f->cfg ||
	    config_apply(f->cfg, tables_find_machine(machine, &err), &err) < 0)
		fail_msg("%s", err.text);
	f->machine = (struct options_machine){ machine, f->cfg };
	f->row.of.machine = &f->machine;
	f->row.of.tx = tables_find_tx(tx, &err);
	f->row.of.rx = tables_find_rx(rx, &err);
	f->study.ask.options.seed = 1;
	f->study.ask.replicates = 1;
	if (workload_read(&f->study.ask.load, &path, 1, f->cfg, 20000, &err) <
	    0)
		fail_msg("%s", err.text);
}

static void fixture_clear(struct fixture *f)
{
	workload_clear(&f->study.ask.load);
	config_free(f->cfg);
}

static struct capacity find(const struct fixture *f, const struct slo *slo,
			    uint64_t start)
{
	struct capacity found;
	struct err err = ERR_INIT;

	if (ndr_search(&f->study, &f->row, slo, goal.resolution_ppm, start,
		       f->cfg, &found, &err) < 0)
		fail_msg("%s", err.text);
	return found;
}

/*
 * Nothing but the wire: 8 bytes of preamble, 4 of FCS and a gap of 12 with each
 * frame; both ways of looking for it agree, the start does not matter.
 */
static void test_wire(void **state)
{
	static const struct {
		const char *machine;
		uint64_t wire_bps;
		unsigned bytes;
	} rows[] = { { "gbe-32bit", 1000000000, 64 },
		     { "gbe-32bit", 1000000000, 1514 },
		     { "xge-64bit", 10000000000, 600 } };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct capacity found;
		struct fixture f;
		char path[128];
		uint64_t exact;

		snprintf(path, sizeof(path),
			 "gen:constant,rate=1kpps,size=%u,tx=100%%,frames=2000",
			 rows[i].bytes);
		fixture_init(&f, rows[i].machine, "null", "null", path);
		exact = mul_div_u64(rows[i].wire_bps, rows[i].bytes,
				    rows[i].bytes + 24);
		found = find(&f, NULL, 0);
		assert_true(found.found);
		assert_true(found.rate_bps <= exact + exact / 1000);
		assert_true(found.rate_bps >= exact - exact / 100);
		assert_true(found.failing_bps >= exact);
		assert_string_equal(found.limiter, "wire tx");
		found = find(&f, NULL, exact / 3);
		assert_true(found.rate_bps >= exact - exact / 100);
		fixture_clear(&f);
	}
}

/* The last rate that holds, of all from half to twice in steps of 1 %. */
static uint64_t brute_force(const struct fixture *f, uint64_t about)
{
	const struct trial trial = ndr_trial(&f->study, &f->row, f->cfg);
	uint64_t last = 0, rate;
	struct err err = ERR_INIT;
	unsigned percent;
	bool holds = true;

	for (percent = 50; percent < 200 && holds; percent++) {
		rate = about * percent / 100;
		if (capacity_holds(&trial, &goal, 0, rate, &holds, &err) < 0)
			fail_msg("%s", err.text);
		if (holds)
			last = rate;
	}
	return last;
}

static void test_brute_force(void **state)
{
	static const struct {
		const char *machine, *tx, *path;
	} rows[] = {
		{ "xge-64bit", "ndis6-copy",
		  "gen:constant,rate=100kpps,size=300,frames=3000" },
		{ "xge-strict", "ndis6-sg",
		  "gen:constant,rate=100kpps,size=900,frames=3000" },
		{ "gbe-32bit", "ndis6-sg",
		  "gen:onoff,rate=500Mbps,on=2ms,off=1ms,size=600,frames="
		  "3000" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct capacity found;
		struct fixture f;
		uint64_t brute;

		fixture_init(&f, rows[i].machine, rows[i].tx, "common-copy",
			     rows[i].path);
		found = find(&f, NULL, 0);
		assert_true(found.found);
		assert_false(found.confirmed);
		brute = brute_force(&f, found.rate_bps);
		if (found.rate_bps > brute + brute / 50 ||
		    found.rate_bps < brute - brute / 50)
			fail_msg("%s %s: %llu, every rate tried %llu",
				 rows[i].machine, rows[i].tx,
				 (unsigned long long)found.rate_bps,
				 (unsigned long long)brute);
		fixture_clear(&f);
	}
}

struct reading {
	uint64_t tx_p99, rx_p99;
};

static void read_p99(void *ctx, const struct run_result *run)
{
	struct reading *reading = ctx;

	reading->tx_p99 = hist_quantile(
		trial_metric(run, "tx.latency_wire_ps", METRIC_HIST), 990000);
	reading->rx_p99 = hist_quantile(
		trial_metric(run, "rx.latency_ps", METRIC_HIST), 990000);
}

/* The bound holds at the rate found, and not at the one above. */
static void test_slo(void **state)
{
	struct err err = ERR_INIT;
	struct trial_result result;
	struct reading at, above;
	struct capacity free_rate, bound_rate;
	struct slo slo;
	struct fixture f;
	struct trial trial;

	(void)state;
	assert_int_equal(slo_parse(&slo, "tx.p99=20us", &err), 0);
	fixture_init(&f, "xge-64bit", "ndis6-copy", "common-copy",
		     "gen:poisson,rate=100kpps,size=600,frames=5000");
	free_rate = find(&f, NULL, 0);
	bound_rate = find(&f, &slo, 0);
	assert_true(bound_rate.found);
	assert_true(bound_rate.rate_bps < free_rate.rate_bps);
	trial = ndr_trial(&f.study, &f.row, f.cfg);
	trial.read = read_p99;
	trial.ctx = &at;
	assert_int_equal(trial_run(&trial, bound_rate.speed, &result, &err), 0);
	assert_true(at.tx_p99 <= 20 * (uint64_t)PS_PER_US);
	trial.ctx = &above;
	assert_int_equal(
		trial_run(&trial,
			  mul_div_u64(bound_rate.speed, bound_rate.failing_bps,
				      bound_rate.rate_bps) +
				  1,
			  &result, &err),
		0);
	assert_true(above.tx_p99 > 20 * (uint64_t)PS_PER_US);
	fixture_clear(&f);
}

static void test_slo_words(void **state)
{
	struct err err = ERR_INIT;
	struct slo slo;

	(void)state;
	assert_int_equal(slo_parse(&slo, "p99=50us", &err), 0);
	assert_true(slo.tx && slo.rx);
	assert_int_equal(slo.quantile_ppm, 990000);
	assert_int_equal(slo.bound_ps, 50 * PS_PER_US);
	assert_int_equal(slo_parse(&slo, "rx.max=1ms", &err), 0);
	assert_true(!slo.tx && slo.rx);
	assert_int_equal(slo.quantile_ppm, 1000000);
	assert_int_equal(slo_parse(&slo, "p98=1ms", &err), -1);
	assert_int_equal(slo_parse(&slo, "p99", &err), -1);
	assert_int_equal(slo_parse(&slo, "p99=50", &err), -1);
	assert_int_equal(slo_parse(&slo, "rx.=50us", &err), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wire),
		cmocka_unit_test(test_brute_force),
		cmocka_unit_test(test_slo),
		cmocka_unit_test(test_slo_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
