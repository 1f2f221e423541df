/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/capacity.h"

#include <stdio.h>
#include <string.h>

#define PPB	     UINT64_C(1000000000)
#define ROUNDS_MAX   14
#define SPEED_MIN    UINT64_C(1000) /* a thousandth */
#define SPEED_MAX    (UINT64_C(1000000000) * PROBE_SPEED_ONE)
#define CLOSE_PPB    (PPB / 100)
#define NEARLY_PPB   (PPB / 10 * 9)
#define LATE_PERCENT 2

struct search {
	struct probe probe;
	uint64_t below, above; /* speeds known to be; 0: none yet */
};

/* What a speed did to the machine. */
struct trial {
	struct probe_result run;
	uint64_t late_ps; /* falls behind by so much in one replay; 0: no */
};

static uint64_t excess(uint64_t value, uint64_t base)
{
	return value > base ? value - base : 0;
}

static uint64_t drain_ps(const struct probe_result *run)
{
	return excess(run->end_ps, run->duration_ps);
}

/*
 * Replay at @speed; if it ends late, replay twice as much: what grows is a
 * backlog, what stays is a burst at the end or a long hold.
 */
static int try_speed(const struct search *search, uint64_t speed,
		     struct trial *trial, struct err *err)
{
	struct probe twice = search->probe;
	struct probe_result again;
	uint64_t tolerance, drain, latency;

	trial->late_ps = 0;
	if (probe_run(&search->probe, speed, &trial->run, err) < 0)
		return -1;
	tolerance = trial->run.duration_ps / 100 * LATE_PERCENT;
	if (drain_ps(&trial->run) <= tolerance)
		return 0;
	twice.laps *= 2;
	if (probe_run(&twice, speed, &again, err) < 0)
		return -1;
	drain = excess(drain_ps(&again), drain_ps(&trial->run));
	latency = excess(again.latency_max_ps, trial->run.latency_max_ps);
	if (latency < drain)
		drain = latency;
	if (drain > tolerance)
		trial->late_ps = drain;
	return 0;
}

static bool keeps_up(const struct trial *trial)
{
	return !trial->run.dropped && !trial->run.deadlock && !trial->late_ps;
}

/* Offered over served frames of the direction that lost more, ppb. */
static uint64_t loss_factor(const struct probe_result *run)
{
	uint64_t factor = PPB;
	int i;

	for (i = FRAME_TX; i <= FRAME_RX; i++) {
		uint64_t served = run->served[i] ? run->served[i] : 1;
		uint64_t ppb;

		if (run->offered[i] <= served)
			continue;
		ppb = mul_div_u64(run->offered[i], PPB, served);
		if (ppb > factor)
			factor = ppb;
	}
	return factor;
}

static uint64_t load_ppb(const struct trial *trial)
{
	const struct probe_result *run = &trial->run;
	uint64_t load = run->utilisation_ppb;

	if (trial->late_ps) {
		uint64_t stretched =
			mul_div_u64(run->duration_ps + trial->late_ps, PPB,
				    run->duration_ps);

		if (load < stretched)
			load = stretched;
	}
	if (run->deadlock && load < 2 * PPB)
		load = 2 * PPB;
	if (load >= NEARLY_PPB)
		load = mul_div_u64(load, loss_factor(run), PPB);
	return load ? load : 1;
}

/* The next speed to try: by proportion, inside the bracket. */
static uint64_t next_speed(struct search *search, uint64_t speed, uint64_t load)
{
	uint64_t next;

	if (load < PPB)
		search->below = speed;
	else
		search->above = speed;
	if (load > PPB / 1000000)
		next = mul_div_u64(speed, PPB, load);
	else
		next = speed * 1000000;
	if (search->below && search->above &&
	    (next <= search->below || next >= search->above))
		next = search->below + (search->above - search->below) / 2;
	if (next < SPEED_MIN)
		next = SPEED_MIN;
	return next > SPEED_MAX ? SPEED_MAX : next;
}

static bool bracket_closed(const struct search *search)
{
	return search->below && search->above &&
	       search->above - search->below <= search->above / 100;
}

/* The speed of load one, and the limiter there; @trial is that of speed one. */
static int find_speed(struct search *search, struct trial *trial,
		      struct capacity *capacity, struct err *err)
{
	uint64_t speed = PROBE_SPEED_ONE;
	int round;

	for (round = 0; round < ROUNDS_MAX; round++) {
		uint64_t load = load_ppb(trial), next;

		capacity->speed = speed;
		snprintf(capacity->limiter, sizeof(capacity->limiter), "%s",
			 trial->run.limiter);
		if (load > PPB - CLOSE_PPB && load < PPB + CLOSE_PPB)
			return 0;
		next = next_speed(search, speed, load);
		if (next == speed || bracket_closed(search))
			return 0;
		speed = next;
		if (try_speed(search, speed, trial, err) < 0)
			return -1;
	}
	return 0;
}

/*
 * The machine does not keep up with the sample as it is: the highest speed
 * below at which it does, to 1.6 %.  0 when it does not at SPEED_MIN either.
 */
static int find_lower(struct search *search, struct capacity *capacity,
		      struct err *err)
{
	uint64_t below = 0, above = PROBE_SPEED_ONE;
	int round;

	for (round = 0; round < ROUNDS_MAX; round++) {
		uint64_t speed = below ? (below + above) / 2 : above / 2;
		struct trial trial;

		if (below ? above - below <= above / 64 : speed < SPEED_MIN)
			break;
		if (try_speed(search, speed, &trial, err) < 0)
			return -1;
		if (keeps_up(&trial))
			below = speed;
		else
			above = speed;
		snprintf(capacity->limiter, sizeof(capacity->limiter), "%s",
			 trial.run.limiter);
	}
	capacity->speed = below;
	return 0;
}

static uint64_t scaled(uint64_t speed, uint64_t percent)
{
	return mul_div_u64(speed, percent, 100);
}

static int confirm(struct search *search, struct capacity *capacity,
		   struct err *err)
{
	struct trial under, over;

	if (try_speed(search, scaled(capacity->speed, 95), &under, err) < 0 ||
	    try_speed(search, scaled(capacity->speed, 105), &over, err) < 0)
		return -1;
	capacity->confirmed = keeps_up(&under) && !keeps_up(&over);
	return 0;
}

static void set_rates(const struct probe *probe, struct capacity *capacity)
{
	uint64_t span = (uint64_t)(probe->frames[probe->count - 1].at -
				   probe->frames[0].at);
	uint64_t bits = 0;
	size_t i;

	for (i = 0; i < probe->count; i++)
		bits += UINT64_C(8) * probe->frames[i].bytes;
	/* The last frame only ends the span: its bits belong to the next. */
	bits -= UINT64_C(8) * probe->frames[probe->count - 1].bytes;
	span = mul_div_u64(span, PROBE_SPEED_ONE, capacity->speed);
	if (!span)
		span = 1;
	capacity->rate_bps = mul_div_u64(bits, PS_PER_SEC, span);
	capacity->rate_pps = mul_div_u64(probe->count - 1, PS_PER_SEC, span);
}

int capacity_find(const struct probe *probe, struct capacity *capacity,
		  struct err *err)
{
	struct search search = { .probe = *probe };
	struct trial first;

	memset(capacity, 0, sizeof(*capacity));
	if (probe->count < 2 ||
	    probe->frames[probe->count - 1].at == probe->frames[0].at)
		return 0;
	search.probe.laps =
		(unsigned)((CAPACITY_FRAMES_MIN - 1) / probe->count) + 1;
	if (try_speed(&search, PROBE_SPEED_ONE, &first, err) < 0 ||
	    (keeps_up(&first) ? find_speed(&search, &first, capacity, err)
			      : find_lower(&search, capacity, err)) < 0)
		return -1;
	if (!capacity->speed)
		return 0;
	if (confirm(&search, capacity, err) < 0)
		return -1;
	set_rates(probe, capacity);
	capacity->found = true;
	return 0;
}
