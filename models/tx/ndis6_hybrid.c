/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Copy a frame that is short or has too many fragments, else map it: what most
 * drivers do.  The fragments are counted by walking the MDL chain, before any
 * mapping; a page boundary counts, merging is not foreseen.
 */
#include "models/machine_state.h"
#include "models/ndis/sends.h"

static const struct param params[] = {
	{ .key = "tx.copy_threshold",
	  .qty = QTY_BYTES,
	  .preset_default = "256B",
	  .max = 65536,
	  .help = "frames up to this length are copied",
	  .source = "driver survey: e1000 and others use 256" },
	{ .key = "tx.max_elements",
	  .qty = QTY_COUNT,
	  .unit = "fragments",
	  .preset_default = "0",
	  .max = 256,
	  .help = "frames of more fragments are copied; 0: nic.sg_elements",
	  .source = "NetKVM, e100bex" },
	{ .key = NULL },
};

struct hybrid {
	uint32_t threshold, max_elements;
};

static int setup(struct tx_queue *queue, const struct config *cfg,
		 struct err *err)
{
	struct hybrid *hybrid = queue->state;

	hybrid->threshold = (uint32_t)config_u64(cfg, "tx.copy_threshold");
	hybrid->max_elements = (uint32_t)config_u64(cfg, "tx.max_elements");
	if (!hybrid->max_elements)
		hybrid->max_elements = queue->adapter->sg_room;
	return tx_setup_copy_pages(queue, cfg, err);
}

static void send(struct core *core, struct tx_frame *frame)
{
	const struct hybrid *hybrid = frame->queue->state;

	if (frame->bytes <= hybrid->threshold ||
	    tx_has_more_fragments(frame, hybrid->max_elements))
		tx_copy(core, frame);
	else
		tx_map(core, frame);
}

static void complete(struct core *core, struct tx_frame *frame)
{
	if (frame->mapped)
		tx_unmap(core, frame);
	else
		tx_release(core, frame);
}

const struct tx_ops tx_ndis6_hybrid_ops = {
	.name = "ndis6-hybrid",
	.summary = "copy short or fragmented frames, map the others",
	.params = params,
	.state_size = sizeof(struct hybrid),
	.setup = setup,
	.send = send,
	.complete = complete,
};
