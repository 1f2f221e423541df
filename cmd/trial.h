/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Short runs over frames that are kept in memory, at any speed.
 *
 *	struct trial trial = { .cfg = cfg, .tx = tx, .rx = rx, .seed = 1,
 *			       .frames = sample.frames, .count = sample.count,
 *			       .laps = 1 };
 *	struct trial_result r;
 *
 *	if (trial_run(&trial, 2 * TRIAL_SPEED_ONE, &r, &err) < 0) ...
 *
 * The stamp t of a frame becomes t x 10^6 / speed, rounded down: exact integer
 * arithmetic, so a trial gives the same figures everywhere.  A sample that is
 * too short to settle is replayed @laps times, a mean gap apart.
 *
 * Who wants other figures of a run than struct trial_result has reads them from
 * the result itself, with @read.
 *
 * Limits: series and per-stage histograms are off.
 */
#ifndef CMD_TRIAL_H
#define CMD_TRIAL_H

#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/frame.h"
#include "models/machine.h"

/* Speeds are in millionths: 2500000 replays 2.5 times as fast. */
#define TRIAL_SPEED_ONE UINT64_C(1000000)

#define TRIAL_NAME_MAX 64

struct trial {
	const struct config *cfg;
	const struct tx_ops *tx;
	const struct rx_ops *rx;
	uint64_t seed;
	unsigned replicate;
	const struct frame *frames;
	size_t count;
	const struct frame_layouts *layouts; /* of the frames; NULL: none */
	bool wire_capture;		     /* of the frames' source */
	unsigned laps;
	/* Called with every result, which is valid during the call; or NULL. */
	void (*read)(void *ctx, const struct run_result *run);
	void *ctx;
};

struct trial_result {
	char busiest[TRIAL_NAME_MAX]; /* resource */
	uint64_t utilisation_ppb;     /* its busy time over the offered time */
	uint64_t wire_ppb;	      /* the same of the busier wire */
	/* Where frames were lost, "tx queue" or "rx buffers"; if none were, the
	   resource that was waited for longest. */
	char ran_dry[TRIAL_NAME_MAX];
	uint64_t duration_ps; /* first to last offered frame */
	uint64_t end_ps;      /* until the last frame was settled */
	/* The longest of any frame, without holds; receive: with the wait for
	   the wire. */
	uint64_t latency_max_ps;
	uint64_t dropped;	    /* frames, for want of room */
	struct ratio driver_cycles; /* per frame */
	bool deadlock;
};

/*
 * 0; @why (of @size) says why the pair cannot run on the machine, and is ""
 * when it can.  -1 when that cannot be told: ERR_IO without memory.
 */
int trial_check_pair(const struct config *cfg, const struct tx_ops *tx,
		     const struct rx_ops *rx, char *why, size_t size,
		     struct err *err);

/* From the first stamp of one lap to that of the next: span and mean gap. */
uint64_t trial_lap_ps(const struct trial *trial);

/*
 * -1 with ERR_USAGE when the pair cannot run on this machine, ERR_IO without
 * memory.
 */
int trial_run(const struct trial *trial, uint64_t speed,
	      struct trial_result *result, struct err *err);

/* The value of metric @name; BUG() when there is none of this kind. */
const void *trial_metric(const struct run_result *run, const char *name,
			 enum metric_kind kind);

/*
 * How many of @frames to take so that a trial's work is that of @limit frames
 * of full size: a super-frame is as much work as the frames it is cut into.
 */
size_t trial_bounded(const struct frame *frames, size_t count, size_t limit);

#endif
