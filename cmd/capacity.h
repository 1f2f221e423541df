/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Capacity: how fast a machine can take the frames of a sample.
 *
 * Below saturation every strategy delivers the offered load, so what tells
 * them apart is how much more each could take.  A sample is replayed at rates
 * that depend on its frames and the machine alone, not on the speed at which
 * the sample was taken:
 *
 * 1. A trial *keeps up* when nothing is dropped, the wires are not offered
 *    more than they carry and no backlog grows.  It grows when the trial ends
 *    more than 1 % of the offered time after the last frame was offered, and
 *    replaying it twice and four times makes both that and the longest latency
 *    grow by more than 1 % for every time, or drops frames.  So holds and
 *    bursts are no backlog.
 * 2. The resource capacity is the rate at which the busiest resource would be
 *    busy all the time, from a trial that keeps up at 93 % of it or more.
 *    It is *confirmed* when a trial at 95 % of it keeps up and one at 105 %
 *    does not.  It is then the answer, and that resource the limiter.
 * 3. Otherwise a burst exhausts something before any resource is busy all the
 *    time.  The answer, unconfirmed, is the highest rate that was found to
 *    keep up, by bisection until one not 2 % higher does not; the limiter is
 *    what ran dry there: "rx buffers", "rx fifo", "tx queue", "wire rx", or the
 *    resource waited for longest when nothing was lost.  Every replicate
 *    has to keep up at it.
 *
 * At an interrupt (cmd_interrupted) a search ends without an answer.
 *
 * A machine that loses frames at a millionth of the wire's rate too has no
 * capacity.  Everything is integer arithmetic.
 *
 * Limits: keeping up is taken to be monotonous in the rate; the sample's sizes
 * and bursts stand for the capture's.
 */
#ifndef CMD_CAPACITY_H
#define CMD_CAPACITY_H

#include <stdbool.h>
#include <stdint.h>

#include "cmd/trial.h"

/* Frames kept of the capture, and the least that a trial replays. */
#define CAPACITY_FRAMES	    60000
#define CAPACITY_FRAMES_MIN 4000

struct capacity {
	bool found;	/* false: one stamp only, or it keeps up at no speed */
	uint64_t speed; /* millionths of the sample's own */
	uint64_t rate_bps, rate_pps; /* L2 bits without FCS, both directions */
	char limiter[TRIAL_NAME_MAX];
	bool confirmed;
	uint64_t failing_bps; /* least rate that did not hold; 0: none */
	unsigned trials;      /* rates tried, of all replicates */
};

/* What a search is after. */
struct capacity_goal {
	unsigned replicates;	 /* how many have to keep up */
	uint32_t resolution_ppm; /* of the bracket that bisection leaves */
	/*
	 * Take only what did hold for an answer: no step 2 above.  This is the
	 * throughput of RFC 2544.
	 */
	bool held_only;
	/* A rate to try first; 0: half the wire's. */
	uint64_t start_bps;
	/* First step away from it, doubled each time; 0: twice, a quarter. */
	uint32_t step_ppm;
	/*
	 * Whether the trial that was just read (struct trial, read) holds a
	 * further condition; NULL: none.  @ctx is the trial's.
	 */
	bool (*accepts)(void *ctx);
};

#define CAPACITY_RESOLUTION_PPM 20000

/*
 * @replicates: how many have to keep up at an unconfirmed capacity.  Errors as
 * trial_run().  @trial->laps and its replicate are chosen here.
 */
int capacity_find(const struct trial *trial, unsigned replicates,
		  struct capacity *capacity, struct err *err);

/* The same for another goal. */
int capacity_search(const struct trial *trial, const struct capacity_goal *goal,
		    struct capacity *capacity, struct err *err);

/* Whether @rate_bps holds with replicate @replicate, as in 1 and the goal. */
int capacity_holds(const struct trial *trial, const struct capacity_goal *goal,
		   unsigned replicate, uint64_t rate_bps, bool *holds,
		   struct err *err);

#endif
