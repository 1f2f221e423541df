/* SPDX-License-Identifier: Apache-2.0 */
/* dmasim sweep: how long it will take. */
#include <string.h>
#include <time.h>

#include "cmd/sweep.h"
#include "cmd/workload.h"

/* So many points, spread over the study, get so many frames. */
#define PROBE_POINTS 8
#define PROBE_FRAMES 10000

static double now_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Machines that cannot be built take no time. */
static double probe(const struct sweep_point *point, const struct frame *frames,
		    size_t count)
{
	const struct machine_options options = { .tx = point->point.tx,
						 .rx = point->point.rx,
						 .seed = point->point.seed };
	double start = now_seconds();
	struct machine *machine = machine_new(point->cfg, &options, NULL);

	if (!machine)
		return 0;
	machine_feed(machine, frames, count);
	machine_finish(machine);
	machine_free(machine);
	return (now_seconds() - start) / (double)count;
}

/* Seconds a frame, and to read the trace. */
static int probe_points(const struct sweep *sweep, double *per_frame,
			struct err *err)
{
	size_t points = sweep->per_trace < PROBE_POINTS ? sweep->per_trace
							: PROBE_POINTS;
	struct workload load = { .tx_frames = 0 };
	size_t count, i;
	const char *const *paths = sweep_paths(sweep, 0, &count);

	*per_frame = 0;
	for (i = 0; i < points; i++) {
		struct sweep_point point;

		if (sweep_point_init(sweep, i * sweep->per_trace / points,
				     &point, err) < 0) {
			workload_clear(&load);
			return -1;
		}
		if (!load.sample.count &&
		    workload_read(&load, paths, count, point.cfg, PROBE_FRAMES,
				  err) < 0) {
			sweep_point_clear(&point);
			return -1;
		}
		*per_frame +=
			probe(&point, load.sample.frames, load.sample.count) /
			(double)points;
		sweep_point_clear(&point);
	}
	workload_clear(&load);
	return 0;
}

int sweep_estimate(const struct sweep *sweep, double *seconds, struct err *err)
{
	double per_frame, frames = 0, reading = now_seconds();
	struct sweep_memory none = { .limit = 0 };
	size_t trace;

	if (sweep_reads_stdin(sweep))
		return err_set(err, ERR_USAGE,
			       "how long it takes is found by reading, and "
			       "standard input can be read once: save it to a "
			       "file first, or say --yes, or --quiet with "
			       "--dry-run");
	for (trace = 0; trace < sweep->traces; trace++) {
		struct sweep_stream stream;
		struct sweep_point point;
		int rc;

		if (sweep_point_init(sweep, trace * sweep->per_trace, &point,
				     err) < 0)
			return -1;
		rc = sweep_stream_load(&stream, sweep, &point, &none, err);
		sweep_point_clear(&point);
		if (rc < 0)
			return -1;
		frames += (double)stream.info.frames;
		sweep_stream_clear(&stream);
	}
	reading = (now_seconds() - reading) * (double)sweep->variant_count;
	if (probe_points(sweep, &per_frame, err) < 0)
		return -1;
	*seconds = (reading + frames * per_frame * (double)sweep->mine /
				      (double)sweep->traces) /
		   sweep->options.jobs;
	return 0;
}
