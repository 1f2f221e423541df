/* SPDX-License-Identifier: Apache-2.0 */
#include "core/observer.h"
#include "models/component.h"
#include "models/host/hal_steps.h"
#include "models/ndis/routines.h"

/* --- answers --- */

static void ask(struct hal *hal, struct core *core, struct hal_request *req);

static struct hal_request *pop(struct hal_queue *queue)
{
	struct hal_request *req = queue->head;

	queue->head = req->next;
	if (!queue->head)
		queue->tail = NULL;
	return req;
}

static void push(struct hal_queue *queue, struct hal_request *req)
{
	req->next = NULL;
	if (queue->tail)
		queue->tail->next = req;
	else
		queue->head = req;
	queue->tail = req;
}

/* Take @req out; false: not there. */
static bool drop(struct hal_queue *queue, const struct hal_request *req)
{
	struct hal_request **link = &queue->head, *last = NULL;

	for (; *link && *link != req; link = &(*link)->next)
		last = *link;
	if (!*link)
		return false;
	*link = req->next;
	if (queue->tail == req)
		queue->tail = last;
	return true;
}

/* The adapter object is free: the next of its queue may ask. */
static void leave_channel(struct hal *hal, struct core *core,
			  struct hal_adapter *adapter)
{
	adapter->channel_busy = false;
	if (!adapter->channel.head)
		return;
	adapter->channel_busy = true;
	ask(hal, core, pop(&adapter->channel));
}

/* Requests of @adapter that wait, for its object or for registers. */
static void note_waiting(struct hal *hal, struct hal_adapter *adapter,
			 int change)
{
	gauge_add(adapter->stat_queue, hal->kernel->now, change);
}

/* The callback of a channel: the object is free after it, or kept. */
static void answer_channel(struct hal *hal, struct core *core,
			   struct hal_request *req, enum hal_status status)
{
	struct hal_adapter *adapter = hal_adapter_of(hal, req);
	bool keeps = req->flags & HAL_KEEP_CHANNEL && status <= HAL_PARTIAL;

	adapter->calling_back = true;
	req->done(core, req, status);
	adapter->calling_back = false;
	if (!keeps)
		leave_channel(hal, core, adapter);
}

static void answer(struct hal *hal, struct core *core, struct hal_request *req,
		   enum hal_status status)
{
	req->state = HAL_ANSWERED;
	if (req->deferred)
		note_waiting(hal, hal_adapter_of(hal, req), -1);
	if (req->flags & HAL_CHANNEL)
		answer_channel(hal, core, req, status);
	else
		req->done(core, req, status);
}

static void refuse(struct hal *hal, struct core *core, struct hal_request *req,
		   enum hal_status status)
{
	if (hal_adapter_of(hal, req) == &hal->own)
		hal->stats->hal.map_failures++;
	answer(hal, core, req, status);
}

static void grant(struct hal *hal, struct core *core, struct hal_request *req)
{
	struct hal_adapter *adapter = hal_adapter_of(hal, req);
	bool partial = req->granted < req->registers;

	if (req->deferred) {
		uint64_t waited = (uint64_t)(hal->kernel->now - req->asked_at);

		adapter->wait_ps += waited;
		hist_record(adapter->stat_wait_ps, waited);
	}
	hal->stats->hal.partial_grants += partial;
	answer(hal, core, req, partial ? HAL_PARTIAL : HAL_GRANTED);
}

static void defer(struct hal *hal, struct hal_request *req)
{
	struct hal_adapter *adapter = hal_adapter_of(hal, req);

	if (req->deferred)
		return;
	req->deferred = true;
	adapter->waits++;
	++*adapter->stat_waits;
	note_waiting(hal, adapter, 1);
}

/* --- the queue --- */

static void grow_start(struct core *core, struct cpu_job *job);
static void grow_done(struct core *core, struct cpu_job *job);
static void grow_wake(void *ctx, uint64_t arg);

static bool can_grow(const struct hal *hal)
{
	return hal->area[0].slots < hal->area[0].spec.cap;
}

static void start_growth(struct hal *hal)
{
	struct kernel *kernel = hal->kernel;

	if (hal->growing || !can_grow(hal))
		return;
	hal->growing = true;
	kernel_at(kernel, kernel->now + hal->rules.worker_delay,
		  event_key(EV_HOST, COMP_HAL_WORKER, hal->pool), grow_wake,
		  hal, 0);
}

static __attribute__((noinline)) void tell_wait(const struct hal *hal,
						const struct hal_request *req)
{
	observers_tell(hal->observers,
		       &(struct observation){ .kind = SEEN_WAIT,
					      .from = hal->kernel->now,
					      .to = hal->kernel->now,
					      .what = WAIT_REGISTERS,
					      .number = req->frame,
					      .value = req->registers,
					      .more = hal->free });
}

static void enqueue(struct hal *hal, struct hal_request *req)
{
	sim_time now = hal->kernel->now;

	req->state = HAL_QUEUED;
	if (!hal->queue.head)
		hal->shortage_since = now;
	push(&hal->queue, req);
	hal->waiting++;
	defer(hal, req);
	gauge_set(&hal->stats->hal.map_register_queue, now, hal->waiting);
	hal_note(hal, req, 2);
	if (__builtin_expect(hal->observers != NULL, 0))
		tell_wait(hal, req);
	start_growth(hal);
}

static void dequeue(struct hal *hal, struct hal_request *req)
{
	sim_time now = hal->kernel->now;

	drop(&hal->queue, req);
	if (!hal->queue.head)
		hal->stats->hal.map_registers_exhausted_ps +=
			(uint64_t)(now - hal->shortage_since);
	hal->waiting--;
	gauge_set(&hal->stats->hal.map_register_queue, now, hal->waiting);
}

/* The first that waits and may be served now, or NULL. */
static struct hal_request *servable(struct hal *hal)
{
	struct hal_request *req = hal->queue.head;

	while (req && !hal_fits(hal, req))
		req = hal->rules.bypass ? req->next : NULL;
	return req;
}

/* Grant while something fits: invariant 2. */
static void serve_queue(struct hal *hal, struct core *core)
{
	struct hal_request *req;

	while ((req = servable(hal))) {
		dequeue(hal, req);
		hal_try_take(hal, core, req, req->flags & HAL_MAY_BE_PARTIAL);
		grant(hal, core, req);
	}
}

/* --- service where the release had no core --- */

static struct hal *hal_of_server(struct cpu_job *job)
{
	return (struct hal *)((char *)job - offsetof(struct hal, server));
}

static void serve_start(struct core *core, struct cpu_job *job)
{
	serve_queue(hal_of_server(job), core);
}

static void serve_later(struct hal *hal);

/* Its callbacks are over too: the job is free for the next service. */
static void serve_done(struct core *core, struct cpu_job *job)
{
	struct hal *hal = hal_of_server(job);

	(void)core;
	hal->serving = false;
	serve_later(hal);
}

static void serve_later(struct hal *hal)
{
	if (hal->serving || !servable(hal))
		return;
	hal->serving = true;
	hal->server = (struct cpu_job){ .irql = IRQL_DISPATCH,
					.start = serve_start,
					.done = serve_done };
	cpu_submit(hal->worker_core, &hal->server);
}

static void serve(struct hal *hal, struct core *core)
{
	if (core)
		serve_queue(hal, core);
	else
		serve_later(hal);
}

/* --- requests --- */

/* What a request gets that there is no room for. */
static enum hal_exhausted policy(const struct hal *hal,
				 const struct hal_request *req)
{
	if (req->flags & HAL_SYNC)
		return HAL_FAIL;
	if (req->flags & HAL_WAIT)
		return HAL_QUEUE;
	return hal->rules.exhausted;
}

/* Nobody is ahead, or what fits may overtake. */
static bool may_take(const struct hal *hal)
{
	return !hal->queue.head || hal->rules.bypass;
}

static void ask_registers(struct hal *hal, struct core *core,
			  struct hal_request *req)
{
	enum hal_exhausted exhausted = policy(hal, req);
	bool prefix = req->flags & HAL_MAY_BE_PARTIAL &&
		      (exhausted == HAL_SHORTEN || req->flags & HAL_SYNC);

	if (hal_never_fits(hal, req)) {
		refuse(hal, core, req, HAL_TOO_MANY);
		return;
	}
	if (may_take(hal) && hal_try_take(hal, core, req, prefix)) {
		grant(hal, core, req);
		return;
	}
	if (exhausted == HAL_FAIL || exhausted == HAL_COPY)
		refuse(hal, core, req, HAL_NO_RESOURCES);
	else
		enqueue(hal, req);
}

/* Registers for @req; the adapter object it may need, it has. */
static void ask(struct hal *hal, struct core *core, struct hal_request *req)
{
	if (req->registers)
		ask_registers(hal, core, req);
	else
		answer(hal, core, req, HAL_GRANTED);
}

/* True when @req has the adapter object. */
static bool enter_channel(struct hal *hal, struct hal_request *req)
{
	struct hal_adapter *adapter = hal_adapter_of(hal, req);

	if (adapter->calling_back)
		hal_note_hazard(hal, HAZARD_MULTI_CHANNEL, req);
	if (adapter->channel_busy) {
		req->state = HAL_QUEUED_AT_ADAPTER;
		push(&adapter->channel, req);
		defer(hal, req);
		return false;
	}
	adapter->channel_busy = true;
	return true;
}

static bool is_queued(const struct hal_request *req)
{
	return req->state == HAL_QUEUED || req->state == HAL_QUEUED_AT_ADAPTER;
}

void hal_map(struct hal *hal, struct core *core, struct hal_request *req)
{
	struct hal_adapter *adapter = hal_adapter_of(hal, req);

	if (adapter->released) {
		hal_note_hazard(hal, HAZARD_USE_AFTER_RELEASE, req);
		return;
	}
	if (req->held || req->mapped || is_queued(req)) {
		hal_note_hazard(hal, HAZARD_DOUBLE_MAP, req);
		return;
	}
	req->asked_at = hal->kernel->now;
	req->deferred = false;
	++*adapter->stat_maps;
	if (hal->rules.list_max && req->elements > hal->rules.list_max) {
		/* Never answered: ReactOS gives up without a word. */
		hal->stats->hal.lost_requests++;
		return;
	}
	if (req->cancelled) {
		req->cancelled = false;
		req->state = HAL_ANSWERED;
		req->done(core, req, HAL_CANCELLED);
		return;
	}
	if (!(req->flags & HAL_CHANNEL) || enter_channel(hal, req))
		ask(hal, core, req);
}

bool hal_cancel(struct hal *hal, struct core *core, struct hal_request *req)
{
	struct hal_adapter *adapter = hal_adapter_of(hal, req);

	switch ((enum hal_state)req->state) {
	case HAL_IDLE:
		req->cancelled = true;
		return true;
	case HAL_ANSWERED:
		return false;
	case HAL_QUEUED_AT_ADAPTER:
		drop(&adapter->channel, req);
		note_waiting(hal, adapter, -1);
		req->state = HAL_IDLE;
		return true;
	case HAL_QUEUED:
		break;
	}
	dequeue(hal, req);
	note_waiting(hal, adapter, -1);
	req->state = HAL_IDLE;
	if (req->flags & HAL_CHANNEL)
		leave_channel(hal, core, adapter);
	serve(hal, core); /* those behind may fit */
	return true;
}

void hal_flush(struct hal *hal, struct hal_request *req)
{
	if (req->active)
		hal_note_hazard(hal, HAZARD_FLUSH_ACTIVE, req);
	else if (!req->mapped)
		hal_note_hazard(hal, HAZARD_FLUSH_UNMAPPED, req);
	else
		req->mapped = false;
}

void hal_abandon(struct hal *hal, struct hal_request *req)
{
	if (!hal->abandoned++)
		hal->abandoned_frame = req->frame;
	if (req->held)
		hal_give(hal, req, 0);
	req->mapped = false;
	req->state = HAL_IDLE;
}

/* Its registers are freed, or its list is. */
static void check_flushed(struct hal *hal, const struct hal_request *req)
{
	if (req->mapped)
		hal_note_hazard(hal,
				req->active ? HAZARD_FREED_WHILE_MAPPED
					    : HAZARD_NOT_FLUSHED,
				req);
}

void hal_free(struct hal *hal, struct core *core, struct hal_request *req,
	      uint32_t registers)
{
	struct hal_adapter *adapter = hal_adapter_of(hal, req);
	uint32_t granted = req->granted;

	if (!req->held) {
		hal_note_hazard(hal, HAZARD_DOUBLE_FREE, req);
		return;
	}
	check_flushed(hal, req);
	if (registers != granted)
		hal_note_hazard(hal, HAZARD_REGISTER_COUNT_MISMATCH, req);
	hal_give(hal, req, registers < granted ? registers : granted);
	req->state = HAL_IDLE;
	if (req->flags & HAL_CHANNEL && req->flags & HAL_KEEP_CHANNEL)
		leave_channel(hal, core, adapter);
	serve(hal, core);
}

void hal_unmap(struct hal *hal, struct core *core, struct hal_request *req)
{
	if (req->registers) {
		hal_free(hal, core, req, req->granted);
		return;
	}
	if (req->state == HAL_IDLE)
		hal_note_hazard(hal, HAZARD_DOUBLE_FREE, req);
	check_flushed(hal, req);
	req->mapped = false;
	req->state = HAL_IDLE;
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

static void grown(struct core *core, void *ctx, uint64_t arg)
{
	struct hal *hal = ctx;

	(void)arg;
	hal_grow(hal, hal->queue.head ? hal_lacking(hal, hal->queue.head) : 0);
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
	cpu_then(core, grown, hal, 0);
}

/* Its callbacks are over too: the job is free for the next growth. */
static void grow_done(struct core *core, struct cpu_job *job)
{
	struct hal *hal = hal_of_worker(job);

	(void)core;
	hal->growing = false;
	if (hal->queue.head)
		start_growth(hal);
}
