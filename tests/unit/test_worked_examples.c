/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reference's worked examples on a whole machine: one frame in memory
 * placed by hand, from the send call to the card and back.  The counting rule
 * alone is in test_mdl.c, requests without a machine in test_hal_requests.c.
 */
#include <stdio.h>

#include "models/ndis/receives.h"
#include "models/ndis/sends.h"
#include "tests/unit/test_hal_fixture.h"
#include "traces/params.h"

#define HIGH (UINT64_C(1) << 20) /* page frame at 4 GiB */

#define PLAIN                                                              \
	"host.cores=1 host.dpc_median=2us host.dpc_p99=2us "               \
	"nic.moderation=0 hal.personality=modern hal.background=0 "        \
	"rx.hold_share=0% rx.low_watermark=0% nic.rx_ring=8 hal.pool=512 " \
	"hal.pool_cap=512 "

struct piece {
	uint16_t offset;
	uint64_t pfn, then; /* further pages are @then, @then + 2, ... */
};

struct example {
	const char *name, *pairs;
	uint32_t bytes, header_bytes;
	struct piece header, payload;
	unsigned registers, elements;
	uint32_t length[3];	 /* of the first elements; 0: not looked at */
	uint32_t at_map, at_put; /* bytes copied */
};

/* The 1,514 bytes of example 3. */
#define THREE(second)                           \
	.bytes = 1514, .header_bytes = 54,      \
	.header = { .offset = 3840, .pfn = 5 }, \
	.payload = { .offset = 3072, .pfn = 9, .then = (second) }

static const struct example examples[] = {
	{ "1: 1514 bytes at 0", "layout.mdl=linear", .bytes = 1514,
	  .payload = { 0, 7, 9 }, .registers = 1, .elements = 1,
	  .length = { 1514 } },
	{ "2: 1514 bytes at 2816, pages apart", "layout.mdl=linear",
	  .bytes = 1514, .payload = { 2816, 7, 9 }, .registers = 2,
	  .elements = 2, .length = { 1280, 234 } },
	{ "2: pages adjacent", "layout.mdl=linear", .bytes = 1514,
	  .payload = { 2816, 7, 8 }, .registers = 2, .elements = 1,
	  .length = { 1514 } },
	{ "3: header and payload", "", THREE(20), .registers = 3, .elements = 3,
	  .length = { 54, 1024, 436 } },
	{ "4: a large send",
	  "nic.lso=yes nic.sg_elements=32 hal.max_mapping=65536B",
	  .bytes = 64066, .header_bytes = 66, .header = { .pfn = 5 },
	  .payload = { 2048, 100, 102 }, .registers = 18, .elements = 18,
	  .length = { 66, 2048, 4096 } },
	{ "6: a page above 4 GiB", "", THREE(HIGH + 3), .registers = 3,
	  .elements = 3, .length = { 54, 1024, 436 }, .at_map = 436 },
	{ "8: no scatter/gather", "nic.scatter_gather=no", THREE(20),
	  .registers = 3, .elements = 1, .length = { 1514 }, .at_map = 1514 },
	{ "13: header room before the frame", "layout.backfill=40B",
	  .bytes = 1514, .header_bytes = 54, .header = { .pfn = 5 },
	  .payload = { 0, 9, 20 }, .registers = 2, .elements = 2,
	  .length = { 54, 1460 } },
};

/* --- a strategy that is watched --- */

static struct {
	struct tx_ops ops;
	const struct tx_ops *real;
	unsigned elements, transfers;
	uint32_t length[3], mapped_bytes;
	uint64_t first_address, copied;
} seen;

static void complete(struct core *core, struct tx_frame *frame)
{
	const struct machine *m = frame->queue->adapter->m;
	unsigned i;

	seen.elements = frame->element_count;
	seen.transfers = frame->transfers;
	seen.mapped_bytes = frame->sg.mapped_bytes;
	seen.first_address = frame->elements[0].address;
	for (i = 0; i < 3; i++)
		seen.length[i] =
			i < seen.elements ? frame->elements[i].bytes : 0;
	seen.copied = m->stats.cpu.bounce_copied_bytes;
	seen.real->complete(core, frame);
}

static void place(struct buffer_pool *pool, const struct piece *piece)
{
	uint32_t page;

	pool->pfn[0] = piece->pfn;
	pool->offset[0] = piece->offset;
	for (page = 1; page < pool->pages_per_slot; page++)
		pool->pfn[page] = piece->then + 2 * (page - 1);
}

static struct machine *run_example(const struct example *e, const char *tx)
{
	struct config *cfg = fix_config("gbe-32bit", PLAIN);
	struct frame frame = { .number = 1,
			       .bytes = e->bytes,
			       .header_bytes = (uint16_t)e->header_bytes,
			       .flags = FRAME_TCP,
			       .direction = FRAME_TX };
	struct err err = ERR_INIT;
	struct machine *m;

	fix_set(cfg, e->pairs);
	seen.real = tx_ops_find(tx);
	seen.ops = *seen.real;
	seen.ops.complete = complete;
	seen.elements = 0;
	m = machine_new(cfg,
			&(struct machine_options){ .tx = &seen.ops,
						   .rx = rx_ops_find("null"),
						   .seed = 1 },
			&err);
	if (!m)
		fail_msg("%s: %s", e->name, err.text);
	place(&m->headers, &e->header);
	place(&m->payloads, &e->payload);
	machine_feed(m, &frame, 1);
	machine_finish(m);
	fix_check(m);
	config_free(cfg);
	return m;
}

static void is(const char *name, const char *what, uint64_t got, uint64_t want)
{
	if (got != want)
		fail_msg("%s: %llu %s, %llu expected", name,
			 (unsigned long long)got, what,
			 (unsigned long long)want);
}

static void sends_are_listed_as_worked_out(void **state)
{
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		const struct example *e = &examples[i];
		struct machine *m = run_example(e, "ndis6-sg");

		is(e->name, "registers", m->stats.hal.map_registers_granted,
		   e->registers);
		is(e->name, "elements", seen.elements, e->elements);
		for (j = 0; j < 3 && e->length[j]; j++)
			is(e->name, "bytes in an element", seen.length[j],
			   e->length[j]);
		is(e->name, "bytes copied at map", seen.copied, e->at_map);
		is(e->name, "bytes copied at put",
		   m->stats.cpu.bounce_copied_bytes - seen.copied, e->at_put);
		is(e->name, "bytes read by the card", m->stats.tx.sent_bytes,
		   e->bytes);
		machine_free(m);
	}
}

/* 13: what is mapped begins with the header room, what is sent behind it. */
static void header_room_is_mapped_and_skipped(void **state)
{
	struct machine *m = run_example(
		&examples[sizeof(examples) / sizeof(examples[0]) - 1],
		"ndis6-sg");

	(void)state;
	assert_int_equal(seen.mapped_bytes, 1554);
	assert_int_equal(seen.first_address, 5 * HOST_PAGE + 40);
	assert_int_equal(m->stats.hal.mapped_bytes, 1554);
	machine_free(m);
}

/* 5: the counting rule at its worst, and aligned. */
static void most_pages_of_64_kib(void **state)
{
	uint32_t offset;

	(void)state;
	assert_int_equal(hal_worst_pages(65536), 17);
	assert_int_equal(pages_spanned(0, 65536), 16);
	for (offset = 1; offset < HOST_PAGE; offset++)
		assert_int_equal(pages_spanned(offset, 65536), 17);
}

/* 7: the same 436 bytes, received: out of the bounce page at the flush. */
static void a_received_frame_is_copied_at_flush(void **state)
{
	struct config *cfg = fix_config("gbe-32bit", PLAIN "rx.buffer=8KiB");
	struct machine *m =
		fix_machine(cfg, (struct machine_options){ 0 }, "null", "sg");
	struct rx_queue *queue = &m->adapters[0].rx[0];
	const struct frame frame = { .number = 1,
				     .bytes = 1514,
				     .header_bytes = 54,
				     .direction = FRAME_RX };

	(void)state;
	place(&queue->pool, &(struct piece){ .offset = 4096 - 1078,
					     .pfn = 9,
					     .then = HIGH + 3 });
	queue->buffers[0].sg.bounced_pages = 1;
	assert_int_equal(m->stats.cpu.bounce_copied_bytes, 0);
	machine_feed(m, &frame, 1);
	machine_finish(m);
	fix_check(m);
	assert_int_equal(m->stats.cpu.bounce_copied_bytes, 436);
	assert_int_equal(m->ledger.row[R_BOUNCE].calls, 1);
	machine_free(m);
	config_free(cfg);
}

/* 9: 16 registers, so 61,440 bytes and 2,560 more; or a copy. */
static void a_transaction_is_two_transfers(void **state)
{
	struct example nine = {
		"9: KMDF, 16 registers",
		"layout.mdl=linear nic.lso=yes nic.sg_elements=32 "
		"hal.max_mapping=65536B hal.adapter_max=16",
		.bytes = 64000,
		.payload = { 2048, 100, 102 },
	};
	struct machine *m = run_example(&nine, "wdf-sg");

	(void)state;
	assert_int_equal(seen.transfers, 2);
	assert_int_equal(m->stats.hal.map_registers_granted, 16);
	assert_int_equal(m->ledger.row[R_WDF_EXECUTE].calls, 1);
	assert_int_equal(m->ledger.row[R_WDF_PROGRAM].calls, 2);
	assert_int_equal(m->ledger.row[R_BUILD_LIST].calls, 2);
	assert_int_equal(m->ledger.row[R_PUT_LIST].calls, 2);
	machine_free(m);
	nine.payload.offset = 0;
	m = run_example(&nine, "wdf-sg");
	assert_int_equal(seen.transfers, 2);
	machine_free(m);
	nine.payload.offset = 2048;
	nine.pairs = "layout.mdl=linear nic.lso=yes nic.sg_elements=32 "
		     "hal.max_mapping=65536B hal.adapter_max=16 "
		     "tx.wdf_single_transfer=yes";
	m = run_example(&nine, "wdf-sg");
	assert_int_equal(m->stats.tx.copied_frames, 1);
	assert_int_equal(m->ledger.row[R_WDF_PROGRAM].calls, 0);
	machine_free(m);
}

/* 10: NDIS 4 and 5 give a miniport 64 real registers, 2 to a frame. */
static void base_registers_of_a_miniport(void **state)
{
	struct hal_request base[33];
	struct bench bench;

	(void)state;
	memset(base, 0, sizeof(base));
	bench_init(&bench, "hal.pool=512 hal.pool_cap=512");
	assert_int_equal(hal_worst_pages(1514), 2);
	assert_int_equal(hal_reserve(&bench.hal, base, 33, 1514),
			 HAL_NO_RESOURCES);
	assert_int_equal(hal_reserve(&bench.hal, base, 32, 1514), HAL_GRANTED);
	assert_int_equal(bench.hal.reserved, 64);
	hal_unreserve(&bench.hal, NULL, base, 32);
	bench_clear(&bench);
}

/* --- timelines --- */

enum { A, B, C, D };

/* The pool after all that happened up to and including @at. */
struct moment {
	sim_time at;
	uint32_t free, run; /* registers; the longest run of them */
	uint64_t waiting;
	unsigned grants;
};

static void assert_timeline(struct bench *bench, const struct moment *moments,
			    size_t count)
{
	char name[32];
	size_t i;

	for (i = 0; i < count; i++) {
		const struct moment *t = &moments[i];

		until(bench, t->at);
		snprintf(name, sizeof(name), "at %lld", (long long)t->at);
		is(name, "free", bench->hal.free, t->free);
		is(name, "in a run", hal_longest_run(&bench->hal), t->run);
		is(name, "waiting", bench->hal.waiting, t->waiting);
		is(name, "grants", bench->grants, t->grants);
	}
}

/* 11: C would fit, and waits behind B all the same. */
static void the_head_of_the_queue_blocks(void **state)
{
	static const struct moment moments[] = {
		{ 10, 2, 2, 0, 1 },  /* A has 6 of 8 */
		{ 20, 2, 2, 1, 1 },  /* B asks for 4 */
		{ 30, 2, 2, 2, 1 },  /* C asks for 2 */
		{ 499, 2, 2, 2, 1 }, /* and nothing else happens */
		{ 500, 2, 2, 0, 3 }, /* A frees 6: B, then C */
		{ 600, 6, 6, 0, 3 }, { 700, 8, 8, 0, 3 },
	};
	struct bench bench;

	(void)state;
	bench_init(&bench, "hal.pool=8 hal.pool_cap=8");
	PLAY(&bench, { 10, A, 6, 0 }, { 20, B, 4, 0 }, { 30, C, 2, 0 },
	     { 500, A, 0, 0 }, { 600, B, 0, 0 }, { 700, C, 0, 0 });
	assert_timeline(&bench, moments, sizeof(moments) / sizeof(moments[0]));
	assert_int_equal(bench.order[1], B);
	assert_int_equal(bench.order[2], C);
	bench_clear(&bench);
}

/* 12: six are free, and no four of them side by side. */
static void a_run_must_be_in_one_piece(void **state)
{
	static const struct moment moments[] = {
		{ 3, 0, 0, 0, 3 },   /* A 0-2, B 3-4, C 5-7 */
		{ 10, 3, 3, 0, 3 },  /* A frees */
		{ 20, 6, 3, 0, 3 },  /* C frees: two holes of three */
		{ 30, 6, 3, 1, 3 },  /* D wants four */
		{ 499, 6, 3, 1, 3 }, /* and waits */
		{ 500, 4, 4, 0, 4 }, /* for B */
	};
	struct bench bench;

	(void)state;
	bench_init(&bench, "hal.pool=8 hal.pool_cap=8 nic.scatter_gather=no");
	PLAY(&bench, { 1, A, 3, 0 }, { 2, B, 2, 0 }, { 3, C, 3, 0 },
	     { 10, A, 0, 0 }, { 20, C, 0, 0 }, { 30, D, 4, 0 },
	     { 500, B, 0, 0 });
	assert_timeline(&bench, moments, sizeof(moments) / sizeof(moments[0]));
	assert_int_equal(bench.request[D].granted_at, 500);
	bench_clear(&bench);
}

/* 14: twelve registers, five at a time. */
static void twelve_by_fives(void **state)
{
	const uint32_t want[] = { 5, 5, 2 };
	uint32_t left = 12, transfers;
	struct bench bench;

	(void)state;
	bench_init(&bench, "hal.pool=5 hal.pool_cap=5");
	for (transfers = 0; left; transfers++) {
		struct hal_request *req = &bench.request[A].req;
		sim_time at = 10 * (sim_time)transfers;

		assert_true(transfers < 3);
		PLAY(&bench, { at, A, left, HAL_SYNC | HAL_MAY_BE_PARTIAL });
		until(&bench, at);
		assert_int_equal(req->granted, want[transfers]);
		left -= req->granted;
		PLAY(&bench, { at + 5, A, 0, 0 });
		until(&bench, at + 5);
	}
	assert_int_equal(transfers, 3);
	assert_int_equal(tx_transfers(12 * HOST_PAGE, 12, 5), 3);
	bench_clear(&bench);
}

/* --- defaults --- */

/*
 * What the reference recommends and the parameters say.  Rings are those of
 * the gigabit cards it has them from; the default card is of 10 Gb/s.
 */
static void defaults_are_those_recommended(void **state)
{
	static const struct {
		const char *preset, *key;
		uint64_t value;
	} rows[] = {
		{ NULL, "nic.dma_width", 64 },
		{ "gbe-32bit", "nic.dma_width", 32 },
		{ "bcm-30bit", "nic.dma_width", 30 },
		{ "ce-isa", "nic.dma_width", 24 },
		{ NULL, "host.ram", UINT64_C(8) << 30 },
		{ NULL, "hal.max_mapping", 1514 },
		{ "virtio", "hal.max_mapping", 65536 },
		{ NULL, "nic.sg_elements", 16 },
		{ NULL, "tx.copy_threshold", 256 },
		{ NULL, "rx.copybreak", 256 },
		{ "gbe-32bit", "nic.tx_ring", 256 },
		{ "gbe-32bit", "nic.rx_ring", 256 },
		{ "virtio", "nic.tx_ring", 1024 },
		{ NULL, "rx.buffer", 2048 },
		{ NULL, "rx.indicate_max", 32 },
		{ NULL, "rx.low_watermark", 250000 },
		{ NULL, "hal.worker_delay", 100 * PS_PER_US },
		{ NULL, "rx.throttle_delay", 100 * PS_PER_US },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct config *cfg = fix_config(rows[i].preset, "");

		is(rows[i].key, "by default", config_u64(cfg, rows[i].key),
		   rows[i].value);
		config_free(cfg);
	}
	assert_int_equal(HOST_PAGE, 4096);
	assert_int_equal(HAL_RESERVATION_MAX, 64);
}

/* A pool of 64 once, 16,384 now; two pages and the elements to an adapter. */
static void pools_are_those_recommended(void **state)
{
	static const struct {
		const char *pairs;
		uint32_t pool, cap, per_request;
	} rows[] = {
		{ "hal.personality=legacy", 16, 64, 16 },
		{ "hal.personality=modern", 16384, 16384, 2 + 16 },
		{ "hal.personality=modern nic.lso=yes", 16384, 16384, 17 + 16 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct config *cfg = fix_config(NULL, rows[i].pairs);
		struct hal_rules rules;

		hal_rules_read(&rules, cfg);
		assert_int_equal(rules.pool, rows[i].pool);
		assert_int_equal(rules.cap, rows[i].cap);
		assert_int_equal(rules.per_request, rows[i].per_request);
		config_free(cfg);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sends_are_listed_as_worked_out),
		cmocka_unit_test(header_room_is_mapped_and_skipped),
		cmocka_unit_test(most_pages_of_64_kib),
		cmocka_unit_test(a_received_frame_is_copied_at_flush),
		cmocka_unit_test(a_transaction_is_two_transfers),
		cmocka_unit_test(base_registers_of_a_miniport),
		cmocka_unit_test(the_head_of_the_queue_blocks),
		cmocka_unit_test(a_run_must_be_in_one_piece),
		cmocka_unit_test(twelve_by_fives),
		cmocka_unit_test(defaults_are_those_recommended),
		cmocka_unit_test(pools_are_those_recommended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
