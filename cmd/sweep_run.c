/* SPDX-License-Identifier: Apache-2.0 */
/* dmasim sweep: the points, round by round. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/crew.h"
#include "cmd/points.h"
#include "cmd/sweep.h"
#include "core/version.h"
#include "traces/trace.h"

/* --- one point --- */

static const char *value_of(const struct sweep *sweep, const char *key,
			    size_t product)
{
	size_t i;

	for (i = 0; i < sweep->axes.count; i++)
		if (!strcmp(sweep->axes.list[i].key, key))
			return axes_value(&sweep->axes, i, product);
	return NULL;
}

static int set_axes(const struct sweep *sweep, size_t product,
		    struct config *cfg, struct err *err)
{
	size_t i;

	for (i = 0; i < sweep->axes.count; i++) {
		const char *key = sweep->axes.list[i].key;

		if (!axis_is_special(key) &&
		    config_set(cfg, key, axes_value(&sweep->axes, i, product),
			       "axis", err) < 0)
			return -1;
	}
	return 0;
}

static const struct options_machine *machine_of(const struct sweep *sweep,
						const char *name)
{
	size_t i;

	for (i = 0; name && i < sweep->machines.count; i++)
		if (!strcmp(sweep->machines.list[i].name, name))
			return &sweep->machines.list[i];
	return &sweep->machines.list[0];
}

int sweep_point_init(const struct sweep *sweep, size_t index,
		     struct sweep_point *point, struct err *err)
{
	size_t product = index % sweep->per_trace / sweep->replicates;
	const char *tx = value_of(sweep, "tx", product);
	const char *rx = value_of(sweep, "rx", product);
	const char *seed = value_of(sweep, "seed", product);
	const struct options_machine *machine =
		machine_of(sweep, value_of(sweep, "machine", product));

	memset(point, 0, sizeof(*point));
	point->trace = index / sweep->per_trace;
	point->point.machine = machine->name;
	point->point.tx = tx ? tx_ops_find(tx) : sweep->tx[0];
	point->point.rx = rx ? rx_ops_find(rx) : sweep->rx[0];
	point->point.seed = sweep->options.seed;
	point->point.replicate = (unsigned)(index % sweep->replicates);
	if (seed && units_parse(QTY_COUNT, seed, &point->point.seed, err) < 0)
		return -1;
	point->cfg = config_copy(machine->cfg, err);
	if (!point->cfg)
		return -1;
	point->point.cfg = point->cfg;
	if (set_axes(sweep, product, point->cfg, err) < 0) {
		sweep_point_clear(point);
		return -1;
	}
	return 0;
}

void sweep_point_clear(struct sweep_point *point)
{
	config_free(point->cfg);
	point->cfg = NULL;
}

/* --- rounds --- */

struct round {
	struct sweep *sweep;
	size_t first, count; /* points of this round */
	struct sweep_point *points;
	struct document **docs; /* of points without a file of their own */
	struct stream *streams;
	size_t stream_count;
	pthread_mutex_t lock; /* of what streams share: talk, interrupted */
	size_t streams_done;
};

/* Points of a round that meet the same frames. */
struct stream {
	struct round *round;
	unsigned jobs;
	size_t *members; /* indices into the round's points */
	size_t count;
	struct study_point *points; /* those still to be run... */
	size_t *of;		    /* ...and which member each is */
	size_t point_count;
	struct frame_source *source;
	bool interrupted;
	struct err err;
	int rc;
};

static bool same_traffic(const struct sweep_point *a,
			 const struct sweep_point *b)
{
	const struct param *row;
	size_t i;

	if (a->trace != b->trace)
		return false;
	for (i = 0; (row = config_row(a->cfg, i)); i++)
		if (!strncmp(row->key, "traffic.", 8) &&
		    !config_equal(a->cfg, b->cfg, row->key))
			return false;
	return true;
}

static uint64_t point_id(const struct sweep_point *point, uint64_t trace)
{
	const struct study_point *p = &point->point;

	return document_point_id(config_digest(point->cfg), trace,
				 DMASIM_VERSION, p->machine, tx_ops_name(p->tx),
				 rx_ops_name(p->rx), p->seed, p->replicate);
}

int sweep_set_axes(const struct sweep *sweep, size_t index,
		   struct document *doc, int run, struct err *err)
{
	size_t product = index % sweep->per_trace / sweep->replicates;
	size_t i;

	if (document_clear_axes(doc, run, err) < 0)
		return -1;
	for (i = 0; i < sweep->axes.count; i++)
		if (document_set_axis(doc, run, sweep->axes.list[i].key,
				      axes_value(&sweep->axes, i, product),
				      err) < 0)
			return -1;
	return 0;
}

static int fill_document(struct stream *stream, struct document *doc,
			 size_t member, const struct run_result *result,
			 const struct err *why, struct err *err)
{
	struct round *round = stream->round;
	const struct sweep *sweep = round->sweep;
	const struct sweep_point *point = &round->points[member];
	const struct trace_info *info = trace_source_info(stream->source);
	int trace, run;

	if (document_set_config(doc, point->cfg, err) < 0)
		return -1;
	trace = document_add_trace(doc, info, err);
	if (trace < 0)
		return -1;
	if (result)
		run = document_add_run(doc, result, point->point.machine, trace,
				       point->cfg, err);
	else
		run = document_add_skipped(doc, tx_ops_name(point->point.tx),
					   rx_ops_name(point->point.rx),
					   point->point.machine, trace,
					   why->text, err);
	if (run < 0 ||
	    sweep_set_axes(sweep, round->first + member, doc, run, err) < 0)
		return -1;
	return document_finish(doc, err);
}

static int keep_point(struct stream *stream, size_t member,
		      const struct document *doc, struct err *err)
{
	struct round *round = stream->round;
	struct sweep *sweep = round->sweep;
	const char *dir = sweep->options.output;
	size_t at = round->first + member;

	if (!dir) {
		round->docs[member] = points_slim(doc, err);
		return round->docs[member] ? 0 : -1;
	}
	sweep->ids[at] = point_id(&round->points[member],
				  trace_source_info(stream->source)->digest);
	if (points_save(dir, sweep->ids[at], doc, err) < 0)
		return -1;
	sweep->done[at] = true;
	return 0;
}

/* A point is done: into its file, or kept for the joint document. */
static int emit(void *ctx, size_t index, const struct run_result *result,
		const struct err *why, struct err *err)
{
	struct stream *stream = ctx;
	size_t member = stream->of[index];
	bool partial = result && !strcmp(result->status, "interrupted");
	struct document *doc;
	int rc;

	if (stream->round->sweep->options.output && partial)
		return 0;
	doc = document_new(DMASIM_VERSION, NULL, err);
	if (!doc)
		return -1;
	rc = fill_document(stream, doc, member, result, why, err);
	if (!rc)
		rc = keep_point(stream, member, doc, err);
	document_free(doc);
	return rc;
}

/* Read the trace once to know its digest, and go back. */
static int trace_digest(struct stream *stream, uint64_t *digest,
			struct err *err)
{
	struct frame *batch = calloc(STUDY_BATCH, sizeof(*batch));
	long got = 1;

	if (!batch)
		return err_nomem(err, "frames");
	while (got > 0 && !cmd_interrupted)
		got = frame_source_read(stream->source, batch, STUDY_BATCH,
					err);
	free(batch);
	if (got < 0)
		return -1;
	*digest = trace_source_info(stream->source)->digest;
	return frame_source_rewind(stream->source, err);
}

static bool reads_stdin(const struct sweep *sweep, size_t trace)
{
	size_t count, i;
	const char *const *paths = sweep_paths(sweep, trace, &count);

	for (i = 0; i < count; i++)
		if (!strcmp(paths[i], "-"))
			return true;
	return false;
}

/* Keep the points without a file; what comes by stdin is not known before. */
static int choose_points(struct stream *stream, struct err *err)
{
	struct round *round = stream->round;
	struct sweep *sweep = round->sweep;
	const char *dir = sweep->options.output;
	bool look =
		dir &&
		!reads_stdin(sweep, round->points[stream->members[0]].trace);
	uint64_t digest = 0;
	size_t i;

	if (look && trace_digest(stream, &digest, err) < 0)
		return -1;
	for (i = 0; i < stream->count; i++) {
		size_t member = stream->members[i];
		size_t at = round->first + member;

		if (look) {
			sweep->ids[at] =
				point_id(&round->points[member], digest);
			sweep->done[at] = points_have(dir, sweep->ids[at]);
		}
		if (sweep->done[at])
			continue;
		stream->of[stream->point_count] = member;
		stream->points[stream->point_count++] =
			round->points[member].point;
	}
	return 0;
}

/* Once a trace, whichever stream has read it first. */
static void talk_of_trace(struct stream *stream)
{
	struct round *round = stream->round;
	struct sweep *sweep = round->sweep;
	size_t trace = round->points[stream->members[0]].trace;

	pthread_mutex_lock(&round->lock);
	if (!sweep->talked[trace]) {
		sweep->talked[trace] = true;
		progress_end(&sweep->job.progress);
		job_talk_of_trace(&sweep->job,
				  trace_source_info(stream->source));
	}
	sweep->reused += stream->count - stream->point_count;
	pthread_mutex_unlock(&round->lock);
}

static int run_stream(struct stream *stream, struct err *err)
{
	struct round *round = stream->round;
	const struct sweep_point *first = &round->points[stream->members[0]];
	struct study study = { .jobs = stream->jobs,
			       .stop = &cmd_interrupted,
			       .emit = emit,
			       .ctx = stream };
	size_t count;
	const char *const *paths =
		sweep_paths(round->sweep, first->trace, &count);
	int rc;

	stream->source = trace_open(paths, count, first->cfg, err);
	if (!stream->source)
		return -1;
	rc = choose_points(stream, err);
	study.points = stream->points;
	study.count = stream->point_count;
	if (!rc && study.count)
		rc = study_run(&study, stream->source, err);
	stream->interrupted = study.interrupted;
	if (!rc)
		talk_of_trace(stream);
	frame_source_free(stream->source);
	stream->source = NULL;
	return rc;
}

static void stream_piece(void *ctx, size_t index)
{
	struct round *round = ctx;
	struct stream *stream = &round->streams[index];
	struct sweep *sweep = round->sweep;

	if (cmd_interrupted)
		stream->interrupted = true;
	else
		stream->rc = run_stream(stream, &stream->err);
	pthread_mutex_lock(&round->lock);
	round->streams_done++;
	progress_steps(&sweep->job.progress, "points",
		       round->first + round->count * round->streams_done /
					      round->stream_count,
		       sweep->count);
	pthread_mutex_unlock(&round->lock);
}

/* --- setting a round up --- */

static int stream_reserve(struct stream *stream, struct round *round,
			  struct err *err)
{
	stream->round = round;
	stream->members = calloc(round->count, sizeof(*stream->members));
	stream->points = calloc(round->count, sizeof(*stream->points));
	stream->of = calloc(round->count, sizeof(*stream->of));
	if (stream->members && stream->points && stream->of)
		return 0;
	return err_nomem(err, "stream");
}

/* Put every point of the round into the stream that replays its traffic. */
static int make_streams(struct round *round, struct err *err)
{
	size_t i, s;

	for (i = 0; i < round->count; i++) {
		struct stream *stream;

		for (s = 0; s < round->stream_count; s++) {
			stream = &round->streams[s];
			if (same_traffic(&round->points[stream->members[0]],
					 &round->points[i]))
				break;
		}
		stream = &round->streams[s];
		if (s == round->stream_count) {
			round->stream_count++;
			if (stream_reserve(stream, round, err) < 0)
				return -1;
		}
		stream->members[stream->count++] = i;
	}
	return 0;
}

static int make_round(struct round *round, struct err *err)
{
	size_t i;

	round->points = calloc(round->count, sizeof(*round->points));
	round->docs = calloc(round->count, sizeof(struct document *));
	round->streams = calloc(round->count, sizeof(*round->streams));
	if (!round->points || !round->docs || !round->streams)
		return err_nomem(err, "points");
	for (i = 0; i < round->count; i++)
		if (sweep_point_init(round->sweep, round->first + i,
				     &round->points[i], err) < 0)
			return -1;
	return make_streams(round, err);
}

static void clear_round(struct round *round)
{
	size_t i;

	for (i = 0; i < round->count; i++) {
		if (round->points)
			sweep_point_clear(&round->points[i]);
		if (round->docs)
			document_free(round->docs[i]);
	}
	for (i = 0; round->streams && i < round->stream_count; i++) {
		free(round->streams[i].members);
		free(round->streams[i].points);
		free(round->streams[i].of);
	}
	free(round->points);
	free(round->docs);
	free(round->streams);
	pthread_mutex_destroy(&round->lock);
}

static int check_stdin(const struct round *round, struct err *err)
{
	const struct sweep *sweep = round->sweep;

	if (!reads_stdin(sweep, round->points[0].trace) ||
	    (round->stream_count == 1 && sweep->per_trace <= STUDY_GROUP))
		return 0;
	return err_set(err, ERR_USAGE,
		       "standard input can be read once, this sweep needs it "
		       "again; save it to a file first");
}

/* Share out streams over the threads, or the machines of the only one. */
static int run_streams(struct round *round, struct err *err)
{
	struct sweep *sweep = round->sweep;
	unsigned jobs = sweep->options.jobs;
	bool many = round->stream_count > 1;
	struct crew *crew = crew_new(many ? jobs : 1, err);
	size_t i;

	if (!crew)
		return -1;
	for (i = 0; i < round->stream_count; i++)
		round->streams[i].jobs = many ? 1 : jobs;
	crew_begin(crew, round->stream_count, stream_piece, round);
	crew_end(crew);
	crew_free(crew);
	for (i = 0; i < round->stream_count; i++) {
		if (round->streams[i].rc < 0) {
			*err = round->streams[i].err;
			return -1;
		}
		if (round->streams[i].interrupted)
			sweep->job.interrupted = true;
	}
	return 0;
}

static int join_round(struct round *round, struct err *err)
{
	size_t i;

	for (i = 0; i < round->count; i++)
		if (round->docs[i] && document_merge(round->sweep->job.doc,
						     round->docs[i], err) < 0)
			return -1;
	return 0;
}

static int run_round(struct sweep *sweep, size_t first, struct err *err)
{
	struct round round = { .sweep = sweep, .first = first };
	size_t left = sweep->per_trace - first % sweep->per_trace;
	int rc;

	round.count = left < STUDY_GROUP ? left : STUDY_GROUP;
	pthread_mutex_init(&round.lock, NULL);
	rc = make_round(&round, err);
	if (!rc)
		rc = check_stdin(&round, err);
	if (!rc)
		rc = run_streams(&round, err);
	progress_end(&sweep->job.progress);
	if (!rc)
		rc = join_round(&round, err);
	clear_round(&round);
	return rc < 0 ? -1 : (int)round.count;
}

int sweep_run(struct sweep *sweep, struct err *err)
{
	size_t first = 0;

	while (first < sweep->count && !sweep->job.interrupted) {
		int count = run_round(sweep, first, err);

		if (count < 0)
			return -1;
		first += (size_t)count;
	}
	return 0;
}
