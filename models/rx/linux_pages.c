/* SPDX-License-Identifier: Apache-2.0 */
#include "models/rx/linux_pages.h"

static const struct param_choice unmap_choices[] = {
	{ "sync-only", "the buffer stays mapped, its lines are made current" },
	{ "remap", "unmapped before the copy, mapped again to post" },
	{ NULL, NULL },
};

const struct param rx_linux_params[] = {
	{ .key = "rx.napi_budget",
	  .qty = QTY_COUNT,
	  .unit = "frames",
	  .preset_default = "64",
	  .min = 1,
	  .max = 65536,
	  .help = "frames received by one NAPI poll, for rx.dpc_budget",
	  .source = "Linux NAPI: 64" },
	{ .key = "rx.linux_pages",
	  .qty = QTY_COUNT,
	  .unit = "pages",
	  .preset_default = "0",
	  .max = 1048576,
	  .help = "receive pages, spare ones included; 0: twice the ring",
	  .source = "assumed" },
	{ .key = "rx.linux_copybreak",
	  .qty = QTY_BYTES,
	  .preset_default = "256B",
	  .max = 65536,
	  .help = "frames up to this length are copied",
	  .source = "driver survey: e1000, e1000e, ixgb use 256" },
	{ .key = "rx.linux_copied",
	  .type = PARAM_CHOICE,
	  .preset_default = "sync-only",
	  .choices = unmap_choices,
	  .help = "what a copied frame does to the mapping of its buffer",
	  .source = "e1000: sync-only" },
	{ .key = NULL },
};

/* Registers that the queue's buffers may hold. */
static uint64_t register_budget(const struct rx_queue *queue,
				const struct config *cfg)
{
	const struct hal *hal = &queue->m->hal;

	return mul_div_u64(hal->cap - hal->background,
			   config_u64(cfg, "rx.register_share"), 1000000) /
	       queue->adapter->queue_count;
}

static void keep(struct rx_pages *pages, struct rx_buffer *buffer)
{
	buffer->next = pages->spare;
	pages->spare = buffer;
}

int rx_pages_setup(struct rx_queue *queue, const struct config *cfg,
		   bool mapped, struct err *err)
{
	uint64_t budget = register_budget(queue, cfg);
	uint64_t pages = config_u64(cfg, "rx.linux_pages");
	uint32_t count = pages ? (uint32_t)pages : 2 * queue->ring_size, i;

	queue->m->dpc_budget = (uint32_t)config_u64(cfg, "rx.napi_budget");
	if (rx_make_buffers(queue, count,
			    (uint32_t)config_u64(cfg, "rx.buffer"), false,
			    err) < 0)
		return -1;
	for (i = 0; i < count; i++) {
		struct rx_buffer *buffer = &queue->buffers[i];
		uint64_t need = buffer->map.registers;
		bool posted = i < queue->ring_size;

		if (posted || mapped) {
			if (need > budget || !rx_map_at_setup(buffer))
				break;
			budget -= need;
		}
		if (posted)
			nic_rx_post(queue, buffer);
		else
			keep(queue->state, buffer);
	}
	if (!i)
		return err_set(err, ERR_USAGE,
			       "no bounce memory for a single receive buffer: "
			       "raise hal.pool_cap or rx.register_share");
	return 0;
}

void rx_charge_sync(struct core *core, struct rx_frame *frame)
{
	routine_call(&frame->queue->m->ledger, core, R_DMA_SYNC_CPU,
		     &(struct charge){ .direction = DIR_RX,
				       .clock = &frame->clock,
				       .stage = RX_FLUSH });
}

void rx_pages_refill(struct core *core, struct rx_frame *frame,
		     void (*post)(struct core *core, struct rx_buffer *buffer))
{
	struct rx_pages *pages = frame->queue->state;
	struct rx_buffer *buffer = pages->spare;

	if (!buffer) {
		pages->short_of++;
		return;
	}
	pages->spare = buffer->next;
	buffer->next = NULL;
	post(core, buffer);
}

static void kept(struct core *core, void *ctx, uint64_t arg)
{
	struct rx_buffer *buffer = ctx;

	(void)core;
	(void)arg;
	rx_end_of_frame(buffer);
	keep(buffer->queue->state, buffer);
}

void rx_pages_recycle(struct core *core, struct rx_buffer *buffer,
		      void (*post)(struct core *core, struct rx_buffer *buffer))
{
	struct rx_pages *pages = buffer->queue->state;

	if (!pages->short_of) {
		cpu_then(core, kept, buffer, 0);
		return;
	}
	pages->short_of--;
	post(core, buffer);
}
