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

/* Which interface of the system the driver is written to. */
enum tx_interface {
	TX_NDIS6,
	TX_NDIS5_SG,
	TX_NDIS5_REGISTERS,
	TX_NDIS4_CHANNEL,
	TX_WDM,
	TX_WDF,
	TX_NETADAPTERCX,
	TX_LINUX,
	TX_INTERFACES
};

struct tx_ops {
	const char *name;
	const char *summary;
	const struct param *params; /* ends with a NULL key */
	size_t state_size;	    /* of queue->state, zeroed */
	enum tx_interface interface;
	/* Parameter that replaces nic.tx_ring; NULL, or a value of 0: none. */
	const char *ring_key;
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

/* Descriptors of a queue's ring. */
uint32_t tx_ring_size(const struct tx_ops *ops, const struct config *cfg);

/* ERR_USAGE when nic.dma_width is none of @widths, which ends with 0. */
int tx_check_width(const struct config *cfg, const uint64_t *widths,
		   const char *who, struct err *err);

/*
 * Every transmit strategy, one line each, in the order of listings: the line
 * declares its table and puts it into the registry.
 */
/* clang-format off */
#define TX_STRATEGIES(row) \
	row(null) \
	row(ndis4_slave) \
	row(ndis5_mapreg) \
	row(ndis5_sg) \
	row(ndis5_mapall) \
	row(ndis6_sg) \
	row(ndis6_copy) \
	row(ndis6_hybrid) \
	row(ndis6_headers) \
	row(wdm_sg) \
	row(wdf_packet) \
	row(wdf_sg) \
	row(netadaptercx) \
	row(linux_map) \
	row(linux_swiotlb) \
	row(premapped) \
	row(mdl_walk)
/* clang-format on */

#define DECLARE_TX(name) extern const struct tx_ops tx_##name##_ops;
TX_STRATEGIES(DECLARE_TX)
#undef DECLARE_TX

#endif
