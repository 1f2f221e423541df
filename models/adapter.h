/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The objects of one adapter and its miniport: frames on their way, queues,
 * rings, vectors.  Internal to models/.
 *
 * The way of a transmit frame: intake -> call -> strategy (map or copy) ->
 * order list -> ring -> fetch -> data -> wire -> write-back -> DPC -> unmap ->
 * complete.  Of a receive frame: wire -> FIFO -> buffer -> write-back -> DPC ->
 * strategy (flush or copy) -> indicate -> hold -> repost.
 *
 * Counters named alike (posted, fetched, ...) are running totals; a ring
 * position is the total modulo the ring.
 */
#ifndef MODELS_ADAPTER_H
#define MODELS_ADAPTER_H

#include "core/frame.h"
#include "core/rng.h"
#include "models/bus/pcie.h"
#include "models/component.h"
#include "models/host/buffers.h"
#include "models/host/hal.h"
#include "models/host/iommu.h"
#include "models/host/memory.h"
#include "models/ndis/mdl.h"
#include "models/ndis/routines.h"
#include "models/nic/engine.h"
#include "models/nic/rss.h"
#include "models/rx/rx.h"
#include "models/tx/tx.h"

struct machine;
struct adapter;
struct tx_queue;
struct rx_queue;
struct vector;
struct adaptive;

/* Descriptors of one ring between memory and chip; see nic/prefetch.h. */
struct prefetch {
	uint32_t ring_size, fetch_max;
	uint64_t base; /* logical address of the ring */
	uint64_t tail, requested, fetched, taken;
	struct fetch *fetch; /* outstanding, in turn */
	uint32_t first, active;
};

/* --- transmit --- */

/* How a send completes: NDIS_STATUS_ and so on. */
enum tx_status {
	TX_SUCCESS,
	TX_INVALID_LENGTH,
	TX_RESOURCES,
	TX_PAUSED,
	TX_SEND_ABORTED,
	TX_RESET_IN_PROGRESS,
	TX_FAILURE,
	TX_STATUSES
};

/* A net buffer list: completes when its last frame does. */
struct nbl {
	uint32_t pending;
};

/* Frames that are handed to the card together or not at all. */
struct tx_group {
	struct tx_frame *head, *tail; /* by group_next */
	uint32_t unready, left;	      /* not yet ready; not yet settled */
};

struct tx_frame {
	struct stage_clock clock;
	struct tx_queue *queue;
	struct tx_frame *next;
	struct tx_frame *copy_next; /* waits for copy pages */
	struct nbl *nbl;
	uint64_t seq;	 /* order of offering, all queues */
	uint64_t number; /* of its record */
	sim_time offered_at;
	uint32_t bytes, wire_bytes, wire_frames;
	uint32_t flow;
	uint32_t header_slot, payload_slot;
	uint32_t header_bytes;	 /* in the headers MDL; 0: one linear MDL */
	uint32_t payload_offset; /* of a cut super-frame's piece */
	uint64_t desc_end;     /* running total of the ring after this frame */
	enum residency source; /* of the payload */
	struct iommu_mapping mapping;
	struct sg_element table;      /* of indirect descriptors */
	const struct tx_mapping *as;  /* how it is mapped */
	struct iommu_mapping *pieces; /* of m->pieces, if mapped one by one */
	struct tx_frame *group_next;
	struct tx_frame *unsent_next, *unsent_last;
	/* What follows is zero when the frame is offered. */
	struct hal_request map;
	struct sg_summary sg;
	struct logged_chain *logged; /* NULL: the chain is made up */
	struct tx_group *group;	     /* NULL: on its own */
	uint64_t turn;	       /* of those its queue has taken; 0: not taken */
	uint64_t misuse;       /* bits of hazards to commit */
	enum tx_status status; /* TX_SUCCESS: not known to fail */
	uint32_t element_count, descriptors;
	uint32_t piece_count;
	uint32_t copy_pages; /* common-buffer pages held */
	uint32_t lent;	     /* of the strategy's own pool */
	uint32_t transfers;  /* that its mapping takes */
	uint32_t lead;	     /* elements before the mapped ones */
	enum irql level;     /* of the send call */
	bool last_of_call;
	bool placed;		/* in the order of the ring */
	bool fallback;		/* NDIS has copied it */
	bool ready;		/* mapped or copied: may be posted */
	bool at_head;		/* of the order list, waiting for the ring */
	bool mapped;		/* to be unmapped at completion */
	uint8_t parts;		/* of it that are being read */
	bool may_leave;		/* enough of it is in the FIFO, or all */
	bool read;		/* all of it */
	bool ahead;		/* it went to the wire before that */
	bool late;		/* and should have left by now */
	uint32_t segment_bytes; /* of a super-frame's first segment */
	bool failed;		/* completes with an error */
	bool raw;		/* its list was made without the HAL */
	bool freed;		/* the driver has freed the list already */
	bool counted;		/* of the window: stamped in it */
	bool edited;		/* by the driver, when it was mapped */
	struct sg_element elements[]; /* adapter->sg_room */
};

/* Sends that end with a status when they come to the ring. */
struct tx_abort {
	uint64_t upto;	       /* of those taken; 0: none */
	sim_time at;	       /* what was mapped by then may be spared */
	enum tx_status status; /* SEND_ABORTED spares it */
};

/* The driver's side of a transmit queue and the NIC's. */
struct tx_queue {
	struct adapter *adapter;
	struct machine *m;
	unsigned index;
	struct vector *vector;
	struct cpu_lock lock;
	void *state;		    /* the strategy's */
	struct tx_backlog *backlog; /* if it has one */

	struct tx_frame *order_head, *order_tail; /* not yet posted */
	struct tx_frame *copy_head, *copy_tail;	  /* wait for copy pages */
	struct tx_frame *reap_head, *reap_tail;	  /* out of the ring */
	uint32_t copy_pages, copy_pages_free;	  /* in all, free */
	uint64_t copy_base;			  /* logical address */
	bool copy_whole;			  /* a copy is one element */
	struct memory_stamp *copy_stamp;	  /* [page], taken in turn */
	uint32_t copy_turn;
	struct memory_stamp bounced; /* the last bounce page's */
	unsigned calls_open;	     /* calls that still add frames */
	uint64_t taken;		     /* sends the driver has accepted */
	struct tx_abort abort;
	struct cpu_job life_job;
	uint64_t waiting; /* offered, not posted: bounded by queue_limit */

	uint32_t ring_size, ring_used; /* descriptors */
	struct tx_frame **slot;	       /* frames, slot_mask + 1 of them */
	uint32_t slot_mask;
	/* Frames. */
	uint64_t posted, rung, fetched, reading, wired, done, written, visible,
		reaped;
	bool on_wire; /* a frame that is not read whole yet */
	bool stopped; /* it takes up no more */
	/* Descriptors. */
	uint64_t desc_posted;
	struct prefetch prefetch;
	uint32_t reads_active;
	uint64_t fifo_used;
	uint64_t drop_run;
};

/* --- receive --- */

struct rx_buffer {
	struct hal_request map;
	struct rx_buffer *next; /* of those spare, returned or absent */
	struct rx_queue *queue;
	const struct buffer_pool *pool;
	struct rx_frame *frame; /* whose way ends when this is reposted */
	uint32_t slot;
	struct hal_request common; /* registers of memory had by growth */
	uint64_t address;	   /* logical */
	struct iommu_mapping mapping;
	struct memory_stamp stamp;  /* written by the device */
	struct memory_stamp filled; /* by the CPU, out of bounce pages */
	struct sg_summary sg;
	uint32_t room;	    /* bytes that it really has */
	uint32_t registers; /* of the queue's budget, while it is mapped */
	bool mapped;
	bool unflushed; /* the device wrote, the CPU's view may be old */
	bool on_way;	/* to the ring */
	bool may_leave; /* was had by growth: may be freed */
};

struct rx_chain {
	struct rx_frame *head, *tail;
	uint32_t count;
};

struct rx_frame {
	struct stage_clock clock;
	struct rx_queue *queue;
	struct rx_frame *next;
	struct rx_buffer *buffer; /* NULL once copied out */
	uint64_t seq;
	uint64_t number; /* of its record */
	sim_time arrived_at;
	uint64_t burst; /* flow and burst: keys the hold */
	uint32_t bytes;
	uint32_t flow;
	sim_time hold;		  /* -1: to be drawn */
	struct memory_stamp data; /* where the consumer finds it */
	bool resources;		  /* RESOURCES flag */
	bool late_flush;	  /* it is still to be flushed */
	bool counted;		  /* of the window: stamped in it */
	uint64_t misuse;	  /* bits of hazards to commit */
	sim_time held_since;
};

struct rx_queue {
	struct machine *m;
	struct adapter *adapter;
	unsigned index;
	struct vector *vector;
	void *state; /* the strategy's */
	const struct rx_mapping *mapping;
	struct hal_adapter *object;	/* that maps; NULL: the HAL's own */
	struct buffer_pool pool, grown; /* at start, had later */
	struct rx_buffer *buffers;
	bool common;				 /* they are a common buffer */
	uint32_t buffer_count, buffers_at_start; /* in all, posted */
	uint32_t frame_max, data_offset;
	uint32_t low_watermark;	 /* fewer posted: indicate RESOURCES */
	int64_t register_budget; /* left for buffers to be posted */
	uint32_t on_way;	 /* to the ring */
	struct rx_buffer *spare, *returned, *returned_tail;
	struct rx_growth *growth;	 /* NULL: the pool never grows */
	struct rx_chain back, held_back; /* on their way to the driver */
	uint64_t back_number;
	/* Without a ring: who moves a frame out of the FIFO; or NULL. */
	void (*feed)(struct rx_queue *queue, struct rx_frame *frame);

	struct rx_frame *fifo_head, *fifo_tail;
	struct rx_frame *visible_head, *visible_tail;
	struct rx_frame *batch_head, *batch_tail; /* to be indicated */
	uint32_t batch_count;
	struct memory_stamp copied; /* last pool buffer copied into */
	struct rx_frame *write_head, *write_tail; /* not yet written back */
	struct rx_frame *write_first;		  /* not yet on its way */
	uint32_t write_count;

	uint32_t ring_size;
	struct rx_buffer **slot;
	uint32_t slot_mask;
	uint64_t posted, used; /* buffers */
	struct prefetch prefetch;
	uint64_t rung;	      /* posted, as of the last doorbell */
	uint32_t tail_batch;  /* buffers of one doorbell */
	struct cpu_lock lock; /* of the ring: DPC and returns post */
	uint64_t written;     /* descriptors, in batches */
	uint64_t received;    /* frames, for head reads */
	uint64_t fifo_used;
	uint64_t drop_run;
};

/* --- interrupts --- */

enum vector_cause { CAUSE_TX, CAUSE_RX, VECTOR_CAUSES };
enum vector_class { CLASS_LOWEST, CLASS_LOW, CLASS_BULK, VECTOR_CLASSES };

/* What one direction has done since the last interrupt. */
struct vector_load {
	bool raised;
	uint64_t frames, bytes;
	sim_time first, last;	 /* of these frames */
	sim_time delay, most;	 /* after the last, the first; timers */
	enum vector_class class; /* adaptive */
};

struct vector {
	struct adapter *adapter;
	unsigned index;
	struct core *core;
	struct tx_queue *tx;
	struct rx_queue *rx;
	unsigned mode;
	struct adaptive *adaptive;
	struct vector_load load[VECTOR_CAUSES];
	bool pending, masked, armed, steady;
	sim_time interval, poll, last_fire, last_raise, unmasked_at, armed_at;
	uint64_t frames, frames_due; /* since the last interrupt, 0: no limit */
	uint64_t fires, wakes;
	sim_time dpc_started;
	uint64_t dpc_tx, dpc_rx; /* handled by the DPC that runs */
	uint64_t budget;
	uint64_t shared_cycles; /* of routine and DPC, to be divided */
	bool requeue, throttled;
	struct cpu_job isr, dpc;
};

enum nic_completion {
	COMPLETION_DESCRIPTOR, /* descriptors are written back */
	COMPLETION_HEAD,       /* the ring's head is written back */
	COMPLETION_REGISTER    /* the host reads a register */
};

struct adapter {
	struct machine *m;
	unsigned index, component;
	struct pcie pcie;
	struct engine engine;
	struct rss rss;
	struct server wire_tx;
	struct byte_clock wire_tx_clock, wire_rx_clock;
	sim_time wire_rx_free;
	uint64_t wire_rx_busy_ps;
	uint64_t wire_bps;
	unsigned queue_count;
	struct tx_queue *tx;
	struct rx_queue *rx;
	struct vector *vectors;

	/* From the configuration. */
	uint32_t sg_room, list_elements, desc_cache, prefetch, host_threshold;
	uint32_t tx_write_back, rx_write_back, rx_tail_batch;
	uint64_t tx_fifo_size, rx_fifo_size;
	uint32_t dma_reads, isr_reads;
	enum nic_completion completion;
	/* On the card; or one a frame in the ring, for a table of elements. */
	bool device_descriptors, indirect;
	bool suppress;
	uint32_t element_writes, fetches, tx_frames, tx_doorbell_batch;
	uint32_t tx_head_read, rx_head_read, cut_through;
	uint64_t register_reads;
	struct sg_target target; /* reach and bounce base */
};

/* Register writes that tell the card of @elements, without a ring. */
static inline uint32_t element_writes(const struct adapter *adapter,
				      uint32_t elements)
{
	return adapter->device_descriptors ? elements * adapter->element_writes
					   : 0;
}

/* What becomes of one frame that is too long for the wire. */
enum superframes { SUPER_AUTO, SUPER_LSO, SUPER_CUT, SUPER_REFUSE };
enum tx_times { TIMES_STAMP, TIMES_BURST, TIMES_ASAP };
enum layout_mdl { LAYOUT_SPLIT, LAYOUT_LINEAR, LAYOUT_FRAGMENTS };
/* What goes to the card together. */
enum tx_submit { SUBMIT_FRAME, SUBMIT_NBL, SUBMIT_CALL };
enum tx_source { SOURCE_APP_COPIED, SOURCE_ZERO_COPY, SOURCE_FILE };

#endif
