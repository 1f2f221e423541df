/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Least squares with coefficients that are prices: none is negative.
 *
 *	sum over rows of weight x (y - x . beta)^2  ->  least, beta >= 0
 *
 * by elimination in the normal equations; the most negative coefficient becomes
 * 0 until none is.  So does that of a column that says nothing the others do
 * not.
 */
#ifndef CMD_FIT_H
#define CMD_FIT_H

#include <stddef.h>

#define FIT_COLUMNS_MAX 16

struct fit_row {
	double x[FIT_COLUMNS_MAX];
	double y, weight;
};

void fit_nonneg(const struct fit_row *rows, size_t count, size_t columns,
		double *beta);

/* x . beta */
double fit_value(const double *x, const double *beta, size_t columns);

#endif
