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
 * Where a curve, linear between its points, changes sign.  The interval holds
 * the x at which the band of the estimates has zero in it: inverting a test at
 * each x, it has the coverage of the bands.
 */
struct crossing {
	double at, low, high;
	bool falling;		  /* from above zero to below */
	bool low_open, high_open; /* the curve ends inside the interval */
};

/* Up to @max crossings into @out, in order of x; returns their number. */
size_t curve_crossings(const struct curve_point *points, size_t count,
		       struct crossing *out, size_t max);

#endif
