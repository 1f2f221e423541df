/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One frame's way through a machine, step by step: what took how long, what it
 * waited for, who held that, what was called for it.
 *
 *	struct way way;
 *
 *	way_init(&way, 12);
 *	... run a machine with &way.base among its observers ...
 *	for (part = way.head; part; part = part->next)
 *		...
 *	way_clear(&way);
 *
 * A cut super-frame has a part for every piece.  The steps of a part follow
 * each other without a gap and sum to its latency.
 *
 * Who was in the way is told from the last WAY_HISTORY uses of cores and
 * servers; memory does not grow with the run.
 */
#ifndef REPORTS_WAY_H
#define REPORTS_WAY_H

#include "core/observer.h"

#define WAY_HISTORY 8192

struct way_step {
	struct way_step *next;
	const char *stage;
	sim_time from, to;
	int core;	    /* it ran on; -1: none */
	const char *detail; /* what was waited for, who held it; "" */
};

struct way_call {
	struct way_call *next;
	const char *routine, *stage, *irql;
	sim_time at; /* its cycles follow what was charged before */
	unsigned core;
	uint64_t cycles;
};

struct way_part {
	struct way_part *next;
	struct observed end; /* as it was at its end */
	bool ended;
	struct way_step *steps, *last_step, *unresolved;
	struct way_call *calls, *last_call;
	bool has_memory;
	struct observed_memory memory;
	const char *note; /* on the wait under way; NULL */
};

struct way_use {
	enum observation_kind kind;
	unsigned track, level;
	uint64_t number; /* of the frame; 0: nobody's */
	enum frame_direction direction;
	sim_time from, to;
};

struct way_holder {
	uint64_t number, registers;
};

struct way {
	struct observer base;
	uint64_t number; /* of the record */
	struct way_part *head, *tail;
	unsigned under_way;
	struct arena arena;
	struct way_use *history; /* WAY_HISTORY of them, the oldest goes */
	uint64_t uses;
	struct way_holder *holders; /* of map registers */
	size_t holder_count, holder_room;
};

void way_init(struct way *way, uint64_t number);
void way_clear(struct way *way);
/* It has begun, and all of it has ended. */
bool way_is_over(const struct way *way);

#endif
