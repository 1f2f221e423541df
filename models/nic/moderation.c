/* SPDX-License-Identifier: Apache-2.0 */
#include "models/nic/moderation.h"

#include "models/machine_state.h"
#include "models/ndis/interrupts.h"
#include "models/nic/nic_rx.h"
#include "models/nic/nic_tx.h"
#include "models/watch.h"

enum moderation_mode { MODE_NONE, MODE_FIXED, MODE_TIMERS, MODE_ADAPTIVE };

static sim_time now_of(const struct vector *vector)
{
	return vector->adapter->m->kernel.now;
}

static void read_adaptive(struct adaptive *adaptive, const struct config *cfg)
{
	*adaptive = (struct adaptive){
		.rule = (enum adaptive_rule)config_choice(cfg,
							  "nic.adaptive_rule"),
		.low_bps = config_u64(cfg, "nic.adaptive_low"),
		.bulk_bps = config_u64(cfg, "nic.adaptive_bulk"),
	};
	adaptive->interval[CLASS_LOWEST] =
		(sim_time)config_u64(cfg, "nic.itr_lowest");
	adaptive->interval[CLASS_LOW] =
		(sim_time)config_u64(cfg, "nic.itr_low");
	adaptive->interval[CLASS_BULK] =
		(sim_time)config_u64(cfg, "nic.itr_bulk");
}

static void read_timers(struct vector *vector, const struct config *cfg)
{
	struct vector_load *tx = &vector->load[CAUSE_TX];
	struct vector_load *rx = &vector->load[CAUSE_RX];

	tx->delay = (sim_time)config_u64(cfg, "nic.tx_delay");
	tx->most = (sim_time)config_u64(cfg, "nic.tx_abs_delay");
	rx->delay = (sim_time)config_u64(cfg, "nic.rx_delay");
	rx->most = (sim_time)config_u64(cfg, "nic.rx_abs_delay");
}

void vector_init(struct vector *vector, const struct config *cfg)
{
	struct machine *m = vector->adapter->m;
	struct rng_stream phase;

	vector->mode = config_choice(cfg, "nic.moderation_mode");
	vector->poll = (sim_time)config_u64(cfg, "nic.poll");
	vector->frames_due = config_u64(cfg, "nic.moderation_frames");
	vector->steady = vector->mode != MODE_TIMERS && !vector->frames_due;
	vector->adaptive = arena_take(&m->arena, sizeof(*vector->adaptive));
	read_adaptive(vector->adaptive, cfg);
	read_timers(vector, cfg);
	if (vector->mode == MODE_FIXED)
		vector->interval = (sim_time)config_u64(cfg, "nic.moderation");
	else if (vector->mode == MODE_ADAPTIVE)
		vector->interval = vector->adaptive->interval[CLASS_LOW];
	rng_stream_init(&phase, m->seed, DRAW_MODERATION_PHASE, m->replicate);
	if (vector->interval)
		vector->last_fire =
			-(sim_time)rng_below(rng_draw(&phase, vector->index),
					     (uint64_t)vector->interval);
}

/* --- adaptive --- */

/* Bytes per time; the time is the interval in force, as drivers have it. */
static enum vector_class class_by_rate(const struct adaptive *adaptive,
				       enum vector_class class, uint64_t bytes)
{
	sim_time interval = adaptive->interval[class];

	switch (class) {
	case CLASS_LOWEST:
		return bytes_reach(bytes, adaptive->low_bps, interval)
			       ? CLASS_LOW
			       : class;
	case CLASS_LOW:
		if (bytes_reach(bytes, adaptive->bulk_bps, interval))
			return CLASS_BULK;
		return bytes_reach(bytes, adaptive->low_bps, interval)
			       ? class
			       : CLASS_LOWEST;
	default:
		return bytes_reach(bytes, adaptive->bulk_bps, interval)
			       ? class
			       : CLASS_LOW;
	}
}

/* Many large frames are bulk, a few small ones want low latency: e1000e. */
static enum vector_class class_by_mix(enum vector_class class, uint64_t frames,
				      uint64_t bytes)
{
	uint64_t mean = frames ? bytes / frames : 0;

	switch (class) {
	case CLASS_LOWEST:
		if (mean > 8000)
			return CLASS_BULK;
		return frames < 5 && bytes > 512 ? CLASS_LOW : class;
	case CLASS_LOW:
		if (bytes > 10000 ? frames < 10 || mean > 1200 : mean > 2000)
			return CLASS_BULK;
		if (bytes > 10000 ? frames > 35 : frames < 3 && bytes < 512)
			return CLASS_LOWEST;
		return class;
	default:
		if (bytes > 25000 ? frames > 35 : bytes < 6000)
			return CLASS_LOW;
		return class;
	}
}

enum vector_class adaptive_class(const struct adaptive *adaptive,
				 enum vector_class class, uint64_t frames,
				 uint64_t bytes)
{
	if (!frames)
		return class;
	if (adaptive->rule == ADAPTIVE_RATE)
		return class_by_rate(adaptive, class, bytes);
	return class_by_mix(class, frames, bytes);
}

/* The directions share the vector: the one that bears more delay decides. */
static void adapt(struct vector *vector)
{
	struct adapter *adapter = vector->adapter;
	enum vector_class class = CLASS_LOWEST;
	unsigned i;

	hist_record(&adapter->m->stats.nic.moderation_interval_ps,
		    (uint64_t)vector->interval);
	for (i = 0; i < VECTOR_CAUSES; i++) {
		struct vector_load *load = &vector->load[i];

		load->class = adaptive_class(vector->adaptive, load->class,
					     load->frames, load->bytes);
		if (load->class > class)
			class = load->class;
	}
	vector->interval = vector->adaptive->interval[class];
}

/* --- firing --- */

static void message_arrived(void *ctx, uint64_t arg)
{
	(void)arg;
	interrupt_arrived(ctx);
}

static void fire(struct vector *vector)
{
	unsigned i;

	vector->pending = false;
	vector->masked = true;
	vector->last_fire = now_of(vector);
	if (unlikely(vector->adapter->m->observers))
		watch_interrupt(vector);
	if (vector->mode == MODE_ADAPTIVE)
		adapt(vector);
	vector->frames = 0;
	for (i = 0; i < VECTOR_CAUSES; i++) {
		vector->load[i].raised = false;
		vector->load[i].frames = vector->load[i].bytes = 0;
	}
	nic_tx_flush(vector->tx);
	nic_rx_flush(vector->rx);
	if (vector->poll)
		interrupt_poll(vector);
	else
		engine_message(&vector->adapter->engine, message_arrived,
			       vector, 0);
}

static sim_time timer_due(const struct vector_load *load)
{
	sim_time due = load->last + load->delay;

	if (load->most && load->first + load->most < due)
		due = load->first + load->most;
	return due;
}

static sim_time due(const struct vector *vector)
{
	const struct vector_load *load = vector->load;
	sim_time at = SIM_TIME_NEVER;
	unsigned i;

	if (vector->poll)
		return (vector->last_raise / vector->poll + 1) * vector->poll;
	if (vector->frames_due && vector->frames >= vector->frames_due)
		return vector->last_fire;
	if (vector->mode != MODE_TIMERS)
		return vector->last_fire + vector->interval;
	for (i = 0; i < VECTOR_CAUSES; i++)
		if (load[i].raised && timer_due(&load[i]) < at)
			at = timer_due(&load[i]);
	return at;
}

static void arm(struct vector *vector);

/* @number tells a timer that was moved forward since. */
static void expire(void *ctx, uint64_t number)
{
	struct vector *vector = ctx;

	if (!vector->armed || number + 1 != vector->fires)
		return;
	vector->armed = false;
	if (due(vector) > now_of(vector)) /* frames came: a timer moved back */
		arm(vector);
	else
		fire(vector);
}

static void arm(struct vector *vector)
{
	struct adapter *adapter = vector->adapter;
	sim_time now = now_of(vector), at;

	if (!vector->pending || vector->masked)
		return;
	at = due(vector);
	if (at < now)
		at = now;
	if (vector->armed && vector->armed_at <= at)
		return;
	vector->armed = true;
	vector->armed_at = at;
	kernel_at(
		&adapter->m->kernel, at,
		event_key(EV_NIC,
			  adapter->component + COMP_MODERATION + vector->index,
			  vector->fires),
		expire, vector, vector->fires);
	vector->fires++;
}

/* A cause is pending: it is due some time. */
void vector_pend(struct vector *vector)
{
	if (!vector->pending)
		vector->last_raise = now_of(vector);
	vector->pending = true;
	arm(vector);
}

void vector_unmask(struct vector *vector)
{
	vector->masked = false;
	vector->unmasked_at = now_of(vector);
	arm(vector);
}
