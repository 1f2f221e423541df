/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Metrics: one constant table from which text, JSON, CSV, plots and manual
 * pages are made.
 *
 * The counters of a run are the fields of one plain struct (models/stats.h);
 * a row names a field by its path, so the name stands once:
 *
 *	METRIC(struct stats, tx.sent_frames, METRIC_COUNTER, "frames",
 *	       "frames whose last bit left on the wire")
 *
 * Names are group.name_unit and are a promise: removing or redefining one
 * bumps the result schema.
 */
#ifndef CORE_METRIC_H
#define CORE_METRIC_H

#include <stddef.h>
#include <stdint.h>

enum metric_kind {
	METRIC_COUNTER, /* uint64_t; an exact integer */
	METRIC_GAUGE,	/* struct gauge: {mean, p99, max} by time */
	METRIC_HIST,	/* struct hist: {count, mean, min, max, p50, p90, p99,
			   p999, buckets} */
	METRIC_RATIO	/* struct ratio: a real with 9 digits, null if n/0 */
};

struct ratio {
	__uint128_t num, den;
};

struct metric {
	const char *name; /* NULL ends a table */
	enum metric_kind kind;
	const char *unit; /* frames, bytes, ps, cycles, bps, share, ... */
	size_t offset;	  /* of the value in the stats struct */
	const char *help;
};

#define METRIC(type, path, kind_, unit_, help_)               \
	{                                                     \
		.name = #path, .kind = kind_, .unit = unit_,  \
		.offset = offsetof(type, path), .help = help_ \
	}

static inline const void *metric_value(const struct metric *metric,
				       const void *stats)
{
	return (const char *)stats + metric->offset;
}

#endif
