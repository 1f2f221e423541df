/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A run as a timeline in the Trace Event Format, for chrome://tracing and
 * Perfetto, written while it runs.
 *
 *	struct timeline timeline;
 *
 *	timeline_init(&timeline, out, &(struct timeline_range){
 *			.first = 1, .last = 1000, .until = SIM_TIME_NEVER });
 *	... run the machine with &timeline.base among its observers ...
 *	timeline_end(&timeline);
 *
 * Processes are: cores, a track for each level; bus and wire, a track for each
 * server; interrupts, a track for each vector; levels, a counter each;
 * frames, an async track each, in which stages are nested; map registers, an
 * async track for each frame that holds some.  An arrow follows a frame from
 * where it is offered over what ran for it to its end.  What is shared is
 * shown while a frame of the range is under way.
 *
 * Times are microseconds with six digits behind the point, so exact.  Memory
 * does not grow with the run.  A write that fails is left to the owner of
 * @out to notice.
 *
 * Source: Trace Event Format (Google).
 */
#ifndef REPORTS_TIMELINE_H
#define REPORTS_TIMELINE_H

#include <stdio.h>

#include "core/observer.h"

struct timeline_range {
	uint64_t first, last;  /* frames, by number */
	sim_time since, until; /* offered in [since, until) */
};

struct timeline {
	struct observer base;
	struct timeline_range range;
	FILE *out;
	uint64_t events, frames; /* written; of the range, so far */
	uint64_t under_way;	 /* of the range */
};

void timeline_init(struct timeline *timeline, FILE *out,
		   const struct timeline_range *range);
/* Ends the JSON, also of a run that was cut off. */
void timeline_end(struct timeline *timeline);

#endif
