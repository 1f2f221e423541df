/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/selfcheck.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/workload.h"

static bool same_hist(const struct hist *a, const struct hist *b)
{
	const struct hist *more = a->bucket_count > b->bucket_count ? a : b;
	const struct hist *less = more == a ? b : a;
	uint32_t i;

	if (a->count != b->count || a->sum != b->sum || a->min != b->min ||
	    a->max != b->max)
		return false;
	for (i = 0; i < more->bucket_count; i++)
		if (more->buckets[i] !=
		    (i < less->bucket_count ? less->buckets[i] : 0))
			return false;
	return true;
}

static bool same_gauge(const struct gauge *a, const struct gauge *b)
{
	return a->level == b->level && a->max == b->max &&
	       same_hist(&a->by_time, &b->by_time);
}

static bool same_ratio(const struct ratio *a, const struct ratio *b)
{
	return a->num == b->num && a->den == b->den;
}

static bool same_metric(const struct metric *row, const void *a, const void *b)
{
	switch (row->kind) {
	case METRIC_COUNTER:
		return *(const uint64_t *)a == *(const uint64_t *)b;
	case METRIC_GAUGE:
		return same_gauge(a, b);
	case METRIC_HIST:
		return same_hist(a, b);
	case METRIC_RATIO:
		return same_ratio(a, b);
	}
	return false;
}

const char *selfcheck_difference(const struct run_result *a,
				 const struct run_result *b)
{
	const struct metric *row;
	size_t i;

	for (row = a->metrics; row->name; row++)
		if (!same_metric(row, metric_value(row, a->stats),
				 metric_value(row, b->stats)))
			return row->name;
	for (i = 0; i < a->stage_count; i++)
		if (!same_hist(a->stages[i].hist, b->stages[i].hist))
			return a->stages[i].name;
	for (i = 0; i < a->routine_count; i++)
		if (a->routines[i].calls != b->routines[i].calls ||
		    a->routines[i].cycles != b->routines[i].cycles ||
		    a->routines[i].wait_ps != b->routines[i].wait_ps)
			return a->routines[i].name;
	for (i = 0; i < a->hazard_count; i++)
		if (a->hazards[i].count != b->hazards[i].count)
			return a->hazards[i].name;
	if (strcmp(a->status, b->status) != 0)
		return "status";
	if (a->memory_digest != b->memory_digest)
		return "memory_digest";
	return a->fingerprint != b->fingerprint ? "fingerprint" : NULL;
}

/* NULL with @err: it cannot be built. */
static struct machine *simulate(const struct study_point *point,
				const struct sample *sample, bool naive,
				struct err *err)
{
	const struct machine_options options = {
		.tx = point->tx,
		.rx = point->rx,
		.seed = point->seed,
		.replicate = point->replicate,
		.wire_capture = sample->wire_capture,
		.layouts = &sample->layouts,
		.naive = naive,
	};
	struct machine *machine = machine_new(point->cfg, &options, err);

	if (!machine)
		return NULL;
	machine_feed(machine, sample->frames, sample->count);
	machine_finish(machine);
	return machine;
}

/* As selfcheck_run(); 2: a machine that cannot be built has nothing to say. */
static int check_point(const struct study_point *point,
		       const struct sample *sample, struct err *err)
{
	struct err why = ERR_INIT;
	struct machine *fast = simulate(point, sample, false, &why);
	struct machine *naive = NULL;
	const char *where = NULL;

	if (fast)
		naive = simulate(point, sample, true, &why);
	if (naive)
		where = selfcheck_difference(machine_result(fast),
					     machine_result(naive));
	if (where)
		fprintf(stderr,
			"dmasim: check: %s %s/%s, replicate %u: the kernels "
			"differ in %s: please report this\n",
			point->machine, tx_ops_name(point->tx),
			rx_ops_name(point->rx), point->replicate, where);
	machine_free(fast);
	machine_free(naive);
	if (naive)
		return where != NULL;
	if (why.kind == ERR_USAGE)
		return 2;
	*err = why;
	return -1;
}

static int check_points(const struct study_point *points, size_t count,
			const struct sample *sample, bool quiet,
			struct err *err)
{
	size_t same = 0, i;
	int differs = 0;

	for (i = 0; i < count && !cmd_interrupted; i++) {
		int rc = check_point(&points[i], sample, err);

		if (rc < 0)
			return -1;
		same += rc == 0;
		differs |= rc == 1;
	}
	if (!quiet && !differs)
		fprintf(stderr,
			"dmasim: check: the kernels agree on %zu frames in "
			"%zu machines: fingerprints and every metric\n",
			sample->count, same);
	return differs;
}

int selfcheck_run(const char *const *paths, size_t path_count,
		  const struct study_point *points, size_t count, size_t frames,
		  bool quiet, struct err *err)
{
	struct workload load;
	int rc;

	if (workload_read(&load, paths, path_count, points[0].cfg, frames,
			  err) < 0)
		return -1;
	rc = check_points(points, count, &load.sample, quiet, err);
	workload_clear(&load);
	return rc;
}
