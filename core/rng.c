/* SPDX-License-Identifier: Apache-2.0 */
#include "core/rng.h"

#include "core/err.h"
#include "core/rng_tables.h"

/*
 * Fixed point: _q56 counts 2^-56.  Each table is read by parabola through
 * three neighbours (Newton's forward differences), continuous at the nodes.
 */
#define ONE_Q56	      (INT64_C(1) << 56)
#define LN2_Q56	      INT64_C(49946518145322874)
#define Q48_MASK      ((INT64_C(1) << 48) - 1)
#define TERM_MAX      (UINT64_C(1) << 48)
#define LOGNORMAL_MAX (UINT64_C(1) << 61)
#define OCTAVE	      ((1 << RNG_CUTS_LOG2) + 3)

void rng_stream_init(struct rng_stream *stream, uint64_t seed,
		     uint32_t component, uint32_t replicate)
{
	uint64_t key = ((uint64_t)component << 32) | replicate;

	stream->base = mix64(rng_again(seed) ^ rng_again(rng_again(key)));
}

/* a * b / 2^56, towards minus infinity. */
static int64_t mul_q56(int64_t a, int64_t b)
{
	return (int64_t)(((__int128_t)a * b) >> 56);
}

static uint64_t at_least(uint64_t x, uint64_t floor)
{
	return x < floor ? floor : x;
}

/* The parabola through a, b, c at 0, 1, 2; 0 <= t < 1. */
static int64_t between(int64_t a, int64_t b, int64_t c, int64_t t_q56)
{
	int64_t bend = mul_q56(mul_q56(t_q56, t_q56 - ONE_Q56), c - 2 * b + a);

	return a + mul_q56(t_q56, b - a) + bend / 2;
}

/* log2 of @x > 0. */
static int64_t log2_q56(uint64_t x)
{
	unsigned lz = (unsigned)__builtin_clzll(x);
	uint64_t mantissa = x << lz << 1; /* without its leading one */
	const uint64_t *at = rng_log2_q56 + (mantissa >> 56);
	int64_t t_q56 = (int64_t)(mantissa & (UINT64_MAX >> 8));

	return (int64_t)(63 - lz) * ONE_Q56 +
	       between((int64_t)at[0], (int64_t)at[1], (int64_t)at[2], t_q56);
}

/* 2^@t, 0 <= t < 1. */
static int64_t exp2_q56(int64_t t_q56)
{
	const uint64_t *at = rng_exp2_q56 + (t_q56 >> 48);
	int64_t rest_q56 = (t_q56 & Q48_MASK) << 8;

	return between((int64_t)at[0], (int64_t)at[1], (int64_t)at[2],
		       rest_q56);
}

uint64_t rng_exponential(uint64_t r, uint64_t mean)
{
	/* 1 - u, cut at 2^-53 */
	uint64_t rest = at_least(~r, UINT64_C(1) << 11);
	/* -log2(rest / 2^64) < 53 */
	int64_t halvings_q56 = 64 * ONE_Q56 - log2_q56(rest);
	uint64_t means_q56 = (uint64_t)mul_q56(halvings_q56, LN2_Q56);
	__uint128_t scaled = (__uint128_t)means_q56 * mean;

	BUG_ON(mean >= TERM_MAX);
	return (uint64_t)((scaled + ONE_Q56 / 2) >> 56);
}

/* The standard normal quantile of r / 2^64 over that of 99 %. */
static int64_t normal_q28(uint64_t r)
{
	uint64_t tail = at_least((r >> 63 ? ~r : r) << 1,
				 UINT64_C(1) << (64 - RNG_OCTAVES));
	unsigned octave = (unsigned)__builtin_clzll(tail);
	uint64_t mantissa = tail << octave << 1;
	const int32_t *at = rng_normal_q28 + octave * OCTAVE +
			    (mantissa >> (64 - RNG_CUTS_LOG2));
	int64_t t_q56 = (int64_t)(mantissa << RNG_CUTS_LOG2 >> 8);
	int64_t z_q28 = between(at[0], at[1], at[2], t_q56);

	return r >> 63 ? z_q28 : -z_q28;
}

void rng_lognormal_init(struct rng_lognormal *law, uint64_t median,
			uint64_t p99)
{
	BUG_ON(median == 0 || p99 < median || p99 >= TERM_MAX);
	*law = (struct rng_lognormal){
		.median = median,
		.median_q48 = log2_q56(median) >> 8,
		.spread_q56 = log2_q56(p99) - log2_q56(median),
	};
}

uint64_t rng_lognormal_draw(const struct rng_lognormal *law, uint64_t r)
{
	/* median (p99 / median)^(z / z99), in powers of two */
	int64_t power_q48 =
		(int64_t)(((__int128_t)law->spread_q56 * normal_q28(r)) >> 36);
	int64_t shift;
	__uint128_t value;

	if (law->median_q48 + power_q48 >= INT64_C(61) << 48)
		return LOGNORMAL_MAX;
	value = (__uint128_t)law->median *
		(uint64_t)exp2_q56((power_q48 & Q48_MASK) << 8);
	shift = 56 - (power_q48 >> 48);
	if (shift <= 0)
		return (uint64_t)(value << -shift);
	if (shift > 120)
		return 0;
	return (uint64_t)((value + ((__uint128_t)1 << (shift - 1))) >> shift);
}

uint64_t rng_lognormal(uint64_t r, uint64_t median, uint64_t p99)
{
	struct rng_lognormal law;

	rng_lognormal_init(&law, median, p99);
	return rng_lognormal_draw(&law, r);
}
