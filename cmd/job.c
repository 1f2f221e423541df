/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/job.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/selfcheck.h"
#include "core/version.h"
#include "reports/csv_out.h"
#include "reports/json_out.h"
#include "traces/trace.h"

void job_warn(const struct job *job, const char *fmt, ...)
{
	va_list args;

	if (job->options->quiet)
		return;
	va_start(args, fmt);
	fputs("dmasim: warning: ", stderr);
	vfprintf(stderr, fmt, args);
	fputc('\n', stderr);
	va_end(args);
}

int job_init(struct job *job, const struct options *options,
	     const struct config *cfg, struct err *err)
{
	memset(job, 0, sizeof(*job));
	job->options = options;
	job->trace = -1;
	job->add = job_add;
	progress_init(&job->progress,
		      progress_wanted(options->progress, options->quiet));
	job->doc = document_new(DMASIM_VERSION, NULL, err);
	if (!job->doc || document_set_config(job->doc, cfg, err) < 0) {
		document_free(job->doc);
		job->doc = NULL;
		return -1;
	}
	return 0;
}

void job_clear(struct job *job)
{
	progress_end(&job->progress);
	document_free(job->doc);
	job->doc = NULL;
}

static void show_progress(void *ctx, uint64_t frames, size_t pass,
			  size_t passes)
{
	struct job *job = ctx;

	if (pass)
		progress_frames(&job->progress, "simulating",
				pass * job->trace_frames + frames,
				passes * job->trace_frames);
	else
		progress_frames(&job->progress, "simulating", frames, 0);
	if (!pass)
		job->trace_frames = frames;
}

/*
 * Whether an anomaly changes little: what was kept as it is, and stamps of
 * less than one frame in a hundred out of order, as several processors that
 * capture leave them.
 */
static bool is_slight(const struct trace_anomaly *anomaly, uint64_t frames)
{
	return !strncmp(anomaly->policy, "kept", 4) ||
	       (!strcmp(anomaly->kind, "time_back") &&
		anomaly->count < frames / 100);
}

/* What was done to frames and stamps; what is slight only with -v. */
static void talk_of_anomalies(const struct job *job,
			      const struct trace_info *info)
{
	char where[48];
	unsigned i;

	for (i = 0; i < info->anomaly_count; i++) {
		const struct trace_anomaly *anomaly = &info->anomalies[i];

		if (!anomaly->count || (!job->options->verbose &&
					is_slight(anomaly, info->frames)))
			continue;
		where[0] = '\0';
		if (anomaly->first_frame)
			snprintf(where, sizeof(where),
				 ", first at frame %" PRIu64,
				 anomaly->first_frame);
		job_warn(job, "'%s': %" PRIu64 " x %s, %s%s", info->path,
			 anomaly->count, anomaly->kind, anomaly->policy, where);
	}
}

static void talk_of_ticks(const struct job *job, const struct trace_info *info)
{
	char tick[UNITS_TEXT_MAX];

	if (!info->resolution_ps || info->frames < 2 ||
	    info->resolution_ps <=
		    info->duration_ps / (sim_time)(info->frames - 1))
		return;
	units_format(QTY_TIME, (uint64_t)info->resolution_ps, tick,
		     sizeof(tick));
	job_warn(job,
		 "'%s': stamps tick every %s, more than the mean gap; frames "
		 "are spread inside a tick",
		 info->path, tick);
}

void job_talk_of_trace(const struct job *job, const struct trace_info *info)
{
	if (!job->interrupted && info->status &&
	    strcmp(info->status, "complete") != 0)
		job_warn(job,
			 "'%s' is %s: %s; what was read before is simulated",
			 info->path, info->status, info->status_detail);
	talk_of_anomalies(job, info);
	talk_of_ticks(job, info);
	if (info->other_frames)
		job_warn(job,
			 "'%s': %" PRIu64 " frames fit neither side and are "
			 "left out, %" PRIu64 " are simulated; say whose side "
			 "it is with --local ADDRESS",
			 info->path, info->other_frames, info->frames);
	if (info->layout_unmatched)
		job_warn(job,
			 "%" PRIu64 " of %" PRIu64
			 " records of the layout name "
			 "no frame that is simulated; its numbers are those of "
			 "the capture's records",
			 info->layout_unmatched, info->layout_records);
	if (info->flows_of)
		job_warn(job,
			 "'%s': %" PRIu64 "/%" PRIu64 " of the conversations, "
			 "%" PRIu64 " of %" PRIu64 " frames; few conversations "
			 "carry most load, which is not scaled up",
			 info->path, info->flows_share, info->flows_of,
			 info->frames, info->whole_frames);
	if (!strcmp(info->direction_rule, "all-rx"))
		job_warn(job,
			 "'%s': no side of the traffic can be told to be "
			 "local, all frames are received; say which with "
			 "--local",
			 info->path);
	if (job->options->verbose && !job->options->quiet)
		fprintf(stderr, "%s: direction by %s: %s\n", info->path,
			info->direction_rule, info->direction_evidence);
}

/* The trace's record is complete once the first result is out. */
static int add_trace(struct job *job, struct err *err)
{
	const struct trace_info *info = trace_source_info(job->source);

	progress_end(&job->progress);
	job->trace = document_add_trace(job->doc, info, err);
	if (job->trace < 0)
		return -1;
	job_talk_of_trace(job, info);
	return 0;
}

static const void *value_of(const struct run_result *run, const char *name)
{
	const struct metric *row;

	for (row = run->metrics; row->name; row++)
		if (!strcmp(row->name, name))
			return metric_value(row, run->stats);
	BUG("no metric '%s'", name);
}

static void note_row(struct job_row *row, const struct run_result *result)
{
	const struct ratio *cycles =
		value_of(result, "cpu.driver_cycles_per_frame");

	row->ran = true;
	row->complete =
		!strcmp(result->status, "complete") && !result->deadlock[0];
	row->offered_bytes =
		*(const uint64_t *)value_of(result, "tx.offered_bytes") +
		*(const uint64_t *)value_of(result, "rx.offered_bytes");
	row->duration_ps =
		*(const uint64_t *)value_of(result, "run.duration_ps");
	row->driver_cycles =
		cycles->den ? (double)cycles->num / (double)cycles->den : -1.0;
}

int job_add(struct job *job, size_t index, const struct run_result *result,
	    const struct err *why, struct err *err)
{
	const struct study_point *point = &job->points[index];
	struct job_row *row = &job->rows[index];

	memset(row, 0, sizeof(*row));
	if (result) {
		row->run = document_add_run(job->doc, result, point->machine,
					    job->trace, point->cfg, err);
		note_row(row, result);
	} else {
		row->run = document_add_skipped(
			job->doc, tx_ops_name(point->tx),
			rx_ops_name(point->rx), point->machine, job->trace,
			why->text, err);
	}
	return row->run < 0 ? -1 : 0;
}

static int emit(void *ctx, size_t index, const struct run_result *result,
		const struct err *why, struct err *err)
{
	struct job *job = ctx;

	if (!result && job->must_run) {
		*err = *why;
		return -1;
	}
	if (!result && !job->why.text[0])
		job->why = *why;
	if (job->trace < 0 && add_trace(job, err) < 0)
		return -1;
	return job->add(job, index, result, why, err);
}

static int check_kernels(struct job *job, const char *const *paths,
			 size_t path_count, size_t count, struct err *err)
{
	int rc = selfcheck_run(paths, path_count, job->points, count,
			       job->options->check_frames, job->options->quiet,
			       err);

	job->check_failed |= rc > 0;
	return rc < 0 ? -1 : 0;
}

/* Captures are read again for --check. */
static int check_readable(const struct job *job, const char *const *paths,
			  size_t count, struct err *err)
{
	size_t i;

	for (i = 0; job->options->check_frames && i < count; i++)
		if (!strcmp(paths[i], "-"))
			return err_set(err, ERR_USAGE,
				       "--check reads the capture a second "
				       "time: give a file, not standard input");
	return 0;
}

int job_run(struct job *job, const char *const *paths, size_t path_count,
	    const struct study_point *points, size_t count,
	    struct job_row *rows, struct err *err)
{
	struct study study = {
		.points = points,
		.count = count,
		.jobs = job->options->jobs,
		.no_series = job->no_series,
		.stop = &cmd_interrupted,
		.progress = job->progress.enabled ? show_progress : NULL,
		.progress_ctx = job,
		.emit = emit,
		.ctx = job,
		.sample = job->sample,
	};
	size_t i;
	int rc;

	for (i = 0; i < count; i++)
		rows[i] = (struct job_row){ .run = -1 };
	job->trace = -1;
	job->points = points;
	job->rows = rows;
	if (check_readable(job, paths, path_count, err) < 0)
		return -1;
	job->source = trace_open(paths, path_count, points[0].cfg, err);
	if (!job->source)
		return -1;
	rc = study_run(&study, job->source, err);
	progress_end(&job->progress);
	frame_source_free(job->source);
	job->source = NULL;
	if (study.interrupted)
		job->interrupted = true;
	if (rc < 0 || job->interrupted || !job->options->check_frames)
		return rc;
	return check_kernels(job, paths, path_count, count, err);
}

int job_save(const struct document *doc, const char *path, bool force,
	     struct err *err)
{
	struct outfile out;

	if (outfile_open(&out, path, force, err) < 0)
		return -1;
	if (json_write(doc, out.fp, err) < 0) {
		outfile_abort(&out);
		return -1;
	}
	return outfile_commit(&out, err);
}

int job_write(struct job *job,
	      int (*text)(const struct document *doc, FILE *out,
			  struct err *err),
	      struct err *err)
{
	struct outfile out;
	int rc = -1;

	progress_end(&job->progress);
	if (document_finish(job->doc, err) < 0 ||
	    options_open(job->options, &out, err) < 0)
		return -1;
	switch (job->options->format) {
	case FORMAT_TEXT:
		rc = text(job->doc, out.fp, err);
		break;
	case FORMAT_JSON:
		rc = json_write(job->doc, out.fp, err);
		break;
	case FORMAT_CSV:
		rc = csv_write(job->doc, out.fp, err);
		break;
	}
	if (rc < 0) {
		outfile_abort(&out);
		return -1;
	}
	return outfile_commit(&out, err);
}

int job_status(const struct job *job)
{
	if (job->interrupted) {
		job_warn(job, "interrupted: results are partial");
		return ERR_INTERRUPTED;
	}
	if (job->check_failed)
		return ERR_CHECK;
	if (document_ok(job->doc))
		return 0;
	job_warn(job, "a check failed or a run deadlocked; the results say "
		      "which");
	return ERR_CHECK;
}
