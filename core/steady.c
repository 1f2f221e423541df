/* SPDX-License-Identifier: Apache-2.0 */
#include "core/steady.h"

#include <string.h>

/* Student's t for 95 %, both sides, in thousandths. */
static const struct {
	uint32_t pieces, t;
} cuts[] = { { 32, 2040 }, { 16, 2131 }, { 8, 2365 } };

#define CUTS (sizeof(cuts) / sizeof(cuts[0]))

void steady_init(struct steady *steady)
{
	memset(steady, 0, sizeof(*steady));
	steady->length = 1;
}

void steady_close(struct steady *steady, sim_time now)
{
	uint32_t i;

	steady->sum[steady->count] = steady->open;
	steady->end[steady->count] = now;
	steady->open = steady->filled = 0;
	if (++steady->count < STEADY_BATCHES)
		return;
	for (i = 0; i < STEADY_BATCHES / 2; i++) {
		steady->sum[i] = steady->sum[2 * i] + steady->sum[2 * i + 1];
		steady->end[i] = steady->end[2 * i + 1];
	}
	steady->count = STEADY_BATCHES / 2;
	steady->length *= 2;
}

const char *steady_word(const struct steady_verdict *verdict)
{
	if (!verdict->pieces)
		return "too_few";
	if (verdict->unsettled)
		return "unsettled";
	return verdict->dependent ? "dependent" : "settled";
}

static uint64_t root(__uint128_t value)
{
	__uint128_t result = 0, bit = (__uint128_t)1 << 126;

	for (; bit; bit >>= 2) {
		if (value >= result + bit) {
			value -= result + bit;
			result = (result >> 1) + bit;
		} else {
			result >>= 1;
		}
	}
	return (uint64_t)result;
}

/* Means of batches, with as few bits as their squares can be summed with. */
static unsigned scale_of(const struct steady *steady)
{
	uint64_t most = 0;
	unsigned shift = 0;
	uint32_t i;

	for (i = 0; i < steady->count; i++)
		if (steady->sum[i] / steady->length > most)
			most = steady->sum[i] / steady->length;
	while (most >> shift >> 32)
		shift++;
	return shift;
}

/*
 * MSER: batches to leave out.  The error of the last n is
 * (n sum(y^2) - sum(y)^2) / n^3; quotients are compared crosswise.
 */
static uint32_t find_warm_up(const struct steady *steady)
{
	unsigned shift = scale_of(steady);
	__uint128_t sum = 0, squares = 0, least = 0;
	uint64_t n, least_n = 0;
	uint32_t i, at = 0;

	for (i = steady->count; i-- > 0;) {
		__uint128_t y = steady->sum[i] / steady->length >> shift;
		__uint128_t error;

		sum += y;
		squares += y * y;
		n = steady->count - i;
		if (i > steady->count / 2)
			continue;
		error = n * squares - sum * sum;
		if (!least_n || error * (least_n * least_n * least_n) <=
					least * (n * n * n)) {
			least = error;
			least_n = n;
			at = i;
		}
	}
	return at;
}

/* Means of @pieces equal pieces of the batches from @from on; 0: too few. */
static uint32_t cut(const struct steady *steady, uint32_t from, uint32_t pieces,
		    uint64_t *mean)
{
	uint32_t each = (steady->count - from) / pieces, i, j;
	uint32_t first = steady->count - each * pieces;

	for (i = 0; each && i < pieces; i++) {
		__uint128_t sum = 0;

		for (j = 0; j < each; j++)
			sum += steady->sum[first + i * each + j];
		mean[i] = (uint64_t)(sum / (each * steady->length));
	}
	return each;
}

static __int128_t away(uint64_t value, uint64_t mean)
{
	return (__int128_t)value - mean;
}

/* Interval and autocorrelation of @pieces means; false: they depend. */
static bool judge_pieces(const uint64_t *mean, size_t c,
			 struct steady_verdict *verdict)
{
	uint32_t pieces = cuts[c].pieces, i;
	__int128_t spread = 0, next = 0;
	uint64_t centre = 0;

	for (i = 0; i < pieces; i++)
		centre += mean[i];
	centre /= pieces;
	for (i = 0; i < pieces; i++) {
		spread += away(mean[i], centre) * away(mean[i], centre);
		if (i)
			next += away(mean[i], centre) *
				away(mean[i - 1], centre);
	}
	verdict->pieces = pieces;
	verdict->half_width =
		root((__uint128_t)spread / (pieces - 1) / pieces) * cuts[c].t /
		1000;
	verdict->lag1_ppm =
		spread >= 1000000 ? (int32_t)(next / (spread / 1000000)) : 0;
	/* r sqrt(n) <= 1.645 */
	return verdict->lag1_ppm <= 0 ||
	       (uint64_t)verdict->lag1_ppm * (uint64_t)verdict->lag1_ppm *
			       pieces <=
		       UINT64_C(2706025000000);
}

static uint64_t mean_from(const struct steady *steady, uint32_t from)
{
	__uint128_t sum = 0;
	uint32_t i;

	for (i = from; i < steady->count; i++)
		sum += steady->sum[i];
	return (uint64_t)(sum / ((steady->count - from) * steady->length));
}

void steady_judge(const struct steady *steady, struct steady_verdict *verdict)
{
	uint64_t mean[32];
	uint32_t from;
	size_t c;

	memset(verdict, 0, sizeof(*verdict));
	verdict->values = steady->count * steady->length;
	if (!steady->count)
		return;
	from = find_warm_up(steady);
	verdict->warm_up = from * steady->length;
	verdict->warm_up_end = from ? steady->end[from - 1] : 0;
	verdict->mean_all = mean_from(steady, 0);
	verdict->mean = mean_from(steady, from);
	verdict->unsettled = from == steady->count / 2 && from;
	for (c = 0; c < CUTS; c++) {
		if (!cut(steady, from, cuts[c].pieces, mean))
			continue;
		verdict->dependent = !judge_pieces(mean, c, verdict);
		if (!verdict->dependent)
			return;
	}
}
