/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Closed forms of a link and of a NIC on it: worked values, a thousand random
 * links against sums written otherwise, and every cell of the published
 * model's tables.
 *
 * The tables are in $DMASIM_CALIBRATION or, from the project's root, in
 * ../shared/reference/calibration; without them their tests are skipped.
 * They give four decimals of a Gb/s: a cell must be met to that.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/rng.h"
#include "models/bus/analytic.h"
#include "models/nic/pattern.h"

#define CALIBRATION "../shared/reference/calibration"
#define LAST_DIGIT  0.000051 /* half of one, Gb/s */

static const struct link gen3x8 = {
	.generation = 3,
	.lanes = 8,
	.mps = 256,
	.mrrs = 512,
	.rcb = 64,
	.wide = true,
};

static double gbps(uint64_t bps)
{
	return (double)bps / 1e9;
}

static double off(double a, double b)
{
	return a > b ? a - b : b - a;
}

/* --- worked values --- */

static void streams(void **state)
{
	static const struct {
		uint32_t bytes;
		double write, read, duplex, read_64;
	} cases[] = {
		{ 64, 42.10, 44.10, 33.08, 44.10 },
		{ 128, 48.75, 50.06, 42.10, 44.10 },
		{ 256, 52.92, 53.69, 48.75, 44.10 },
		{ 512, 52.92, 53.69, 50.75, 44.10 },
		{ 1024, 52.92, 53.69, 50.75, 44.10 },
		{ 1514, 52.86, 53.63, 50.66, 43.95 },
	};
	const struct link *link = &gen3x8;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint32_t bytes = cases[i].bytes;

		assert_true(off(gbps(analytic_write_bps(link, bytes)),
				cases[i].write) < 0.0051);
		assert_true(off(gbps(analytic_read_bps(link, bytes, 256)),
				cases[i].read) < 0.0051);
		assert_true(off(gbps(analytic_duplex_bps(link, bytes, 256)),
				cases[i].duplex) < 0.0051);
		assert_true(off(gbps(analytic_read_bps(link, bytes, 64)),
				cases[i].read_64) < 0.0051);
	}
}

/* Rates at 64 bytes; smallest frames at 40 Gb/s, all requests charged. */
static void patterns(void **state)
{
	static const struct {
		const char *name;
		double gbps[3], rx_as_published;
		uint32_t crossover[3];
	} cases[] = {
		{ "simple", { 20.67, 17.37, 11.58 }, 19.73, { 168, 294, 625 } },
		{ "niantic-kernel",
		  { 23.23, 22.87, 15.72 },
		  27.16,
		  { 127, 132, 340 } },
		{ "niantic-pmd",
		  { 35.30, 23.47, 18.07 },
		  28.01,
		  { 64, 124, 276 } },
	};
	size_t i;
	unsigned flow;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct nic_traffic traffic = {
			.link = &gen3x8,
			.pattern = nic_pattern_find(cases[i].name),
			.completion = gen3x8.mps,
		};

		assert_non_null(traffic.pattern);
		for (flow = NIC_TX; flow <= NIC_BOTH; flow++) {
			assert_true(
				off(gbps(nic_capacity_bps(&traffic, flow, 64)),
				    cases[i].gbps[flow]) < 0.0051);
			assert_int_equal(
				nic_crossover_bytes(&traffic, flow,
						    UINT64_C(40000000000)),
				cases[i].crossover[flow]);
		}
		traffic.as_published = true;
		assert_true(off(gbps(nic_capacity_bps(&traffic, NIC_RX, 64)),
				cases[i].rx_as_published) < 0.0051);
	}
	assert_null(nic_pattern_find("no such NIC"));
}

/* A pattern of one's own, counted by hand: nothing but a tail write. */
static void a_new_pattern(void **state)
{
	static const struct nic_pattern lazy = {
		.name = "lazy",
		.summary = "",
		.descriptor_bytes = 16,
		.register_bytes = 4,
		.tx = { .tail_write = 3 },
		.rx = { .write_back = 7 },
	};
	struct nic_traffic traffic = {
		.link = &gen3x8,
		.pattern = &lazy,
		.completion = gen3x8.mps,
	};
	struct nic_load tx = nic_load(&traffic, NIC_TX, 304);
	struct nic_load rx = nic_load(&traffic, NIC_RX, 304);
	struct nic_load both = nic_load(&traffic, NIC_BOTH, 304);

	(void)state;
	assert_int_equal(tx.frames, 21);
	assert_int_equal(tx.bytes.up, 21 * 24);
	assert_int_equal(tx.bytes.down, 21 * (300 + 2 * 20) + 7 * 28);
	assert_int_equal(rx.frames, 21);
	assert_int_equal(rx.bytes.up, 21 * (300 + 2 * 24) + 3 * (112 + 24));
	assert_int_equal(rx.bytes.down, 0);
	assert_int_equal(both.bytes.up, tx.bytes.up + rx.bytes.up);
	assert_int_equal(both.bytes.down, tx.bytes.down);
}

/* Batching less never carries more; losing requests never carries less. */
static void order_of_patterns(void **state)
{
	const struct nic_pattern *pattern;
	uint32_t frame;

	(void)state;
	for (pattern = nic_patterns; pattern->name; pattern++) {
		struct nic_traffic whole = { &gen3x8, pattern, 256, false };
		struct nic_traffic published = { &gen3x8, pattern, 256, true };
		struct nic_traffic cut = { &gen3x8, pattern, 64, false };

		for (frame = 5; frame < 9100; frame++) {
			uint64_t rx = nic_capacity_bps(&whole, NIC_RX, frame);
			uint64_t tx = nic_capacity_bps(&whole, NIC_TX, frame);

			assert_true(nic_capacity_bps(&published, NIC_RX,
						     frame) > rx);
			assert_true(nic_capacity_bps(&published, NIC_TX,
						     frame) == tx);
			assert_true(nic_capacity_bps(&cut, NIC_TX, frame) <=
				    tx);
			assert_true(nic_capacity_bps(&whole, NIC_BOTH, frame) <=
				    (rx < tx ? rx : tx));
		}
	}
}

/* --- random links --- */

static uint64_t draw(uint64_t *r, uint64_t n)
{
	*r = rng_again(*r);
	return rng_below(*r, n);
}

static void random_link(struct link *link, uint64_t *r)
{
	static const unsigned widths[] = { 1, 2, 4, 8, 12, 16 };

	*link = (struct link){
		.generation = 1 + (unsigned)draw(r, 5),
		.lanes = widths[draw(r, 6)],
		.mps = 128u << draw(r, 6),
		.mrrs = 128u << draw(r, 6),
		.rcb = 64,
		.wide = draw(r, 2),
		.ecrc = draw(r, 2),
	};
}

/* In floating point, and without a table. */
static double tlp_gbps(const struct link *link)
{
	double per_lane[] = {
		0, 2, 4, 1024.0 / 130, 2048.0 / 130, 4096.0 / 130
	};
	double delay = link->generation == 1   ? 19
		       : link->generation == 2 ? 70
					       : 115;
	double covered = 1.4, limit;

	if (link->mps > 256)
		covered = link->lanes > 8 ? 2 : 1;
	else if (link->lanes > 8)
		covered = 3;
	else if (link->lanes > 4)
		covered = 2.5;
	limit = (double)(uint64_t)((link->mps + 28) * covered / link->lanes +
				   delay + 1e-9);
	return per_lane[link->generation] * link->lanes *
	       (1 - 8 / limit - 8 / limit - 4.0 / 1538);
}

/* Take pieces off until nothing is left. */
static double headers(double bytes, double piece, double header)
{
	double sum = 0;

	for (; bytes > 0; bytes -= piece)
		sum += header;
	return sum;
}

static double larger(double a, double b)
{
	return a > b ? a : b;
}

static void near(const struct link *link, const char *what, uint32_t bytes,
		 uint64_t bps, double expected)
{
	if (off(gbps(bps), expected) > 3e-9 + expected * 1e-9)
		fail_msg("gen%u x%u mps %u mrrs %u wide %d ecrc %d: %s of %u "
			 "bytes %.9f, expected %.9f",
			 link->generation, link->lanes, link->mps, link->mrrs,
			 link->wide, link->ecrc, what, bytes, gbps(bps),
			 expected);
}

static void random_streams(void **state)
{
	uint64_t r = 3;
	int i;

	(void)state;
	for (i = 0; i < 1000; i++) {
		struct link link;
		uint32_t bytes = 1 + (uint32_t)draw(&r, 20000);
		uint32_t size = 64u << draw(&r, 7);
		double crc, with_address, write, up, down, rate;

		random_link(&link, &r);
		crc = link.ecrc ? 4 : 0;
		with_address = (link.wide ? 24 : 20) + crc;
		write = bytes + headers(bytes, link.mps, with_address);
		up = headers(bytes, link.mrrs, with_address);
		down = bytes + headers(bytes, size < link.mps ? size : link.mps,
				       20 + crc);
		rate = tlp_gbps(&link) * bytes;
		near(&link, "write", bytes, analytic_write_bps(&link, bytes),
		     rate / write);
		near(&link, "read", bytes,
		     analytic_read_bps(&link, bytes, size),
		     rate / larger(up, down));
		near(&link, "duplex", bytes,
		     analytic_duplex_bps(&link, bytes, size),
		     rate / larger(write + up, down));
	}
}

/* --- the published tables --- */

struct table {
	const char *name;
	FILE *file;
	char line[256];
	unsigned rows;
	double worst; /* share of the cell */
};

/* Skips the test when the table is not there. */
static void table_open(struct table *table, const char *name)
{
	const char *dir = getenv("DMASIM_CALIBRATION");
	char path[1024];

	*table = (struct table){ .name = name };
	if (!dir || !*dir)
		dir = CALIBRATION;
	snprintf(path, sizeof(path), "%s/%s.csv", dir, name);
	table->file = fopen(path, "r");
	if (!table->file) {
		print_message("skipped: no %s\n", path);
		skip();
	}
	assert_non_null(fgets(table->line, sizeof(table->line), table->file));
}

static bool table_next(struct table *table)
{
	if (!fgets(table->line, sizeof(table->line), table->file))
		return false;
	table->line[strcspn(table->line, "\r\n")] = '\0';
	table->rows++;
	return true;
}

static void table_close(struct table *table, unsigned rows)
{
	fclose(table->file);
	print_message("%s: %u rows, worst error %.5f %%\n", table->name,
		      table->rows, table->worst * 100);
	if (table->rows < rows)
		fail_msg("%s has %u rows", table->name, table->rows);
}

static void cell(struct table *table, double value, double expected,
		 double slack)
{
	double error = off(value, expected);

	if (error > slack)
		fail_msg("%s: %s: %.6f, expected %.6f", table->name,
			 table->line, value, expected);
	if (error > table->worst * expected)
		table->worst = error / expected;
}

static void link_table(void **state)
{
	struct table table;

	(void)state;
	table_open(&table, "model_link_bw");
	while (table_next(&table)) {
		struct link link = gen3x8;
		double raw, tlp;
		unsigned ack, fc;

		assert_int_equal(sscanf(table.line,
					"gen%u,x%u,%u,%lf,%lf,%u,%u",
					&link.generation, &link.lanes,
					&link.mps, &raw, &tlp, &ack, &fc),
				 7);
		assert_int_equal(link_ack_limit(&link), ack);
		assert_int_equal(link_fc_interval(&link), fc);
		cell(&table, gbps(link_raw_bps(&link)), raw, LAST_DIGIT);
		cell(&table, gbps(link_tlp_bps(&link)), tlp, LAST_DIGIT);
	}
	table_close(&table, 1);
}

static void stream_cells(struct table *table, const struct link *link,
			 uint32_t bytes, uint32_t size, const double rates[3])
{
	cell(table, gbps(analytic_write_bps(link, bytes)), rates[0],
	     LAST_DIGIT);
	cell(table, gbps(analytic_read_bps(link, bytes, size)), rates[1],
	     LAST_DIGIT);
	cell(table, gbps(analytic_duplex_bps(link, bytes, size)), rates[2],
	     LAST_DIGIT);
}

static void stream_table(void **state)
{
	struct table table;

	(void)state;
	table_open(&table, "model_mem_bw");
	while (table_next(&table)) {
		struct link link = gen3x8;
		char split[8];
		uint32_t bytes;
		double rates[3];

		assert_int_equal(
			sscanf(table.line,
			       "gen%u,x%u,%u,%u,%7[a-z0-9],%u,%lf,%lf,%lf",
			       &link.generation, &link.lanes, &link.mps,
			       &link.mrrs, split, &bytes, &rates[0], &rates[1],
			       &rates[2]),
			9);
		stream_cells(&table, &link, bytes,
			     strcmp(split, "mps") ? 64 : link.mps, rates);
	}
	table_close(&table, 1);
}

static void header_table(void **state)
{
	struct table table;

	(void)state;
	table_open(&table, "model_hdr_variants");
	while (table_next(&table)) {
		struct link link = gen3x8;
		unsigned bits, ecrc, write, request, completion;
		uint32_t bytes;
		double rates[3];

		assert_int_equal(
			sscanf(table.line, "%u,%u,%u,%u,%u,%u,%lf,%lf,%lf",
			       &bits, &ecrc, &bytes, &write, &request,
			       &completion, &rates[0], &rates[1], &rates[2]),
			9);
		link.wide = bits == 64;
		link.ecrc = ecrc;
		assert_int_equal(link_write_header(&link), write);
		assert_int_equal(link_request_header(&link), request);
		assert_int_equal(link_completion_header(&link), completion);
		stream_cells(&table, &link, bytes, link.mps, rates);
	}
	table_close(&table, 1);
}

/* A name as the tables write it: niantic_pmd. */
static const struct nic_pattern *pattern_of(char *name)
{
	const struct nic_pattern *pattern;
	char *at;

	for (at = name; *at; at++)
		if (*at == '_')
			*at = '-';
	pattern = nic_pattern_find(name);
	assert_non_null(pattern);
	return pattern;
}

static void nic_table(void **state)
{
	struct table table;

	(void)state;
	table_open(&table, "model_nic_throughput");
	while (table_next(&table)) {
		struct link link = gen3x8;
		struct nic_traffic traffic = { .link = &link };
		char name[32];
		uint32_t frame;
		double tx, rx, both, rx_fixed, both_fixed;

		assert_int_equal(
			sscanf(table.line,
			       "gen%u,x%u,%u,%u,%31[^,],%u,%lf,%lf,%lf,%lf,%lf",
			       &link.generation, &link.lanes, &link.mps,
			       &link.mrrs, name, &frame, &tx, &rx, &both,
			       &rx_fixed, &both_fixed),
			11);
		traffic.pattern = pattern_of(name);
		traffic.completion = link.mps;
		cell(&table, gbps(nic_capacity_bps(&traffic, NIC_TX, frame)),
		     tx, LAST_DIGIT);
		cell(&table, gbps(nic_capacity_bps(&traffic, NIC_RX, frame)),
		     rx_fixed, LAST_DIGIT);
		cell(&table, gbps(nic_capacity_bps(&traffic, NIC_BOTH, frame)),
		     both_fixed, LAST_DIGIT);
		traffic.as_published = true;
		cell(&table, gbps(nic_capacity_bps(&traffic, NIC_RX, frame)),
		     rx, LAST_DIGIT);
		cell(&table, gbps(nic_capacity_bps(&traffic, NIC_BOTH, frame)),
		     both, LAST_DIGIT);
	}
	table_close(&table, 1);
}

/* An empty cell: no frame is large enough. */
static uint32_t frame_of(const char *text)
{
	return (uint32_t)strtoul(text, NULL, 10);
}

static void crossover_table(void **state)
{
	static const char *const flows[] = { "tx", "rx", "bi" };
	struct table table;

	(void)state;
	table_open(&table, "nic_crossovers");
	while (table_next(&table)) {
		struct link link = gen3x8;
		struct nic_traffic traffic = { .link = &link };
		char name[32], flow_name[4];
		const char *published, *fixed;
		unsigned flow, gigabits;

		assert_int_equal(
			sscanf(table.line, "gen%u,x%u,%u,%u,%u,%31[^,],%3[^,]",
			       &link.generation, &link.lanes, &link.mps,
			       &link.mrrs, &gigabits, name, flow_name),
			7);
		for (flow = 0; strcmp(flows[flow], flow_name); flow++)
			assert_true(flow < NIC_BOTH);
		fixed = strrchr(table.line, ',') + 1;
		published = strstr(table.line, flow_name) + 3;
		traffic.pattern = pattern_of(name);
		traffic.completion = link.mps;
		cell(&table,
		     nic_crossover_bytes(&traffic, flow,
					 gigabits * UINT64_C(1000000000)),
		     frame_of(fixed), 0);
		traffic.as_published = true;
		cell(&table,
		     nic_crossover_bytes(&traffic, flow,
					 gigabits * UINT64_C(1000000000)),
		     frame_of(published), 0);
	}
	table_close(&table, 1);
}

static void ethernet_table(void **state)
{
	struct table table;

	(void)state;
	table_open(&table, "eth_line_rate");
	while (table_next(&table)) {
		unsigned gigabits;
		uint32_t frame;
		uint64_t bps;
		double pps, ns, share, payload;

		assert_int_equal(sscanf(table.line, "%uG,%u,%lf,%lf,%lf,%lf",
					&gigabits, &frame, &pps, &ns, &share,
					&payload),
				 6);
		bps = gigabits * UINT64_C(1000000000);
		cell(&table, (double)eth_frames_pps(bps, frame), pps, 1.051);
		cell(&table, (double)eth_frame_ps(bps, frame) / 1e3, ns,
		     0.00151);
		cell(&table, gbps(eth_share_bps(bps, frame, frame)), share,
		     LAST_DIGIT);
		cell(&table,
		     gbps(eth_share_bps(bps, frame, frame - ETH_FCS_BYTES)),
		     payload, LAST_DIGIT);
	}
	table_close(&table, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(streams),
		cmocka_unit_test(patterns),
		cmocka_unit_test(a_new_pattern),
		cmocka_unit_test(order_of_patterns),
		cmocka_unit_test(random_streams),
		cmocka_unit_test(link_table),
		cmocka_unit_test(stream_table),
		cmocka_unit_test(header_table),
		cmocka_unit_test(nic_table),
		cmocka_unit_test(crossover_table),
		cmocka_unit_test(ethernet_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
