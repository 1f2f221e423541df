/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/capacity.h"

#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"

#define PPM		UINT64_C(1000000)
#define PPB		UINT64_C(1000000000)
#define LATE_PARTS	100	/* of the offered time: 1 % */
#define SLOWEST_PARTS	1000000 /* of the wire's rate */
#define LONGEST_SECONDS 1000000
#define TRIALS_MAX	48
#define DESCENT		4 /* when nothing is known of what is below */

/* What a rate did to the machine. */
struct verdict {
	struct trial_result run;
	bool keeps_up;
};

/* Rates are mean L2 bits per second of the sample, both directions. */
struct search {
	const struct capacity_goal *goal;
	struct trial trial;
	uint64_t bits, lap_ps; /* of the sample, once */
	uint64_t slowest;
	uint64_t below, above; /* known to keep up, not to; 0: none yet */
	struct trial_result at_below, at_above;
	unsigned trials, all_trials; /* of this replicate, of all */
	unsigned strides;	     /* away from a rate that was known */
	bool refuted; /* the resource capacity is not what limits */
};

static uint64_t excess(uint64_t value, uint64_t base)
{
	return value > base ? value - base : 0;
}

static uint64_t drain_ps(const struct trial_result *run)
{
	return excess(run->end_ps, run->duration_ps);
}

static uint64_t speed_of(const struct search *search, uint64_t rate)
{
	uint64_t speed =
		mul_div_u64(rate, search->lap_ps,
			    search->bits * (PS_PER_SEC / TRIAL_SPEED_ONE));

	return speed ? speed : 1;
}

/*
 * Whether what is left at the end of @run, and the longest latency, grow by
 * @tolerance with every further lap of @laps; a lost frame is growth too.
 */
static int grows_over(const struct search *search, uint64_t speed,
		      unsigned laps, struct trial_result *run,
		      uint64_t tolerance, bool *grows, struct err *err)
{
	struct trial longer = search->trial;
	struct trial_result again;

	longer.laps *= laps;
	tolerance *= laps - 1;
	if (trial_run(&longer, speed, &again, err) < 0)
		return -1;
	if (again.dropped)
		snprintf(run->ran_dry, sizeof(run->ran_dry), "%s",
			 again.ran_dry);
	*grows =
		again.dropped || again.deadlock ||
		(excess(drain_ps(&again), drain_ps(run)) > tolerance &&
		 excess(again.latency_max_ps, run->latency_max_ps) > tolerance);
	return 0;
}

/* Twice as much may end with a longer burst by chance; four times does not. */
static int backlog_grows(const struct search *search, uint64_t speed,
			 struct trial_result *run, bool *grows, struct err *err)
{
	uint64_t tolerance = run->duration_ps / LATE_PARTS;
	unsigned laps;

	*grows = drain_ps(run) > tolerance;
	for (laps = 2; *grows && laps <= 4; laps *= 2)
		if (grows_over(search, speed, laps, run, tolerance, grows,
			       err) < 0)
			return -1;
	return 0;
}

static int try_rate(struct search *search, uint64_t rate,
		    struct verdict *verdict, struct err *err)
{
	uint64_t speed = speed_of(search, rate);
	bool grows;

	search->trials++;
	search->all_trials++;
	verdict->keeps_up = false;
	if (trial_run(&search->trial, speed, &verdict->run, err) < 0)
		return -1;
	if (search->goal->accepts && !search->goal->accepts(search->trial.ctx))
		return 0;
	if (verdict->run.dropped || verdict->run.deadlock ||
	    verdict->run.wire_ppb > PPB)
		return 0;
	if (backlog_grows(search, speed, &verdict->run, &grows, err) < 0)
		return -1;
	verdict->keeps_up = !grows;
	return 0;
}

/* Try @rate and move the bracket. */
static int step(struct search *search, uint64_t rate, bool *keeps_up,
		struct err *err)
{
	struct verdict verdict;

	if (try_rate(search, rate, &verdict, err) < 0)
		return -1;
	*keeps_up = verdict.keeps_up;
	if (verdict.keeps_up && rate > search->below &&
	    (!search->above || rate < search->above)) {
		search->below = rate;
		search->at_below = verdict.run;
	} else if (!verdict.keeps_up &&
		   (!search->above || rate < search->above)) {
		search->above = rate;
		search->at_above = verdict.run;
		if (search->below >= rate)
			search->below = 0;
	}
	return 0;
}

/* Where the busiest resource would be busy all the time; 0: not known. */
static uint64_t resource_rate(const struct search *search)
{
	if (!search->below || !search->at_below.utilisation_ppb)
		return 0;
	return mul_div_u64(search->below, PPB,
			   search->at_below.utilisation_ppb);
}

static uint64_t percent(uint64_t rate, uint64_t parts)
{
	return mul_div_u64(rate, parts, 100);
}

static int confirm(struct search *search, uint64_t rate, bool *confirmed,
		   struct err *err)
{
	bool under, over = true;

	*confirmed = false;
	if (step(search, percent(rate, 95), &under, err) < 0 ||
	    (under && step(search, percent(rate, 105), &over, err) < 0))
		return -1;
	*confirmed = under && !over;
	search->refuted = !*confirmed;
	return 0;
}

/* Geometric mean, good to a few parts in a thousand; no floating point. */
static uint64_t between(uint64_t low, uint64_t high)
{
	uint64_t middle = low + (high - low) / 2, i;

	for (i = 0; i < 8; i++)
		middle = (middle + mul_div_u64(low, high, middle)) / 2;
	return middle;
}

static bool inside(const struct search *search, uint64_t rate)
{
	return rate > percent(search->below, 101) &&
	       (!search->above || rate < percent(search->above, 99));
}

/* Away from the only side of the bracket that is known. */
static uint64_t stride(struct search *search)
{
	uint64_t step = search->goal->step_ppm;

	if (!step)
		return search->below ? search->below * 2
				     : search->above / DESCENT;
	step <<= search->strides < 8 ? search->strides : 8;
	search->strides++;
	if (search->below)
		return mul_div_u64(search->below, PPM + step, PPM) + 1;
	return mul_div_u64(search->above, PPM, PPM + step);
}

/* The next rate to try; every other one halves the bracket, come what may. */
static uint64_t next_rate(struct search *search)
{
	uint64_t guess = percent(resource_rate(search), 97);

	if (!search->below)
		return stride(search);
	if (guess && !search->refuted && inside(search, guess) &&
	    (!search->above || search->trials % 2))
		return guess;
	if (!search->above)
		return stride(search);
	return between(search->below, search->above);
}

static bool bracket_closed(const struct search *search)
{
	return search->below && search->above &&
	       search->above - search->below <=
		       mul_div_u64(search->below, search->goal->resolution_ppm,
				   PPM);
}

/*
 * Narrow the bracket until the resource capacity is confirmed or no rate that
 * is higher than search->below by the resolution keeps up.
 */
static int narrow(struct search *search, uint64_t *confirmed, struct err *err)
{
	bool ok;

	*confirmed = 0;
	while (!bracket_closed(search) && search->trials < TRIALS_MAX &&
	       !cmd_interrupted) {
		uint64_t rate = resource_rate(search);

		if (!search->refuted && rate &&
		    search->below >= percent(rate, 93)) {
			if (confirm(search, rate, &ok, err) < 0)
				return -1;
			if (ok) {
				*confirmed = rate;
				return 0;
			}
			continue;
		}
		rate = next_rate(search);
		if (rate < search->slowest)
			return 0;
		if (step(search, rate, &ok, err) < 0)
			return -1;
	}
	return 0;
}

/* Lower the bracket until every replicate keeps up at its lower end. */
static int lower_for_all(struct search *search, struct err *err)
{
	uint64_t confirmed;
	unsigned r;

	search->refuted = true;
	for (r = 1;
	     r < search->goal->replicates && search->below && !cmd_interrupted;
	     r++) {
		uint64_t rate = search->below;
		bool ok;

		search->trial.replicate = r;
		search->trials = 0;
		if (step(search, rate, &ok, err) < 0 ||
		    (!ok && narrow(search, &confirmed, err) < 0))
			return -1;
	}
	return 0;
}

static void conclude(const struct search *search, uint64_t rate,
		     const char *limiter, struct capacity *capacity)
{
	capacity->found = true;
	capacity->failing_bps = search->above;
	capacity->trials = search->all_trials;
	capacity->speed = speed_of(search, rate);
	capacity->rate_bps = rate;
	capacity->rate_pps = mul_div_u64(rate, search->trial.count,
					 search->bits ? search->bits : 1);
	snprintf(capacity->limiter, sizeof(capacity->limiter), "%s", limiter);
}

static void search_init(struct search *search, const struct trial *trial,
			const struct capacity_goal *goal)
{
	uint64_t link = config_u64(trial->cfg, "nic.wire"), longest;
	size_t i;

	memset(search, 0, sizeof(*search));
	search->goal = goal;
	search->trial = *trial;
	search->refuted = goal->held_only;
	search->trial.replicate = 0;
	search->trial.laps =
		(unsigned)((CAPACITY_FRAMES_MIN - 1) / trial->count) + 1;
	for (i = 0; i < trial->count; i++)
		search->bits += UINT64_C(8) * trial->frames[i].bytes;
	search->lap_ps = trial_lap_ps(trial);
	search->slowest = link / SLOWEST_PARTS;
	/* Stamps end at 2^63 ps. */
	longest = search->bits / LONGEST_SECONDS * 2 * search->trial.laps + 1;
	if (search->slowest < longest)
		search->slowest = longest;
}

/* A sample without duration has no rate. */
static bool has_rate(const struct trial *trial)
{
	return trial->count >= 2 &&
	       trial->frames[trial->count - 1].at != trial->frames[0].at;
}

int capacity_search(const struct trial *trial, const struct capacity_goal *goal,
		    struct capacity *capacity, struct err *err)
{
	struct search search;
	uint64_t confirmed, start = goal->start_bps;
	bool ok;

	memset(capacity, 0, sizeof(*capacity));
	if (!has_rate(trial))
		return 0;
	if (!start)
		start = config_u64(trial->cfg, "nic.wire") / 2;
	search_init(&search, trial, goal);
	if (step(&search, start, &ok, err) < 0 ||
	    narrow(&search, &confirmed, err) < 0)
		return -1;
	if (confirmed) {
		capacity->confirmed = true;
		conclude(&search, confirmed, search.at_below.busiest, capacity);
		return 0;
	}
	if (lower_for_all(&search, err) < 0)
		return -1;
	if (search.below && !cmd_interrupted)
		conclude(&search, search.below, search.at_above.ran_dry,
			 capacity);
	return 0;
}

int capacity_find(const struct trial *trial, unsigned replicates,
		  struct capacity *capacity, struct err *err)
{
	const struct capacity_goal goal = {
		.replicates = replicates,
		.resolution_ppm = CAPACITY_RESOLUTION_PPM,
	};

	return capacity_search(trial, &goal, capacity, err);
}

int capacity_holds(const struct trial *trial, const struct capacity_goal *goal,
		   unsigned replicate, uint64_t rate_bps, bool *holds,
		   struct err *err)
{
	struct verdict verdict;
	struct search search;

	*holds = false;
	if (!has_rate(trial))
		return 0;
	search_init(&search, trial, goal);
	search.trial.replicate = replicate;
	if (try_rate(&search, rate_bps, &verdict, err) < 0)
		return -1;
	*holds = verdict.keeps_up;
	return 0;
}
