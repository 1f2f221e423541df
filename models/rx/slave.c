/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The system DMA controller moves the frame: ISA class cards of 24 bits.
 *
 *	single	the controller is programmed for one frame ahead; when it has
 *		moved one the DPC reads its counter for the length, completes
 *		the transfer, which copies out of the channel's memory, and
 *		programs the next: until then the card's FIFO has to do
 *	auto	it is programmed once, to run around a window of 64 KiB
 *		(auto-initialize); a DPC reads the counter to see how far it is
 *		and copies the frames out
 *
 * Limits: around the window nothing is overwritten, the card waits for room as
 * cards with a boundary register do.  Source: WDK DMA channels, ReactOS HAL.
 */
#include "models/machine_state.h"
#include "models/ndis/receives.h"
#include "models/nic/nic_rx.h"

#define WINDOW_BYTES 65536u
/* Mask, clear, mode, two of the address, page, two of the count, unmask. */
#define SETUP_PORTS 9u
#define MASK_PORTS  1u
#define COUNT_PORTS 4u /* two bytes, read until the same twice */

enum slave_mode { SINGLE, AUTO_INITIALIZE };

static const struct param_choice modes[] = {
	{ "single", "one transfer a frame" },
	{ "auto", "around a window, by its counter" },
	{ NULL, NULL },
};

static const struct param params[] = {
	{ .key = "rx.slave_rate",
	  .qty = QTY_RATE,
	  .preset_default = "32Mbps",
	  .min = 1000000,
	  .max = UINT64_C(1000000000),
	  .help = "rate of the system DMA controller; band 8 to 64 Mb/s",
	  .source = "assumed: a few MB/s" },
	{ .key = "rx.slave_mode",
	  .type = PARAM_CHOICE,
	  .preset_default = "auto",
	  .choices = modes,
	  .help = "how the controller is programmed to receive",
	  .source = "WDK DMA channels" },
	{ .key = NULL },
};

struct slave {
	struct byte_clock clock;
	struct hal_request channel;
	enum slave_mode mode;
	sim_time free_at; /* of the controller */
	uint64_t transfers;
};

static void moved(void *ctx, uint64_t arg)
{
	(void)arg;
	nic_rx_fed(ctx);
}

/* One transfer after the other. */
static void feed(struct rx_queue *queue, struct rx_frame *frame)
{
	struct slave *slave = queue->state;
	struct adapter *adapter = queue->adapter;
	struct kernel *kernel = &adapter->m->kernel;

	if (slave->free_at < kernel->now)
		slave->free_at = kernel->now;
	slave->free_at += byte_clock_take(&slave->clock, frame->bytes);
	kernel_at(kernel, slave->free_at,
		  event_key(EV_BUS, adapter->component + COMP_RX_SLAVE,
			    slave->transfers++),
		  moved, frame, 0);
}

static int open_channel(struct rx_queue *queue, uint32_t bytes, struct err *err)
{
	struct machine *m = queue->m;
	struct slave *slave = queue->state;

	if (hal_reserve(&m->hal, &slave->channel, 1, bytes) != HAL_GRANTED)
		return err_set(err, ERR_USAGE,
			       "no map registers are left for the channel: "
			       "raise hal.pool");
	routine_setup(&m->ledger, R_REGISTER_CHANNEL);
	return 0;
}

static int setup(struct rx_queue *queue, const struct config *cfg,
		 struct err *err)
{
	static const uint64_t widths[] = { 24, 0 };
	struct slave *slave = queue->state;
	uint32_t bytes = (uint32_t)config_u64(cfg, "rx.buffer"), count = 1;

	if (tx_check_width(cfg, widths, "the system DMA controller", err) < 0)
		return -1;
	if (queue->adapter->queue_count > 1)
		return err_set(err, ERR_USAGE,
			       "the card has one DMA channel: set "
			       "nic.queues=1");
	slave->mode = (enum slave_mode)config_choice(cfg, "rx.slave_mode");
	if (slave->mode == AUTO_INITIALIZE)
		count = WINDOW_BYTES / bytes;
	if (count > queue->ring_size)
		count = queue->ring_size;
	byte_clock_init(&slave->clock, config_u64(cfg, "rx.slave_rate"));
	if (open_channel(queue, bytes, err) < 0 ||
	    rx_make_buffers(queue, count, bytes, true, err) < 0)
		return -1;
	queue->feed = feed;
	rx_post_first(queue, count);
	return 0;
}

static void copied(struct core *core, void *ctx, uint64_t arg)
{
	struct rx_frame *frame = ctx;
	struct rx_buffer *buffer = frame->buffer;

	(void)arg;
	frame->buffer = NULL;
	rx_recycle(core, buffer);
	cpu_then(core, rx_taken, frame, 0);
}

static void receive(struct core *core, struct rx_frame *frame)
{
	const struct slave *slave = frame->queue->state;

	if (slave->mode == SINGLE) {
		rx_charge(core, frame, R_READ_COUNTER, RX_FLUSH, COUNT_PORTS,
			  0);
		rx_charge(core, frame, R_COMPLETE_TRANSFER, RX_FLUSH,
			  MASK_PORTS, 0);
		rx_bounce_out(core, frame);
	} else {
		if (!frame->queue->batch_count) /* once for what is there */
			rx_charge(core, frame, R_READ_COUNTER, RX_FLUSH,
				  COUNT_PORTS, 0);
		rx_copy_out(core, frame);
	}
	cpu_then(core, copied, frame, 0);
}

static void repost(struct core *core, struct rx_buffer *buffer)
{
	const struct rx_queue *queue = buffer->queue;
	const struct slave *slave = queue->state;

	if (slave->mode == SINGLE)
		routine_call(&queue->m->ledger, core, R_SETUP_TRANSFER,
			     &(struct charge){ .direction = DIR_RX,
					       .units = SETUP_PORTS });
	rx_repost(core, buffer);
}

const struct rx_ops rx_slave_ops = {
	.name = "slave",
	.summary = "the system DMA controller, a frame or a window at a time",
	.params = params,
	.state_size = sizeof(struct slave),
	.packets = true,
	.setup = setup,
	.receive = receive,
	.repost = repost,
};
