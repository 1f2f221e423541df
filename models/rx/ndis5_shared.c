/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NDIS 5: packets in shared memory.  NdisMUpdateSharedMemory before the CPU
 * reads makes its view current, which is nothing where caches are coherent;
 * the packet goes up in place and comes back by MiniportReturnPacket.
 *
 * Where caches are not coherent cached memory is invalidated by the update;
 * uncached memory may not be indicated, so its frames are copied.
 *
 * Source: WDK shared memory.
 */
#include "models/machine_state.h"
#include "models/ndis/receives.h"

static const struct param params[] = {
	{ .key = "rx.shared_cached",
	  .type = PARAM_BOOL,
	  .preset_default = "yes",
	  .help = "shared memory is cached; matters with host.coherent=no",
	  .source = "WDK shared memory" },
	{ .key = NULL },
};

struct shared {
	bool copies;
};

static int setup(struct rx_queue *queue, const struct config *cfg,
		 struct err *err)
{
	struct shared *shared = queue->state;
	bool cached = config_bool(cfg, "rx.shared_cached");

	if (rx_setup_common(queue, cfg, err) < 0)
		return -1;
	rx_grow_by(queue, R_SHARED_ASYNC, R_SHARED_ASYNC_DONE);
	shared->copies = !cached && !queue->m->coherence.coherent;
	queue->common = !cached;
	return 0;
}

static void update(struct core *core, struct rx_frame *frame)
{
	struct coherence *coherence = &frame->queue->m->coherence;
	const struct rx_buffer *buffer = frame->buffer;
	uint64_t lines = coherence_lines(
		coherence, buffer->pool->offset[buffer->slot], frame->bytes);

	rx_charge(core, frame, R_UPDATE_SHARED, RX_FLUSH, 0,
		  frame->queue->common
			  ? 0
			  : coherence_invalidate(coherence, lines));
}

static void copied(struct core *core, void *ctx, uint64_t arg)
{
	struct rx_frame *frame = ctx;
	struct rx_buffer *buffer = frame->buffer;

	(void)arg;
	frame->buffer = NULL;
	rx_recycle(core, buffer);
	rx_take(core, frame);
}

static void receive(struct core *core, struct rx_frame *frame)
{
	const struct shared *shared = frame->queue->state;

	update(core, frame);
	if (shared->copies) {
		rx_copy_out(core, frame);
		cpu_then(core, copied, frame, 0);
		return;
	}
	rx_mark_resources(frame);
	cpu_then(core, rx_taken, frame, 0);
}

/* No line that the device is to write may be dirty. */
static void repost(struct core *core, struct rx_buffer *buffer)
{
	if (!buffer->queue->common)
		rx_prepare(core, buffer, buffer->pool->bytes);
	rx_repost(core, buffer);
}

const struct rx_ops rx_ndis5_shared_ops = {
	.name = "ndis5-shared",
	.summary = "NDIS 5 packets in shared memory, updated before the read",
	.params = params,
	.state_size = sizeof(struct shared),
	.packets = true,
	.setup = setup,
	.receive = receive,
	.repost = repost,
};
