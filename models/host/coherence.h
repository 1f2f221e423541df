/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Caches that devices do not look into: what software does about it.
 *
 * With host.coherent=no a device reads and writes DRAM behind the back of the
 * CPU's caches.  So the lines that a device is to read are written back
 * before, and those that it writes are invalidated twice: before, or a dirty
 * line could be evicted over the data; and after, before the CPU reads, or it
 * could see what it had fetched meanwhile.  Every line that a buffer touches
 * costs, dirty or not:
 *
 *	lines = (offset + bytes - 1) / line - offset / line + 1
 *
 *	cycles = coherence_write_back(&c, coherence_lines(&c, offset, bytes));
 *
 * The callers charge that to the routine that does the work there and nothing
 * where caches are coherent: KeFlushIoBuffers, NdisFlushBuffer.
 *
 * A common buffer needs none of it: it is uncached there, so to read it waits
 * for every load (cost.uncached_read), and it may not be indicated as receive
 * data.  Writes to it gather in the write buffer and cost what writing does.
 *
 * A buffer that shares a line with other data cannot be invalidated without
 * tearing: what the CPU wrote beside it is lost, or the device's bytes are.
 *
 * Invariant: where caches are coherent nothing here costs or counts.
 *
 * Source: WDK DMA v3 and common buffers (what is done and where); the prices
 * are assumed.  Limits: a line costs the same wherever it is.
 */
#ifndef MODELS_HOST_COHERENCE_H
#define MODELS_HOST_COHERENCE_H

#include <stdbool.h>

#include "core/param.h"
#include "models/stats.h"

/* Bytes of one load: a descriptor. */
#define COHERENCE_LOAD 16u

struct coherence {
	bool coherent;
	uint32_t line_bytes;
	uint64_t write_back, invalidate; /* cycles per line */
	uint64_t uncached_read;		 /* cycles per load, on top */
	struct memory_stats *stats;
};

/* ERR_USAGE when a page is not a whole number of lines. */
int coherence_init(struct coherence *coherence, struct stats *stats,
		   const struct config *cfg, struct err *err);

/* Lines that @bytes at @offset of a page touch; 0 of nothing. */
uint64_t coherence_lines(const struct coherence *coherence, uint64_t offset,
			 uint64_t bytes);

/* Count @lines written back (invalidated); the cycles, 0 where coherent. */
uint64_t coherence_write_back(struct coherence *coherence, uint64_t lines);
uint64_t coherence_invalidate(struct coherence *coherence, uint64_t lines);

/* Likewise of loads from uncached memory. */
uint64_t coherence_loads(struct coherence *coherence, uint64_t bytes);
/*
 * Count @bytes read from a common buffer; what that costs on top of reading
 * DRAM, 0 where coherent.
 */
static inline uint64_t coherence_read_common(struct coherence *coherence,
					     uint64_t bytes)
{
	return coherence->coherent ? 0 : coherence_loads(coherence, bytes);
}

/*
 * Would a buffer tear that a device writes?  @shared: other data lies in its
 * page.
 */
static inline bool coherence_tears(const struct coherence *coherence,
				   uint64_t offset, uint64_t bytes, bool shared)
{
	uint64_t line = coherence->line_bytes;

	return !coherence->coherent && shared &&
	       (offset % line || (offset + bytes) % line);
}

#endif
