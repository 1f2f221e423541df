/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Receive strategies: one constant operation table each, one file each.
 *
 * receive() is called from the DPC for every frame, in order, once its
 * descriptor has been written back.  It charges its work and must lead to
 * rx_take(): the frame joins the indication, with the buffer (handed up) or
 * without (copied; the buffer went back by rx_recycle()).  repost() is called
 * when a buffer is to be posted, one that came back or a spare one; it must
 * lead to rx_repost().
 *
 * See docs/adding-a-strategy.md.
 */
#ifndef MODELS_RX_RX_H
#define MODELS_RX_RX_H

#include <stdbool.h>
#include <stddef.h>

#include "core/param.h"

struct core;
struct rx_buffer;
struct rx_frame;
struct rx_queue;

struct rx_ops {
	const char *name;
	const char *summary;
	const struct param *params; /* ends with a NULL key */
	size_t state_size;	    /* of queue->state, zeroed */
	bool bypass;		    /* frames are complete at their last bit */
	bool packets;		    /* NDIS 5: packets, returned one by one */
	bool wdf;		    /* memory by the framework */
	bool own_spares;	    /* repost() may keep a buffer, and end it */
	/* Make queue->pool and buffers, post them; -1: cannot run. */
	int (*setup)(struct rx_queue *queue, const struct config *cfg,
		     struct err *err);
	void (*receive)(struct core *core, struct rx_frame *frame);
	void (*repost)(struct core *core, struct rx_buffer *buffer);
};

extern const struct param rx_no_params[];
int rx_setup_nothing(struct rx_queue *queue, const struct config *cfg,
		     struct err *err);

/*
 * Every receive strategy, one line each, in the order of listings: the line
 * declares its table and puts it into the registry.
 */
/* clang-format off */
#define RX_STRATEGIES(row) \
	row(null) \
	row(common_copy) \
	row(sg) \
	row(sg_premapped) \
	row(copybreak) \
	row(ndis5_mapreg) \
	row(ndis5_shared) \
	row(wdf_sg) \
	row(slave) \
	row(linux_page_pool) \
	row(linux_copybreak)
/* clang-format on */

#define DECLARE_RX(name) extern const struct rx_ops rx_##name##_ops;
RX_STRATEGIES(DECLARE_RX)
#undef DECLARE_RX

#endif
