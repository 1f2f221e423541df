/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Linux as e1000 and e1000e receive: a short frame is copied and its buffer
 * posted again, mapped all the while (sync-only) or unmapped and mapped
 * (remap); a longer one goes up in its page, which is unmapped, and a new page
 * is mapped in its place.
 *
 * Source: e1000, e1000e.
 */
#include "models/rx/linux_pages.h"

static const struct rx_mapping mapping = {
	.build = R_DMA_MAP,
	.put = { R_DMA_UNMAP },
};

enum copied { SYNC_ONLY, REMAP };

static int setup(struct rx_queue *queue, const struct config *cfg,
		 struct err *err)
{
	struct rx_pages *pages = queue->state;

	queue->mapping = &mapping;
	if (rx_pages_setup(queue, cfg, false, err) < 0)
		return -1;
	pages->copybreak = (uint32_t)config_u64(cfg, "rx.linux_copybreak");
	pages->remaps = config_choice(cfg, "rx.linux_copied") == REMAP;
	return 0;
}

/* A page of the allocator's, mapped and posted. */
static void post_new(struct core *core, struct rx_buffer *buffer)
{
	routine_call(&buffer->queue->m->ledger, core, R_PAGE_ALLOC,
		     &(struct charge){ .direction = DIR_RX });
	rx_map_and_post(core, buffer);
}

static void taken(struct core *core, void *ctx, uint64_t arg)
{
	(void)arg;
	rx_take(core, ctx);
}

static void flushed(struct core *core, void *ctx, uint64_t arg)
{
	struct rx_frame *frame = ctx;

	(void)arg;
	rx_pages_refill(core, frame, post_new);
	cpu_then(core, taken, frame, 0);
}

static void copied(struct core *core, void *ctx, uint64_t arg)
{
	struct rx_frame *frame = ctx;
	struct rx_buffer *buffer = frame->buffer;

	(void)arg;
	frame->buffer = NULL;
	if (buffer->mapped) {
		routine_call(&frame->queue->m->ledger, core, R_DMA_SYNC_DEVICE,
			     &(struct charge){ .direction = DIR_RX });
		rx_prepare(core, buffer, frame->bytes);
		rx_repost(core, buffer);
	} else {
		rx_map_and_post(core, buffer);
	}
	cpu_then(core, taken, frame, 0);
}

static void receive(struct core *core, struct rx_frame *frame)
{
	const struct rx_pages *pages = frame->queue->state;

	if (frame->bytes > pages->copybreak) {
		rx_flush(core, frame);
		cpu_then(core, flushed, frame, 0);
		return;
	}
	if (pages->remaps) {
		rx_flush(core, frame);
	} else {
		rx_charge_sync(core, frame);
		rx_sync(core, frame);
	}
	rx_copy_out(core, frame);
	cpu_then(core, copied, frame, 0);
}

static void repost(struct core *core, struct rx_buffer *buffer)
{
	rx_pages_recycle(core, buffer, post_new);
}

const struct rx_ops rx_linux_copybreak_ops = {
	.name = "linux-copybreak",
	.summary = "Linux: short frames copied, longer ones in a new page each",
	.params = rx_linux_params,
	.state_size = sizeof(struct rx_pages),
	.own_spares = true,
	.setup = setup,
	.receive = receive,
	.repost = repost,
};
