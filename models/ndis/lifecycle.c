/* SPDX-License-Identifier: Apache-2.0 */
#include "models/ndis/lifecycle.h"

#include "models/machine_state.h"
#include "models/ndis/sends_steps.h"
#include "models/nic/nic_tx.h"

#define DEFAULT_LENGTH (1 * PS_PER_MS)
#define HANG_CHECK     (2 * PS_PER_SEC)
#define QUIET_POLL     (1 * PS_PER_US)

static void at(struct machine *m, sim_time when,
	       void (*run)(void *ctx, uint64_t arg), uint64_t arg)
{
	kernel_at(&m->kernel, when,
		  event_key(EV_HOST, COMP_LIFECYCLE, m->life.events++), run, m,
		  arg);
}

static void after(struct machine *m, sim_time delay,
		  void (*run)(void *ctx, uint64_t arg))
{
	at(m, m->kernel.now + delay, run, 0);
}

static void enter(struct machine *m, enum life_state state)
{
	m->life.state = state;
}

/* --- jobs on the cores of the queues --- */

static struct machine *machine_of(const struct tx_queue *queue)
{
	return queue->adapter->m;
}

static struct tx_queue *queue_of(struct cpu_job *job)
{
	return (struct tx_queue *)((char *)job -
				   offsetof(struct tx_queue, life_job));
}

static void submit(struct tx_queue *queue,
		   void (*start)(struct core *core, struct cpu_job *job),
		   void (*done)(struct core *core, struct cpu_job *job))
{
	queue->life_job = (struct cpu_job){ .irql = IRQL_DISPATCH,
					    .start = start,
					    .done = done };
	cpu_submit(queue->vector->core, &queue->life_job);
}

/* On every queue; life.busy counts down in @done. */
static void submit_all(struct machine *m,
		       void (*start)(struct core *core, struct cpu_job *job),
		       void (*done)(struct core *core, struct cpu_job *job))
{
	struct adapter *adapter = &m->adapters[0];
	unsigned i;

	m->life.busy = adapter->queue_count;
	for (i = 0; i < adapter->queue_count; i++)
		submit(&adapter->tx[i], start, done);
}

static void begin(void *ctx, uint64_t index);

/* The first of the events that wait. */
static void begin_next(struct machine *m)
{
	const struct inject *inject = &m->inject;
	unsigned first = inject->count, i;

	for (i = 0; i < inject->count; i++)
		if (m->life.pending >> i & 1 &&
		    (first == inject->count ||
		     inject->rule[i].at < inject->rule[first].at))
			first = i;
	if (first == inject->count)
		return;
	m->life.pending &= ~(1u << first);
	at(m, m->kernel.now, begin, first);
}

static void job_done(struct core *core, struct cpu_job *job)
{
	struct machine *m = machine_of(queue_of(job));

	(void)core;
	if (!--m->life.busy)
		begin_next(m);
}

static void post_under_lock(struct core *core, void *ctx, uint64_t arg)
{
	(void)arg;
	tx_post_waiting(core, ctx);
}

/* What became ready meanwhile goes out. */
static void post_start(struct core *core, struct cpu_job *job)
{
	struct tx_queue *queue = queue_of(job);

	cpu_lock_then(core, &queue->lock, NULL, 0, post_under_lock, queue, 0);
}

static void restart(void *ctx, uint64_t arg)
{
	(void)arg;
	enter(ctx, LIFE_RUNNING);
	submit_all(ctx, post_start, job_done);
}

/* --- pause --- */

static void paused(void *ctx, uint64_t arg)
{
	struct machine *m = ctx;

	(void)arg;
	m->life.due = false;
	enter(m, LIFE_PAUSED);
	m->stats.life.pauses++;
	m->stats.life.pause_ps += (uint64_t)(m->kernel.now - m->life.since);
	after(m, m->life.length, restart);
}

static void try_pause(struct machine *m)
{
	if (m->life.due || m->life.inside || m->books.rx_level.now)
		return;
	m->life.due = true;
	after(m, 0, paused);
}

static void pause(struct machine *m)
{
	enter(m, LIFE_PAUSING);
	try_pause(m);
}

void lifecycle_left(struct machine *m)
{
	try_pause(m);
}

/* --- giving sends up --- */

static void give_up_taken(struct tx_queue *queue, enum tx_status status)
{
	queue->abort = (struct tx_abort){
		.upto = queue->taken,
		.at = queue->adapter->m->kernel.now,
		.status = status,
	};
}

/* Its mapping was granted before the abort: no longer in the driver's hands. */
static bool was_mapped(const struct tx_frame *frame)
{
	const struct hal_request *map = &frame->map;

	if (map->state != HAL_ANSWERED)
		return false;
	return (map->deferred ? map->granted_at : map->asked_at) <=
	       frame->queue->abort.at;
}

enum tx_status lifecycle_aborted(const struct tx_frame *frame)
{
	const struct tx_abort *abort = &frame->queue->abort;

	if (abort->status == TX_SEND_ABORTED && was_mapped(frame))
		return TX_SUCCESS;
	return abort->status;
}

/* A job on the queue's core: what waits for copy pages ends at once. */
static void cancel_start(struct core *core, struct cpu_job *job)
{
	struct tx_queue *queue = queue_of(job);

	tx_end_copies(core, queue, queue->abort.status);
}

static void cancel(struct machine *m)
{
	struct adapter *adapter = &m->adapters[0];
	unsigned i;

	m->stats.life.cancels++;
	for (i = 0; i < adapter->queue_count; i++)
		give_up_taken(&adapter->tx[i], TX_SEND_ABORTED);
	submit_all(m, cancel_start, job_done);
}

/* --- reset --- */

static void empty_again(void *ctx, uint64_t index);

static void ring_emptied(struct core *core, struct cpu_job *job)
{
	struct tx_queue *queue = queue_of(job);
	struct machine *m = machine_of(queue);

	(void)core;
	if (queue->stopped) {
		at(m, m->kernel.now + QUIET_POLL, empty_again, queue->index);
		return;
	}
	if (--m->life.busy)
		return;
	m->stats.life.resets++;
	m->stats.life.reset_ps += (uint64_t)(m->kernel.now - m->life.since);
	after(m, m->life.length, restart);
}

static void complete_next(struct core *core, void *ctx, uint64_t arg)
{
	if (tx_complete_next(core, ctx))
		cpu_then(core, complete_next, ctx, arg);
}

static void complete_all(struct core *core, void *ctx, uint64_t arg)
{
	struct tx_queue *queue = ctx;

	tx_reap(core, queue);
	cpu_then(core, complete_next, queue, arg);
}

/* The card did not come to these. */
static void fail_posted(struct tx_queue *queue)
{
	uint64_t i;

	for (i = queue->done; i < queue->posted; i++) {
		struct tx_frame *frame = queue->slot[i & queue->slot_mask];

		hal_set_active(&frame->map, false);
		frame->failed = true;
		frame->status = TX_RESET_IN_PROGRESS;
	}
}

/* On the core of the queue's DPC, so that no completion is under way. */
static void empty_ring(struct core *core, struct cpu_job *job)
{
	struct tx_queue *queue = queue_of(job);

	if (!nic_tx_is_quiet(queue))
		return; /* a last one was on its way: ring_emptied() */
	fail_posted(queue);
	nic_tx_restart(queue);
	tx_end_ready(core, queue, TX_RESET_IN_PROGRESS);
	tx_end_copies(core, queue, TX_RESET_IN_PROGRESS);
	cpu_then(core, complete_all, queue, 0);
}

static void empty_again(void *ctx, uint64_t index)
{
	struct machine *m = ctx;

	submit(&m->adapters[0].tx[index], empty_ring, ring_emptied);
}

static void await_quiet(void *ctx, uint64_t arg)
{
	struct machine *m = ctx;
	struct adapter *adapter = &m->adapters[0];
	unsigned i;

	(void)arg;
	for (i = 0; i < adapter->queue_count; i++)
		if (!nic_tx_is_quiet(&adapter->tx[i])) {
			after(m, QUIET_POLL, await_quiet);
			return;
		}
	enter(m, LIFE_RESETTING);
	for (i = 0; i < adapter->queue_count; i++)
		give_up_taken(&adapter->tx[i], TX_RESET_IN_PROGRESS);
	submit_all(m, empty_ring, ring_emptied);
}

static void stop_card(struct machine *m)
{
	struct adapter *adapter = &m->adapters[0];
	unsigned i;

	for (i = 0; i < adapter->queue_count; i++)
		nic_tx_stop(&adapter->tx[i]);
}

static void reset(struct machine *m)
{
	stop_card(m);
	enter(m, LIFE_STOPPING);
	/* Register writes on their way find nobody. */
	after(m, QUIET_POLL, await_quiet);
}

/* --- hang --- */

static void check_for_hang(void *ctx, uint64_t arg)
{
	struct machine *m = ctx;

	(void)arg;
	m->stats.life.hangs++;
	reset(m);
}

static void hang(struct machine *m)
{
	stop_card(m);
	enter(m, LIFE_HUNG);
	after(m, HANG_CHECK, check_for_hang);
}

/* --- events --- */

static void begin(void *ctx, uint64_t index)
{
	static void (*const events[])(struct machine * m) = {
		[INJECT_PAUSE - HAZARDS] = pause,
		[INJECT_CANCEL - HAZARDS] = cancel,
		[INJECT_RESET - HAZARDS] = reset,
		[INJECT_HANG - HAZARDS] = hang,
	};
	struct machine *m = ctx;
	const struct inject_rule *rule = &m->inject.rule[index];

	if (m->life.state != LIFE_RUNNING || m->life.busy) {
		m->life.pending |= 1u << index;
		return;
	}
	m->life.since = m->kernel.now;
	m->life.length = rule->length ? rule->length : DEFAULT_LENGTH;
	events[rule->kind - HAZARDS](m);
}

void lifecycle_init(struct machine *m)
{
	unsigned i;

	for (i = 0; i < m->inject.count; i++)
		if (m->inject.rule[i].kind >= HAZARDS)
			at(m, m->inject.rule[i].at, begin, i);
}

void lifecycle_halt(struct machine *m)
{
	if (m->hal.abandoned)
		hazards_note_times(&m->ledger.hazards, m->kernel.now,
				   HAZARD_LEAK_ON_RELEASE,
				   m->hal.abandoned_frame, m->hal.abandoned);
}

/* --- what comes in --- */

void lifecycle_refuse(struct core *core, struct tx_frame *frame)
{
	bool reset = tx_machine(frame)->life.state >= LIFE_STOPPING;

	tx_end(core, frame, reset ? TX_RESET_IN_PROGRESS : TX_PAUSED);
}
