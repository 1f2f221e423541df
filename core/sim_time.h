/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Simulated time: integer picoseconds since the first frame, and the exact
 * conversion of bytes into time.
 *
 *	struct byte_clock wire;
 *	byte_clock_init(&wire, 10000000000);	(10 Gb/s)
 *	busy = byte_clock_take(&wire, 1538);	(1230400 ps)
 *
 * A byte_clock carries the remainder of every division into the next, so the
 * sum over any number of calls is within 1 ps of the exact quotient.
 *
 * Limits: sim_time spans 106 days; one call takes at most 2^20 bytes at
 * 1 kb/s to 10 Tb/s.  A capture that is longer is refused by traces/.
 */
#ifndef CORE_SIM_TIME_H
#define CORE_SIM_TIME_H

#include <stdbool.h>
#include <stdint.h>

typedef int64_t sim_time;

#define PS_PER_NS  INT64_C(1000)
#define PS_PER_US  INT64_C(1000000)
#define PS_PER_MS  INT64_C(1000000000)
#define PS_PER_SEC INT64_C(1000000000000)
/* Later than anything that happens; also the bound on a capture's length. */
#define SIM_TIME_NEVER INT64_MAX
#define SIM_TIME_MAX   (INT64_MAX / 4)

struct byte_clock {
	uint64_t bps;	   /* bits per second, > 0 */
	uint64_t whole_ps; /* whole picoseconds per byte */
	uint64_t rest;	   /* remainder of 8e12 / bps */
	uint64_t carry;	   /* < bps: picosecond fractions not yet handed out */
	uint64_t inverse;  /* 2^64 / bps, rounded down */
};

void byte_clock_init(struct byte_clock *clock, uint64_t bps);

/* Time of @bytes at the clock's rate, ps; advances the carried remainder. */
static inline sim_time byte_clock_take(struct byte_clock *clock, uint64_t bytes)
{
	uint64_t ps = bytes * clock->whole_ps;

	if (clock->rest) {
		uint64_t sum = bytes * clock->rest + clock->carry;

		/* At most one too low, as sum < 2^64. */
		uint64_t quotient =
			(uint64_t)((__uint128_t)sum * clock->inverse >> 64);

		sum -= quotient * clock->bps;
		if (sum >= clock->bps) {
			sum -= clock->bps;
			quotient++;
		}
		ps += quotient;
		clock->carry = sum;
	}
	return (sim_time)ps;
}

/* What a clock's time grows by when it takes the same bytes every time. */
struct byte_step {
	uint64_t ps, rest; /* the latter in units of the carry */
};

void byte_step_init(struct byte_step *step, const struct byte_clock *clock,
		    uint64_t bytes);

/* byte_clock_take() of the bytes of @step, without a product. */
static inline sim_time byte_clock_step(struct byte_clock *clock,
				       const struct byte_step *step)
{
	uint64_t carry = clock->carry + step->rest;
	bool more = carry >= clock->bps;

	clock->carry = more ? carry - clock->bps : carry;
	return (sim_time)(step->ps + more);
}

/* Time of @bytes at @bps rounded up, ps, without carry: for thresholds. */
sim_time bytes_to_ps(uint64_t bytes, uint64_t bps);
/* True when bytes_to_ps(@bytes, @bps) >= @ps, found without a division. */
static inline bool bytes_reach(uint64_t bytes, uint64_t bps, sim_time ps)
{
	return ps <= 0 || (__uint128_t)(uint64_t)(ps - 1) * bps <
				  (__uint128_t)bytes * 8 * PS_PER_SEC;
}

/* Time of @cycles at @hz rounded to nearest, ps. */
sim_time cycles_to_ps(uint64_t cycles, uint64_t hz);
/* Where a * b does not fit: use mul_div_u64(). */
uint64_t mul_div_wide(uint64_t a, uint64_t b, uint64_t c);

/* a * b / c with a 128-bit intermediate, rounded down; c > 0. */
static inline uint64_t mul_div_u64(uint64_t a, uint64_t b, uint64_t c)
{
	uint64_t product;

	if (__builtin_mul_overflow(a, b, &product) || !c)
		return mul_div_wide(a, b, c);
	return product / c;
}

#endif
