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
	uint64_t drain_ps;     /* least time from last offer to the end */
};

static uint64_t drain_ps(const struct probe_result *run)
{
	return run->end_ps > run->duration_ps ? run->end_ps - run->duration_ps
					      : 0;
}

/* Time past the ordinary drain, beyond the tolerance; 0: in time. */
static uint64_t late_ps(const struct search *search,
			const struct probe_result *run)
{
	uint64_t drain = drain_ps(run);
	uint64_t limit =
		search->drain_ps + run->duration_ps / 100 * LATE_PERCENT;

	return drain > limit ? drain - search->drain_ps : 0;
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

static uint64_t load_ppb(const struct search *search,
			 const struct probe_result *run)
{
	uint64_t late = late_ps(search, run);
	uint64_t load = run->utilisation_ppb;

	if (late) {
		uint64_t stretched = mul_div_u64(run->duration_ps + late, PPB,
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

/* The speed of load one, and the limiter there. */
static int find_speed(struct search *search, struct capacity *capacity,
		      struct err *err)
{
	uint64_t speed = PROBE_SPEED_ONE;
	int round;

	for (round = 0; round < ROUNDS_MAX; round++) {
		struct probe_result run;
		uint64_t load, next;

		if (probe_run(&search->probe, speed, &run, err) < 0)
			return -1;
		if (drain_ps(&run) < search->drain_ps)
			search->drain_ps = drain_ps(&run);
		load = load_ppb(search, &run);
		capacity->speed = speed;
		snprintf(capacity->limiter, sizeof(capacity->limiter), "%s",
			 run.limiter);
		if (load > PPB - CLOSE_PPB && load < PPB + CLOSE_PPB)
			return 0;
		next = next_speed(search, speed, load);
		if (next == speed || bracket_closed(search))
			return 0;
		speed = next;
	}
	return 0;
}

static bool keeps_up(const struct search *search,
		     const struct probe_result *run)
{
	return !run->dropped && !run->deadlock && !late_ps(search, run);
}

static int confirm(struct search *search, struct capacity *capacity,
		   struct err *err)
{
	struct probe_result half, under, over;

	if (probe_run(&search->probe, capacity->speed / 2, &half, err) < 0 ||
	    probe_run(&search->probe, capacity->speed / 100 * 95, &under, err) <
		    0 ||
	    probe_run(&search->probe, capacity->speed / 100 * 105, &over, err) <
		    0)
		return -1;
	search->drain_ps = drain_ps(&half);
	capacity->confirmed =
		keeps_up(search, &under) && !keeps_up(search, &over);
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
	struct search search = { .probe = *probe, .drain_ps = UINT64_MAX / 4 };

	memset(capacity, 0, sizeof(*capacity));
	if (probe->count < 2 ||
	    probe->frames[probe->count - 1].at == probe->frames[0].at)
		return 0;
	search.probe.laps =
		(unsigned)((CAPACITY_FRAMES_MIN - 1) / probe->count) + 1;
	if (find_speed(&search, capacity, err) < 0 ||
	    confirm(&search, capacity, err) < 0)
		return -1;
	set_rates(probe, capacity);
	capacity->found = true;
	return 0;
}
