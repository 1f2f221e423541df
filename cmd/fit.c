/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/fit.h"

#include <math.h>
#include <string.h>

#define SWEEPS_MAX 1000
#define CONVERGED  1e-10

struct normal {
	double gram[FIT_COLUMNS_MAX][FIT_COLUMNS_MAX];
	double moment[FIT_COLUMNS_MAX];
};

static void add_row(struct normal *normal, const struct fit_row *row,
		    size_t columns)
{
	size_t p, q;

	for (p = 0; p < columns; p++) {
		for (q = 0; q < columns; q++)
			normal->gram[p][q] +=
				row->weight * row->x[p] * row->x[q];
		normal->moment[p] += row->weight * row->x[p] * row->y;
	}
}

double fit_value(const double *x, const double *beta, size_t columns)
{
	double sum = 0;
	size_t p;

	for (p = 0; p < columns; p++)
		sum += x[p] * beta[p];
	return sum;
}

/* The best @p alone; returns the largest relative change. */
static double sweep(const struct normal *normal, size_t columns, double *beta)
{
	double change = 0;
	size_t p;

	for (p = 0; p < columns; p++) {
		double old = beta[p], diagonal = normal->gram[p][p];

		if (diagonal <= 0)
			continue;
		beta[p] += (normal->moment[p] -
			    fit_value(normal->gram[p], beta, columns)) /
			   diagonal;
		if (beta[p] < 0)
			beta[p] = 0;
		change =
			fmax(change, fabs(beta[p] - old) / fmax(beta[p], 1e-9));
	}
	return change;
}

void fit_nonneg(const struct fit_row *rows, size_t count, size_t columns,
		double *beta)
{
	struct normal normal = { .moment = { 0 } };
	size_t i;

	for (i = 0; i < count; i++)
		add_row(&normal, &rows[i], columns);
	memset(beta, 0, columns * sizeof(*beta));
	for (i = 0; i < SWEEPS_MAX; i++)
		if (sweep(&normal, columns, beta) < CONVERGED)
			return;
}
