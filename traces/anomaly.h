/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What can be wrong with a record, and what is done about it.
 *
 * Every kind has one policy, stated in the table in anomaly.c; reading only
 * counts.  The book keeps a count and the first record of each kind.
 */
#ifndef TRACES_ANOMALY_H
#define TRACES_ANOMALY_H

#include <stdint.h>

#include "core/frame.h"

enum anomaly_kind {
	ANOMALY_CAPTURED_OVER_ORIGINAL,
	ANOMALY_ZERO_LENGTH,
	ANOMALY_ABSURD_LENGTH,
	ANOMALY_FRACTION_RANGE,
	ANOMALY_TIME_BACK,
	ANOMALY_JUMP_BACK,
	ANOMALY_JUMP_FORWARD,
	ANOMALY_NO_TIMES,
	ANOMALY_WLAN_CONTROL,
	ANOMALY_OTHER_LINK,
	ANOMALY_KINDS
};

_Static_assert(ANOMALY_KINDS <= TRACE_ANOMALY_MAX, "trace_info has no room");

/* Longer frames are not frames: BIG TCP ends at 512 KiB. */
#define FRAME_BYTES_MAX 1048576u

struct anomaly_book {
	struct {
		uint64_t count, first;
	} kinds[ANOMALY_KINDS];
};

/* @number is the record; 0: the stream as a whole, counted without a record. */
void anomaly_count(struct anomaly_book *book, enum anomaly_kind kind,
		   uint64_t number);
/* Kinds that were seen, in the order of the enum. */
void anomaly_report(const struct anomaly_book *book, struct trace_info *info);

#endif
