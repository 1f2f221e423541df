/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Registers taken and given back, in which area, and what never fits.
 */
#include "core/digest.h"
#include "core/observer.h"
#include "models/host/hal_steps.h"

uint32_t hal_part(uint32_t whole, uint32_t index, uint32_t parts)
{
	return whole / parts + (index < whole % parts);
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

bool hal_in_one_run(struct hal *hal, const struct hal_request *req)
{
	return req->flags & HAL_CONTIGUOUS ||
	       hal_adapter_of(hal, req)->contiguous;
}

void hal_note(struct hal *hal, const struct hal_request *req, unsigned what)
{
	hal->fingerprint +=
		digest_item((uint64_t)hal->kernel->now,
			    what == 2 ? req->registers : req->granted, what);
}

static __attribute__((noinline)) void tell(const struct hal *hal,
					   const struct hal_request *req,
					   enum observation_kind kind)
{
	observers_tell(hal->observers,
		       &(struct observation){ .kind = kind,
					      .from = hal->kernel->now,
					      .to = hal->kernel->now,
					      .number = req->frame,
					      .value = req->granted });
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
	struct hal_adapter *adapter = hal_adapter_of(hal, req);

	hal->free -= registers;
	adapter->in_use += registers;
	req->granted = registers;
	req->area = (uint8_t)area;
	req->held = true;
	req->granted_at = hal->kernel->now;
	hal->stats->hal.map_registers_granted += registers;
	note_in_use(hal, adapter, registers);
	hal_note(hal, req, 1);
	if (__builtin_expect(hal->observers != NULL, 0))
		tell(hal, req, SEEN_REGISTERS);
}

/* Most registers that one request could have of @area now. */
static uint32_t room_in(struct hal *hal, const struct hal_request *req,
			unsigned area)
{
	const struct hal_pool *pool = &hal->area[area];

	return hal_in_one_run(hal, req) ? hal_pool_longest(pool) : pool->free;
}

/*
 * Take what @req asks for, or the prefix it can do with: from the area of
 * @core, else from the next that has room.
 */
bool hal_try_take(struct hal *hal, const struct core *core,
		  struct hal_request *req, bool prefix)
{
	unsigned n = hal->rules.areas, first = area_of(hal, core), i;
	bool run = hal_in_one_run(hal, req);

	for (i = 0; i < n; i++) {
		unsigned area = first + i < n ? first + i : first + i - n;
		uint32_t registers = req->registers;
		uint32_t room = prefix ? room_in(hal, req, area) : 0;

		if (room && room < registers)
			registers = room;
		if (!hal_pool_take(&hal->area[area], registers, run,
				   &req->first))
			continue;
		take(hal, req, area, registers);
		return true;
	}
	return false;
}

void hal_give(struct hal *hal, struct hal_request *req, uint32_t registers)
{
	struct hal_adapter *adapter = hal_adapter_of(hal, req);
	uint64_t held = (uint64_t)(hal->kernel->now - req->granted_at);

	hal_pool_give(&hal->area[req->area], req->first, registers);
	hal->free += registers;
	hal->leaked += req->granted - registers;
	hal->leak_times += (__uint128_t)(req->granted - registers) *
			   (uint64_t)hal->kernel->now;
	BUG_ON(hal->free + hal->background > hal->pool); /* invariant 1 */
	if (__builtin_expect(hal->observers != NULL, 0))
		tell(hal, req, SEEN_RELEASE);
	adapter->in_use -= req->granted;
	hal->register_hold += (__uint128_t)held * req->granted;
	hist_record(&hal->stats->hal.map_register_hold_ps, held);
	note_in_use(hal, adapter, -(int64_t)registers);
	hal_note(hal, req, 3);
	req->held = req->mapped = false;
	req->granted = 0;
}

bool hal_fits(struct hal *hal, const struct hal_request *req)
{
	uint32_t least = req->flags & HAL_MAY_BE_PARTIAL ? 1 : req->registers;
	unsigned i;

	for (i = 0; i < hal->rules.areas; i++)
		if (room_in(hal, req, i) >= least)
			return true;
	return false;
}

/* More than the adapter may have, or than will ever be free, or in a run. */
bool hal_never_fits(struct hal *hal, const struct hal_request *req)
{
	const struct hal_rules *rules = &hal->rules;
	const struct hal_adapter *adapter = hal_adapter_of(hal, req);
	uint32_t most = hal_part(rules->cap, 0, rules->areas);

	if (req->registers > adapter->per_request) {
		if (req->flags & HAL_CHANNEL)
			hal_note_hazard(hal, HAZARD_TOO_MANY_REGISTERS, req);
		return true;
	}
	if (req->flags & HAL_MAY_BE_PARTIAL)
		return false;
	if (hal_in_one_run(hal, req) && rules->boundary &&
	    req->registers > rules->boundary) {
		hal_note_hazard(hal, HAZARD_CONTIG_EXHAUSTED, req);
		return true;
	}
	return req->registers > most ||
	       req->registers + hal->background + hal->reserved > hal->cap;
}

bool hal_grow(struct hal *hal, uint32_t registers)
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
uint32_t hal_lacking(struct hal *hal, const struct hal_request *req)
{
	if (hal_in_one_run(hal, req) || req->registers <= hal->free)
		return req->registers;
	return req->registers - hal->free;
}
