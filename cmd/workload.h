/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames in memory for trials, and pieces of work shared out among threads.
 *
 *	struct workload load = { 0 };
 *
 *	if (workload_read(&load, paths, 1, cfg, 60000, &err) < 0) ...
 *	... load.sample.frames, load.info ...
 *	workload_clear(&load);
 *
 *	struct pieces pieces = { .count = 40, .work = run_one, .ctx = &study,
 *				 .jobs = 2, .phase = "sizes" };
 *	if (pieces_run(&pieces, &err) < 0) ...
 */
#ifndef CMD_WORKLOAD_H
#define CMD_WORKLOAD_H

#include "cmd/progress.h"
#include "cmd/study.h"
#include "core/frame.h"
#include "core/param.h"

struct workload {
	struct sample sample;
	struct trace_info info; /* of the part that was read */
	uint64_t tx_frames;	/* of the sample */
	uint64_t bits, span_ps; /* of the sample: L2 bits without FCS */
};

/*
 * Read the first frames of the captures @paths, merged, as many as are the
 * work of @limit frames of full size (trial_bounded()).  Errors as
 * trace_open().
 */
int workload_read(struct workload *load, const char *const *paths, size_t count,
		  const struct config *cfg, size_t limit, struct err *err);
void workload_clear(struct workload *load);

/*
 * Independent pieces of work.  @work returns 0, or -1 with an error; the error
 * reported is that of the first piece that had one, whoever did which.
 */
struct pieces {
	size_t count;
	int (*work)(void *ctx, size_t index, struct err *err);
	void *ctx;
	unsigned jobs;
	struct progress *progress; /* NULL: none */
	const char *phase;
};

/* Pieces that were not begun at an interrupt are left out: cmd_interrupted. */
int pieces_run(const struct pieces *pieces, struct err *err);

#endif
