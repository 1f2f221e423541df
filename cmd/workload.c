/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/workload.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/crew.h"
#include "cmd/trial.h"
#include "traces/trace.h"

static int read_frames(struct workload *load, struct frame_source *source,
		       size_t limit, struct err *err)
{
	struct sample *sample = &load->sample;
	long got = 1;

	sample->room = limit;
	sample->frames = calloc(limit, sizeof(*sample->frames));
	if (!sample->frames)
		return err_nomem(err, "sample of frames");
	while (got > 0 && sample->count < limit && !cmd_interrupted) {
		size_t room = limit - sample->count;

		got = frame_source_read(source, sample->frames + sample->count,
					room < STUDY_BATCH ? room : STUDY_BATCH,
					err);
		if (got < 0)
			return -1;
		sample->count += (size_t)got;
		if (sample_keep_layouts(sample, (size_t)got, source->layouts,
					err) < 0)
			return -1;
	}
	sample->wire_capture = source->wire_capture;
	load->info = *trace_source_info(source);
	sample->count = trial_bounded(sample->frames, sample->count, limit);
	return 0;
}

static void count_frames(struct workload *load)
{
	const struct sample *sample = &load->sample;
	size_t i;

	load->tx_frames = load->bits = 0;
	for (i = 0; i < sample->count; i++) {
		load->tx_frames += sample->frames[i].direction == FRAME_TX;
		load->bits += UINT64_C(8) * sample->frames[i].bytes;
	}
	load->span_ps = sample->count ? (uint64_t)(sample->frames[i - 1].at -
						   sample->frames[0].at)
				      : 0;
}

int workload_read(struct workload *load, const char *const *paths, size_t count,
		  const struct config *cfg, size_t limit, struct err *err)
{
	struct frame_source *source = trace_open(paths, count, cfg, err);
	int rc;

	memset(load, 0, sizeof(*load));
	if (!source)
		return -1;
	rc = read_frames(load, source, limit, err);
	frame_source_free(source);
	if (rc < 0)
		workload_clear(load);
	else
		count_frames(load);
	return rc;
}

void workload_clear(struct workload *load)
{
	sample_clear(&load->sample);
}

/* --- pieces --- */

struct round {
	const struct pieces *pieces;
	pthread_mutex_t lock; /* of what follows */
	size_t done, failed;  /* the first piece that failed; count: none */
	struct err why;
};

static void finish_piece(struct round *round, size_t index, int rc,
			 const struct err *err)
{
	const struct pieces *pieces = round->pieces;

	pthread_mutex_lock(&round->lock);
	round->done++;
	if (rc < 0 && index < round->failed) {
		round->failed = index;
		round->why = *err;
	}
	if (pieces->progress)
		progress_steps(pieces->progress, pieces->phase, round->done,
			       pieces->count);
	pthread_mutex_unlock(&round->lock);
}

static void do_piece(void *ctx, size_t index)
{
	struct round *round = ctx;
	const struct pieces *pieces = round->pieces;
	struct err err = ERR_INIT;
	int rc = 0;

	if (!cmd_interrupted)
		rc = pieces->work(pieces->ctx, index, &err);
	finish_piece(round, index, rc, &err);
}

int pieces_run(const struct pieces *pieces, struct err *err)
{
	struct round round = { .pieces = pieces, .failed = pieces->count };
	struct crew *crew = crew_new(pieces->jobs, err);

	if (!crew)
		return -1;
	pthread_mutex_init(&round.lock, NULL);
	crew_begin(crew, pieces->count, do_piece, &round);
	crew_end(crew);
	crew_free(crew);
	pthread_mutex_destroy(&round.lock);
	if (pieces->progress)
		progress_end(pieces->progress);
	if (round.failed == pieces->count)
		return 0;
	*err = round.why;
	return err_wrap(err, "%s", pieces->phase);
}
