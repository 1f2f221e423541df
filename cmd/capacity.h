/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Capacity: the rate at which a machine's first resource saturates.
 *
 * Below saturation every strategy delivers the offered load, so what tells
 * them apart is how much more each could take.  The frames of a sample are
 * replayed faster and faster:
 *
 * 1. speed(k+1) = speed(k) / load(k), inside the bracket of speeds known to be
 *    below and above, until the load is within 1 % of one.  The load is the
 *    busiest resource's busy time over the offered time; of a machine that
 *    falls behind or drops frames with a resource nearly
 *    saturated, it is what was offered over what it could do, if that is more.
 * 2. Confirmed when at 95 % of that speed nothing is dropped and the machine
 *    keeps up, and at 105 % frames are dropped or it falls behind.
 *
 * Behind: the run ends more than 2 % of the offered time after the last frame
 * was offered, and replaying twice as much makes both that and the longest
 * latency of a frame grow by more than 2 %.  So latencies, hold times and
 * bursts do not count as a growing backlog.
 *
 * A machine that does not even keep up with the sample as it is has its
 * capacity below: the highest speed, found by bisection, at which it does.
 *
 * A bursty capture may lose frames below saturation of any resource: then the
 * figure stands, unconfirmed.  Everything is integer arithmetic.
 *
 * Limits: the sample's mix of sizes stands for the capture's; a resource whose
 * need does not grow with the rate is never the limiter.
 */
#ifndef CMD_CAPACITY_H
#define CMD_CAPACITY_H

#include <stdbool.h>
#include <stdint.h>

#include "cmd/probe.h"

/* Frames kept of the capture, and the least that a probe replays. */
#define CAPACITY_FRAMES	    20000
#define CAPACITY_FRAMES_MIN 4000

struct capacity {
	bool found;	/* false: one stamp only, or it keeps up at no speed */
	uint64_t speed; /* millionths of the sample's own */
	uint64_t rate_bps, rate_pps; /* L2 bits without FCS, both directions */
	char limiter[PROBE_NAME_MAX];
	bool confirmed;
};

/* Errors as probe_run(). @probe->laps is chosen here. */
int capacity_find(const struct probe *probe, struct capacity *capacity,
		  struct err *err);

#endif
