/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The result of one run, as models/ hands it to reports/.
 *
 * Everything points into the machine that made it and lives as long as it.
 * Counts are exact integers.  Wall time, host, date and compiler never enter.
 */
#ifndef CORE_RESULT_H
#define CORE_RESULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/hist.h"
#include "core/metric.h"
#include "core/series.h"
#include "core/steady.h"

struct result_stage {
	const char *path;	 /* "tx", "rx" */
	const char *name;	 /* "ring_wait" */
	const struct hist *hist; /* ps per frame, zeros included */
};

struct result_routine {
	const char *name; /* NdisMAllocateNetBufferSGList */
	uint64_t calls, cycles, waits;
	uint64_t wait_ps;
};

struct result_hazard {
	const char *name; /* freed_while_mapped */
	uint64_t count;
	int64_t first_ps; /* of the first, if any */
	uint64_t frame;	  /* number of its record; 0: no frame's */
};

struct result_series {
	const char *name; /* hal.map_registers_in_use */
	const struct series *series;
};

struct result_check {
	const char *name; /* "tx frames", "little tx ring" */
	bool ok;
	char detail[160]; /* the two sides of the balance */
};

/* Of a compared latency: when it settled, how well its mean is known. */
struct result_steady {
	const char *name; /* rx.latency_less_moderation_ps */
	struct steady_verdict verdict;
};

/* A resource that frames wait for: core, link direction, pool, wire, ... */
struct result_resource {
	const char *name;
	uint64_t wait_ps;  /* sum of waiting charged to it */
	uint64_t busy_ps;  /* integral of busy servers */
	uint64_t capacity; /* servers or units */
	uint64_t span_ps;  /* utilisation = busy / (capacity x span) */
};

struct run_result {
	const char *tx, *rx; /* strategies */
	const char *status;  /* "complete", "saturated", "deadlock" */
	uint64_t seed;
	unsigned replicate;
	uint64_t fingerprint;	/* every milestone and transition */
	uint64_t memory_digest; /* (frame, page list) of every frame met */

	const struct metric *metrics;
	const void *stats;

	const struct result_stage *stages;
	size_t stage_count;
	const struct result_routine *routines;
	size_t routine_count;
	const struct result_hazard *hazards;
	size_t hazard_count;
	const struct result_series *series;
	size_t series_count;
	const struct result_check *checks;
	size_t check_count;
	const struct result_steady *steady;
	size_t steady_count;
	const struct result_resource *resources; /* [bottleneck] has most
						    waiting */
	size_t resource_count, bottleneck;
	char deadlock[320]; /* empty: none; else time, holders, waiter */
};

#endif
