/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Linux with a page pool: pages are mapped once and recycled mapped.  A frame
 * costs what makes it visible and a turn of the pool, and nothing is unmapped
 * at run time.  A page that another core lets go comes back through the pool's
 * pointer ring.
 *
 * Source: Brouer, Linux page_pool.
 */
#include "models/rx/linux_pages.h"

static int setup(struct rx_queue *queue, const struct config *cfg,
		 struct err *err)
{
	return rx_pages_setup(queue, cfg, true, err);
}

static void charge(struct core *core, const struct rx_queue *queue,
		   enum routine routine)
{
	routine_call(&queue->m->ledger, core, routine,
		     &(struct charge){ .direction = DIR_RX });
}

static void post(struct core *core, struct rx_buffer *buffer)
{
	const struct rx_queue *queue = buffer->queue;

	/* As good as mapped anew, for the share of what bounced. */
	queue->m->stats.hal.mapped_bytes += buffer->sg.mapped_bytes;
	charge(core, queue, R_DMA_SYNC_DEVICE);
	rx_prepare(core, buffer, queue->pool.bytes);
	rx_repost(core, buffer);
}

static void taken(struct core *core, void *ctx, uint64_t arg)
{
	(void)arg;
	rx_take(core, ctx);
}

static void receive(struct core *core, struct rx_frame *frame)
{
	rx_charge_sync(core, frame);
	rx_sync(core, frame);
	rx_pages_refill(core, frame, post);
	cpu_then(core, taken, frame, 0);
}

static void repost(struct core *core, struct rx_buffer *buffer)
{
	const struct rx_queue *queue = buffer->queue;

	charge(core, queue, R_PAGE_POOL);
	if (core != queue->vector->core)
		charge(core, queue, R_PTR_RING);
	rx_pages_recycle(core, buffer, post);
}

const struct rx_ops rx_linux_page_pool_ops = {
	.name = "linux-page-pool",
	.summary = "Linux: pages recycled mapped, never unmapped",
	.params = rx_linux_params,
	.state_size = sizeof(struct rx_pages),
	.own_spares = true,
	.setup = setup,
	.receive = receive,
	.repost = repost,
};
