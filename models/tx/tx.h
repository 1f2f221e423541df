/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Transmit strategies: one constant operation table each, one file each.
 *
 * send() is called at DISPATCH, from a continuation, for every frame in the
 * order of the send calls; the frame is already on its queue's order list.  It
 * must lead, now or in a later continuation, to exactly one of tx_ready() (the
 * frame's elements are set; it goes to the ring in its turn) and tx_fail().
 * complete() is called from the DPC after the NIC is done; it must lead to
 * tx_completed().  Helpers for both are in models/ndis/sends.h.
 *
 * See docs/adding-a-strategy.md.
 */
#ifndef MODELS_TX_TX_H
#define MODELS_TX_TX_H

#include <stdbool.h>
#include <stddef.h>

#include "core/param.h"

struct core;
struct tx_frame;
struct tx_queue;

struct tx_ops {
	const char *name;
	const char *summary;
	const struct param *params; /* ends with a NULL key */
	size_t state_size;	    /* of queue->state, zeroed */
	bool bypass; /* frames go to the wire at once: no host at all */
	/* Set up queue->state; -1: cannot run on this machine. */
	int (*setup)(struct tx_queue *queue, const struct config *cfg,
		     struct err *err);
	void (*send)(struct core *core, struct tx_frame *frame);
	void (*complete)(struct core *core, struct tx_frame *frame);
};

/* The named defaults. */
extern const struct param tx_no_params[];
int tx_setup_nothing(struct tx_queue *queue, const struct config *cfg,
		     struct err *err);

/* Preallocate tx.copy_pages pages of common buffer for tx_copy(). */
int tx_setup_copy_pages(struct tx_queue *queue, const struct config *cfg,
			struct err *err);

/*
 * Every transmit strategy, one line each, in the order of listings: the line
 * declares its table and puts it into the registry.
 */
/* clang-format off */
#define TX_STRATEGIES(row) \
	row(null) \
	row(ndis6_sg) \
	row(ndis6_copy) \
	row(ndis6_hybrid) \
	row(premapped)
/* clang-format on */

#define DECLARE_TX(name) extern const struct tx_ops tx_##name##_ops;
TX_STRATEGIES(DECLARE_TX)
#undef DECLARE_TX

#endif
