/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Estimates with 95 % intervals, and curves whose crossings have one.
 */
#ifndef CMD_ESTIMATE_H
#define CMD_ESTIMATE_H

#include <stdbool.h>
#include <stddef.h>

struct estimate {
	double mean;
	double half; /* of the interval; NAN: one value has none */
};

/* Mean of @values over replicates, mean +- t(n-1) s / sqrt(n). */
struct estimate estimate_of(const double *values, size_t count);
/* Of @a[i] - @b[i]. */
struct estimate estimate_difference(const double *a, const double *b,
				    size_t count);

/* A difference of costs at a size; the points of a curve in order of x. */
struct curve_point {
	double x;
	struct estimate y;
};

/*
 * Where a curve, linear between its points, changes sign.  The interval goes to
 * the next points at which the band leaves zero out: it holds every x at which
 * zero is in the band, whatever the curve does between points, such as a step.
 * Between two such points there is one crossing or none: where the mean goes to
 * and fro across zero inside its band, it is in the middle of that.
 */
struct crossing {
	double at, low, high;
	bool falling;		  /* from above zero to below */
	bool low_open, high_open; /* zero is in the band up to the end */
};

/* Up to @max crossings into @out, in order of x; returns their number. */
size_t curve_crossings(const struct curve_point *points, size_t count,
		       struct crossing *out, size_t max);

#endif
