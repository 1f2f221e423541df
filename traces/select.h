/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The records of one capture or several that pass traffic.from, to, skip and
 * filter, with a time that only goes forward.
 *
 *	sel = selection_open(paths, count, cfg, &err);
 *	while ((n = selection_next(sel, &picked, &err)) > 0)
 *		...
 *	selection_free(sel);
 *
 * Several captures are merged by their stamps, ties in the order of the paths.
 * A record's number counts the merged records, as `mergecap` would number
 * them; of one capture it is the record number.
 *
 * Time starts at 0 with the first record.  A stamp before the latest one by at
 * most traffic.reorder is raised to it; a longer step back, or a gap above
 * traffic.huge_gap, is a jump of the clock: the record follows at the mean gap
 * so far and time goes on from there.
 *
 * Zero and absurd lengths are skipped before anything counts them.
 * traffic.limit is the reader's: it may look further than it hands over.
 */
#ifndef TRACES_SELECT_H
#define TRACES_SELECT_H

#include "core/frame.h"
#include "core/param.h"
#include "traces/anomaly.h"
#include "traces/packet.h"

struct selection;

struct picked {
	const struct packet *packet; /* valid until the next call */
	uint64_t number;
	uint64_t at_ns; /* since the first record, never less than before */
};

struct selection *selection_open(const char *const *paths, size_t count,
				 const struct config *cfg, struct err *err);
void selection_free(struct selection *sel);
/* 1, 0 at the end, -1. */
int selection_next(struct selection *sel, struct picked *picked,
		   struct err *err);
/* Back to the start; ERR_USAGE for what cannot be read twice. */
int selection_rewind(struct selection *sel, struct err *err);
bool selection_seekable(const struct selection *sel);

/* Records met so far. */
uint64_t selection_records(const struct selection *sel);
struct anomaly_book *selection_book(struct selection *sel);
/* Status, its detail and path. */
void selection_report(const struct selection *sel, struct trace_info *info);
/* Stamp of the first record, ns since the epoch modulo 2^64. */
uint64_t selection_epoch_ns(const struct selection *sel);

#endif
