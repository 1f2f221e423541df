/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Captures as output, for `dmasim trace gen` and `dmasim trace convert`.
 * Always pcap, of nanosecond or microsecond stamps.
 *
 * trace_convert() copies the records that pass from, to, skip, filter,
 * sample_flows and limit; their stamps go forward as a run would see them
 * (jumps closed, steps back raised), from the first record's on, and are scaled
 * by traffic.speed or traffic.rate.  Direction, super-frames and looping are of
 * no concern here.
 *
 * trace_generate() writes what a generator makes, with packets that decode to
 * the same frames; payload is zeros, stamps start at 0.
 */
#ifndef TRACES_WRITE_H
#define TRACES_WRITE_H

#include <stdbool.h>
#include <stdio.h>

#include "core/frame.h"
#include "core/param.h"

struct write_options {
	bool microseconds; /* else nanoseconds */
	uint32_t snaplen;  /* captured bytes a record keeps; 0: all */
};

/*
 * @info gets frames, bytes (original lengths), duration, link type, status,
 * anomalies.  A write that fails is left to the owner of @out to notice
 * (ferror), but ends the copy.  Errors as trace_open()'s; ERR_INPUT when
 * the records are of several link types, which pcap cannot hold; ERR_USAGE
 * with traffic.loop.
 */
int trace_convert(const char *const *paths, size_t count,
		  const struct config *cfg, const struct write_options *options,
		  FILE *out, struct trace_info *info, struct err *err);
int trace_generate(const char *spec, const struct config *cfg,
		   const struct write_options *options, FILE *out,
		   struct trace_info *info, struct err *err);

#endif
