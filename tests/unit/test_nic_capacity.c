/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The NIC of events with the habits of a pattern against the closed form of
 * that pattern (models/nic/pattern.h): the CPU costs nothing, the wire never
 * limits, the link does.
 *
 * At 97 % of the closed form's capacity the machine keeps up, and the busier
 * direction of the link is busy 97 % of the time, to 1 %: every transaction is
 * there and no other.  At 103 % it carries the capacity, to 3 %.  There is one
 * exception: where upstream limits, interrupts wait behind payload, and the
 * frames that finish meanwhile share the next one; the closed form has them
 * all.  Then the link is full, there are fewer messages, and what they leave is
 * used.
 */
#include "tests/unit/machine_fixture.h"

#include <stdio.h>

#include "models/machine.h"
#include "models/nic/pattern.h"
#include "traces/params.h"

#define HOST                                                           \
	"host.clock=10GHz host.dpc_median=0 host.dpc_p99=0 "           \
	"host.dma_write=0 host.mmio_write=0 host.dma_read_warm=100ns " \
	"host.dma_read_cold=100ns host.read_jitter=0 "                 \
	"host.dram_refresh=0 host.read_credits=65536 "                 \
	"host.write_credits=65536 tx.queue_limit=1048576 "             \
	"traffic.dpc_sends=0% "
#define LINK                                                           \
	"pcie.generation=3 pcie.lanes=8 pcie.mps=256B pcie.mrrs=512B " \
	"pcie.overhead=formula pcie.completion=256B "                  \
	"pcie.line_request=0B pcie.completion_interval=0 pcie.tags=1024 "
#define CARD                                                     \
	"nic.wire=1Tbps nic.dma_latency=0 nic.dma_reads=256 "    \
	"nic.fetches=256 nic.tx_ring=4000 nic.rx_ring=4000 "     \
	"nic.desc_cache=512 nic.prefetch=256 nic.tx_fifo=16MiB " \
	"nic.rx_fifo=64MiB "

static const struct {
	const char *name, *pairs;
	const char *every; /* set to the time of @frames */
	unsigned frames;
} habits[] = {
	{ "simple",
	  "nic.fetch_max=1 nic.completion=register nic.tx_doorbell_batch=1 "
	  "nic.tx_head_read=1 nic.rx_write_back=1 nic.rx_tail_batch=1 "
	  "nic.rx_head_read=1 nic.moderation_mode=none",
	  "nic.moderation", 1 },
	{ "niantic-kernel",
	  "nic.fetch_max=40 nic.host_threshold=40 nic.rx_fetch_max=1 "
	  "nic.tx_write_back=8 nic.tx_doorbell_batch=1 nic.tx_head_read=1 "
	  "nic.rx_write_back=1 nic.rx_tail_batch=32 nic.rx_head_read=8 "
	  "nic.moderation_frames=32",
	  "nic.moderation", 96 },
	{ "niantic-pmd",
	  "nic.fetch_max=40 nic.host_threshold=40 nic.rx_fetch_max=1 "
	  "nic.tx_write_back=8 nic.tx_doorbell_batch=32 "
	  "nic.rx_write_back=1 nic.rx_tail_batch=32",
	  "nic.poll", 256 },
};

struct load {
	size_t habit;
	enum nic_flow flow;
	uint32_t frame_bytes;
	uint64_t bps; /* offered, each direction */
	size_t frames;
	unsigned call; /* sends of a call */
};

static struct config *configure(const struct load *load)
{
	struct config *cfg = fix_config(NULL, HOST LINK CARD);
	struct err err = ERR_INIT;
	const struct param *row;
	char text[32];

	for (row = machine_params; row->key; row++)
		if (row->qty == QTY_CYCLES &&
		    config_set(cfg, row->key, "0", "test", &err) < 0)
			fail_msg("%s", err.text);
	fix_set(cfg, habits[load->habit].pairs);
	snprintf(text, sizeof(text), "%llups",
		 (unsigned long long)bytes_to_ps(
			 (uint64_t)(load->frame_bytes - ETH_FCS_BYTES) *
				 habits[load->habit].frames,
			 load->bps));
	if (config_set(cfg, habits[load->habit].every, text, "test", &err) < 0)
		fail_msg("%s", err.text);
	return cfg;
}

static size_t fill(const struct load *load, struct frame *out)
{
	uint32_t bytes = load->frame_bytes - ETH_FCS_BYTES;
	size_t i, j, n = 0;

	for (i = 0; i < load->frames; i += load->call)
		for (j = i; j < i + load->call; j++) {
			struct frame frame = {
				.at = bytes_to_ps(i * bytes, load->bps),
				.bytes = bytes,
				.header_bytes = 54,
				.direction = FRAME_TX,
			};

			if (load->flow != NIC_RX)
				out[n++] = frame;
			frame.direction = FRAME_RX;
			if (load->flow != NIC_TX)
				out[n++] = frame;
		}
	for (i = 0; i < n; i++)
		out[i].number = i + 1;
	return n;
}

static struct machine *offer(const struct load *load)
{
	struct frame *frames = calloc(2 * load->frames, sizeof(*frames));
	struct config *cfg = configure(load);
	size_t count = fill(load, frames);
	struct machine *m =
		fix_run(cfg, "ndis6-copy", "common-copy", frames, count);

	assert_int_equal(m->stats.rx.dropped_fifo_frames, 0);
	assert_int_equal(m->stats.tx.dropped_queue_frames, 0);
	free(frames);
	config_free(cfg);
	return m;
}

/* Share of the time that the busier direction of the link was busy. */
static double busy(const struct machine *m)
{
	const struct pcie *pcie = &m->adapters[0].pcie;
	uint64_t most = pcie->up.busy_ps > pcie->down.busy_ps
				? pcie->up.busy_ps
				: pcie->down.busy_ps;

	return (double)most / (double)m->work_end;
}

/* What was carried over what the closed form says. */
static double carried(const struct machine *m, const struct load *load,
		      uint64_t capacity_bps)
{
	double bits = 8.0 * (load->frame_bytes - ETH_FCS_BYTES) *
		      (double)load->frames;

	return bits / ((double)m->work_end / 1e12) / (double)capacity_bps;
}

/* The last poll comes late, a few fetches bring less than a full batch. */
static void expect_keeping_up(const char *what, double rate, double share)
{
	if (rate < 0.95 || share < rate * 0.99 || share > rate * 1.01)
		fail_msg(
			"%s, at 97 %%: carried %.4f of the capacity, link busy "
			"%.4f",
			what, rate, share);
}

static void expect_capacity(const char *what, double rate, double share,
			    bool fewer_messages)
{
	if (rate < 0.97 || share < 0.97 || (rate > 1.01 && !fewer_messages))
		fail_msg("%s, at 103 %%: carried %.4f of the capacity, link "
			 "busy %.4f",
			 what, rate, share);
}

static void check(size_t habit, enum nic_flow flow, uint32_t frame_bytes)
{
	static const char *const flows[] = { "tx", "rx", "both" };
	const struct link link = { .generation = 3,
				   .lanes = 8,
				   .mps = 256,
				   .mrrs = 512,
				   .rcb = 64,
				   .wide = true };
	const struct nic_traffic traffic = {
		.link = &link,
		.pattern = nic_pattern_find(habits[habit].name),
		.completion = 256,
	};
	uint64_t capacity = nic_capacity_bps(&traffic, flow, frame_bytes);
	struct load load = { .habit = habit,
			     .flow = flow,
			     .frame_bytes = frame_bytes,
			     .frames = 32000,
			     .call = traffic.pattern->tx.tail_write };
	struct machine *below, *above;
	char what[64];

	load.bps = capacity / 100 * 97;
	below = offer(&load);
	load.bps = capacity / 100 * 103;
	above = offer(&load);
	snprintf(what, sizeof(what), "%s %s %u", habits[habit].name,
		 flows[flow], frame_bytes);
	expect_keeping_up(what, carried(below, &load, capacity), busy(below));
	expect_capacity(what, carried(above, &load, capacity), busy(above),
			above->stats.pcie.messages <
				below->stats.pcie.messages);
	machine_free(below);
	machine_free(above);
}

static void events_agree_with_closed_forms(void **state)
{
	static const uint32_t sizes[] = { 64, 256, 1518 };
	size_t habit, flow, size;

	(void)state;
	for (habit = 0; habit < sizeof(habits) / sizeof(habits[0]); habit++)
		for (flow = NIC_TX; flow <= NIC_BOTH; flow++)
			for (size = 0; size < 3; size++)
				check(habit, (enum nic_flow)flow, sizes[size]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_agree_with_closed_forms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
