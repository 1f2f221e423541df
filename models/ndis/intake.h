/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From frame records to send calls and arrivals.
 *
 * Transmit: departures alone never queue, so a run of back-to-back departures
 * becomes one send call at its first stamp (traffic.tx_times); neighbours of
 * one flow form one net buffer list; super-frames stay whole where the NIC
 * segments, else they are cut at the MTU.  Receive: a frame's stamp is its
 * last bit in; no two closer than the wire allows.
 *
 * The machine's time follows: before an item is handed over every earlier
 * event has run, so memory does not grow with the trace.  Only a call still
 * open (its run not yet ended) holds frames back.
 *
 * With traffic.window a flow may have that many bytes outstanding; further
 * frames wait for completions, outside the driver.
 */
#ifndef MODELS_NDIS_INTAKE_H
#define MODELS_NDIS_INTAKE_H

#include "core/frame.h"
#include "core/param.h"
#include "core/pool.h"
#include "core/rng.h"

struct machine;
struct tx_frame;
struct window_flow;

#define BURST_FLOWS 1024u

struct intake {
	/* The open call, and what arrived behind it; oldest first. */
	struct frame *call; /* room for send_batch_max */
	size_t call_count;
	struct frame *held;
	size_t held_count, held_room;
	sim_time call_at, last_tx_at, last_rx_at;

	unsigned tx_times, superframes;
	uint32_t send_batch_max, mtu;
	uint32_t header_max; /* of an MDL of headers */
	bool lso;
	uint64_t wire_bps;
	uint64_t calls;
	uint64_t dpc_sends_ppm;
	struct rng_stream dpc_sends;

	/* Closed loop. */
	uint64_t window;
	struct window_flow **flows;
	struct pool flow_pool;

	/* Bursts of receive flows, for hold times. */
	sim_time burst_last[BURST_FLOWS];
	uint32_t burst_count[BURST_FLOWS];
};

int intake_init(struct machine *m, const struct config *cfg, bool wire_capture,
		struct err *err);
void intake_clear(struct machine *m);
/* Size of the objects in the pool of frames the wire delays. */
size_t intake_late_size(void);
void intake_push(struct machine *m, const struct frame *frame);
/* No more frames: close the open call. */
void intake_end(struct machine *m);
/* A frame of the flow is settled: the window may open. */
void intake_settled(struct machine *m, const struct tx_frame *frame);

#endif
