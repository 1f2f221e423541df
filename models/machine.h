/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A machine: one host, its adapters and strategies, assembled from a
 * configuration, fed with frames, read out as a result.
 *
 *	m = machine_new(cfg, &(struct machine_options){ .tx = tx, .rx = rx,
 *			.seed = 1 }, &err);
 *	while ((n = frame_source_read(src, batch, N, &err)) > 0)
 *		machine_feed(m, batch, n);
 *	machine_finish(m);
 *	report(machine_result(m));
 *	machine_free(m);
 *
 * Machines share nothing: any number may run in lockstep on one frame stream,
 * in any threads, one thread at a time each.  The same configuration, seed,
 * replicate and frames give the same result, bit for bit, however the frames
 * are cut into batches.
 */
#ifndef MODELS_MACHINE_H
#define MODELS_MACHINE_H

#include <stdbool.h>

#include "core/frame.h"
#include "core/layout.h"
#include "core/metric.h"
#include "core/param.h"
#include "core/result.h"

struct observer;
struct tx_ops;
struct rx_ops;
struct machine;

struct machine_options {
	const struct tx_ops *tx;
	const struct rx_ops *rx;
	uint64_t seed;
	unsigned replicate; /* varies layout, holds and phases */
	bool wire_capture;  /* stamps were taken on the wire */
	bool naive;	    /* the reference kernel: slow, obvious */
	const struct frame_layouts *layouts; /* of the frames; NULL: none */
	/*
	 * Told how every frame offered was laid out, in the order of handling;
	 * NULL: nobody asks.
	 */
	void (*laid_out)(void *ctx, const struct frame *frame,
			 const struct frame_layout *layout);
	void *laid_out_ctx;
	bool no_series;		    /* skip series and per-stage histograms: for
				       capacity trials */
	struct observer *observers; /* core/observer.h; NULL: none; outlive
				       the machine */
};

/* All machine parameters, without the strategies' own. */
extern const struct param machine_params[];
/* Strategies in the order they are listed; NULL-terminated. */
extern const struct tx_ops *const tx_registry[];
extern const struct rx_ops *const rx_registry[];
/* Presets in the order they are listed; NULL-terminated. */
extern const struct preset *const preset_registry[];
/* The metric table; its struct is private to models/. */
extern const struct metric machine_metrics[];

/* For listings and look-up; a strategy's params may be an empty table. */
const char *tx_ops_name(const struct tx_ops *ops);
const char *tx_ops_summary(const struct tx_ops *ops);
const struct param *tx_ops_params(const struct tx_ops *ops);
const char *rx_ops_name(const struct rx_ops *ops);
const char *rx_ops_summary(const struct rx_ops *ops);
const struct param *rx_ops_params(const struct rx_ops *ops);
const struct tx_ops *tx_ops_find(const char *name); /* NULL: unknown */
const struct rx_ops *rx_ops_find(const char *name);

/*
 * One row of the routine ledger, for `dmasim routines`, into @info; NULL past
 * the end.  Prices are parameter keys, NULL where the row has none.
 */
struct routine_info {
	const char *name, *generation, *irql_lowest, *irql_highest;
	const char *completion, *base_price, *unit_price, *source, *help;
	const char *calls; /* another row, counted and priced with it */
	/* What a call costs: NULL is nothing of the kind. */
	const char *locks, *allocations, *copies, *cache, *wait, *tlb;
};
const struct routine_info *routine_row(size_t index, struct routine_info *info);

/*
 * NULL with ERR_USAGE when the configuration contradicts itself or the pair of
 * strategies cannot run on it (the message says why), ERR_IO without memory.
 */
struct machine *machine_new(const struct config *cfg,
			    const struct machine_options *options,
			    struct err *err);
void machine_free(struct machine *machine);

/* Frames in (at, number) order; simulates as far as they determine. */
void machine_feed(struct machine *machine, const struct frame *frames,
		  size_t count);
/* What is counted so far, of the window; between two machine_feed(). */
struct machine_so_far {
	int64_t at; /* simulated time, ps */
	uint64_t offered, through, dropped;
	/* To the completion; to the indication. */
	const struct hist *tx_latency, *rx_latency;
};
void machine_so_far(struct machine *machine, struct machine_so_far *far);
/* No more frames: drain, settle, check the books. */
void machine_finish(struct machine *machine);
/* Valid after machine_finish(), until machine_free(). */
const struct run_result *machine_result(const struct machine *machine);

#endif
