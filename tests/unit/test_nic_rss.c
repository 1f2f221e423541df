/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The RSS hash against the vectors Microsoft publishes, and a plain Toeplitz
 * of every bit; flows and queues of a machine.
 */
#include "tests/unit/machine_fixture.h"

#include "models/machine.h"
#include "traces/toeplitz.h"

#define V4(a, b, c, d)                                                         \
	{                                                                      \
		0, UINT64_C(0xffff) << 32 |                                    \
			   (uint32_t)((a) << 24u | (b) << 16 | (c) << 8 | (d)) \
	}

struct vector_case {
	struct address src, dst;
	uint16_t src_port, dst_port;
	uint32_t addresses, with_ports;
};

static const struct vector_case vectors[] = {
	{ V4(66u, 9, 149, 187), V4(161u, 142, 100, 80), 2794, 1766, 0x323e8fc2,
	  0x51ccc178 },
	{ V4(199u, 92, 111, 2), V4(65u, 69, 140, 83), 14230, 4739, 0xd718262a,
	  0xc626b0ea },
	{ V4(24u, 19, 198, 95), V4(12u, 22, 207, 184), 12898, 38024, 0xd2d0a5de,
	  0x5c2b394a },
	{ V4(38u, 27, 205, 30), V4(209u, 142, 163, 6), 48228, 2217, 0x82989176,
	  0xafc7327f },
	{ V4(153u, 39, 163, 191), V4(202u, 188, 127, 2), 44251, 1303,
	  0x5d1809c5, 0x10e828a2 },
	{ { 0x3ffe250102001fff, 7 },
	  { 0x3ffe250102000003, 1 },
	  2794,
	  1766,
	  0x2cc18cd5,
	  0x40207d3d },
	{ { 0x3ffe050100080000, 0x026097fffe40efab },
	  { 0xff02000000000000, 1 },
	  14230,
	  4739,
	  0x0f0c461c,
	  0xdde51bbf },
	{ { 0x3ffe190045450003, 0x0200f8fffe2167cf },
	  { 0xfe80000000000000, 0x0200f8fffe2167cf },
	  44251,
	  38024,
	  0x4b61e985,
	  0x02d1feef },
};

static void published_vectors(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		const struct vector_case *v = &vectors[i];
		uint32_t ports = (uint32_t)v->src_port << 16 | v->dst_port;

		assert_int_equal(toeplitz_hash(&v->src, &v->dst, 0),
				 v->addresses);
		assert_int_equal(toeplitz_hash(&v->src, &v->dst, ports),
				 v->with_ports);
	}
}

/* A sent packet hashes as its answer does; without IP there is no hash. */
static void as_received(void **state)
{
	const struct vector_case *v = &vectors[0];
	struct decoded d = { .src = v->src,
			     .dst = v->dst,
			     .ports = (uint32_t)v->src_port << 16 | v->dst_port,
			     .has_ip = true };
	struct decoded back = { .src = v->dst,
				.dst = v->src,
				.ports = (uint32_t)v->dst_port << 16 |
					 v->src_port,
				.has_ip = true };

	(void)state;
	assert_int_equal(toeplitz_of(&d, false), v->with_ports);
	assert_int_equal(toeplitz_of(&back, true), v->with_ports);
	assert_int_not_equal(toeplitz_of(&d, true), v->with_ports);
	d.has_ip = false;
	assert_int_equal(toeplitz_of(&d, false), 0);
}

/* --- queues --- */

static void table_takes_turns(void **state)
{
	struct config *cfg = fix_config(NULL, "nic.queues=3 nic.rss_table=8");
	struct err err = ERR_INIT;
	struct arena arena;
	struct rss rss;
	unsigned i;

	(void)state;
	arena_init(&arena);
	assert_int_equal(rss_init(&rss, &arena, cfg, &err), 0);
	for (i = 0; i < 64; i++)
		assert_int_equal(rss_queue(&rss, i), i % 8 % 3);
	fix_set(cfg, "nic.rss_table=12");
	assert_int_equal(rss_init(&rss, &arena, cfg, &err), -1);
	assert_non_null(strstr(err.text, "power of two"));
	arena_clear(&arena);
	config_free(cfg);
}

/* Frames posted to the rings and finished by the cores of @m's queues. */
static uint64_t met(const struct machine *m, unsigned queue)
{
	const struct adapter *adapter = &m->adapters[0];

	return adapter->tx[queue].posted + adapter->rx[queue].used;
}

/* One flow, both directions: one queue, its vector and its core only. */
static void a_flow_meets_one_core(void **state)
{
	struct config *cfg = fix_config(NULL, "nic.queues=4 host.cores=4");
	struct frame *frames = fix_traffic(&(struct fix_traffic){
		.count = 400,
		.seed = 1,
		.tx_ppm = 500000,
		.gap = 2 * PS_PER_US,
		.min = 60,
		.max = 1514,
	});
	uint32_t hash;
	unsigned queue;
	size_t i;

	(void)state;
	for (hash = 0; hash < 8; hash++) {
		struct machine *m;

		for (i = 0; i < 400; i++)
			frames[i].rss = hash;
		m = fix_run(cfg, "ndis6-sg", "sg", frames, 400);
		for (queue = 0; queue < 4; queue++) {
			const struct vector *vector =
				&m->adapters[0].vectors[queue];
			bool mine = queue == hash % 4;

			assert_int_equal(met(m, queue), mine ? 400 : 0);
			assert_int_equal(vector->fires > 0, mine);
			assert_ptr_equal(vector->core, &m->cores[queue]);
		}
		machine_free(m);
	}
	free(frames);
	config_free(cfg);
}

/* Where there is one queue the hash does not matter. */
static void one_queue_is_indifferent(void **state)
{
	struct config *cfg = fix_config(NULL, "");
	struct frame *frames = fix_traffic(&(struct fix_traffic){
		.count = 300,
		.seed = 2,
		.tx_ppm = 500000,
		.gap = PS_PER_US,
		.min = 60,
		.max = 1514,
		.flows = 7,
	});
	struct machine *a = fix_run(cfg, "ndis6-sg", "sg", frames, 300), *b;
	size_t i;

	(void)state;
	for (i = 0; i < 300; i++)
		frames[i].rss ^= 0xdeadbeef;
	b = fix_run(cfg, "ndis6-sg", "sg", frames, 300);
	fix_assert_same(a, b, "");
	assert_true(a->result.fingerprint == b->result.fingerprint);
	machine_free(a);
	machine_free(b);
	free(frames);
	config_free(cfg);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_vectors),
		cmocka_unit_test(as_received),
		cmocka_unit_test(table_takes_turns),
		cmocka_unit_test(a_flow_meets_one_core),
		cmocka_unit_test(one_queue_is_indifferent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
