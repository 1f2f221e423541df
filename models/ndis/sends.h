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

/*
 * Between these more frames are on their way to the queue: their doorbell is
 * rung once, with the last one or at the end.
 */
void tx_open(struct tx_queue *queue);
void tx_close(struct core *core, struct tx_queue *queue);

/* Count what a driver calls when it starts: once per adapter. */
void tx_register(struct adapter *adapter);
/* And once for every piece of memory that it shares with the card. */
void tx_count_memory(struct adapter *adapter);
/* The interface's call at the end of a send: once a list, or once a frame. */
void tx_charge_complete(struct core *core, struct tx_frame *frame,
			enum tx_stage stage);

/* The frame's MDL chain as the protocol built it. */
void tx_chain(const struct tx_frame *frame, struct mdl_chain *chain);
/* Enough copy pages exist, free or not, and elements to list them. */
bool tx_can_copy(const struct tx_frame *frame);
/* And enough are free, and no frame waits for them. */
bool tx_can_copy_now(const struct tx_frame *frame);
/* Write back the lines that the device will read, as KeFlushIoBuffers does. */
void tx_write_back(struct core *core, struct tx_frame *frame);
/* The driver walks the chain: is it in more fragments than @most? */
bool tx_has_more_fragments(const struct tx_frame *frame, uint32_t most);

#define TX_BESIDES 4

/* How a strategy maps: what it calls, and what it does without room. */
struct tx_mapping {
	enum routine build;    /* asks for the list; unit: page */
	enum routine callback; /* receives it; unit: element */
	enum routine put;      /* gives it back; unit: page */
	/* Called besides, before asking and before giving back; 0 ends them. */
	enum routine also_ask[TX_BESIDES + 1], also_put[TX_BESIDES + 1];
	unsigned flags; /* of the HAL request */
	bool allocates; /* list memory at run time, for every frame */
	bool raises;	/* the IRQL, even at DISPATCH */
	bool gathers;	/* one element: all is copied into one run */
	bool owns;	/* its registers from set-up on: asks for none */
	bool splits;	/* what exceeds the registers into transfers */
	bool flushes;	/* caches itself, where they are not coherent */
	bool masked;	/* called at DISPATCH, whoever sends */
	bool each;	/* MDL by a call and in a range of its own */
	bool bounces;	/* every page, in reach or not */
	/* What copies a frame of too many fragments; 0: NDIS does. */
	enum routine copies;
	/* Mapped: leads to tx_ready(). */
	void (*mapped)(struct core *core, struct tx_frame *frame);
	/*
	 * No list: NO_RESOURCES is not now, TOO_MANY is never, for want of
	 * registers or of elements.
	 */
	void (*refused)(struct core *core, struct tx_frame *frame,
			enum hal_status status);
	/* The request was queued, and the call returned; NULL: so be it. */
	void (*queued)(struct core *core, struct tx_frame *frame);
};

extern const struct tx_mapping tx_ndis6_mapping;

/* Map as @how says, which outlives the frame; tx_map() as NDIS 6 does. */
void tx_map_as(struct core *core, struct tx_frame *frame,
	       const struct tx_mapping *how);
void tx_map(struct core *core, struct tx_frame *frame);
/* Only look: fill frame->elements and frame->sg. */
void tx_list(struct tx_frame *frame, const struct tx_mapping *how);
/* NDIS may still copy; else the send fails: once copied, or hal.exhausted. */
bool tx_may_fall_back(const struct tx_frame *frame, enum hal_status status);
/* For .refused: NDIS copies to a contiguous buffer and lists that, once. */
void tx_map_fallback(struct core *core, struct tx_frame *frame,
		     enum hal_status status);
/* For .refused: the driver copies the frame. */
void tx_refused_copy(struct core *core, struct tx_frame *frame,
		     enum hal_status status);
/* Registers are there: bounce, tell the IOMMU, hand over the list. */
void tx_grant(struct core *core, struct tx_frame *frame);
/* The frame that waits by @req; NULL when none does. */
const struct tx_frame *tx_frame_of(const struct hal_request *req);
/*
 * Transfers of at most @registers > 0 that @bytes in @pages take; none is
 * longer than fits at the worst offset.
 */
uint32_t tx_transfers(uint32_t bytes, uint32_t pages, uint32_t registers);

void tx_copy(struct core *core, struct tx_frame *frame);
void tx_premapped(struct core *core, struct tx_frame *frame);

/*
 * Frames that are mapped now or not at all (HAL_SYNC): what is refused waits
 * in the driver, in order, and is tried again when a frame of the queue gives
 * its registers back; when none of the queue holds any, the HAL is asked to
 * queue the request.
 */
struct tx_backlog {
	struct tx_queue *queue;
	struct tx_mapping now,
		wait; /* .mapped and .refused are the backlog's */
	struct tx_frame *head, *tail; /* by copy_next */
	unsigned held;		      /* frames that hold registers */
	bool asking;		      /* for the head */
	/* For what no registers help. */
	void (*never)(struct core *core, struct tx_frame *frame);
};

/* @how is copied; the state of @queue holds the backlog. */
void tx_backlog_init(struct tx_backlog *backlog, struct tx_queue *queue,
		     const struct tx_mapping *how,
		     void (*never)(struct core *core, struct tx_frame *frame));
void tx_backlog_add(struct tx_backlog *backlog, struct tx_frame *frame);
/* Map from the head on, as long as there is room. */
void tx_backlog_run(struct core *core, struct tx_backlog *backlog);
/* Complete a frame of the backlog; go on with those that wait. */
void tx_backlog_unmap(struct core *core, struct tx_backlog *backlog,
		      struct tx_frame *frame);

void tx_ready(struct core *core, struct tx_frame *frame);
/* NDIS_STATUS_RESOURCES; tx_end() with any other status. */
void tx_fail(struct core *core, struct tx_frame *frame);
void tx_end(struct core *core, struct tx_frame *frame, enum tx_status status);
/* End what is ready and not posted, what waits for copy pages. */
void tx_end_ready(struct core *core, struct tx_queue *queue,
		  enum tx_status status);
void tx_end_copies(struct core *core, struct tx_queue *queue,
		   enum tx_status status);

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
/* A send completes with @status. */
void tx_count_status(struct machine *m, enum tx_status status, bool counted);
/* The frame's way ends here: books and histograms. */
void tx_settle(struct tx_frame *frame);
/* Take visible frames out of the ring, post frames that waited for room. */
void tx_reap(struct core *core, struct tx_queue *queue);
/* Start completing the next reaped frame; false when there is none. */
bool tx_complete_next(struct core *core, struct tx_queue *queue);

#endif
