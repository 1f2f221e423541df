/* SPDX-License-Identifier: Apache-2.0 */
#include "models/host/hal_neighbour.h"

#include "models/component.h"

struct loan {
	struct hal_request req;
	struct hal_neighbour *neighbour;
	uint64_t number;
};

static uint64_t key_of(uint64_t event)
{
	return event_key(EV_HOST, COMP_HAL_NEIGHBOUR, event);
}

static void hold_ended(void *ctx, uint64_t arg)
{
	struct loan *loan = ctx;
	struct hal_neighbour *neighbour = loan->neighbour;
	struct hal_request req = loan->req;

	(void)arg;
	pool_give(&neighbour->loans, loan);
	hal_unmap(neighbour->hal, NULL, &req);
}

static void answered(struct core *core, struct hal_request *req,
		     enum hal_status status)
{
	struct loan *loan = (struct loan *)req;
	struct hal_neighbour *neighbour = loan->neighbour;
	struct kernel *kernel = neighbour->hal->kernel;
	uint64_t r = rng_draw(&neighbour->draws, loan->number);

	(void)core;
	if (status > HAL_PARTIAL) {
		pool_give(&neighbour->loans, loan);
		return;
	}
	kernel_at(kernel,
		  kernel->now + (sim_time)rng_exponential(rng_again(r),
							  neighbour->hold_ps),
		  key_of(2 * loan->number + 1), hold_ended, loan, 0);
}

static void arrive(void *ctx, uint64_t number);

static void schedule(struct hal_neighbour *neighbour, uint64_t number)
{
	struct kernel *kernel = neighbour->hal->kernel;
	uint64_t r = rng_draw(&neighbour->draws, number);

	kernel_at(kernel,
		  kernel->now + (sim_time)rng_exponential(r, neighbour->gap_ps),
		  key_of(2 * number), arrive, neighbour, number);
}

/* More than it waits for at a time: a driver has queues of its own. */
#define WAITING_MAX 1024

static void arrive(void *ctx, uint64_t number)
{
	struct hal_neighbour *neighbour = ctx;
	struct loan *loan;

	if (neighbour->hal->kernel->now > neighbour->until)
		return;
	schedule(neighbour, number + 1);
	if (pool_live(&neighbour->loans) >= WAITING_MAX)
		return;
	neighbour->asked++;
	loan = pool_take(&neighbour->loans);
	*loan = (struct loan){ .req = { .adapter = &neighbour->adapter,
					.registers = neighbour->registers,
					.done = answered },
			       .neighbour = neighbour,
			       .number = number };
	hal_map(neighbour->hal, NULL, &loan->req);
}

int hal_neighbour_init(struct hal_neighbour *neighbour, struct hal *hal,
		       const struct config *cfg, uint64_t seed,
		       unsigned replicate, struct err *err)
{
	uint64_t rate = config_u64(cfg, "hal.neighbour_rate");
	struct hal_stats *stats = &hal->stats->hal;

	*neighbour = (struct hal_neighbour){
		.hal = hal,
		.hold_ps = config_u64(cfg, "hal.neighbour_hold"),
		.registers =
			(uint32_t)config_u64(cfg, "hal.neighbour_registers"),
		.until = SIM_TIME_MAX,
	};
	hal_adapter_init(&neighbour->adapter, hal);
	neighbour->adapter.stat_maps = &stats->neighbour_requests;
	neighbour->adapter.stat_waits = &stats->neighbour_waits;
	neighbour->adapter.stat_wait_ps = &stats->neighbour_wait_ps;
	neighbour->adapter.stat_in_use = &stats->neighbour_registers_in_use;
	neighbour->adapter.stat_queue = &stats->neighbour_queue;
	if (!rate)
		return 0;
	if (pool_init(&neighbour->loans, sizeof(struct loan), 64, err) < 0)
		return -1;
	neighbour->gap_ps = (uint64_t)PS_PER_SEC / rate;
	rng_stream_init(&neighbour->draws, seed, DRAW_HAL_NEIGHBOUR, replicate);
	schedule(neighbour, 0);
	return 0;
}

void hal_neighbour_clear(struct hal_neighbour *neighbour)
{
	pool_clear(&neighbour->loans);
}

void hal_neighbour_stop(struct hal_neighbour *neighbour, sim_time at)
{
	neighbour->until = at;
}
