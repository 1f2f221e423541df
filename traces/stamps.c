/* SPDX-License-Identifier: Apache-2.0 */
#include "traces/stamps.h"

#define GAPS_MIN    16
#define TICK_MAX_NS UINT64_C(1000000000)
#define US_NS	    1000u

static uint64_t common_divisor(uint64_t a, uint64_t b)
{
	while (b) {
		uint64_t rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

static void note_run(struct stamps *s)
{
	if (!s->run_min || s->run < s->run_min)
		s->run_min = s->run;
	if (s->run > s->run_max)
		s->run_max = s->run;
	s->run = 1;
}

void stamps_note(struct stamps *s, uint64_t stamp_ns)
{
	uint64_t gap = stamp_ns - s->last;

	s->last = stamp_ns;
	if (!s->begun) {
		s->begun = true;
		s->run = 1;
		return;
	}
	if (!gap) {
		s->equal++;
		s->run++;
		return;
	}
	if ((int64_t)gap < 0)
		gap = 0 - gap;
	note_run(s);
	if (!s->gaps++ || gap < s->gap_min)
		s->gap_min = gap;
	if (gap > s->gap_max)
		s->gap_max = gap;
	if (s->divisor != 1)
		s->divisor = common_divisor(gap, s->divisor);
}

uint64_t stamps_tick(const struct stamps *s)
{
	bool varies = s->gap_min != s->gap_max || s->run_min != s->run_max;
	uint64_t tick = 1;

	if (!s->gaps)
		return 0;
	if (s->equal && s->gaps >= GAPS_MIN && varies)
		return s->divisor < TICK_MAX_NS ? s->divisor : TICK_MAX_NS;
	while (tick < US_NS && s->divisor % (10 * tick) == 0)
		tick *= 10;
	return tick;
}
