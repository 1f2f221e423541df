/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/estimate.h"

#include <math.h>

#include "reports/summary.h"

struct estimate estimate_of(const double *values, size_t count)
{
	struct estimate result = { 0, NAN };
	double squares = 0;
	size_t i;

	for (i = 0; i < count; i++)
		result.mean += values[i] / (double)count;
	for (i = 0; i < count; i++)
		squares +=
			(values[i] - result.mean) * (values[i] - result.mean);
	if (count > 1)
		result.half =
			student_t975((unsigned)count - 1) *
			sqrt(squares / (double)(count - 1) / (double)count);
	return result;
}

struct estimate estimate_difference(const double *a, const double *b,
				    size_t count)
{
	struct estimate result = { 0, NAN };
	double squares = 0;
	size_t i;

	for (i = 0; i < count; i++)
		result.mean += (a[i] - b[i]) / (double)count;
	for (i = 0; i < count; i++) {
		double off = a[i] - b[i] - result.mean;

		squares += off * off;
	}
	if (count > 1)
		result.half =
			student_t975((unsigned)count - 1) *
			sqrt(squares / (double)(count - 1) / (double)count);
	return result;
}

/* The middle of the band, or @edge halves above it. */
static double level(const struct curve_point *point, double edge)
{
	return point->y.mean +
	       (isnan(point->y.half) ? 0 : edge * point->y.half);
}

static double zero_between(const struct curve_point *a,
			   const struct curve_point *b, double edge)
{
	double from = level(a, edge), to = level(b, edge);

	return a->x + (b->x - a->x) * (from / (from - to));
}

/*
 * From the crossing between @i and @i + 1 towards smaller x, as far as the
 * edge of the band is on the side of zero where the curve goes to.
 */
static void extend_low(const struct curve_point *points, size_t i, double sign,
		       struct crossing *crossing)
{
	for (;; i--) {
		if (sign * level(&points[i], -sign) > 0) {
			crossing->low =
				zero_between(&points[i], &points[i + 1], -sign);
			return;
		}
		if (!i)
			break;
	}
	crossing->low = points[0].x;
	crossing->low_open = true;
}

static void extend_high(const struct curve_point *points, size_t count,
			size_t i, double sign, struct crossing *crossing)
{
	for (i++; i < count; i++) {
		if (sign * level(&points[i], sign) < 0) {
			crossing->high =
				zero_between(&points[i - 1], &points[i], sign);
			return;
		}
	}
	crossing->high = points[count - 1].x;
	crossing->high_open = true;
}

size_t curve_crossings(const struct curve_point *points, size_t count,
		       struct crossing *out, size_t max)
{
	size_t found = 0, i;

	for (i = 0; i + 1 < count && found < max; i++) {
		double from = points[i].y.mean, to = points[i + 1].y.mean;
		double sign = from > 0 ? 1 : -1;
		struct crossing *crossing = &out[found];

		if ((from > 0) == (to > 0))
			continue;
		*crossing = (struct crossing){ .falling = sign > 0 };
		crossing->at = zero_between(&points[i], &points[i + 1], 0);
		extend_low(points, i, sign, crossing);
		extend_high(points, count, i, sign, crossing);
		found++;
	}
	return found;
}
