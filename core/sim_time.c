/* SPDX-License-Identifier: Apache-2.0 */
#include "core/sim_time.h"

#include "core/err.h"

#define BITS_PS	     UINT64_C(8000000000000) /* picoseconds of 8 bits at 1 b/s */
#define BPS_MAX	     UINT64_C(10000000000000)
#define PS_PER_HERTZ UINT64_C(1000000000000)

void byte_clock_init(struct byte_clock *clock, uint64_t bps)
{
	BUG_ON(bps == 0 || bps > BPS_MAX);
	clock->bps = bps;
	clock->whole_ps = BITS_PS / bps;
	clock->rest = BITS_PS % bps;
	clock->carry = 0;
	clock->inverse = UINT64_MAX / bps;
}

void byte_step_init(struct byte_step *step, const struct byte_clock *clock,
		    uint64_t bytes)
{
	uint64_t rest = bytes * clock->rest;

	step->ps = bytes * clock->whole_ps + rest / clock->bps;
	step->rest = rest % clock->bps;
}

uint64_t mul_div_wide(uint64_t a, uint64_t b, uint64_t c)
{
	__uint128_t quotient;

	BUG_ON(c == 0);
	quotient = (__uint128_t)a * b / c;
	BUG_ON(quotient > UINT64_MAX);
	return (uint64_t)quotient;
}

static sim_time to_sim_time(__uint128_t ps)
{
	BUG_ON(ps > (__uint128_t)SIM_TIME_NEVER);
	return (sim_time)ps;
}

sim_time bytes_to_ps(uint64_t bytes, uint64_t bps)
{
	__uint128_t bits_ps = (__uint128_t)bytes * BITS_PS;

	BUG_ON(bps == 0);
	return to_sim_time((bits_ps + bps - 1) / bps);
}

sim_time cycles_to_ps(uint64_t cycles, uint64_t hz)
{
	__uint128_t scaled = (__uint128_t)cycles * PS_PER_HERTZ;

	BUG_ON(hz == 0);
	return to_sim_time((scaled + hz / 2) / hz);
}
