/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A HAL from its configuration, what is held from set-up on, and the books.
 */
#include "models/host/hal_steps.h"
#include "models/ndis/routines.h"

void hal_note_hazard(struct hal *hal, enum hazard hazard,
		     const struct hal_request *req)
{
	hazards_note(&hal->ledger->hazards, hal->kernel->now, hazard,
		     req ? req->frame : 0);
}

static void init_areas(struct hal *hal, struct arena *arena)
{
	const struct hal_rules *rules = &hal->rules;
	unsigned i, n = rules->areas;

	hal->area = arena_take_array(arena, n, sizeof(*hal->area));
	hal->lock = arena_take_array(arena, n, sizeof(*hal->lock));
	for (i = 0; i < n; i++) {
		const struct hal_pool_spec spec = {
			.cap = hal_part(rules->cap, i, n),
			.boundary = rules->boundary,
			.guards = rules->guards,
			.tracked = rules->tracked,
		};

		hal_pool_init(&hal->area[i], arena, &spec);
		hal->pool += hal_pool_grow(&hal->area[i],
					   hal_part(rules->pool, i, n));
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
	hal->own.stat_queue = &stats->hal.adapter_queue;
	gauge_set(&stats->hal.map_registers_in_use, 0, hal->background);
	if (hal->rules.tracked)
		gauge_set(&stats->hal.longest_free_run, 0,
			  hal_longest_run(hal));
}

void hal_adapter_release(struct hal *hal, struct hal_adapter *adapter)
{
	adapter->released = true;
	if (adapter->in_use || adapter->channel_busy)
		hal_note_hazard(hal, HAZARD_LEAK_ON_RELEASE, NULL);
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

bool hal_map_at_setup(struct hal *hal, struct hal_request *req)
{
	if (req->registers && hal_never_fits(hal, req))
		return false;
	++*hal_adapter_of(hal, req)->stat_maps;
	req->state = HAL_ANSWERED;
	if (!req->registers)
		return true;
	while (!hal_try_take(hal, NULL, req, false))
		if (!hal_grow(hal, hal->rules.growth))
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
