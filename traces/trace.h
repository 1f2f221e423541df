/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frame sources: captures and generators, with every transform applied.
 *
 *	const char *paths[] = { "a.pcap.xz" };
 *	source = trace_open(paths, 1, cfg, &err);
 *	while ((n = frame_source_read(source, batch, 256, &err)) > 0)
 *		...
 *	info = trace_source_info(source);
 *	frame_source_free(source);
 *
 * A path is a capture (pcap or pcapng, plain or compressed, told by content),
 * "-" for standard input, or "gen:..." for a generator (see gen.h).  Several
 * captures are merged by time.
 *
 * Transforms, in this order: merge, from/to, skip, filter, sample_flows, limit,
 * cutting of received super-frames, layouts of the sidecar (traffic.layout),
 *rate or speed, loop.  Rate and loop read more than once, so they refuse
 *standard input and pipes.
 *
 * Of the frames handed over:
 *  1. `at` is 0 for the first and never decreases;
 *  2. (number, part) is unique and increases; the number is that of the record
 *     (of the merged records, when several captures are read), plus, in the
 *     k-th repetition, k times the last number of the first;
 *  3. the pieces of a cut super-frame share stamp and number, part counts up;
 *  4. a frame is longer than the MTU only if it is tx, and then has
 *     FRAME_SUPER.
 *
 * Memory does not grow with the capture: about 7 MiB for the sample, up to
 * 20 MiB more while direction is decided, and the decompressor's window.
 */
#ifndef TRACES_TRACE_H
#define TRACES_TRACE_H

#include <stddef.h>
#include <stdio.h>

#include "core/frame.h"
#include "core/param.h"

/*
 * NULL with ERR_INPUT (unreadable, no capture, link type, no usable frame),
 * ERR_USAGE (contradictory or unusable parameters) or ERR_IO (memory).  Reads
 * the sample, and with traffic.rate all of it.
 */
struct frame_source *trace_open(const char *const *paths, size_t count,
				const struct config *cfg, struct err *err);

/*
 * What is known so far; valid until the next call on the source.  Complete
 * once read has returned 0.  The direction, the capture point and the tick are
 * known from the start.  frames, bytes, tx_frames, rx_frames and duration_ps
 * are of the frames handed over; the digest is of one repetition, before rate
 * and speed.
 */
const struct trace_info *trace_source_info(struct frame_source *source);

/*
 * Write the addresses found to be local, or told to be, for
 * traffic.direction_file.  ERR_INPUT when the direction is not by address.
 */
int trace_save_direction(struct frame_source *source, FILE *out,
			 struct err *err);

/*
 * "sha256 of a file", 64 hexadecimal digits, for `trace stat` and manifests.
 * @hex has room for 65.
 */
int trace_sha256(const char *path, char hex[65], struct err *err);

#endif
