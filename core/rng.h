/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random draws without state.
 *
 * A draw is a function of (seed, component, replicate, index), so every
 * strategy meets the same frames in the same memory whatever it does in
 * between (common random numbers), and the order of draws never matters:
 *
 *	rng_stream_init(&stream, seed, RNG_HOLD, replicate);
 *	r = rng_draw(&stream, frame_number);
 *	if (rng_chance(r, 700000)) ...
 *	hold = rng_lognormal(rng_again(r), median, p99);
 *
 * Distributions come from integer tables and integer arithmetic only: equal on
 * every machine, compiler and libm.
 */
#ifndef CORE_RNG_H
#define CORE_RNG_H

#include <stdbool.h>
#include <stdint.h>

struct rng_stream {
	uint64_t base;
};

/* A bijective 64-bit mixer (finaliser of splitmix64). */
static inline uint64_t mix64(uint64_t x)
{
	x ^= x >> 30;
	x *= UINT64_C(0xbf58476d1ce4e5b9);
	x ^= x >> 27;
	x *= UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

void rng_stream_init(struct rng_stream *stream, uint64_t seed,
		     uint32_t component, uint32_t replicate);

static inline uint64_t rng_draw(const struct rng_stream *stream, uint64_t index)
{
	return mix64(stream->base + index * UINT64_C(0x9e3779b97f4a7c15));
}

/* A further draw from an earlier one. */
static inline uint64_t rng_again(uint64_t r)
{
	return mix64(r + UINT64_C(0x9e3779b97f4a7c15));
}

/* Uniform in [0, n), n > 0. */
static inline uint64_t rng_below(uint64_t r, uint64_t n)
{
	return (uint64_t)(((__uint128_t)r * n) >> 64);
}

/* True with probability @ppm millionths. */
static inline bool rng_chance(uint64_t r, uint64_t ppm)
{
	return rng_below(r, 1000000) < ppm;
}

/*
 * Exponential with mean @mean (to 0.1 %), truncated at about 36 means;
 * @mean < 2^48.  Grows with @r: the quantile at r / 2^64, to 1e-7 of the mean.
 */
uint64_t rng_exponential(uint64_t r, uint64_t mean);
/* A lognormal distribution: what of it does not depend on the draw. */
struct rng_lognormal {
	uint64_t median;
	int64_t median_q48; /* log2 */
	int64_t spread_q56; /* log2 of the 99th percentile over the median */
};

/*
 * Lognormal with median @median and 99th percentile @p99 >= @median > 0, both
 * < 2^48; quantiles within 0.5 % between 0.0001 and 0.9999.  Grows with @r:
 * the quantile at r / 2^64; at most 2^61.
 */
void rng_lognormal_init(struct rng_lognormal *law, uint64_t median,
			uint64_t p99);
uint64_t rng_lognormal_draw(const struct rng_lognormal *law, uint64_t r);
/* The same for a single draw. */
uint64_t rng_lognormal(uint64_t r, uint64_t median, uint64_t p99);

#endif
