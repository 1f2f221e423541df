/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The HAL's map registers: a pool that runs out.
 *
 * A request for n registers is granted when n are free and nobody waits ahead
 * of it: strictly first in, first out, a small request waits behind a large
 * one.  A shortage starts a PASSIVE worker that grows the pool up to its cap.
 * hal_map() always completes by callback: before it returns when registers are
 * free, else in the context of the release that made room.
 *
 *	req->registers = pages;
 *	req->done = granted;		(core, req, status)
 *	hal_map(hal, core, req);
 *	...
 *	hal_unmap(hal, core, req);
 *
 * Registers are reserved for every page a buffer spans when the device cannot
 * reach all of memory, none when it can; which of them bounce is for the
 * caller's page list to say (models/ndis/mdl.h).
 *
 * Invariants: (1) free + held + background = pool; (2) the queue is empty or
 * its head does not fit; (3) a request's registers are given back once.
 *
 * Source: ReactOS HAL.  Limits: no contiguous runs.
 */
#ifndef MODELS_HOST_HAL_H
#define MODELS_HOST_HAL_H

#include "core/param.h"
#include "models/host/cpu.h"
#include "models/stats.h"

enum hal_status { HAL_GRANTED, HAL_TOO_MANY };

struct hal_request {
	struct hal_request *next;
	uint32_t registers;
	bool held, deferred;
	sim_time asked_at, granted_at;
	void (*done)(struct core *core, struct hal_request *req,
		     enum hal_status status);
};

struct ledger;

struct hal {
	struct kernel *kernel;
	struct ledger *ledger;
	struct stats *stats;
	struct core *worker_core;
	struct cpu_lock lock; /* the master lock; callers take it */
	uint32_t pool, cap, growth, free, background;
	uint32_t per_request; /* adapter maximum */
	uint64_t reach;	      /* highest address + 1, 0: all */
	sim_time worker_delay;
	uint64_t shared_cycles; /* of growths, for both directions */
	bool growing;
	struct cpu_job worker;
	struct hal_request *head, *tail;
	uint64_t waiting;
	sim_time shortage_since;
	uint64_t wait_ps;
	__uint128_t register_hold; /* sum of registers x ps held */
	uint64_t fingerprint;
};

void hal_init(struct hal *hal, struct kernel *kernel, struct ledger *ledger,
	      struct stats *stats, struct core *worker_core,
	      const struct config *cfg);

/* At set-up, growing the pool as needed; false: no room left. */
bool hal_map_at_setup(struct hal *hal, struct hal_request *req);

/* From a continuation on @core at DISPATCH. */
void hal_map(struct hal *hal, struct core *core, struct hal_request *req);
void hal_unmap(struct hal *hal, struct core *core, struct hal_request *req);

/* Close the books at @end: time with waiters goes to the statistics. */
void hal_close(struct hal *hal, sim_time end);

#endif
