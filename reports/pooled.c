/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/pooled.h"

#include <stdlib.h>

#include "reports/tree.h"

#define PS_PER_US_REAL 1e6

static int by_low(const void *a, const void *b)
{
	const struct pooled_bucket *x = a, *y = b;

	return (x->low > y->low) - (x->low < y->low);
}

static const json_t *hist_of(const json_t *run, const char *metric)
{
	return json_object_get(json_object_get(run, "metrics"), metric);
}

struct pooled pooled_of(const struct report_row *row, const char *metric)
{
	struct pooled pooled = { .buckets = NULL };
	size_t room = 0;

	for (size_t i = 0; i < row->run_count; i++)
		room += packed_count(hist_of(row->runs[i], metric), "buckets");
	if (!room)
		return pooled;
	pooled.buckets = calloc(room, sizeof(*pooled.buckets));
	pooled.failed = !pooled.buckets;
	for (size_t i = 0; !pooled.failed && i < row->run_count; i++) {
		const json_t *hist = hist_of(row->runs[i], metric);
		const char *cursor = packed_text(hist, "buckets");
		struct pooled_bucket *next = &pooled.buckets[pooled.count];

		for (; packed_next(&cursor, &next->low); next++) {
			packed_next(&cursor, &next->count);
			pooled.total += next->count;
		}
		pooled.count = (size_t)(next - pooled.buckets);
	}
	if (pooled.count)
		qsort(pooled.buckets, pooled.count, sizeof(*pooled.buckets),
		      by_low);
	if (!pooled.total)
		pooled_clear(&pooled);
	return pooled;
}

void pooled_clear(struct pooled *pooled)
{
	free(pooled->buckets);
	pooled->buckets = NULL;
	pooled->count = 0;
}

struct pooled_range pooled_range(const struct report_block *block,
				 const char *metric)
{
	struct pooled_range range = { UINT64_MAX, 0 };

	for (size_t i = 0; i < block->count; i++)
		for (size_t j = 0; j < block->rows[i]->run_count; j++) {
			const json_t *hist =
				hist_of(block->rows[i]->runs[j], metric);
			uint64_t low = tree_count(hist, "min");
			uint64_t high = tree_count(hist, "max");

			/* Joint results of a sweep come without buckets. */
			if (!packed_count(hist, "buckets"))
				continue;
			range.low = low < range.low ? low : range.low;
			range.high = high > range.high ? high : range.high;
		}
	return range;
}

double pooled_us(uint64_t ps)
{
	return (double)(ps ? ps : 1) / PS_PER_US_REAL;
}

/* Labels at 1, 2, 5 while they have room, else at powers of ten. */
void pooled_axis(FILE *gp, char axis, const struct pooled_range *range)
{
	static const unsigned steps[] = { 1, 2, 5 };
	double low = pooled_us(range->low) * 0.9;
	double high = pooled_us(range->high) * 1.1;
	bool wide = high > low * 2e3;
	const char *separator = "";

	fprintf(gp, "set logscale %c\nset %crange [%.9g:%.9g]\nset %ctics (",
		axis, axis, low, high, axis);
	for (double decade = 1e-6; decade < high; decade *= 10)
		for (size_t i = 0; i < (wide ? 1 : 3); i++) {
			double at = decade * steps[i];

			if (at < low || at > high)
				continue;
			fprintf(gp, "%s'%.9g' %.9g", separator, real9(at),
				real9(at));
			separator = ", ";
		}
	fputs(")\n", gp);
}
