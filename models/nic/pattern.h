/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a NIC and its driver do on the bus for each frame besides moving it,
 * as data, and the capacity that follows, in closed form.
 *
 *	struct nic_traffic traffic = { .link = &link,
 *				       .pattern = nic_pattern_find("simple"),
 *				       .completion = link.mps };
 *	bps = nic_capacity_bps(&traffic, NIC_RX, 64);
 *
 * A pattern is a row of nic_patterns[].  A frame has one descriptor in each
 * direction; frames count with their FCS, which stays in the NIC; payload and
 * rates count without it.
 *
 * Limits: those of models/bus/analytic.h.  Capacity is the link's and may
 * exceed the wire's.
 *
 * Source: PB-model; Ethernet: IEEE 802.3.
 */
#ifndef MODELS_NIC_PATTERN_H
#define MODELS_NIC_PATTERN_H

#include "core/sim_time.h"
#include "models/bus/link.h"

#define ETH_FCS_BYTES 4u
#define ETH_GAP_BYTES 20u /* preamble and gap */
#define ETH_FRAME_MIN 64u
#define ETH_FRAME_MAX 1518u

/* Of one direction; each: for how many frames at a time, 0: never. */
struct nic_ring_pattern {
	uint16_t fetch;	     /* the NIC reads descriptors */
	uint16_t write_back; /* the NIC writes descriptors back */
	uint16_t tail_write; /* the host writes the tail register */
	uint16_t head_read;  /* the host reads the head register */
	uint16_t interrupt;  /* the NIC sends a message */
};

struct nic_pattern {
	const char *name, *summary; /* a NULL name ends the table */
	uint16_t descriptor_bytes, register_bytes;
	struct nic_ring_pattern tx, rx;
};

extern const struct nic_pattern nic_patterns[];

/* NULL: no such pattern. */
const struct nic_pattern *nic_pattern_find(const char *name);

enum nic_flow {
	NIC_TX,
	NIC_RX,
	NIC_BOTH /* a frame received for every frame sent; rates of each */
};

struct nic_traffic {
	const struct link *link;
	const struct nic_pattern *pattern;
	uint32_t completion; /* bytes, see analytic_read() */
	/*
	 * As the published model has it: the requests that fetch receive
	 * descriptors are free.  It computes and then loses them.
	 */
	bool as_published;
};

/* Bytes on the link for so many frames: the least after which all repeats. */
struct nic_load {
	uint64_t frames;
	struct link_bytes bytes;
};

struct nic_load nic_load(const struct nic_traffic *traffic, enum nic_flow flow,
			 uint32_t frame_bytes);
/* Payload bits per second; @frame_bytes > 4. */
uint64_t nic_capacity_bps(const struct nic_traffic *traffic, enum nic_flow flow,
			  uint32_t frame_bytes);
/*
 * The smallest frame from which on the link keeps up with an Ethernet of
 * @eth_bps for every frame up to 1518 bytes, not below 64; 0: none.
 */
uint32_t nic_crossover_bytes(const struct nic_traffic *traffic,
			     enum nic_flow flow, uint64_t eth_bps);

/* --- Ethernet at line rate, frames of one size --- */

/* Of one frame with preamble and gap, rounded up. */
sim_time eth_frame_ps(uint64_t eth_bps, uint32_t frame_bytes);
/* Frames per second, rounded down. */
uint64_t eth_frames_pps(uint64_t eth_bps, uint32_t frame_bytes);
/* Bits per second of @bytes in each frame, rounded down. */
uint64_t eth_share_bps(uint64_t eth_bps, uint32_t frame_bytes, uint32_t bytes);

#endif
