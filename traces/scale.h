/* SPDX-License-Identifier: Apache-2.0 */
/*
 * traffic.speed and traffic.rate as one exact factor on times.
 */
#ifndef TRACES_SCALE_H
#define TRACES_SCALE_H

#include "core/err.h"
#include "core/param.h"
#include "core/sim_time.h"

/* Sums of one repetition, before time is scaled. */
struct pass {
	uint64_t records, frames, bytes, last_number;
	sim_time last_at;
};

/* at * num / den, rounded down; for at <= at_max at most SIM_TIME_MAX */
struct time_scale {
	uint64_t num, den, at_max;
};

/* Whether the scale needs the sums of a pass. */
bool time_scale_is_rate(const struct config *cfg);
/* @pass is looked at for a rate only. ERR_USAGE. */
int time_scale_set(struct time_scale *scale, const struct config *cfg,
		   const struct pass *pass, struct err *err);

/*
 * A repetition's period: its duration and one mean gap, so that a rate over
 * it is the same for one repetition and for many.  Of one frame: 1 us more.
 */
uint64_t period_of(uint64_t duration, uint64_t records);

static inline uint64_t time_scale_apply(const struct time_scale *scale,
					uint64_t at)
{
	return scale->num == scale->den
		       ? at
		       : mul_div_u64(at, scale->num, scale->den);
}

/* For messages. */
#define SIM_DAYS_MAX ((int)(SIM_TIME_MAX / PS_PER_SEC / 86400))

#endif
