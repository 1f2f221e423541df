/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Studies: many machines on one stream of frames.
 *
 * A study is a list of points; each is a machine to be built: configuration,
 * strategies, seed and replicate.  Frames are read and decoded once, in
 * batches, and every batch goes to all machines before the next; reading the
 * next batch overlaps with simulating this one.
 *
 *	struct study study = { .points = points, .count = n, .jobs = 2,
 *			       .emit = add_run, .ctx = doc };
 *	if (study_run(&study, source, &err) < 0) ...
 *
 * Invariants: (1) emit is called once for every point of a study that ended,
 * in point order, from the caller's thread; (2) what it gets is the same for
 * any number of jobs and any grouping; (3) at most STUDY_GROUP machines exist
 * at a time, so memory does not grow with the number of points.
 *
 * Limits: more points than STUDY_GROUP need a source that can rewind.
 */
#ifndef CMD_STUDY_H
#define CMD_STUDY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/frame.h"
#include "core/layout.h"
#include "models/machine.h"

#define STUDY_GROUP 64
/* Frames in a batch: a few hundred KiB, so that it stays in the L2 cache. */
#define STUDY_BATCH 4096

struct study_point {
	const struct config *cfg; /* borrowed */
	const char *machine;	  /* preset it was made from; borrowed */
	const struct tx_ops *tx;
	const struct rx_ops *rx;
	uint64_t seed;
	unsigned replicate;
	struct observer *observers; /* of its machine; NULL: none */
};

/*
 * The first frames of a stream, kept for later short runs.  Owned by whoever
 * declared it: set @room, study_run() fills, sample_clear() frees.
 */
struct sample {
	struct frame *frames;
	size_t count, room;
	bool wire_capture;	      /* as of the source */
	struct frame_layouts layouts; /* of its frames, */
	size_t layout_count;	      /* that many */
};

void sample_clear(struct sample *sample);
/*
 * The last @count frames are of a source with these @layouts, which soon go:
 * copy those the frames have.
 */
int sample_keep_layouts(struct sample *sample, size_t count,
			const struct frame_layouts *layouts, struct err *err);

struct study {
	const struct study_point *points;
	size_t count;
	unsigned jobs;
	bool no_series, naive;
	size_t group; /* machines at a time; 0: STUDY_GROUP */

	/* Set by a signal handler: finish what was fed, then stop. */
	const atomic_int *stop;
	/*
	 * Frames read so far of this pass, and passes; may be NULL.  From the
	 * caller's thread; a machine alone may run meanwhile.
	 */
	void (*progress)(void *ctx, uint64_t frames, size_t pass,
			 size_t passes);
	void *progress_ctx;

	/*
	 * One finished point.  @result is NULL when the machine cannot be
	 * built or the pair cannot run on it, and @why says why.  A result is
	 * valid during the call only.  -1 with @err ends the study.
	 */
	int (*emit)(void *ctx, size_t index, const struct run_result *result,
		    const struct err *why, struct err *err);
	void *ctx;

	struct sample *sample; /* filled in the first pass; may be NULL */

	/* Results. */
	bool interrupted; /* results of the last group are partial, further
			     groups have none */
	uint64_t frames;  /* fed to the machines of the last group */
};

/*
 * Run every point over @source from where it stands.  -1 with an error of the
 * source, of memory, or of emit.
 */
int study_run(struct study *study, struct frame_source *source,
	      struct err *err);

#endif
