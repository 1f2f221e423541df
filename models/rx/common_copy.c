/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A ring of common-buffer slots: every frame is copied in the DPC and its slot
 * goes back at once.  No mapping at run time, no exhaustion by the protocol.
 *
 * Slots lie rx.slot_stride apart: packed ones take least memory, and some
 * touch two pages; one to a page takes most.
 */
#include "models/machine_state.h"
#include "models/ndis/receives.h"

enum slot_stride { PACKED, HALF_PAGE, WHOLE_PAGE };

#define LINE	  64u
#define HALF	  (HOST_PAGE / 2)
#define VLAN_TAGS 22u /* an Ethernet header and two tags */

static const struct param_choice strides[] = {
	{ "packed", "the largest frame, in whole cache lines" },
	{ "2048", "rx.buffer, in half pages" },
	{ "page", "rx.buffer, in whole pages" },
	{ NULL, NULL },
};

static const struct param params[] = {
	{ .key = "rx.slot_stride",
	  .type = PARAM_CHOICE,
	  .preset_default = "2048",
	  .choices = strides,
	  .help = "distance of the slots of a common-buffer ring",
	  .source = "driver survey: 2048 or a page; rtl8139 packs" },
	{ .key = NULL },
};

static uint32_t round_up(uint32_t bytes, uint32_t to)
{
	return (bytes + to - 1) / to * to;
}

static int setup(struct rx_queue *queue, const struct config *cfg,
		 struct err *err)
{
	uint32_t bytes = (uint32_t)config_u64(cfg, "rx.buffer");
	uint32_t stride = round_up(bytes, HALF);

	switch ((enum slot_stride)config_choice(cfg, "rx.slot_stride")) {
	case PACKED:
		bytes = (uint32_t)(config_u64(cfg, "traffic.mtu") +
				   config_u64(cfg, "rx.data_offset")) +
			VLAN_TAGS;
		stride = bytes = round_up(bytes, LINE);
		break;
	case HALF_PAGE:
		break;
	case WHOLE_PAGE:
		stride = round_up(bytes, HOST_PAGE);
		break;
	}
	if (rx_make_slots(queue, queue->ring_size, bytes, stride, err) < 0)
		return -1;
	rx_post_first(queue, queue->ring_size);
	return 0;
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
	rx_copy_out(core, frame);
	cpu_then(core, copied, frame, 0);
}

const struct rx_ops rx_common_copy_ops = {
	.name = "common-copy",
	.summary = "common-buffer ring, every frame copied in the DPC",
	.params = params,
	.setup = setup,
	.receive = receive,
	.repost = rx_repost,
};
