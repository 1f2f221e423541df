/* SPDX-License-Identifier: Apache-2.0 */
#include "traces/scale.h"

#include <string.h>

#include "core/units.h"

#define SPEED_ONE    UINT64_C(1000000)
#define FIRST_GAP_PS ((uint64_t)PS_PER_US)

uint64_t period_of(uint64_t duration, uint64_t records)
{
	if (records < 2)
		return duration + FIRST_GAP_PS;
	return duration + duration / (records - 1);
}

bool time_scale_is_rate(const struct config *cfg)
{
	return *config_string(cfg, "traffic.rate") != '\0';
}

/* Time a repetition takes at the rate stated, ps. */
static int wanted_period(const char *text, const struct pass *pass,
			 uint64_t *period, struct err *err)
{
	size_t len = strlen(text);
	bool pps = len > 3 && !strcmp(text + len - 3, "pps");
	uint64_t rate, amount = pps ? pass->frames : 8 * pass->bytes;
	struct err inner = ERR_INIT;

	if (units_parse(pps ? QTY_PPS : QTY_RATE, text, &rate, &inner) < 0 ||
	    !rate)
		return err_set(err, ERR_USAGE,
			       "traffic.rate: '%.80s' is no rate above 0, such "
			       "as 9.5Gbps or 1.2Mpps",
			       text);
	if (amount / rate > (uint64_t)(SIM_TIME_MAX / PS_PER_SEC))
		return err_set(err, ERR_USAGE,
			       "traffic.rate: at '%.80s' the replay takes more "
			       "than %d days; raise the rate or lower "
			       "traffic.limit",
			       text, SIM_DAYS_MAX);
	*period = mul_div_u64(amount, (uint64_t)PS_PER_SEC, rate);
	return 0;
}

static int read_scale(struct time_scale *scale, const struct config *cfg,
		      const struct pass *pass, struct err *err)
{
	uint64_t speed = config_u64(cfg, "traffic.speed");

	scale->num = SPEED_ONE;
	scale->den = speed;
	if (!time_scale_is_rate(cfg))
		return 0;
	if (speed != SPEED_ONE)
		return err_set(err, ERR_USAGE,
			       "traffic.rate and traffic.speed contradict each "
			       "other: give one");
	scale->den = period_of((uint64_t)pass->last_at, pass->records);
	if (!scale->den)
		return err_set(err, ERR_USAGE,
			       "traffic.rate: all records have the same stamp, "
			       "there is no time to scale; leave it out");
	return wanted_period(config_string(cfg, "traffic.rate"), pass,
			     &scale->num, err);
}

int time_scale_set(struct time_scale *scale, const struct config *cfg,
		   const struct pass *pass, struct err *err)
{
	const uint64_t max = (uint64_t)SIM_TIME_MAX;

	if (read_scale(scale, cfg, pass, err) < 0)
		return -1;
	scale->at_max = scale->num > scale->den
				? mul_div_u64(max, scale->den, scale->num)
				: max;
	return 0;
}
