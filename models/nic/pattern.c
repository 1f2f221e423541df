/* SPDX-License-Identifier: Apache-2.0 */
#include "models/nic/pattern.h"

#include <stddef.h>
#include <string.h>

#include "core/err.h"
#include "models/bus/analytic.h"

const struct nic_pattern nic_patterns[] = {
	{ .name = "simple",
	  .summary = "no batching at all",
	  .descriptor_bytes = 16,
	  .register_bytes = 4,
	  .tx = { .fetch = 1, .tail_write = 1, .head_read = 1, .interrupt = 1 },
	  .rx = { .fetch = 1,
		  .write_back = 1,
		  .tail_write = 1,
		  .head_read = 1,
		  .interrupt = 1 } },
	{ .name = "niantic-kernel",
	  .summary = "82599 with its kernel driver: interrupts, head reads",
	  .descriptor_bytes = 16,
	  .register_bytes = 4,
	  .tx = { .fetch = 40,
		  .write_back = 8,
		  .tail_write = 1,
		  .head_read = 1,
		  .interrupt = 32 },
	  .rx = { .fetch = 1,
		  .write_back = 1,
		  .tail_write = 32,
		  .head_read = 8,
		  .interrupt = 32 } },
	{ .name = "niantic-pmd",
	  .summary = "82599 with a poll-mode driver",
	  .descriptor_bytes = 16,
	  .register_bytes = 4,
	  .tx = { .fetch = 40, .write_back = 8, .tail_write = 32 },
	  .rx = { .fetch = 1, .write_back = 1, .tail_write = 32 } },
	{ .name = NULL },
};

const struct nic_pattern *nic_pattern_find(const char *name)
{
	const struct nic_pattern *pattern;

	for (pattern = nic_patterns; pattern->name; pattern++)
		if (strcmp(pattern->name, name) == 0)
			return pattern;
	return NULL;
}

/* --- bytes of a period --- */

static uint64_t common_multiple(uint64_t a, uint64_t b)
{
	uint64_t x = a, y = b;

	while (y) {
		uint64_t rest = x % y;

		x = y;
		y = rest;
	}
	BUG_ON(__builtin_mul_overflow(a, b / x, &a));
	return a;
}

static uint64_t ring_period(const struct nic_ring_pattern *ring)
{
	const uint16_t every[] = { ring->fetch, ring->write_back,
				   ring->tail_write, ring->head_read,
				   ring->interrupt };
	uint64_t frames = 1;
	size_t i;

	for (i = 0; i < sizeof(every) / sizeof(every[0]); i++)
		if (every[i])
			frames = common_multiple(frames, every[i]);
	return frames;
}

/* Count @bytes as often as there are @every frames in the load. */
static void charge(struct nic_load *load, uint16_t every,
		   struct link_bytes bytes)
{
	if (!every)
		return;
	load->bytes.up += load->frames / every * bytes.up;
	load->bytes.down += load->frames / every * bytes.down;
}

static void charge_ring(struct nic_load *load,
			const struct nic_traffic *traffic, enum nic_flow flow)
{
	const struct nic_pattern *pattern = traffic->pattern;
	const struct nic_ring_pattern *ring =
		flow == NIC_TX ? &pattern->tx : &pattern->rx;
	const struct link *link = traffic->link;
	uint32_t descriptor = pattern->descriptor_bytes;
	struct link_bytes fetch = analytic_read(link, ring->fetch * descriptor,
						traffic->completion);

	if (traffic->as_published && flow == NIC_RX)
		fetch.up = 0;
	charge(load, ring->fetch, fetch);
	charge(load, ring->write_back,
	       analytic_write(link, ring->write_back * descriptor));
	charge(load, ring->tail_write,
	       link_register_write(link, pattern->register_bytes));
	charge(load, ring->head_read,
	       link_register_read(link, pattern->register_bytes));
	charge(load, ring->interrupt, link_message(link));
}

struct nic_load nic_load(const struct nic_traffic *traffic, enum nic_flow flow,
			 uint32_t frame_bytes)
{
	const struct nic_pattern *pattern = traffic->pattern;
	const struct link *link = traffic->link;
	uint32_t payload = frame_bytes - ETH_FCS_BYTES;
	struct nic_load load = {
		.frames = common_multiple(ring_period(&pattern->tx),
					  ring_period(&pattern->rx)),
	};

	BUG_ON(frame_bytes <= ETH_FCS_BYTES);
	if (flow != NIC_RX) {
		charge(&load, 1,
		       analytic_read(link, payload, traffic->completion));
		charge_ring(&load, traffic, NIC_TX);
	}
	if (flow != NIC_TX) {
		charge(&load, 1, analytic_write(link, payload));
		charge_ring(&load, traffic, NIC_RX);
	}
	return load;
}

/* --- capacity --- */

uint64_t nic_capacity_bps(const struct nic_traffic *traffic, enum nic_flow flow,
			  uint32_t frame_bytes)
{
	struct nic_load load = nic_load(traffic, flow, frame_bytes);
	uint64_t payload = load.frames * (frame_bytes - ETH_FCS_BYTES);

	return analytic_bps(traffic->link, payload, load.bytes);
}

/* Do frames take the link no longer than the wire? */
static bool keeps_up(const struct nic_traffic *traffic, enum nic_flow flow,
		     uint64_t eth_bps, uint32_t frame_bytes)
{
	struct nic_load load = nic_load(traffic, flow, frame_bytes);
	uint64_t wire_bytes = load.frames * (frame_bytes + ETH_GAP_BYTES);

	return analytic_bps(traffic->link, wire_bytes, load.bytes) >= eth_bps;
}

uint32_t nic_crossover_bytes(const struct nic_traffic *traffic,
			     enum nic_flow flow, uint64_t eth_bps)
{
	uint32_t frame = ETH_FRAME_MAX + 1;

	while (frame > ETH_FRAME_MIN &&
	       keeps_up(traffic, flow, eth_bps, frame - 1))
		frame--;
	return frame <= ETH_FRAME_MAX ? frame : 0;
}

/* --- Ethernet --- */

sim_time eth_frame_ps(uint64_t eth_bps, uint32_t frame_bytes)
{
	return bytes_to_ps(frame_bytes + ETH_GAP_BYTES, eth_bps);
}

uint64_t eth_frames_pps(uint64_t eth_bps, uint32_t frame_bytes)
{
	return eth_bps / (8 * (uint64_t)(frame_bytes + ETH_GAP_BYTES));
}

uint64_t eth_share_bps(uint64_t eth_bps, uint32_t frame_bytes, uint32_t bytes)
{
	return mul_div_u64(eth_bps, bytes, frame_bytes + ETH_GAP_BYTES);
}
