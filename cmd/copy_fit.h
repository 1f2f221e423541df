/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What copies cost on a machine, and the prices that explain it.
 *
 * A curve is the time of a copy over its size, for a place of source and
 * destination, alone (a full fence after each) or in a row.  The model of
 * models/host/copy.h, in nanoseconds:
 *
 *	alone     call + latency + fetch near + line far + stream streamed
 *	          + fence, which is the measurement's and no price
 *	in a row  call + latency / fills + stream near + line far + stream ...:
 *	          copies hide each other's latency, and a stream begins at half
 *	          a page, because the next copy is under way
 *
 * with the lines of the source, and a share of the same for the destination.
 * Streams get up to speed in both as that header says.
 * The prices are fitted to all curves at once: least squares of relative
 * errors, repeated with less weight for what is far off, so that a disturbed
 * measurement does not bend the rest; fills and share by search.  Copies within
 * the L1 have a start and lines of their own; no simulation uses them, but they
 * tell the fence from the rest.
 */
#ifndef CMD_COPY_FIT_H
#define CMD_COPY_FIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cmd/csv_in.h"
#include "core/err.h"

enum copy_place { COPY_L1, COPY_L2, COPY_LLC, COPY_DRAM, COPY_PLACES };

/* Source and destination by the name they have in tables. */
struct copy_pair {
	const char *name; /* "l2", "src_dram_dst_l2"; NULL ends the list */
	enum copy_place from, to;
};
extern const struct copy_pair copy_pairs[];

struct copy_sample {
	const struct copy_pair *pair;
	bool alone;
	uint64_t bytes;
	double ns, low, high; /* median and its interval */
};

struct copy_samples {
	struct copy_sample *list; /* owned */
	size_t count, room;
};

int copy_samples_add(struct copy_samples *samples,
		     const struct copy_sample *sample, struct err *err);
void copy_samples_clear(struct copy_samples *samples);

/* Whether the columns are those of a table of copies. */
bool copy_samples_known(const struct csv_in *csv);
/* Read such a table to its end. */
int copy_samples_read(struct copy_samples *samples, struct csv_in *csv,
		      struct err *err);

enum copy_column {
	FIT_CALL,
	FIT_FENCE,
	FIT_L1_START,
	FIT_L1_NEAR,
	FIT_L1_LINE,
	FIT_L1_STREAM,
	FIT_LEVELS, /* latency, line, stream of L2, LLC, DRAM */
	FIT_COLUMNS = FIT_LEVELS + 9
};

struct copy_fit {
	double fills, write; /* line fill buffers, share of a destination */
	double ns[FIT_COLUMNS];
};

/* Sizes a fit may see: all, or every second one, from the first or second. */
enum copy_half { COPY_ALL, COPY_EVEN, COPY_ODD };

/* ERR_INPUT when the samples do not determine a price: says which. */
int copy_fit_make(struct copy_fit *fit, const struct copy_samples *samples,
		  enum copy_half half, struct err *err);
/* Which half @bytes is of: COPY_EVEN or COPY_ODD. */
enum copy_half copy_half_of(const struct copy_samples *samples, uint64_t bytes);
/* What the copy of @sample takes by @fit, ns. */
double copy_fit_ns(const struct copy_fit *fit,
		   const struct copy_sample *sample);

#endif
