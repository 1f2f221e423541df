/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/fit.h"

#include <stdbool.h>
#include <string.h>

struct normal {
	double gram[FIT_COLUMNS_MAX][FIT_COLUMNS_MAX];
	double moment[FIT_COLUMNS_MAX];
	double diagonal[FIT_COLUMNS_MAX]; /* of gram, before elimination */
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

/* A pivot below this share of its diagonal is the rounding of the others. */
#define PIVOT_MIN 1e-12

/* The columns that are not @fixed to 0, by Gauss and Jordan. */
static void solve(struct normal normal, size_t columns, const bool *fixed,
		  double *beta)
{
	double *moment = normal.moment;
	bool out[FIT_COLUMNS_MAX];
	size_t p, q, r;

	memcpy(out, fixed, sizeof(out));
	for (p = 0; p < columns; p++) {
		double *pivot = normal.gram[p], diagonal = pivot[p];

		out[p] = out[p] || diagonal <= PIVOT_MIN * normal.diagonal[p];
		for (q = 0; q < columns && !out[p]; q++) {
			double factor = normal.gram[q][p] / diagonal;

			if (q == p || fixed[q])
				continue;
			for (r = 0; r < columns; r++)
				normal.gram[q][r] -= factor * pivot[r];
			moment[q] -= factor * moment[p];
		}
	}
	for (p = 0; p < columns; p++)
		beta[p] = out[p] ? 0 : moment[p] / normal.gram[p][p];
}

void fit_nonneg(const struct fit_row *rows, size_t count, size_t columns,
		double *beta)
{
	struct normal normal = { .moment = { 0 } };
	bool fixed[FIT_COLUMNS_MAX] = { false };
	size_t i, worst;

	for (i = 0; i < count; i++)
		add_row(&normal, &rows[i], columns);
	for (i = 0; i < columns; i++)
		normal.diagonal[i] = normal.gram[i][i];
	do {
		solve(normal, columns, fixed, beta);
		for (worst = 0, i = 1; i < columns; i++)
			if (beta[i] < beta[worst])
				worst = i;
		fixed[worst] = true;
	} while (beta[worst] < 0);
}
