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
	uint32_t bucket_count; /* allocated: those from min to max are */
	uint32_t bits;
	uint64_t count, min, max;
	__uint128_t sum;
};

void hist_init(struct hist *hist, unsigned bits);
void hist_clear(struct hist *hist); /* frees; init again before use */
/* Buckets up to that of @index. */
void hist_grow(struct hist *hist, uint32_t index);
/* The first value, or one beyond those seen so far. */
void hist_widen(struct hist *hist, unsigned bits, uint64_t value);

static inline uint64_t hist_index(unsigned bits, uint64_t value)
{
	/* The OR makes the shift 0 for what has a bucket each. */
	uint64_t top = value | UINT64_C(1) << bits;
	uint64_t shift = (63u ^ (unsigned)__builtin_clzll(top)) - bits;

	return (shift << bits) + (value >> shift);
}

/* @n > 0 times @value, where the compiler is to know @bits, the histogram's. */
static inline void hist_record_bits(struct hist *hist, unsigned bits,
				    uint64_t value, uint64_t n)
{
	if (__builtin_expect(value < hist->min || value > hist->max, 0))
		hist_widen(hist, bits, value);
	hist->buckets[hist_index(bits, value)] += n;
	hist->count += n;
	hist->sum += (__uint128_t)value * n;
}

static inline void hist_record_n(struct hist *hist, uint64_t value, uint64_t n)
{
	hist_record_bits(hist, hist->bits, value, n);
}

static inline void hist_record(struct hist *hist, uint64_t value)
{
	hist_record_bits(hist, hist->bits, value, 1);
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
