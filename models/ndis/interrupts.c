/* SPDX-License-Identifier: Apache-2.0 */
#include "models/ndis/interrupts.h"

#include "models/machine_state.h"
#include "models/ndis/receives.h"
#include "models/ndis/sends.h"
#include "models/nic/moderation.h"

static struct vector *vector_of_dpc(struct cpu_job *job)
{
	return (struct vector *)((char *)job - offsetof(struct vector, dpc));
}

static struct vector *vector_of_isr(struct cpu_job *job)
{
	return (struct vector *)((char *)job - offsetof(struct vector, isr));
}

/* A cost of the whole DPC, divided over its frames at the end. */
static void charge(struct core *core, struct vector *vector,
		   enum routine routine, uint64_t units)
{
	struct machine *m = vector->adapter->m;

	routine_call(&m->ledger, core, routine,
		     &(struct charge){ .direction = DIR_SHARED,
				       .shared = &vector->shared_cycles,
				       .units = units });
}

void register_read(struct core *core, struct adapter *adapter,
		   struct charge *charge)
{
	struct ledger *ledger = &adapter->m->ledger;
	uint64_t i, wait = 0;

	for (i = 0; i < charge->units; i++)
		wait += (uint64_t)pcie_mmio_read(
			&adapter->pcie,
			event_key(EV_BUS, adapter->component + COMP_REGISTER,
				  adapter->register_reads++));
	if (ledger->row[R_ISR_READ].unit)
		charge->cycles += core_ps_to_cycles(core, wait);
	routine_call(ledger, core, R_ISR_READ, charge);
}

/* --- DPC --- */

static void dpc_end(struct core *core, void *ctx, uint64_t arg)
{
	struct vector *vector = ctx;
	struct machine *m = vector->adapter->m;

	(void)core;
	(void)arg;
	ledger_divide(&vector->shared_cycles, &m->stats, vector->dpc_tx,
		      vector->dpc_rx);
	hist_record(&m->stats.cpu.frames_per_dpc,
		    vector->dpc_tx + vector->dpc_rx);
	if (vector->requeue)
		m->stats.cpu.dpc_requeues++;
	else
		vector_unmask(vector);
}

/* NDIS takes no more lists from this DPC: MoreNblsPending. */
static bool is_throttled(const struct vector *vector)
{
	uint64_t limit = vector->adapter->m->throttle;

	return limit && vector->dpc_rx >= limit;
}

static void dpc_receive(struct core *core, void *ctx, uint64_t arg)
{
	struct vector *vector = ctx;
	struct machine *m = vector->adapter->m;
	struct rx_queue *queue = vector->rx;
	bool more =
		queue->visible_head && vector->budget && !is_throttled(vector);

	(void)arg;
	if (queue->batch_count &&
	    (!more || queue->batch_count >= m->indicate_max)) {
		rx_indicate(core, queue);
		cpu_then(core, dpc_receive, vector, 0);
		return;
	}
	if (more) {
		vector->budget--;
		vector->dpc_rx++;
		rx_receive_next(core, queue);
		cpu_then(core, dpc_receive, vector, 0);
		return;
	}
	vector->requeue = queue->visible_head != NULL;
	vector->throttled = vector->requeue && is_throttled(vector);
	m->stats.rx.throttled_dpcs += vector->throttled;
	rx_refill(core, queue);
	if (!vector->requeue && !vector->poll)
		charge(core, vector, R_UNMASK, 0);
	cpu_then(core, dpc_end, vector, 0);
}

static void dpc_complete(struct core *core, void *ctx, uint64_t arg)
{
	struct vector *vector = ctx;

	if (tx_complete_next(core, vector->tx))
		cpu_then(core, dpc_complete, vector, arg);
	else
		dpc_receive(core, vector, arg);
}

static void dpc_begin(struct core *core, void *ctx, uint64_t arg)
{
	struct vector *vector = ctx;

	rx_take_back(core, vector->rx);
	tx_reap(core, vector->tx);
	cpu_then(core, dpc_complete, vector, arg);
}

static void dpc_done(struct core *core, struct cpu_job *job);

static void dpc_start(struct core *core, struct cpu_job *job)
{
	struct vector *vector = vector_of_dpc(job);
	struct machine *m = vector->adapter->m;

	m->stats.cpu.dpcs++;
	vector->dpc_started = core->kernel->now;
	vector->dpc_tx = vector->dpc_rx = 0;
	vector->budget = m->dpc_budget;
	vector->requeue = false;
	charge(core, vector, R_DPC, 0);
	cpu_then(core, dpc_begin, vector, 0);
}

static void dpc_ready(void *ctx, uint64_t arg)
{
	struct vector *vector = ctx;

	(void)arg;
	vector->dpc.irql = IRQL_DISPATCH;
	vector->dpc.start = dpc_start;
	vector->dpc.done = dpc_done;
	cpu_submit(vector->core, &vector->dpc);
}

static void dpc_done(struct core *core, struct cpu_job *job)
{
	struct vector *vector = vector_of_dpc(job);
	struct adapter *adapter = vector->adapter;
	sim_time delay = vector->throttled ? adapter->m->throttle_delay
					   : adapter->m->requeue_delay;

	if (!vector->requeue)
		return;
	if (!delay) {
		cpu_submit(core, job);
		return;
	}
	kernel_at(core->kernel, core->kernel->now + delay,
		  event_key(EV_HOST,
			    adapter->component + COMP_DPC + vector->index,
			    vector->wakes++),
		  dpc_ready, vector, 0);
}

void interrupt_poll(struct vector *vector)
{
	dpc_ready(vector, 0);
}

/* --- interrupt routine --- */

static void isr_end(struct core *core, void *ctx, uint64_t arg)
{
	struct vector *vector = ctx;
	struct adapter *adapter = vector->adapter;
	struct machine *m = adapter->m;
	uint64_t draw =
		rng_draw(&m->dpc_delay, vector->wakes << 4 | vector->index);
	sim_time delay = 0;

	(void)arg;
	if (m->dpc_law.median)
		delay = (sim_time)rng_lognormal_draw(&m->dpc_law, draw);
	kernel_at(core->kernel, core->kernel->now + delay,
		  event_key(EV_HOST,
			    adapter->component + COMP_DPC + vector->index,
			    vector->wakes++),
		  dpc_ready, vector, 0);
}

static void isr_start(struct core *core, struct cpu_job *job)
{
	struct vector *vector = vector_of_isr(job);

	vector->adapter->m->stats.cpu.interrupts++;
	charge(core, vector, R_ISR, 0);
	if (vector->adapter->isr_reads)
		register_read(core, vector->adapter,
			      &(struct charge){
				      .direction = DIR_SHARED,
				      .shared = &vector->shared_cycles,
				      .units = vector->adapter->isr_reads });
	cpu_then(core, isr_end, vector, 0);
}

static void isr_done(struct core *core, struct cpu_job *job)
{
	(void)core;
	(void)job;
}

void interrupt_arrived(struct vector *vector)
{
	vector->isr = (struct cpu_job){ .irql = IRQL_DIRQL,
					.start = isr_start,
					.done = isr_done };
	cpu_submit(vector->core, &vector->isr);
}
