/* SPDX-License-Identifier: Apache-2.0 */
#include "models/host/hal.h"

#include "core/digest.h"
#include "models/component.h"
#include "models/ndis/routines.h"

void hal_init(struct hal *hal, struct kernel *kernel, struct ledger *ledger,
	      struct stats *stats, struct core *worker_core,
	      const struct config *cfg)
{
	uint64_t width = config_u64(cfg, "nic.dma_width");
	uint64_t max_mapping = config_u64(cfg, "hal.max_mapping");

	/* With LSO the largest mapping is the offload's: WDK SG DMA. */
	if (config_bool(cfg, "nic.lso") && max_mapping < 65536)
		max_mapping = 65536;

	*hal = (struct hal){
		.kernel = kernel,
		.ledger = ledger,
		.stats = stats,
		.worker_core = worker_core,
		.pool = (uint32_t)config_u64(cfg, "hal.pool"),
		.cap = (uint32_t)config_u64(cfg, "hal.pool_cap"),
		.growth = (uint32_t)config_u64(cfg, "hal.pool_growth"),
		.background = (uint32_t)config_u64(cfg, "hal.background"),
		.reach = width >= 64 ? 0 : UINT64_C(1) << width,
		.worker_delay = (sim_time)config_u64(cfg, "hal.worker_delay"),
	};
	hal->free = hal->pool - hal->background;
	/* Worst alignment of the largest mapping, and an element of each. */
	hal->per_request = (uint32_t)((max_mapping + 4094) / 4096 + 1 +
				      config_u64(cfg, "nic.sg_elements"));
	gauge_set(&stats->hal.map_registers_in_use, 0, hal->background);
}

static void note(struct hal *hal, const struct hal_request *req, unsigned what)
{
	hal->fingerprint +=
		digest_item((uint64_t)hal->kernel->now, req->registers, what);
}

static void take(struct hal *hal, struct hal_request *req)
{
	struct hal_stats *stats = &hal->stats->hal;
	sim_time now = hal->kernel->now;

	hal->free -= req->registers;
	req->held = true;
	req->granted_at = now;
	stats->map_registers_granted += req->registers;
	gauge_add(&stats->map_registers_in_use, now, req->registers);
	note(hal, req, 1);
}

static void grow_start(struct core *core, struct cpu_job *job);
static void grow_done(struct core *core, struct cpu_job *job);
static void grow_wake(void *ctx, uint64_t arg);

static void start_growth(struct hal *hal)
{
	struct kernel *kernel = hal->kernel;

	if (hal->growing || hal->pool >= hal->cap)
		return;
	hal->growing = true;
	kernel_at(kernel, kernel->now + hal->worker_delay,
		  event_key(EV_HOST, COMP_HAL_WORKER, hal->pool), grow_wake,
		  hal, 0);
}

static void enqueue(struct hal *hal, struct hal_request *req)
{
	sim_time now = hal->kernel->now;

	req->next = NULL;
	req->deferred = true;
	if (hal->tail) {
		hal->tail->next = req;
	} else {
		hal->head = req;
		hal->shortage_since = now;
	}
	hal->tail = req;
	hal->waiting++;
	hal->stats->hal.map_register_waits++;
	gauge_set(&hal->stats->hal.map_register_queue, now, hal->waiting);
	note(hal, req, 2);
	start_growth(hal);
}

void hal_map(struct hal *hal, struct core *core, struct hal_request *req)
{
	req->asked_at = hal->kernel->now;
	req->held = req->deferred = false;
	hal->stats->hal.maps++;
	if (req->registers > hal->per_request ||
	    req->registers + hal->background > hal->cap) {
		hal->stats->hal.map_failures++;
		req->done(core, req, HAL_TOO_MANY);
		return;
	}
	if (req->registers && (hal->head || req->registers > hal->free)) {
		enqueue(hal, req);
		return;
	}
	if (req->registers)
		take(hal, req);
	req->done(core, req, HAL_GRANTED);
}

bool hal_map_at_setup(struct hal *hal, struct hal_request *req)
{
	while (req->registers > hal->free && hal->pool < hal->cap) {
		uint32_t more = hal->cap - hal->pool;

		if (more > hal->growth)
			more = hal->growth;
		hal->pool += more;
		hal->free += more;
	}
	if (req->registers > hal->free || req->registers > hal->per_request)
		return false;
	hal->stats->hal.maps++;
	if (req->registers)
		take(hal, req);
	return true;
}

/* Grant from the head while it fits: invariant 2. */
static void serve_queue(struct hal *hal, struct core *core)
{
	struct hal_stats *stats = &hal->stats->hal;
	sim_time now = hal->kernel->now;

	while (hal->head && hal->head->registers <= hal->free) {
		struct hal_request *req = hal->head;
		uint64_t waited = (uint64_t)(now - req->asked_at);

		hal->head = req->next;
		if (!hal->head) {
			hal->tail = NULL;
			stats->map_registers_exhausted_ps +=
				(uint64_t)(now - hal->shortage_since);
		}
		hal->waiting--;
		hal->wait_ps += waited;
		hist_record(&stats->map_register_wait_ps, waited);
		gauge_set(&stats->map_register_queue, now, hal->waiting);
		take(hal, req);
		req->done(core, req, HAL_GRANTED);
	}
}

void hal_unmap(struct hal *hal, struct core *core, struct hal_request *req)
{
	sim_time now = hal->kernel->now;
	uint64_t held = (uint64_t)(now - req->granted_at);

	if (!req->registers)
		return;
	BUG_ON(!req->held); /* invariant 3 */
	req->held = false;
	hal->free += req->registers;
	BUG_ON(hal->free + hal->background > hal->pool); /* invariant 1 */
	hal->register_hold += (__uint128_t)held * req->registers;
	hist_record(&hal->stats->hal.map_register_hold_ps, held);
	gauge_add(&hal->stats->hal.map_registers_in_use, now,
		  -(int64_t)req->registers);
	note(hal, req, 3);
	serve_queue(hal, core);
}

/* --- growth by a PASSIVE worker --- */

static struct hal *hal_of_worker(struct cpu_job *job)
{
	return (struct hal *)((char *)job - offsetof(struct hal, worker));
}

static void grow_wake(void *ctx, uint64_t arg)
{
	struct hal *hal = ctx;

	(void)arg;
	hal->worker = (struct cpu_job){ .irql = IRQL_PASSIVE,
					.start = grow_start,
					.done = grow_done };
	cpu_submit(hal->worker_core, &hal->worker);
}

static void grow(struct core *core, void *ctx, uint64_t arg)
{
	struct hal *hal = ctx;
	uint32_t more = hal->cap - hal->pool;

	(void)arg;
	if (more > hal->growth)
		more = hal->growth;
	hal->pool += more;
	hal->free += more;
	hal->stats->hal.map_register_growths++;
	cpu_set_level(core, IRQL_DISPATCH); /* callbacks run there */
	serve_queue(hal, core);
}

static void grow_start(struct core *core, struct cpu_job *job)
{
	struct hal *hal = hal_of_worker(job);

	routine_call(hal->ledger, core, R_POOL_GROWTH,
		     &(struct charge){ .direction = DIR_SHARED,
				       .shared = &hal->shared_cycles });
	cpu_then(core, grow, hal, 0);
}

/* Its callbacks are over too: the job is free for the next growth. */
static void grow_done(struct core *core, struct cpu_job *job)
{
	struct hal *hal = hal_of_worker(job);

	(void)core;
	hal->growing = false;
	if (hal->head)
		start_growth(hal);
}

void hal_close(struct hal *hal, sim_time end)
{
	if (hal->head)
		hal->stats->hal.map_registers_exhausted_ps +=
			(uint64_t)(end - hal->shortage_since);
}
