/* SPDX-License-Identifier: Apache-2.0 */
/* dmasim sweep: running points, one a thread. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/crew.h"
#include "cmd/points.h"
#include "cmd/sweep.h"
#include "core/version.h"

enum stream_state { STREAM_FRESH, STREAM_LOADING, STREAM_READY, STREAM_FAILED };

struct shared_stream {
	struct sweep_stream stream;
	enum stream_state state;
	size_t left;	/* points that have not been run */
	struct err why; /* of STREAM_FAILED */
};

struct runner {
	struct sweep *sweep;
	size_t *order; /* our points, stream by stream */
	struct shared_stream *streams;
	size_t stream_count;
	struct sweep_memory memory;

	/* The lock is of what follows, of the streams and of the document. */
	pthread_mutex_t lock;
	pthread_cond_t loaded;
	struct document **docs; /* waiting for those before them */
	bool *ended;		/* points that will give no more */
	size_t joined;		/* points before this one are in the document */
	size_t steps;
	bool failed;
	struct err why;
};

/* --- streams, shared by the threads --- */

/* The lock is held, but not while loading. */
static void load_stream(struct runner *runner, struct shared_stream *shared,
			const struct sweep_point *point)
{
	struct sweep *sweep = runner->sweep;
	int rc;

	shared->state = STREAM_LOADING;
	pthread_mutex_unlock(&runner->lock);
	rc = sweep_stream_load(&shared->stream, sweep, point, &runner->memory,
			       &shared->why);
	pthread_mutex_lock(&runner->lock);
	shared->state = rc < 0 ? STREAM_FAILED : STREAM_READY;
	pthread_cond_broadcast(&runner->loaded);
}

static struct shared_stream *take_stream(struct runner *runner, size_t index,
					 const struct sweep_point *point)
{
	struct shared_stream *shared =
		&runner->streams[sweep_stream_of(runner->sweep, index)];

	pthread_mutex_lock(&runner->lock);
	if (shared->state == STREAM_FRESH)
		load_stream(runner, shared, point);
	while (shared->state == STREAM_LOADING)
		pthread_cond_wait(&runner->loaded, &runner->lock);
	pthread_mutex_unlock(&runner->lock);
	return shared;
}

static void give_stream(struct runner *runner, struct shared_stream *shared)
{
	pthread_mutex_lock(&runner->lock);
	if (!--shared->left && shared->state == STREAM_READY)
		sweep_stream_clear(&shared->stream);
	pthread_mutex_unlock(&runner->lock);
}

/* --- one point --- */

struct task {
	struct runner *runner;
	size_t index;
	struct sweep_point point;
	const struct trace_info *info;
	struct document *doc; /* of the finished point */
};

/* @result, or @why it could not run or @failed. */
static int fill(const struct task *task, struct document *doc,
		const struct run_result *result, const struct err *why,
		bool failed, struct err *err)
{
	const struct study_point *point = &task->point.point;
	const struct sweep_window *window = &task->runner->sweep->window;
	int trace, run;

	if (document_set_config(doc, task->point.cfg, err) < 0)
		return -1;
	trace = document_add_trace(doc, task->info, err);
	if (trace < 0)
		return -1;
	if (result)
		run = document_add_run(doc, result, point->machine, trace,
				       task->point.cfg, err);
	else
		run = document_add_skipped(
			doc, tx_ops_name(point->tx), rx_ops_name(point->rx),
			point->machine, trace, why->text, err);
	if (run < 0 ||
	    (result && window->given &&
	     document_set_window(doc, run, window->from_ps, window->to_ps,
				 window->overlap_ps, result, err) < 0) ||
	    (failed && document_set_status(doc, run, "failed", err) < 0) ||
	    sweep_place(task->runner->sweep, task->index, doc, err) < 0)
		return -1;
	return document_finish(doc, err);
}

static int make_document(struct task *task, const struct run_result *result,
			 const struct err *why, bool failed, struct err *err)
{
	document_free(task->doc);
	task->doc = document_new(DMASIM_VERSION, NULL, err);
	if (!task->doc)
		return -1;
	return fill(task, task->doc, result, why, failed, err);
}

static int emit(void *ctx, size_t index, const struct run_result *result,
		const struct err *why, struct err *err)
{
	struct task *task = ctx;

	(void)index;
	return make_document(task, result, why, false, err);
}

static int simulate(struct task *task, const struct shared_stream *shared,
		    bool *interrupted, struct err *err)
{
	struct study study = { .points = &task->point.point,
			       .count = 1,
			       .jobs = 1,
			       .stop = &cmd_interrupted,
			       .emit = emit,
			       .ctx = task };
	struct frame_source *source = sweep_stream_open(
		&shared->stream, task->runner->sweep, &task->point, err);
	int rc;

	if (!source)
		return -1;
	rc = study_run(&study, source, err);
	frame_source_free(source);
	*interrupted = study.interrupted;
	return rc;
}

/* The file of a point is there and good: nothing to do. */
static bool reuse(struct task *task, uint64_t id)
{
	struct runner *runner = task->runner;
	struct sweep *sweep = runner->sweep;
	enum points_state state = points_have(sweep->options.output, id);

	if (state == POINTS_GOOD)
		return true;
	if (state != POINTS_BAD)
		return false;
	pthread_mutex_lock(&runner->lock);
	sweep->recomputed++;
	progress_end(&sweep->job.progress);
	job_warn(&sweep->job,
		 "'%s/points/%016llx.json' is cut off or was changed; the "
		 "point is computed again",
		 sweep->options.output, (unsigned long long)id);
	pthread_mutex_unlock(&runner->lock);
	return false;
}

/* What is to be run could not be: the point says why. */
static int fail_point(struct task *task, const struct err *why, struct err *err)
{
	struct runner *runner = task->runner;

	pthread_mutex_lock(&runner->lock);
	runner->sweep->failed++;
	pthread_mutex_unlock(&runner->lock);
	return make_document(task, NULL, why, true, err);
}

/* Make the document of the point, none when interrupted, and its file. */
static int run_task(struct task *task, const struct shared_stream *shared,
		    struct err *err)
{
	struct sweep *sweep = task->runner->sweep;
	const char *dir = sweep->options.output;
	uint64_t id = sweep->ids[task->index];
	struct err why = shared->why;
	bool interrupted = false;

	if ((shared->state == STREAM_FAILED ||
	     simulate(task, shared, &interrupted, &why) < 0) &&
	    fail_point(task, &why, err) < 0)
		return -1;
	if (!dir || !task->doc)
		return 0;
	if (interrupted) {
		document_free(task->doc);
		task->doc = NULL;
		return 0;
	}
	return points_save(dir, id, task->doc, err);
}

static int load_task(struct task *task, struct err *err)
{
	struct runner *runner = task->runner;
	struct sweep *sweep = runner->sweep;

	task->doc = points_load(sweep->options.output, sweep->ids[task->index],
				err);
	if (!task->doc)
		return -1;
	pthread_mutex_lock(&runner->lock);
	sweep->reused++;
	pthread_mutex_unlock(&runner->lock);
	return 0;
}

/* A failure of the configuration is the point's, one of the capture ours. */
static bool is_ours(const struct runner *runner,
		    const struct shared_stream *shared)
{
	return shared->state == STREAM_FAILED &&
	       (shared->why.kind != ERR_USAGE ||
		runner->sweep->variant_count == 1);
}

static int do_point(struct task *task, struct err *err)
{
	struct runner *runner = task->runner;
	struct sweep *sweep = runner->sweep;
	struct shared_stream *shared =
		take_stream(runner, task->index, &task->point);
	uint64_t *id = &sweep->ids[task->index];
	int rc = 0;

	if (is_ours(runner, shared)) {
		*err = shared->why;
		return -1;
	}
	task->info = &shared->stream.info;
	*id = sweep_point_id(sweep, &task->point, task->info->digest);
	if (cmd_interrupted)
		rc = 0;
	else if (sweep->options.output && reuse(task, *id))
		rc = load_task(task, err);
	else
		rc = run_task(task, shared, err);
	give_stream(runner, shared);
	return rc;
}

/* --- the joint document --- */

static int join_next(struct runner *runner, struct err *err)
{
	struct sweep *sweep = runner->sweep;
	size_t at = runner->joined++;
	struct document *doc = runner->docs[at];
	const struct trace_info *info;
	int rc;

	runner->docs[at] = NULL;
	if (!doc)
		return 0;
	info = &runner->streams[sweep_stream_of(sweep, at)].stream.info;
	if (!sweep->talked[at / sweep->per_trace]) {
		sweep->talked[at / sweep->per_trace] = true;
		progress_end(&sweep->job.progress);
		if (info->status)
			job_talk_of_trace(&sweep->job, info);
	}
	rc = document_merge(sweep->job.doc, doc, err);
	document_free(doc);
	return rc;
}

/* Points are joined in their order, as soon as those before them are. */
static int end_point(struct runner *runner, size_t index, struct document *slim,
		     struct err *err)
{
	struct sweep *sweep = runner->sweep;
	int rc = 0;

	runner->docs[index] = slim;
	runner->ended[index] = true;
	sweep->done[index] = slim != NULL;
	while (!rc && runner->joined < sweep->count &&
	       runner->ended[runner->joined])
		rc = join_next(runner, err);
	progress_steps(&sweep->job.progress, "points", ++runner->steps,
		       sweep->mine);
	return rc;
}

static int slim_down(const struct task *task, struct document **slim,
		     struct err *err)
{
	*slim = NULL;
	if (!task->doc)
		return 0;
	*slim = points_slim(task->doc, task->runner->sweep->window.given, err);
	if (!*slim)
		return -1;
	/* It may come from a study with other axes. */
	return sweep_place(task->runner->sweep, task->index, *slim, err);
}

static bool has_failed(struct runner *runner)
{
	bool failed;

	pthread_mutex_lock(&runner->lock);
	failed = runner->failed;
	pthread_mutex_unlock(&runner->lock);
	return failed;
}

static void run_piece(void *ctx, size_t piece)
{
	struct runner *runner = ctx;
	struct task task = { .runner = runner, .index = runner->order[piece] };
	struct document *slim = NULL;
	struct err err = ERR_INIT;
	int rc;

	if (cmd_interrupted || has_failed(runner))
		return;
	rc = sweep_point_init(runner->sweep, task.index, &task.point, &err);
	if (!rc)
		rc = do_point(&task, &err);
	if (!rc)
		rc = slim_down(&task, &slim, &err);
	document_free(task.doc);
	sweep_point_clear(&task.point);
	pthread_mutex_lock(&runner->lock);
	if (!rc)
		rc = end_point(runner, task.index, slim, &err);
	if (rc < 0 && !runner->failed) {
		runner->failed = true;
		runner->why = err;
	}
	pthread_mutex_unlock(&runner->lock);
}

/* --- all of them --- */

/* Our points, those of a stream one after the other. */
static int set_order(struct runner *runner, struct err *err)
{
	struct sweep *sweep = runner->sweep;
	size_t *next = calloc(runner->stream_count + 1, sizeof(*next));
	size_t i, s;

	if (!next)
		return err_nomem(err, "points");
	for (i = 0; i < sweep->count; i++)
		if (sweep_is_mine(sweep, i))
			next[sweep_stream_of(sweep, i) + 1]++;
	for (s = 0; s < runner->stream_count; s++) {
		runner->streams[s].left = next[s + 1];
		next[s + 1] += next[s];
	}
	for (i = 0; i < sweep->count; i++) {
		runner->ended[i] = !sweep_is_mine(sweep, i);
		if (!runner->ended[i])
			runner->order[next[sweep_stream_of(sweep, i)]++] = i;
	}
	free(next);
	return 0;
}

static int runner_init(struct runner *runner, struct sweep *sweep,
		       struct err *err)
{
	memset(runner, 0, sizeof(*runner));
	runner->sweep = sweep;
	runner->stream_count = sweep->traces * sweep->variant_count;
	runner->memory.limit = sweep->memory;
	pthread_mutex_init(&runner->lock, NULL);
	pthread_cond_init(&runner->loaded, NULL);
	runner->order = calloc(sweep->count, sizeof(*runner->order));
	runner->streams =
		calloc(runner->stream_count, sizeof(*runner->streams));
	runner->docs = calloc(sweep->count, sizeof(struct document *));
	runner->ended = calloc(sweep->count, sizeof(*runner->ended));
	if (!runner->order || !runner->streams || !runner->docs ||
	    !runner->ended)
		return err_nomem(err, "points");
	return set_order(runner, err);
}

static void runner_clear(struct runner *runner)
{
	size_t i;

	for (i = 0; runner->docs && i < runner->sweep->count; i++)
		document_free(runner->docs[i]);
	for (i = 0; runner->streams && i < runner->stream_count; i++)
		sweep_stream_clear(&runner->streams[i].stream);
	free(runner->order);
	free(runner->streams);
	free(runner->docs);
	free(runner->ended);
	pthread_cond_destroy(&runner->loaded);
	pthread_mutex_destroy(&runner->lock);
}

/* What is left over when points in between were interrupted. */
static int join_rest(struct runner *runner, struct err *err)
{
	int rc = 0;

	while (!rc && runner->joined < runner->sweep->count)
		rc = join_next(runner, err);
	return rc;
}

static int run_all(struct runner *runner, struct err *err)
{
	struct sweep *sweep = runner->sweep;
	struct crew *crew = crew_new(sweep->options.jobs, err);

	if (!crew)
		return -1;
	crew_begin(crew, sweep->mine, run_piece, runner);
	crew_end(crew);
	crew_free(crew);
	progress_end(&sweep->job.progress);
	if (cmd_interrupted)
		sweep->job.interrupted = true;
	if (runner->failed) {
		*err = runner->why;
		return -1;
	}
	return join_rest(runner, err);
}

int sweep_run(struct sweep *sweep, struct err *err)
{
	struct runner runner;
	int rc = runner_init(&runner, sweep, err);

	if (!rc)
		rc = run_all(&runner, err);
	runner_clear(&runner);
	return rc;
}
