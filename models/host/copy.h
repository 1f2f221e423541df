/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the CPU pays to copy memory or to read it once.
 *
 *	read = touch + near x fetch + far x line + streamed x stream
 *	copy = call + read(source) + share x read(destination)
 *
 * The first cache line of a copy shows its whole latency.  The others of a
 * short copy are fetched side by side, as many at a time as the core has line
 * fill buffers, but no faster than lines follow each other once the
 * prefetchers run ahead; and beyond a page the copy becomes a stream, whose
 * lines cost what the bandwidth of the level allows, once the prefetchers'
 * distance has grown to that: of k lines
 *
 *	late = k x ramp / (k + ramp)	ramp: the lines of twelve latencies
 *
 * cost what they did before.
 *
 *	fetch = max(line, latency / line fill buffers)
 *
 * Stores wait for nobody: to own the lines of the destination costs a share
 * of what reading them would.
 *
 * These are prices of a copy that stands alone: between two copies of a driver
 * lie a lock, ring state and calls, more instructions than a core overlaps.
 * Copies in a row, which hide each other's latency, are modelled where they are
 * measured (cmd/copy_fit.h).
 *
 * Source of the form and of the numbers: docs/models/copy.md.  Limits: lines
 * are counted as if source and destination were aligned; no page walks; a
 * line that is in the L1 is priced as one in the L2.
 */
#ifndef MODELS_HOST_COPY_H
#define MODELS_HOST_COPY_H

#include "core/param.h"
#include "models/host/memory.h"

#define COPY_LINE_BYTES	  64
#define COPY_NEAR_LINES	  8  /* straight-line code: 1, 2, 4 or 8 lines */
#define COPY_STREAM_LINES 64 /* a page: prefetchers do not look further */
#define COPY_RAMP_TOUCHES 12 /* latencies until half of the lines stream */

/* The lines of a copy after its first one, by how they are fetched. */
struct copy_lines {
	uint64_t near, far, streamed;
};

/*
 * @stream_from: lines from which on it is a stream, COPY_STREAM_LINES for a
 * copy alone, at least COPY_NEAR_LINES.  @ramp: after so many more, half of
 * them were streamed; less than 2^32.
 */
struct copy_lines copy_lines(uint64_t bytes, uint64_t stream_from,
			     uint64_t ramp);

/* Prices of a level in cycles; "per KiB" is sixteen lines. */
struct copy_level {
	uint64_t touch; /* the first line's latency */
	uint64_t fetch_per_kib, line_per_kib, stream_per_kib;
	uint64_t ramp; /* lines */
	/* These come to, for up to a page of lines. */
	uint64_t read[COPY_STREAM_LINES + 1], own[COPY_STREAM_LINES + 1];
};

struct copy {
	uint64_t call_cycles;
	uint64_t write_ppm; /* price of a destination, share of a source's */
	struct copy_level level[RESIDENCIES];
};

void copy_init(struct copy *copy, const struct config *cfg);
/* Fill in what depends on prices that were set otherwise. */
void copy_list_prices(struct copy *copy);

/* Cycles to read, to own @lines > 0, beyond what is listed too. */
uint64_t copy_read_lines(const struct copy_level *level, uint64_t lines);
uint64_t copy_own_lines(const struct copy *copy, enum residency to,
			uint64_t lines);

static inline uint64_t copy_lines_of(uint64_t bytes)
{
	return (bytes + COPY_LINE_BYTES - 1) / COPY_LINE_BYTES;
}

/* Cycles to read @bytes once. */
static inline uint64_t copy_read_cycles(const struct copy *copy,
					enum residency from, uint64_t bytes)
{
	const struct copy_level *level = &copy->level[from];
	uint64_t lines = copy_lines_of(bytes);

	return lines <= COPY_STREAM_LINES ? level->read[lines]
					  : copy_read_lines(level, lines);
}

/* Cycles to copy @bytes that are in @from to where @to is cached; 0: none. */
static inline uint64_t copy_cycles(const struct copy *copy, enum residency from,
				   enum residency to, uint64_t bytes)
{
	uint64_t lines = copy_lines_of(bytes);

	if (!bytes)
		return 0;
	return copy->call_cycles + copy_read_cycles(copy, from, bytes) +
	       (lines <= COPY_STREAM_LINES ? copy->level[to].own[lines]
					   : copy_own_lines(copy, to, lines));
}

#endif
