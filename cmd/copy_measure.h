/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Timing copies on the machine the program runs on.
 *
 * For each place a working set is laid out that only its cache level holds: for
 * source and destination a quarter of the level each, of a last-level cache no
 * more than four L2s, in huge pages where the system has them.  A sample is a
 * batch of copies between random lines of the sets; each point is a batch
 * nobody counts, then an odd number of batches: their median, with the order
 * statistics that hold it with 95 % confidence.  The thread is pinned to a
 * processor meanwhile.
 *
 * Limits: sizes above a working set are left out; on a machine that does
 * other work, or a virtual one, the interval shows it and the median may lie.
 */
#ifndef CMD_COPY_MEASURE_H
#define CMD_COPY_MEASURE_H

#include "cmd/copy_fit.h"

struct copy_measure {
	/* 0: to be found. */
	uint64_t l1_bytes, l2_bytes, llc_bytes; /* caches */
	uint64_t dram_bytes; /* of a working set that no cache holds */
	uint64_t clock_hz;   /* of the core */
	uint64_t time_ps;    /* for all, about */
	int processor;	     /* -1: the one it runs on */
};

/* Find out what is 0; ERR_INPUT when the system does not tell. */
int copy_measure_find(struct copy_measure *measure, struct err *err);
/* Pins the calling thread.  ERR_INTERRUPTED after a signal. */
int copy_measure_run(const struct copy_measure *measure,
		     struct copy_samples *samples, struct err *err);

#endif
