/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NDIS 4 and 5: a posted buffer is mapped by a base register that the driver
 * owns from initialise to halt.
 *
 * The driver asks for base registers, fewer until it gets some; so many
 * buffers can be posted, the others are spare.  A received buffer is flushed
 * and its mapping completed before the CPU reads it, which frees the register
 * for a spare one.  There is no list, no lock and no queue in the HAL.
 *
 * Source: WDK map registers, KB Q253233.
 */
#include "models/machine_state.h"
#include "models/ndis/receives.h"

static const struct param params[] = {
	{ .key = "rx.base_registers",
	  .qty = QTY_COUNT,
	  .unit = "registers",
	  .preset_default = "16",
	  .min = 1,
	  .max = 64,
	  .help = "base registers the driver asks for to receive, in all",
	  .source = "WDK map registers: 64 real, 2 a buffer; half to receive" },
	{ .key = NULL },
};

static const struct rx_mapping mapping = {
	.ask = { R_FLUSH_BUFFER },
	.build = R_START_MAPPING,
	.put = { R_FLUSH_BUFFER, R_COMPLETE_MAPPING },
	.owned = true,
};

/* NdisMAllocateMapRegisters, with fewer and fewer; 0: none are left. */
static uint32_t allocate(struct rx_queue *queue, uint32_t wanted,
			 uint32_t bytes)
{
	struct machine *m = queue->m;
	struct hal_request *base =
		arena_take_array(&m->arena, wanted + 1, sizeof(*base));
	uint32_t count;

	for (count = wanted; count; count -= (count + 3) / 4)
		if (hal_reserve(&m->hal, base, count, bytes) == HAL_GRANTED)
			break;
	return count;
}

static int setup(struct rx_queue *queue, const struct config *cfg,
		 struct err *err)
{
	static const uint64_t widths[] = { 32, 24, 64, 0 };
	struct machine *m = queue->m;
	uint32_t bytes = (uint32_t)config_u64(cfg, "rx.buffer");
	uint32_t wanted = (uint32_t)config_u64(cfg, "rx.base_registers");
	uint32_t most = HAL_RESERVATION_MAX / hal_worst_pages(bytes), count, i;

	if (tx_check_width(cfg, widths, "NDIS 5", err) < 0)
		return -1;
	if (wanted > most)
		wanted = most;
	count = allocate(queue, wanted / queue->adapter->queue_count, bytes);
	if (!count)
		return err_set(err, ERR_USAGE,
			       "no map registers are left to receive: raise "
			       "hal.pool_cap, or lower nic.queues or "
			       "tx.base_registers");
	routine_setup(&m->ledger, R_ALLOC_MAP_REGISTERS);
	queue->mapping = &mapping;
	if (rx_make_buffers(queue, rx_buffer_count(queue, cfg), bytes, false,
			    err) < 0)
		return -1;
	queue->register_budget = count;
	for (i = 0; i < queue->buffer_count; i++) {
		queue->buffers[i].map.registers = 0;
		queue->buffers[i].registers = 1;
	}
	for (i = 0; i < count && i < queue->ring_size && i < queue->pool.slots;
	     i++)
		rx_map_at_setup(&queue->buffers[i]);
	rx_post_first(queue, i);
	return 0;
}

static void receive(struct core *core, struct rx_frame *frame)
{
	rx_mark_resources(frame);
	rx_flush(core, frame);
	cpu_then(core, rx_taken, frame, 0);
}

const struct rx_ops rx_ndis5_mapreg_ops = {
	.name = "ndis5-mapreg",
	.summary = "NDIS 5 packets, mapped by registers the driver owns",
	.params = params,
	.packets = true,
	.setup = setup,
	.receive = receive,
	.repost = rx_map_and_post,
};
