/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The miniport's send path, shared by all transmit strategies.
 *
 * A send call is a job on the sender's core (or in a DPC): per frame the
 * protocol stack, the driver, the strategy.  What strategies choose from:
 *
 *	tx_map()       NdisMAllocateNetBufferSGList, now or when registers are
 *		       free; NDIS copies a frame with too many fragments
 *	tx_copy()      into preallocated common-buffer pages, when some are free
 *	tx_premapped() elements of memory that is always mapped
 *
 * each of which leads to tx_ready(): ring order is the order of the calls, so
 * a frame that waits for registers holds back all later ones.
 *
 * From the DPC: tx_reap() takes finished frames out of the ring, then each
 * strategy's complete() ends in tx_release().
 */
#ifndef MODELS_NDIS_SENDS_H
#define MODELS_NDIS_SENDS_H

#include "models/adapter.h"

struct send_call {
	struct cpu_job job;
	struct machine *m;
	struct tx_frame *head, *tail;
	struct tx_queue *queue; /* on which it is open, or NULL */
	bool in_dpc;
};

/* Hand a call's frames to @core; the call comes from m->calls. */
void send_call_submit(struct core *core, struct send_call *call);

/* The frame's MDL chain as the protocol built it. */
void tx_chain(const struct tx_frame *frame, struct mdl_chain *chain);
/* Fragments of the frame, as a driver that walks the chain counts them. */
uint32_t tx_fragments(const struct tx_frame *frame);

void tx_map(struct core *core, struct tx_frame *frame);
void tx_copy(struct core *core, struct tx_frame *frame);
void tx_premapped(struct core *core, struct tx_frame *frame);

void tx_ready(struct core *core, struct tx_frame *frame);
void tx_fail(struct core *core, struct tx_frame *frame);

/* Holding the queue's lock: post ready frames in order, then unlock. */
void tx_post_waiting(struct core *core, struct tx_queue *queue);
/* Copies that wait for pages go on, in the DPC that freed them. */
void tx_resume_copies(struct core *core, struct tx_queue *queue);

/* Complete a mapped frame: NdisMFreeNetBufferSGList, then tx_release(). */
void tx_unmap(struct core *core, struct tx_frame *frame);
/* Give back registers and copy pages, complete the list, end the frame. */
void tx_release(struct core *core, struct tx_frame *frame);

/* --- for the NIC and the DPC --- */

void tx_departed(struct tx_frame *frame);
/* The frame's way ends here: books and histograms. */
void tx_settle(struct tx_frame *frame);
/* Take visible frames out of the ring, post frames that waited for room. */
void tx_reap(struct core *core, struct tx_queue *queue);
/* Start completing the next reaped frame; false when there is none. */
bool tx_complete_next(struct core *core, struct tx_queue *queue);

#endif
