/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Log-linear histograms of unsigned 64-bit values.
 *
 * Values below 2^(bits+1) have a bucket each; above, every power of two is cut
 * into 2^bits buckets, so a quantile's relative error is at most 2^-bits:
 * bits = 7 gives 0.8 %, bits = 10 gives 0.1 %.  count, sum, min and max are
 * exact.  Histograms of equal bits merge by addition.
 *
 *	hist_init(&h, 10);
 *	hist_record(&h, latency);
 *	p99 = hist_quantile(&h, 990000);
 *	hist_clear(&h);
 *
 * Memory: the bucket array grows in powers of two of the value's magnitude, so
 * a histogram that has seen its largest value allocates no more.  An
 * allocation that fails there aborts (BUG): it is at most a few hundred KiB.
 */
#ifndef CORE_HIST_H
#define CORE_HIST_H

#include <stdint.h>

#define HIST_BITS_COARSE 7  /* <= 1 % */
#define HIST_BITS_FINE	 10 /* <= 0.1 %: the compared latencies */

struct hist {
	uint64_t *buckets;
	uint32_t bucket_count; /* allocated */
	uint32_t bits;
	uint64_t count, min, max;
	__uint128_t sum;
};

void hist_init(struct hist *hist, unsigned bits);
void hist_clear(struct hist *hist); /* frees; init again before use */
void hist_grow(struct hist *hist, uint32_t index);

static inline uint32_t hist_index(const struct hist *hist, uint64_t value)
{
	/* The OR makes the shift 0 for what has a bucket each. */
	uint64_t top = value | UINT64_C(1) << hist->bits;
	unsigned shift = (63u ^ (unsigned)__builtin_clzll(top)) - hist->bits;

	return (shift << hist->bits) + (uint32_t)(value >> shift);
}

static inline void hist_record_n(struct hist *hist, uint64_t value, uint64_t n)
{
	uint32_t index = hist_index(hist, value);

	if (__builtin_expect(index >= hist->bucket_count, 0))
		hist_grow(hist, index);
	hist->buckets[index] += n;
	hist->count += n;
	hist->sum += (__uint128_t)value * n;
	if (value < hist->min)
		hist->min = value;
	if (value > hist->max)
		hist->max = value;
}

static inline void hist_record(struct hist *hist, uint64_t value)
{
	uint32_t index = hist_index(hist, value);

	if (__builtin_expect(index >= hist->bucket_count, 0))
		hist_grow(hist, index);
	hist->buckets[index]++;
	hist->count++;
	hist->sum += value;
	if (value < hist->min)
		hist->min = value;
	if (value > hist->max)
		hist->max = value;
}

/* Smallest value of bucket @index. */
uint64_t hist_low(const struct hist *hist, uint32_t index);
/* Mean rounded to nearest, 0 when empty; min is UINT64_MAX when empty. */
double hist_mean(const struct hist *hist);
/*
 * The value at @ppm millionths of the distribution (nearest rank): the middle
 * of its bucket, clamped to [min, max]; 0 when empty.
 */
uint64_t hist_quantile(const struct hist *hist, uint32_t ppm);
/* Add @from into @into; equal bits. */
void hist_merge(struct hist *into, const struct hist *from);

#endif
