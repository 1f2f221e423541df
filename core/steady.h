/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A measured value in the order of time: when did it settle, and how well is
 * its mean known from this one run?
 *
 *	steady_record(&steady, now, latency);		(each)
 *	steady_judge(&steady, &verdict);		(at the end)
 *
 * Values are summed in batches of equal count.  When there are STEADY_BATCHES,
 * neighbours are joined and batches become twice as long, so memory is constant
 * and a run of any length leaves between half of them and all.
 *
 * The warm-up is what MSER leaves out (White, Cobb, Spratt 2000): of the first
 * half of the batches as many as make the squared error of the mean of the
 * rest least.  The interval is that of batch means over the rest, cut into 32
 * pieces, into 16 or 8 where neighbours still depend on each other (lag-1
 * autocorrelation, one-sided at 5 %; Law, Simulation Modeling and Analysis,
 * 9.5.3), with Student's t.  If 8 do, too, the run is too short to say, and the
 * interval is told as such.
 *
 * Integers throughout.  Limits: values below 2^48, which is 281 s in ps.
 */
#ifndef CORE_STEADY_H
#define CORE_STEADY_H

#include <stdbool.h>
#include <stdint.h>

#include "core/sim_time.h"

#define STEADY_BATCHES 1024u

struct steady {
	uint32_t count;	 /* of whole batches */
	uint64_t filled; /* values in the open batch */
	uint64_t length; /* in a whole one */
	uint64_t open;	 /* sum of the open one */
	uint64_t sum[STEADY_BATCHES];
	sim_time end[STEADY_BATCHES]; /* time of the last value */
};

struct steady_verdict {
	uint64_t values;	 /* in whole batches */
	uint64_t warm_up;	 /* of these, to be left out */
	sim_time warm_up_end;	 /* and when the last of them was; 0: none */
	uint64_t mean_all, mean; /* with them, without */
	uint64_t half_width;	 /* of the 95 % interval of the latter */
	uint32_t pieces;	 /* 32, 16 or 8; 0: too few values for any */
	int32_t lag1_ppm;	 /* autocorrelation of the pieces' means */
	bool dependent; /* even the longest: the interval is too small */
	bool unsettled; /* the warm-up came to half of the run */
};

/* "too_few", "unsettled", "dependent" or "settled". */
const char *steady_word(const struct steady_verdict *verdict);

void steady_init(struct steady *steady);
/* A batch is full. */
void steady_close(struct steady *steady, sim_time now);
void steady_judge(const struct steady *steady, struct steady_verdict *verdict);

static inline void steady_record(struct steady *steady, sim_time now,
				 uint64_t value)
{
	steady->open += value;
	if (__builtin_expect(++steady->filled == steady->length, 0))
		steady_close(steady, now);
}

#endif
