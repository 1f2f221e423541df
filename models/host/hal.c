/* SPDX-License-Identifier: Apache-2.0 */
#include "models/host/hal.h"

#include "core/digest.h"
#include "models/component.h"
#include "models/ndis/routines.h"

const char *const hal_hazard_names[HAL_HAZARDS] = {
	[HAL_DOUBLE_FREE] = "double_free",
	[HAL_FREED_WHILE_MAPPED] = "freed_while_mapped",
	[HAL_DOUBLE_MAP] = "double_map",
	[HAL_TOO_MANY_REGISTERS] = "too_many_registers",
	[HAL_MULTI_CHANNEL] = "multi_channel",
	[HAL_CONTIG_EXHAUSTED] = "contig_exhausted",
	[HAL_LEAK_ON_RELEASE] = "leak_on_release",
	[HAL_OOB_DMA] = "oob_dma",
};

void hal_note_hazard(struct hal *hal, enum hal_hazard hazard)
{
	if (!hal->hazard[hazard].count++)
		hal->hazard[hazard].first_at = hal->kernel->now;
}

/* --- the parts of a HAL --- */

static uint32_t part_of(uint32_t whole, uint32_t index, uint32_t parts)
{
	return whole / parts + (index < whole % parts);
}

static void init_areas(struct hal *hal, struct arena *arena)
{
	const struct hal_rules *rules = &hal->rules;
	unsigned i, n = rules->areas;

	hal->area = arena_take_array(arena, n, sizeof(*hal->area));
	hal->lock = arena_take_array(arena, n, sizeof(*hal->lock));
	for (i = 0; i < n; i++) {
		const struct hal_pool_spec spec = {
			.cap = part_of(rules->cap, i, n),
			.boundary = rules->boundary,
			.guards = rules->guards,
			.tracked = rules->tracked,
		};

		hal_pool_init(&hal->area[i], arena, &spec);
		hal->pool += hal_pool_grow(&hal->area[i],
					   part_of(rules->pool, i, n));
	}
}

/* What others hold for ever: the first slots. */
static void take_background(struct hal *hal)
{
	uint32_t left = hal->rules.background, slot;
	unsigned i;

	for (i = 0; i < hal->rules.areas && left; i++) {
		struct hal_pool *area = &hal->area[i];
		uint32_t part = left < area->free ? left : area->free;

		if (part && hal_pool_take(area, part, false, &slot))
			left -= part;
	}
	hal->background = hal->rules.background - left;
	hal->free = hal->pool - hal->background;
}

void hal_adapter_init(struct hal_adapter *adapter, const struct hal *hal)
{
	*adapter = (struct hal_adapter){
		.per_request = hal->rules.per_request,
		.contiguous = hal->rules.contiguous,
	};
}

void hal_init(struct hal *hal, struct kernel *kernel, struct arena *arena,
	      struct ledger *ledger, struct stats *stats,
	      struct core *worker_core, const struct config *cfg)
{
	*hal = (struct hal){ .kernel = kernel,
			     .ledger = ledger,
			     .stats = stats,
			     .worker_core = worker_core };
	hal_rules_read(&hal->rules, cfg);
	hal->cap = hal->rules.cap;
	init_areas(hal, arena);
	take_background(hal);
	hal_adapter_init(&hal->own, hal);
	hal->own.stat_maps = &stats->hal.maps;
	hal->own.stat_waits = &stats->hal.map_register_waits;
	hal->own.stat_wait_ps = &stats->hal.map_register_wait_ps;
	hal->own.stat_in_use = &stats->hal.adapter_registers_in_use;
	gauge_set(&stats->hal.map_registers_in_use, 0, hal->background);
	if (hal->rules.tracked)
		gauge_set(&stats->hal.longest_free_run, 0,
			  hal_longest_run(hal));
}

void hal_adapter_release(struct hal *hal, struct hal_adapter *adapter)
{
	if (adapter->in_use || adapter->channel_busy)
		hal_note_hazard(hal, HAL_LEAK_ON_RELEASE);
}

struct sg_target hal_target(const struct hal *hal, bool translated)
{
	const struct hal_rules *rules = &hal->rules;

	return (struct sg_target){
		.reach = translated ? 0 : rules->reach,
		.slot_bytes = rules->slot_bytes,
		.translated = translated,
		.contiguous = !rules->gathers,
		.unchecked = rules->unchecked,
		.bounce_all = rules->bounce_all,
	};
}

uint32_t hal_registers(const struct hal *hal, const struct sg_target *target,
		       const struct sg_summary *sg)
{
	if (target->translated || target->unchecked ||
	    (!target->reach && !target->bounce_all && !target->contiguous))
		return 0;
	if (hal->rules.bounced_only)
		return sg->bounced_slots;
	return sg->pages;
}

static unsigned area_of(const struct hal *hal, const struct core *core)
{
	return core ? core->id % hal->rules.areas : 0;
}

struct cpu_lock *hal_lock(const struct hal *hal, const struct core *core,
			  const struct hal_request *req)
{
	return &hal->lock[req->held ? req->area : area_of(hal, core)];
}

uint32_t hal_longest_run(const struct hal *hal)
{
	uint32_t longest = 0, run;
	unsigned i;

	for (i = 0; i < hal->rules.areas; i++) {
		run = hal_pool_longest(&hal->area[i]);
		if (run > longest)
			longest = run;
	}
	return longest;
}

/* --- taking and giving --- */

static struct hal_adapter *adapter_of(struct hal *hal,
				      const struct hal_request *req)
{
	return req->adapter ? req->adapter : &hal->own;
}

static bool in_one_run(struct hal *hal, const struct hal_request *req)
{
	return req->flags & HAL_CONTIGUOUS || adapter_of(hal, req)->contiguous;
}

static void note(struct hal *hal, const struct hal_request *req, unsigned what)
{
	hal->fingerprint +=
		digest_item((uint64_t)hal->kernel->now,
			    what == 2 ? req->registers : req->granted, what);
}

static void note_in_use(struct hal *hal, const struct hal_adapter *adapter,
			int64_t delta)
{
	sim_time now = hal->kernel->now;

	gauge_add(&hal->stats->hal.map_registers_in_use, now, delta);
	if (adapter->stat_in_use)
		gauge_set(adapter->stat_in_use, now, adapter->in_use);
	if (hal->rules.tracked)
		gauge_set(&hal->stats->hal.longest_free_run, now,
			  hal_longest_run(hal));
}

static void take(struct hal *hal, struct hal_request *req, unsigned area,
		 uint32_t registers)
{
	struct hal_adapter *adapter = adapter_of(hal, req);

	hal->free -= registers;
	adapter->in_use += registers;
	req->granted = registers;
	req->area = (uint8_t)area;
	req->held = true;
	req->granted_at = hal->kernel->now;
	hal->stats->hal.map_registers_granted += registers;
	note_in_use(hal, adapter, registers);
	note(hal, req, 1);
}

/* Most registers that one request could have of @area now. */
static uint32_t room_in(struct hal *hal, const struct hal_request *req,
			unsigned area)
{
	const struct hal_pool *pool = &hal->area[area];

	return in_one_run(hal, req) ? hal_pool_longest(pool) : pool->free;
}

/*
 * Take what @req asks for, or the prefix it can do with: from the area of
 * @core, else from the next that has room.
 */
static bool try_take(struct hal *hal, const struct core *core,
		     struct hal_request *req, bool prefix)
{
	unsigned n = hal->rules.areas, first = area_of(hal, core), i;

	for (i = 0; i < n; i++) {
		unsigned area = first + i < n ? first + i : first + i - n;
		uint32_t registers = req->registers;
		uint32_t room = room_in(hal, req, area);

		if (prefix && room && room < registers)
			registers = room;
		if (!hal_pool_take(&hal->area[area], registers,
				   in_one_run(hal, req), &req->first))
			continue;
		take(hal, req, area, registers);
		return true;
	}
	return false;
}

static void give(struct hal *hal, struct hal_request *req, uint32_t registers)
{
	struct hal_adapter *adapter = adapter_of(hal, req);
	uint64_t held = (uint64_t)(hal->kernel->now - req->granted_at);

	hal_pool_give(&hal->area[req->area], req->first, registers);
	hal->free += registers;
	hal->leaked += req->granted - registers;
	BUG_ON(hal->free + hal->background > hal->pool); /* invariant 1 */
	adapter->in_use -= req->granted;
	hal->register_hold += (__uint128_t)held * req->granted;
	hist_record(&hal->stats->hal.map_register_hold_ps, held);
	note_in_use(hal, adapter, -(int64_t)registers);
	note(hal, req, 3);
	req->held = req->mapped = false;
	req->granted = 0;
}

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

static void answer(struct hal *hal, struct core *core, struct hal_request *req,
		   enum hal_status status)
{
	struct hal_adapter *adapter = adapter_of(hal, req);
	uint8_t flags = req->flags;

	req->state = HAL_ANSWERED;
	if (!(flags & HAL_CHANNEL)) {
		req->done(core, req, status);
		return;
	}
	adapter->calling_back = true;
	req->done(core, req, status);
	adapter->calling_back = false;
	if (!(flags & HAL_KEEP_CHANNEL) || status > HAL_PARTIAL)
		leave_channel(hal, core, adapter);
}

static void refuse(struct hal *hal, struct core *core, struct hal_request *req,
		   enum hal_status status)
{
	if (adapter_of(hal, req) == &hal->own)
		hal->stats->hal.map_failures++;
	answer(hal, core, req, status);
}

static void grant(struct hal *hal, struct core *core, struct hal_request *req)
{
	struct hal_adapter *adapter = adapter_of(hal, req);
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
	struct hal_adapter *adapter = adapter_of(hal, req);

	if (req->deferred)
		return;
	req->deferred = true;
	adapter->waits++;
	++*adapter->stat_waits;
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
	note(hal, req, 2);
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

static bool fits(struct hal *hal, const struct hal_request *req)
{
	uint32_t least = req->flags & HAL_MAY_BE_PARTIAL ? 1 : req->registers;
	unsigned i;

	for (i = 0; i < hal->rules.areas; i++)
		if (room_in(hal, req, i) >= least)
			return true;
	return false;
}

/* The first that waits and may be served now, or NULL. */
static struct hal_request *servable(struct hal *hal)
{
	struct hal_request *req = hal->queue.head;

	while (req && !fits(hal, req))
		req = hal->rules.bypass ? req->next : NULL;
	return req;
}

/* Grant while something fits: invariant 2. */
static void serve_queue(struct hal *hal, struct core *core)
{
	struct hal_request *req;

	while ((req = servable(hal))) {
		dequeue(hal, req);
		try_take(hal, core, req, req->flags & HAL_MAY_BE_PARTIAL);
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

/* More than the adapter may have, or than will ever be free, or in a run. */
static bool never_fits(struct hal *hal, const struct hal_request *req)
{
	const struct hal_rules *rules = &hal->rules;
	const struct hal_adapter *adapter = adapter_of(hal, req);
	uint32_t most = part_of(rules->cap, 0, rules->areas);

	if (req->registers > adapter->per_request) {
		if (req->flags & HAL_CHANNEL)
			hal_note_hazard(hal, HAL_TOO_MANY_REGISTERS);
		return true;
	}
	if (req->flags & HAL_MAY_BE_PARTIAL)
		return false;
	if (in_one_run(hal, req) && rules->boundary &&
	    req->registers > rules->boundary) {
		hal_note_hazard(hal, HAL_CONTIG_EXHAUSTED);
		return true;
	}
	return req->registers > most ||
	       req->registers + hal->background + hal->reserved > hal->cap;
}

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

/* Registers for @req; the adapter object it may need, it has. */
static void ask(struct hal *hal, struct core *core, struct hal_request *req)
{
	enum hal_exhausted exhausted = policy(hal, req);
	bool prefix = req->flags & HAL_MAY_BE_PARTIAL &&
		      (exhausted == HAL_SHORTEN || req->flags & HAL_SYNC);

	if (!req->registers) {
		answer(hal, core, req, HAL_GRANTED);
		return;
	}
	if (never_fits(hal, req)) {
		refuse(hal, core, req, HAL_TOO_MANY);
		return;
	}
	if (may_take(hal) && try_take(hal, core, req, prefix)) {
		grant(hal, core, req);
		return;
	}
	if (exhausted == HAL_FAIL || exhausted == HAL_COPY)
		refuse(hal, core, req, HAL_NO_RESOURCES);
	else
		enqueue(hal, req);
}

/* True when @req has the adapter object, or needs none. */
static bool enter_channel(struct hal *hal, struct hal_request *req)
{
	struct hal_adapter *adapter = adapter_of(hal, req);

	if (!(req->flags & HAL_CHANNEL))
		return true;
	if (adapter->calling_back)
		hal_note_hazard(hal, HAL_MULTI_CHANNEL);
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
	if (req->held || is_queued(req)) {
		hal_note_hazard(hal, HAL_DOUBLE_MAP);
		return;
	}
	req->asked_at = hal->kernel->now;
	req->deferred = false;
	++*adapter_of(hal, req)->stat_maps;
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
	if (enter_channel(hal, req))
		ask(hal, core, req);
}

bool hal_cancel(struct hal *hal, struct core *core, struct hal_request *req)
{
	struct hal_adapter *adapter = adapter_of(hal, req);

	switch ((enum hal_state)req->state) {
	case HAL_IDLE:
		req->cancelled = true;
		return true;
	case HAL_ANSWERED:
		return false;
	case HAL_QUEUED_AT_ADAPTER:
		drop(&adapter->channel, req);
		req->state = HAL_IDLE;
		return true;
	case HAL_QUEUED:
		break;
	}
	dequeue(hal, req);
	req->state = HAL_IDLE;
	if (req->flags & HAL_CHANNEL)
		leave_channel(hal, core, adapter);
	serve(hal, core); /* those behind may fit */
	return true;
}

void hal_free(struct hal *hal, struct core *core, struct hal_request *req,
	      uint32_t registers)
{
	struct hal_adapter *adapter = adapter_of(hal, req);
	uint32_t granted = req->granted;

	if (!req->held) {
		hal_note_hazard(hal, HAL_DOUBLE_FREE);
		return;
	}
	if (req->mapped)
		hal_note_hazard(hal, HAL_FREED_WHILE_MAPPED);
	if (registers > granted)
		hal_note_hazard(hal, HAL_DOUBLE_FREE);
	else if (registers < granted)
		hal_note_hazard(hal, HAL_LEAK_ON_RELEASE);
	give(hal, req, registers < granted ? registers : granted);
	req->state = HAL_IDLE;
	if (req->flags & HAL_CHANNEL && req->flags & HAL_KEEP_CHANNEL)
		leave_channel(hal, core, adapter);
	serve(hal, core);
}

void hal_unmap(struct hal *hal, struct core *core, struct hal_request *req)
{
	if (!req->registers)
		req->state = HAL_IDLE;
	else
		hal_free(hal, core, req, req->granted);
}

/* --- at set-up --- */

static bool grow(struct hal *hal, uint32_t registers)
{
	uint32_t added;

	if (registers < hal->rules.growth)
		registers = hal->rules.growth;
	added = hal_pool_grow(&hal->area[0], registers);
	hal->pool += added;
	hal->free += added;
	return added;
}

/* Registers that the pool lacks for @req; of a run, all of them. */
static uint32_t lacking(struct hal *hal, const struct hal_request *req)
{
	if (in_one_run(hal, req) || req->registers <= hal->free)
		return req->registers;
	return req->registers - hal->free;
}

bool hal_map_at_setup(struct hal *hal, struct hal_request *req)
{
	if (req->registers && never_fits(hal, req))
		return false;
	++*adapter_of(hal, req)->stat_maps;
	req->state = HAL_ANSWERED;
	if (!req->registers)
		return true;
	while (!try_take(hal, NULL, req, false))
		if (!grow(hal, hal->rules.growth))
			return false;
	return true;
}

enum hal_status hal_reserve(struct hal *hal, struct hal_request *base,
			    uint32_t count, uint32_t bytes)
{
	uint32_t pages = hal_worst_pages(bytes), i;

	if ((uint64_t)count * pages > HAL_RESERVATION_MAX)
		return HAL_NO_RESOURCES;
	for (i = 0; i < count; i++) {
		base[i].registers = pages;
		if (!hal_map_at_setup(hal, &base[i]))
			break;
		hal->reserved += pages;
	}
	if (i == count)
		return HAL_GRANTED;
	hal_unreserve(hal, NULL, base, i);
	return HAL_NO_RESOURCES;
}

void hal_unreserve(struct hal *hal, struct core *core, struct hal_request *base,
		   uint32_t count)
{
	uint32_t i;

	for (i = 0; i < count; i++) {
		hal->reserved -= base[i].granted;
		hal_unmap(hal, core, &base[i]);
	}
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
	grow(hal, hal->queue.head ? lacking(hal, hal->queue.head) : 0);
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

/* --- the books --- */

void hal_close(struct hal *hal, sim_time end)
{
	if (hal->queue.head)
		hal->stats->hal.map_registers_exhausted_ps +=
			(uint64_t)(end - hal->shortage_since);
}

void hal_restart(struct hal *hal, sim_time now)
{
	unsigned i;

	for (i = 0; i < hal->rules.areas; i++)
		hal->lock[i].takes = hal->lock[i].contended =
			hal->lock[i].wait_ps = 0;
	hal->own.wait_ps = hal->shared_cycles = 0;
	hal->shortage_since = now;
}
