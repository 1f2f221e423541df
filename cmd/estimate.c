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

/* The sign of a point whose whole band is on one side of zero, else 0. */
static int sure_sign(const struct curve_point *point)
{
	double half = isnan(point->y.half) ? 0 : point->y.half;

	if (point->y.mean - half > 0)
		return 1;
	return point->y.mean + half < 0 ? -1 : 0;
}

/* A stretch of a curve after its last point of a sure sign. */
struct stretch {
	const struct curve_point *from; /* that point, or the first of all */
	int sign;			/* its sure sign; 0: none */
	double first, last;		/* changes of the mean's sign */
	unsigned changes;
	bool rising; /* the last of them */
};

static void look_between(struct stretch *stretch, const struct curve_point *a,
			 const struct curve_point *b)
{
	double from = a->y.mean, to = b->y.mean;

	if ((from > 0) == (to > 0))
		return;
	stretch->last = a->x + (b->x - a->x) * (from / (from - to));
	if (!stretch->changes++)
		stretch->first = stretch->last;
	stretch->rising = to > 0;
}

static struct crossing crossing_of(const struct stretch *stretch,
				   const struct curve_point *to)
{
	return (struct crossing){ .at = (stretch->first + stretch->last) / 2,
				  .low = stretch->from->x,
				  .high = to->x,
				  .falling = !stretch->rising,
				  .low_open = !stretch->sign,
				  .high_open = !sure_sign(to) };
}

size_t curve_crossings(const struct curve_point *points, size_t count,
		       struct crossing *out, size_t max)
{
	struct stretch stretch = { .from = points,
				   .sign = sure_sign(&points[0]) };
	size_t found = 0, i;

	for (i = 1; i < count && found < max; i++) {
		look_between(&stretch, &points[i - 1], &points[i]);
		if (!sure_sign(&points[i]) && i + 1 < count)
			continue;
		/* An even number of changes leads nowhere: chance. */
		if (stretch.changes % 2)
			out[found++] = crossing_of(&stretch, &points[i]);
		stretch = (struct stretch){ .from = &points[i],
					    .sign = sure_sign(&points[i]) };
	}
	return found;
}
