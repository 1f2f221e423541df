/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Copy a short frame and post its buffer again at once, hand a longer one up.
 * The buffer of a copied frame stays mapped (sync-only: the CPU's view is made
 * current, on a coherent machine for nothing unless bytes were bounced) or is
 * unmapped and mapped again (remap), by rx.copybreak_mode.
 */
#include "models/machine_state.h"
#include "models/ndis/receives.h"
#include "models/nic/nic_rx.h"

enum copybreak_mode { SYNC_ONLY, REMAP };

static const struct param_choice modes[] = {
	{ "sync-only", "keep the mapping, make the CPU's view current" },
	{ "remap", "unmap before the copy, map again to post" },
	{ NULL, NULL },
};

static const struct param params[] = {
	{ .key = "rx.copybreak",
	  .qty = QTY_BYTES,
	  .preset_default = "256B",
	  .max = 65536,
	  .help = "frames up to this length are copied",
	  .source = "driver survey: e1000, e1000e, ixgb use 256" },
	{ .key = "rx.copybreak_mode",
	  .type = PARAM_CHOICE,
	  .preset_default = "sync-only",
	  .choices = modes,
	  .help = "what a copied frame does to the mapping of its buffer",
	  .source = "WDK receive path, e1000e" },
	{ .key = NULL },
};

struct copybreak {
	uint32_t limit;
	enum copybreak_mode mode;
};

static int setup(struct rx_queue *queue, const struct config *cfg,
		 struct err *err)
{
	struct copybreak *state = queue->state;

	state->limit = (uint32_t)config_u64(cfg, "rx.copybreak");
	state->mode =
		(enum copybreak_mode)config_choice(cfg, "rx.copybreak_mode");
	return rx_setup_mapped(queue, cfg, err);
}

static void copied(struct core *core, void *ctx, uint64_t arg)
{
	struct rx_frame *frame = ctx;
	struct rx_buffer *buffer = frame->buffer;

	(void)arg;
	frame->buffer = NULL;
	if (buffer->mapped)
		rx_prepare(core, buffer, frame->bytes);
	rx_recycle(core, buffer);
	cpu_then(core, rx_taken, frame, 0);
}

static void receive(struct core *core, struct rx_frame *frame)
{
	const struct copybreak *state = frame->queue->state;

	if (frame->bytes > state->limit) {
		rx_mark_resources(frame);
		rx_flush(core, frame);
		cpu_then(core, rx_taken, frame, 0);
		return;
	}
	if (state->mode == REMAP)
		rx_flush(core, frame);
	else
		rx_sync(core, frame);
	rx_copy_out(core, frame);
	cpu_then(core, copied, frame, 0);
}

static void repost(struct core *core, struct rx_buffer *buffer)
{
	if (buffer->mapped)
		rx_repost(core, buffer);
	else
		rx_map_and_post(core, buffer);
}

const struct rx_ops rx_copybreak_ops = {
	.name = "copybreak",
	.summary = "copy short frames, hand longer ones up",
	.params = params,
	.state_size = sizeof(struct copybreak),
	.setup = setup,
	.receive = receive,
	.repost = repost,
};
