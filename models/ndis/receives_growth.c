/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A pool of receive buffers that grows and shrinks, as e100bex has it.
 *
 * When few buffers are posted the DPC (MiniportHandleInterrupt of NDIS 5) asks
 * for memory, which it may at DISPATCH; a PASSIVE worker brings it or, for
 * want of memory in one piece, no address.  Only one request is outstanding.
 * Check-for-hang intervals without such a shortage are quiet; after enough of
 * them every grown buffer that comes back is freed.
 */
#include "models/ndis/receives_steps.h"

struct rx_growth {
	struct rx_queue *queue;
	struct rx_buffer *absent; /* no memory yet */
	bool common;
	enum routine ask, done;
	uint32_t step, grown; /* buffers of a request; that were had */
	uint32_t peak;	      /* of grown: memory is counted once */
	sim_time interval;
	uint32_t quiet_needed, quiet, leaving;
	bool asked, shortage, ticking;
	uint64_t number, ticks;
	struct cpu_job job;
};

void rx_growth_init(struct rx_queue *queue, bool common)
{
	struct machine *m = queue->m;
	struct rx_growth *growth;
	uint32_t i;

	if (queue->buffer_count == queue->pool.slots)
		return;
	growth = arena_take(&m->arena, sizeof(*growth));
	*growth = (struct rx_growth){
		.queue = queue,
		.common = common,
		.ask = common ? R_SHARED_ASYNC_EX : ROUTINE_NONE,
		.done = common ? R_SHARED_ASYNC_EX_DONE : R_LIST_ALLOC,
		.step = (uint32_t)config_u64(m->cfg, "rx.grow_by"),
		.interval = (sim_time)config_u64(m->cfg, "rx.hang_interval"),
		.quiet_needed = (uint32_t)config_u64(m->cfg, "rx.shrink_after"),
	};
	for (i = queue->buffer_count; i > queue->pool.slots; i--) {
		queue->buffers[i - 1].next = growth->absent;
		growth->absent = &queue->buffers[i - 1];
	}
	queue->growth = growth;
}

void rx_grow_by(struct rx_queue *queue, enum routine ask, enum routine done)
{
	if (!queue->growth)
		return;
	queue->growth->ask = ask;
	queue->growth->done = done;
}

/* --- quiet intervals --- */

static void tick(void *ctx, uint64_t arg);

static void wait_for_tick(struct rx_growth *growth)
{
	struct adapter *adapter = growth->queue->adapter;
	struct kernel *kernel = &adapter->m->kernel;

	growth->ticking = true;
	kernel_at(kernel, kernel->now + growth->interval,
		  event_key(EV_HOST,
			    adapter->component + COMP_SHRINK +
				    growth->queue->index,
			    growth->ticks++),
		  tick, growth, 0);
}

static void tick(void *ctx, uint64_t arg)
{
	struct rx_growth *growth = ctx;
	const struct machine *m = growth->queue->m;

	(void)arg;
	growth->ticking = false;
	growth->quiet = growth->shortage ? 0 : growth->quiet + 1;
	growth->shortage = false;
	if (growth->quiet >= growth->quiet_needed)
		growth->leaving = growth->grown;
	if (growth->grown && m->kernel.now < m->rx_until)
		wait_for_tick(growth);
}

static void watch(struct rx_growth *growth)
{
	if (growth->quiet_needed && growth->interval && !growth->ticking)
		wait_for_tick(growth);
}

static void freed(struct core *core, void *ctx, uint64_t arg)
{
	struct rx_buffer *buffer = ctx;
	struct rx_growth *growth = buffer->queue->growth;
	struct machine *m = buffer->queue->m;

	(void)arg;
	gauge_add(&m->stats.rx.buffers_in_pool, m->kernel.now, -1);
	if (growth->common)
		hal_common_give(&m->common, core, &buffer->common);
	rx_end_of_frame(buffer);
	buffer->next = growth->absent;
	growth->absent = buffer;
}

bool rx_shrink(struct core *core, struct rx_buffer *buffer)
{
	struct rx_growth *growth = buffer->queue->growth;
	struct machine *m = buffer->queue->m;

	/* What is mapped, a copied frame's, is posted again. */
	if (!growth->leaving || !buffer->may_leave || buffer->mapped)
		return false;
	growth->leaving--;
	growth->grown--;
	m->stats.rx.shrunk_buffers++;
	if (growth->common)
		routine_call(&m->ledger, core, R_FREE_SHARED,
			     &(struct charge){ .direction = DIR_RX });
	cpu_then(core, freed, buffer, 0);
	return true;
}

/* --- growth --- */

/* Memory of one more buffer: pages of its own. */
static bool allocate(struct rx_growth *growth, struct rx_buffer *buffer)
{
	struct machine *m = growth->queue->m;
	const struct buffer_pool *pool = &growth->queue->grown;
	uint64_t bytes = (uint64_t)pool->pages_per_slot * HOST_PAGE;

	if (growth->common &&
	    !hal_common_take(&m->common, bytes, &buffer->common))
		return false;
	if (++growth->grown <= growth->peak)
		return true;
	growth->peak = growth->grown;
	m->stats.memory.pinned_bytes += bytes;
	m->stats.memory.page_waste_bytes += bytes - pool->bytes;
	if (growth->common)
		m->stats.memory.common_buffer_bytes += bytes;
	return true;
}

static void brought(struct core *core, void *ctx, uint64_t arg)
{
	struct rx_growth *growth = ctx;
	struct rx_queue *queue = growth->queue;
	struct machine *m = queue->m;
	uint32_t i;

	(void)arg;
	for (i = 0; i < growth->step && growth->absent; i++) {
		struct rx_buffer *buffer = growth->absent;

		if (!allocate(growth, buffer)) {
			m->stats.rx.growth_failures++;
			break;
		}
		growth->absent = buffer->next;
		gauge_add(&m->stats.rx.buffers_in_pool, m->kernel.now, 1);
		rx_spare(buffer);
	}
	watch(growth);
	cpu_set_level(core, IRQL_DISPATCH);
	rx_refill(core, queue);
}

static struct rx_growth *growth_of(struct cpu_job *job)
{
	return (struct rx_growth *)((char *)job -
				    offsetof(struct rx_growth, job));
}

static void work_start(struct core *core, struct cpu_job *job)
{
	struct rx_growth *growth = growth_of(job);

	routine_call(&growth->queue->m->ledger, core, growth->done,
		     &(struct charge){ .direction = DIR_RX });
	cpu_then(core, brought, growth, 0);
}

static void work_done(struct core *core, struct cpu_job *job)
{
	(void)core;
	growth_of(job)->asked = false;
}

static void work_ready(void *ctx, uint64_t arg)
{
	struct rx_growth *growth = ctx;

	(void)arg;
	growth->job = (struct cpu_job){ .irql = IRQL_PASSIVE,
					.start = work_start,
					.done = work_done };
	cpu_submit(growth->queue->vector->core, &growth->job);
}

void rx_grow(struct core *core, struct rx_queue *queue)
{
	struct rx_growth *growth = queue->growth;
	struct adapter *adapter = queue->adapter;
	struct machine *m = adapter->m;

	if (!growth)
		return;
	growth->shortage = true;
	growth->leaving = 0;
	if (growth->asked || !growth->absent || queue->spare)
		return;
	growth->asked = true;
	m->stats.rx.growths++;
	if (growth->ask)
		routine_call(&m->ledger, core, growth->ask,
			     &(struct charge){ .direction = DIR_RX });
	kernel_at(&m->kernel, m->kernel.now + m->hal.rules.worker_delay,
		  event_key(EV_HOST,
			    adapter->component + COMP_GROWTH + queue->index,
			    growth->number++),
		  work_ready, growth, 0);
}
