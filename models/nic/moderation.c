/* SPDX-License-Identifier: Apache-2.0 */
#include "models/nic/moderation.h"

#include "models/machine_state.h"
#include "models/ndis/interrupts.h"
#include "models/nic/nic_rx.h"
#include "models/nic/nic_tx.h"

void vector_init(struct vector *vector, const struct config *cfg)
{
	struct machine *m = vector->adapter->m;
	struct rng_stream phase;

	rng_stream_init(&phase, m->seed, DRAW_MODERATION_PHASE, m->replicate);
	vector->interval = (sim_time)config_u64(cfg, "nic.moderation");
	if (vector->interval)
		vector->last_fire =
			-(sim_time)rng_below(rng_draw(&phase, vector->index),
					     (uint64_t)vector->interval);
}

static void message_arrived(void *ctx, uint64_t arg)
{
	(void)arg;
	interrupt_arrived(ctx);
}

static void fire(void *ctx, uint64_t arg)
{
	struct vector *vector = ctx;
	struct adapter *adapter = vector->adapter;

	(void)arg;
	vector->armed = vector->pending = false;
	vector->masked = true;
	vector->last_fire = adapter->m->kernel.now;
	nic_tx_flush(vector->tx);
	nic_rx_flush(vector->rx);
	engine_message(&adapter->engine, message_arrived, vector, 0);
}

static void arm(struct vector *vector)
{
	struct adapter *adapter = vector->adapter;
	struct kernel *kernel = &adapter->m->kernel;
	sim_time at = vector->last_fire + vector->interval;

	if (!vector->pending || vector->masked || vector->armed)
		return;
	vector->armed = true;
	kernel_at(
		kernel, at > kernel->now ? at : kernel->now,
		event_key(EV_NIC,
			  adapter->component + COMP_MODERATION + vector->index,
			  vector->fires++),
		fire, vector, 0);
}

void vector_raise(struct vector *vector)
{
	vector->pending = true;
	arm(vector);
}

void vector_unmask(struct vector *vector)
{
	vector->masked = false;
	vector->unmasked_at = vector->adapter->m->kernel.now;
	arm(vector);
}

void vector_stages(const struct vector *vector, struct stage_clock *clock,
		   unsigned interrupt, unsigned moderation)
{
	stage_close(clock, interrupt, vector->unmasked_at);
	stage_close(clock, moderation, vector->last_fire);
}
