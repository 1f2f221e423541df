/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/copy_fit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/fit.h"
#include "models/host/copy.h"

#define STREAM_IN_A_ROW (COPY_STREAM_LINES / 2)
#define RAMP_MAX	1e6

/* An error below this counts no less than one at it. */
#define ERROR_FLOOR 0.04
/* In the search: simulations take the prices of copies alone. */
#define ALONE_COUNTS 3
#define ROUNDS	     15
#define ROUNDS_SEEK  8

_Static_assert(FIT_COLUMNS <= FIT_COLUMNS_MAX, "fit_row has room");

static const char *const column_names[FIT_COLUMNS] = {
	"the call",	   "the fence",	      "the start in the L1",
	"lines of the L1", "lines of the L1", "streams in the L1",
	"latency of l2",   "lines of l2",     "streams of l2",
	"latency of l3",   "lines of l3",     "streams of l3",
	"latency of dram", "lines of dram",   "streams of dram",
};

static size_t latency_of(enum copy_place place)
{
	return FIT_LEVELS + 3 * (size_t)(place - COPY_L2);
}

/* Lines of a ramp; a fit that does not know yet has none. */
static uint64_t ramp_of(double latency, double line)
{
	double lines = line > 0 ? COPY_RAMP_TOUCHES * latency / line : 0;

	return (uint64_t)(fmin(lines, RAMP_MAX) + .5);
}

static struct copy_lines lines_of(const struct copy_sample *sample,
				  uint64_t ramp)
{
	return copy_lines(sample->bytes,
			  sample->alone ? COPY_STREAM_LINES : STREAM_IN_A_ROW,
			  ramp);
}

/* How often the price of each column is paid by the lines of one side. */
static void add_side(double *x, const struct copy_fit *fit,
		     const struct copy_sample *sample, enum copy_place place,
		     double share)
{
	size_t latency = latency_of(place), line = latency + 1;
	size_t stream = latency + 2;
	struct copy_lines lines =
		lines_of(sample, ramp_of(fit->ns[latency], fit->ns[line]));
	double near = share * (double)lines.near;

	x[line] += share * (double)lines.far;
	x[stream] += share * (double)lines.streamed;
	if (!sample->alone) {
		x[latency] += share / fit->fills;
		x[stream] += near;
		return;
	}
	x[latency] += share;
	if (fit->ns[latency] / fit->fills > fit->ns[line])
		x[latency] += near / fit->fills;
	else
		x[line] += near;
}

static void columns_of(double *x, const struct copy_fit *fit,
		       const struct copy_sample *sample)
{
	struct copy_lines lines;

	memset(x, 0, FIT_COLUMNS * sizeof(*x));
	x[FIT_FENCE] = sample->alone;
	if (sample->pair->from != COPY_L1) {
		x[FIT_CALL] = 1;
		add_side(x, fit, sample, sample->pair->from, 1);
		add_side(x, fit, sample, sample->pair->to, fit->write);
		return;
	}
	lines = lines_of(sample, 0);
	x[FIT_L1_START] = 1;
	x[FIT_L1_NEAR] = (double)lines.near;
	x[FIT_L1_LINE] = (double)lines.far;
	x[FIT_L1_STREAM] = (double)lines.streamed;
}

double copy_fit_ns(const struct copy_fit *fit, const struct copy_sample *sample)
{
	double x[FIT_COLUMNS];

	columns_of(x, fit, sample);
	return fit_value(x, fit->ns, FIT_COLUMNS);
}

enum copy_half copy_half_of(const struct copy_samples *samples, uint64_t bytes)
{
	size_t i, j, smaller = 0;

	/* Count every size once: at the first sample that has it. */
	for (i = 0; i < samples->count; i++) {
		uint64_t size = samples->list[i].bytes;

		for (j = 0; j < i && samples->list[j].bytes != size; j++)
			;
		smaller += j == i && size < bytes;
	}
	return smaller % 2 ? COPY_ODD : COPY_EVEN;
}

/* What a fit works on. */
struct work {
	const struct copy_sample **samples;
	struct fit_row *rows;
	size_t count;
};

/* Where a fit sets out: what is side by side, how long ramps are. */
static const double typical[FIT_COLUMNS] = {
	[FIT_LEVELS] = 3, 1, .5, 12, 2, 1, 120, 6, 4,
};

/* Fit the prices for the fills and share of @fit; returns the error, a mean. */
static double fit_prices(struct copy_fit *fit, const struct work *work,
			 unsigned rounds)
{
	double sum = 0;
	size_t i;

	memcpy(fit->ns, typical, sizeof(typical));
	for (i = 0; i < work->count; i++) {
		double ns = work->samples[i]->ns;

		work->rows[i].y = ns;
		work->rows[i].weight = 1 / (ns * ns);
	}
	while (rounds--) {
		for (i = 0; i < work->count; i++)
			columns_of(work->rows[i].x, fit, work->samples[i]);
		fit_nonneg(work->rows, work->count, FIT_COLUMNS, fit->ns);
		for (sum = 0, i = 0; i < work->count; i++) {
			struct fit_row *row = &work->rows[i];
			double value = fit_value(row->x, fit->ns, FIT_COLUMNS);
			double error = fabs(value / row->y - 1);
			double count =
				work->samples[i]->alone ? ALONE_COUNTS : 1;

			row->weight = 1 / (row->y * row->y) /
				      fmax(error, ERROR_FLOOR);
			sum += count * error;
		}
	}
	return sum / (double)work->count;
}

struct range {
	double low, high, step;
};

/* Both ends are on the grid, however the sum of so many steps is rounded. */
static long steps_of(const struct range *range)
{
	return lround((range->high - range->low) / range->step);
}

/* The best fills and share on a grid. */
static void seek(struct copy_fit *fit, const struct work *work,
		 struct range fills, struct range write)
{
	double best = HUGE_VAL;
	struct copy_fit probe;
	long i, j;

	for (i = 0; i <= steps_of(&fills); i++)
		for (j = 0; j <= steps_of(&write); j++) {
			double error;

			probe.fills = fills.low + (double)i * fills.step;
			probe.write = write.low + (double)j * write.step;
			error = fit_prices(&probe, work, ROUNDS_SEEK);
			if (error < best) {
				best = error;
				*fit = probe;
			}
		}
}

/* Every price but those of the L1 must stand in some row. */
static int check_columns(const struct work *work, struct err *err)
{
	size_t column, i;

	for (column = 0; column < FIT_COLUMNS; column++) {
		if (column >= FIT_L1_START && column <= FIT_L1_STREAM)
			continue;
		for (i = 0; i < work->count; i++)
			if (work->rows[i].x[column] > 0)
				break;
		if (i == work->count)
			return err_set(
				err, ERR_INPUT,
				"the copies do not tell the price of %s; give "
				"l2, l3 and dram, serialised, with sizes below "
				"and above 4096",
				column_names[column]);
	}
	return 0;
}

static int fit_work(struct copy_fit *fit, const struct work *work,
		    struct err *err)
{
	double fills, write;

	seek(fit, work, (struct range){ 4, 40, 4 }, (struct range){ 0, 1, .2 });
	fills = fit->fills;
	write = fit->write;
	seek(fit, work, (struct range){ fmax(fills - 3, 1), fills + 3, 1 },
	     (struct range){ fmax(write - .15, 0), fmin(write + .15, 1), .05 });
	fit_prices(fit, work, ROUNDS);
	return check_columns(work, err);
}

int copy_fit_make(struct copy_fit *fit, const struct copy_samples *samples,
		  enum copy_half half, struct err *err)
{
	struct work work = {
		.samples = calloc(samples->count + 1, sizeof(*work.samples)),
		.rows = calloc(samples->count + 1, sizeof(*work.rows)),
	};
	int result;
	size_t i;

	if (work.samples && work.rows) {
		for (i = 0; i < samples->count; i++)
			if (half == COPY_ALL ||
			    copy_half_of(samples, samples->list[i].bytes) ==
				    half)
				work.samples[work.count++] = &samples->list[i];
		result = fit_work(fit, &work, err);
	} else {
		result = err_nomem(err, "fit of copies");
	}
	free(work.samples);
	free(work.rows);
	return result;
}
