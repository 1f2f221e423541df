/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The HAL's map registers: one pool for all adapters, and it runs out.
 *
 *	req->registers = hal_registers(hal, &sg);
 *	req->done = granted;		(core, req, status)
 *	hal_map(hal, core, req);
 *	...
 *	hal_unmap(hal, core, req);
 *
 * A request for n registers is granted when there is room and nobody waits
 * ahead of it: strictly first in, first out, a small request waits behind a
 * large one (hal.queue=bypass lets what fits overtake).  A shortage starts a
 * PASSIVE worker that grows the pool up to its cap.  hal_map() answers by
 * callback: before it returns, or in the context of the release that made
 * room.  A request that will not wait says so (HAL_SYNC), one that can do with
 * a prefix too (HAL_MAY_BE_PARTIAL); for the others hal.exhausted decides.
 *
 * An adapter is what a driver holds: it limits a single request, and serves
 * one HAL_CHANNEL request at a time (AllocateAdapterChannel), a queue ahead of
 * the common one.
 *
 * What a driver does wrong is a hazard, counted by the names that Driver
 * Verifier uses, never a crash; sound drivers cause none.
 *
 * Invariants: (1) free + held + reserved + leaked + background = pool; (2) the
 * queue is empty, or its head does not fit, or its service is under way; (3)
 * a request's registers are given back once.
 *
 * Source: ReactOS HAL, WDK map registers, Linux swiotlb.  Limits: a request
 * lies in one area of the pool, as one mapping of a software IOTLB does, even
 * if its list has several elements.
 */
#ifndef MODELS_HOST_HAL_H
#define MODELS_HOST_HAL_H

#include "models/hazards.h"
#include "models/host/cpu.h"
#include "models/host/hal_pool.h"
#include "models/host/hal_rules.h"
#include "models/ndis/mdl.h"
#include "models/stats.h"

struct ledger;
struct hal;
struct hal_adapter;

enum hal_status {
	HAL_GRANTED,
	HAL_PARTIAL,	  /* fewer than asked for, at least one */
	HAL_NO_RESOURCES, /* not now */
	HAL_TOO_MANY,	  /* never */
	HAL_CANCELLED
};

enum hal_flags {
	HAL_SYNC = 1,		/* now or NO_RESOURCES */
	HAL_MAY_BE_PARTIAL = 2, /* MapTransferEx: a prefix will do */
	HAL_WAIT = 4,		/* queue, whatever hal.exhausted says */
	HAL_CONTIGUOUS = 8,	/* in one run */
	HAL_CHANNEL = 16,	/* AllocateAdapterChannel */
	HAL_KEEP_CHANNEL = 32	/* until hal_unmap(): slave DMA */
};

enum hal_state { HAL_IDLE, HAL_QUEUED, HAL_QUEUED_AT_ADAPTER, HAL_ANSWERED };

/* Zeroed by its owner before the first use; its memory until answered. */
struct hal_request {
	struct hal_request *next;
	struct hal_adapter *adapter; /* NULL: hal->own */
	uint32_t registers;	     /* asked for; 0: none are needed */
	uint32_t elements;	     /* of the list, for HALs that limit it */
	uint32_t granted;	     /* held now */
	uint32_t first;		     /* slot, in the area */
	uint8_t flags, state;
	uint8_t area;
	bool held, deferred;
	bool mapped;	/* between map and flush: hal_set_mapped() */
	bool active;	/* the device may come: hal_set_active() */
	bool cancelled; /* before it was made */
	uint64_t frame; /* number of the record it is for; 0: none */
	sim_time asked_at, granted_at;
	void (*done)(struct core *core, struct hal_request *req,
		     enum hal_status status);
};

struct hal_queue {
	struct hal_request *head, *tail;
};

struct hal_adapter {
	uint32_t per_request; /* maximum, HAL_UNLIMITED: none */
	bool contiguous;      /* no scatter/gather */
	uint32_t in_use;      /* registers held now */
	uint64_t waits, wait_ps;
	struct hal_queue channel; /* waits for the adapter object */
	bool channel_busy, calling_back, released;
	/* Where it is counted. */
	uint64_t *stat_maps, *stat_waits;
	struct hist *stat_wait_ps;
	struct gauge *stat_in_use, *stat_queue;
};

struct hal {
	struct kernel *kernel;
	struct ledger *ledger;
	struct stats *stats;
	struct core *worker_core;
	struct hal_rules rules;
	struct hal_pool *area; /* rules.areas of them */
	struct cpu_lock *lock; /* one per area; see hal_lock() */
	struct hal_adapter own;
	uint32_t pool, free; /* registers, over all areas */
	uint32_t cap, background, reserved, leaked;
	uint64_t abandoned;	  /* lists that nobody will free */
	uint64_t abandoned_frame; /* the first one's */
	uint64_t shared_cycles;	  /* of growths, for both directions */
	bool growing, serving;
	struct cpu_job worker, server;
	struct hal_queue queue;
	uint64_t waiting;
	sim_time shortage_since;
	__uint128_t register_hold; /* sum of registers x ps held */
	__uint128_t leak_times;	   /* of ones kept for ever x since when */
	uint64_t fingerprint;
	const struct observers *observers; /* NULL: none */
};

/* Memory of the pool comes from @arena. */
void hal_init(struct hal *hal, struct kernel *kernel, struct arena *arena,
	      struct ledger *ledger, struct stats *stats,
	      struct core *worker_core, const struct config *cfg);
void hal_adapter_init(struct hal_adapter *adapter, const struct hal *hal);
/* Its driver unloads: what it still holds is a leak. */
void hal_adapter_release(struct hal *hal, struct hal_adapter *adapter);

/* How lists for the machine's device are to be built; @translated: IOMMU. */
struct sg_target hal_target(const struct hal *hal, bool translated);
/* Registers that the mapping of @sg takes; 0 for a device that needs none. */
uint32_t hal_registers(const struct hal *hal, const struct sg_target *target,
		       const struct sg_summary *sg);

/*
 * The lock to hold around hal_map() and hal_unmap() of @req from @core: the
 * master lock, or that of an area.  The same until the call is made.
 */
struct cpu_lock *hal_lock(const struct hal *hal, const struct core *core,
			  const struct hal_request *req);

/* At set-up, growing the pool as needed; false: no room left. */
bool hal_map_at_setup(struct hal *hal, struct hal_request *req);

/*
 * From a continuation on @core at DISPATCH.  NULL for adapters whose CPU work
 * is not modelled: then others that wait are served on the worker's core.
 */
void hal_map(struct hal *hal, struct core *core, struct hal_request *req);
void hal_unmap(struct hal *hal, struct core *core, struct hal_request *req);
/* FreeMapRegisters with the driver's own idea of the number. */
void hal_free(struct hal *hal, struct core *core, struct hal_request *req,
	      uint32_t registers);
/*
 * CancelAdapterChannel: true when @req still waits, or was not made yet (then
 * it will be answered HAL_CANCELLED); its callback does not run.  False: too
 * late.
 */
bool hal_cancel(struct hal *hal, struct core *core, struct hal_request *req);

/* The driver has begun (ended) a transfer through the request's registers. */
static inline void hal_set_mapped(struct hal_request *req, bool mapped)
{
	req->mapped = mapped;
}

/* The device has been told of it, or is done with it. */
static inline void hal_set_active(struct hal_request *req, bool active)
{
	req->active = active;
}

/* FlushAdapterBuffers: the transfer is over. */
void hal_flush(struct hal *hal, struct hal_request *req);
/* The driver forgets @req: its registers do not come back. */
void hal_abandon(struct hal *hal, struct hal_request *req);

/*
 * Base registers of NDIS 4 and 5, held from set-up to halt: @base[count], each
 * good for @bytes.  GRANTED, or NO_RESOURCES when they come to more than
 * HAL_RESERVATION_MAX real registers or the pool has no room; then none is
 * held.
 */
enum hal_status hal_reserve(struct hal *hal, struct hal_request *base,
			    uint32_t count, uint32_t bytes);
void hal_unreserve(struct hal *hal, struct core *core, struct hal_request *base,
		   uint32_t count);

/* To the ledger; @req: on whose behalf, NULL: nobody's. */
void hal_note_hazard(struct hal *hal, enum hazard hazard,
		     const struct hal_request *req);
/* Longest run of free registers. */
uint32_t hal_longest_run(const struct hal *hal);

/* Close the books at @end: time with waiters goes to the statistics. */
void hal_close(struct hal *hal, sim_time end);
/* Count waits from zero, at @now. */
void hal_restart(struct hal *hal, sim_time now);

#endif
