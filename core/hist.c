/* SPDX-License-Identifier: Apache-2.0 */
#include "core/hist.h"

#include <stdlib.h>
#include <string.h>

#include "core/err.h"

#define PPM UINT64_C(1000000)

void hist_init(struct hist *hist, unsigned bits)
{
	BUG_ON(bits < 1 || bits > 16);
	*hist = (struct hist){ .bits = bits, .min = UINT64_MAX };
}

void hist_clear(struct hist *hist)
{
	free(hist->buckets);
	*hist = (struct hist){ .bits = hist->bits, .min = UINT64_MAX };
}

void hist_grow(struct hist *hist, uint32_t index)
{
	uint32_t count = ((index >> hist->bits) + 1) << hist->bits;
	uint64_t *buckets;

	if (count < UINT32_C(2) << hist->bits)
		count = UINT32_C(2) << hist->bits;
	buckets = realloc(hist->buckets, count * sizeof(*buckets));
	if (!buckets)
		out_of_memory("histogram of %u buckets", count);
	memset(buckets + hist->bucket_count, 0,
	       (count - hist->bucket_count) * sizeof(*buckets));
	hist->buckets = buckets;
	hist->bucket_count = count;
}

void hist_widen(struct hist *hist, unsigned bits, uint64_t value)
{
	uint32_t index = (uint32_t)hist_index(bits, value);

	BUG_ON(bits != hist->bits);
	if (index >= hist->bucket_count)
		hist_grow(hist, index);
	if (value < hist->min)
		hist->min = value;
	if (value > hist->max)
		hist->max = value;
}

uint64_t hist_low(const struct hist *hist, uint32_t index)
{
	unsigned shift;

	if (index < UINT32_C(2) << hist->bits)
		return index;
	shift = (index >> hist->bits) - 1;
	return (uint64_t)(index - ((uint32_t)shift << hist->bits)) << shift;
}

static uint64_t bucket_middle(const struct hist *hist, uint32_t index)
{
	uint64_t low = hist_low(hist, index);

	if (index < UINT32_C(2) << hist->bits)
		return low;
	/* Half of a width of 2^shift; the last value is low + 2^shift - 1. */
	return low + ((UINT64_C(1) << ((index >> hist->bits) - 1)) - 1) / 2;
}

double hist_mean(const struct hist *hist)
{
	__uint128_t whole;

	if (!hist->count)
		return 0;
	/* Whole and fraction apart, so that a 128-bit sum loses nothing. */
	whole = hist->sum / hist->count;
	return (double)(uint64_t)whole +
	       (double)(uint64_t)(hist->sum - whole * hist->count) /
		       (double)hist->count;
}

uint64_t hist_quantile(const struct hist *hist, uint32_t ppm)
{
	__uint128_t scaled = (__uint128_t)hist->count * ppm;
	uint64_t rank, seen = 0, value;
	uint32_t i;

	BUG_ON(ppm > PPM);
	if (!hist->count)
		return 0;
	rank = (uint64_t)((scaled + PPM - 1) / PPM);
	if (rank <= 1)
		return hist->min;
	if (rank == hist->count)
		return hist->max;
	for (i = 0; i < hist->bucket_count; i++) {
		seen += hist->buckets[i];
		if (seen >= rank)
			break;
	}
	BUG_ON(i == hist->bucket_count);
	value = bucket_middle(hist, i);
	if (value < hist->min)
		return hist->min;
	return value > hist->max ? hist->max : value;
}

void hist_merge(struct hist *into, const struct hist *from)
{
	uint32_t i;

	BUG_ON(into->bits != from->bits);
	if (from->bucket_count > into->bucket_count)
		hist_grow(into, from->bucket_count - 1);
	for (i = 0; i < from->bucket_count; i++)
		into->buckets[i] += from->buckets[i];
	into->count += from->count;
	into->sum += from->sum;
	if (from->min < into->min)
		into->min = from->min;
	if (from->max > into->max)
		into->max = from->max;
}
