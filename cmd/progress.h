/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One line of progress on stderr, rewritten in place:
 *
 *	simulating: 1204224 of 4000000 frames, 640000/s, 0:04 left
 *	capacity: 5 of 18, 2/s, 0:06 left
 *
 *	progress_init(&progress, progress_wanted(forced, quiet));
 *	progress_frames(&progress, "simulating", frames, total);
 *	progress_steps(&progress, "capacity", done, total);
 *	progress_end(&progress);
 *
 * The only place where the time of day enters the program; nothing of it
 * reaches a result.  A line is written at most five times a second, nothing
 * in the first half second, and progress_end() wipes it, so that messages and
 * tables start on a clean line.  A disabled progress costs a branch.
 */
#ifndef CMD_PROGRESS_H
#define CMD_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
	bool enabled, shown;
	int64_t start_ns, next_ns; /* monotonic clock */
	const char *phase;
};

/* @forced: --progress; @quiet: -q wins; otherwise when stderr is a terminal. */
bool progress_wanted(bool forced, bool quiet);
void progress_init(struct progress *progress, bool enabled);
/* @done frames of @total (0: not known). */
void progress_frames(struct progress *progress, const char *phase,
		     uint64_t done, uint64_t total);
void progress_steps(struct progress *progress, const char *phase, uint64_t done,
		    uint64_t total);
void progress_end(struct progress *progress);

#endif
