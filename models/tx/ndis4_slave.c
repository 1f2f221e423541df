/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The system DMA controller moves the frame: ISA class cards of 24 bits.
 *
 * One channel, one transfer at a time: a frame is copied into the channel's
 * buffer below 16 MiB, the controller is programmed port by port, and the next
 * frame waits until the DPC has completed the transfer.  No ring, no bus
 * mastering; what the link would carry the ISA bus does.
 *
 * Limits: the controller takes the bus whenever it wants it; a transfer never
 * fails.  Source: WDK DMA channels, ReactOS HAL.
 */
#include "models/component.h"
#include "models/ndis/sends_steps.h"
#include "models/nic/nic_tx.h"

#define WINDOW_BYTES 65536u
/* Mask, clear, mode, two of the address, page, two of the count, unmask. */
#define SETUP_PORTS 9u
#define MASK_PORTS  1u
#define COUNT_PORTS 4u /* two bytes, read until the same twice */

static const struct param params[] = {
	{ .key = "tx.slave_rate",
	  .qty = QTY_RATE,
	  .preset_default = "32Mbps",
	  .min = 1000000,
	  .max = UINT64_C(1000000000),
	  .help = "rate of the system DMA controller; band 8 to 64 Mb/s",
	  .source = "assumed: a few MB/s" },
	{ .key = NULL },
};

struct slave {
	struct byte_clock clock;
	struct hal_request channel;
	struct memory_stamp buffer;
	bool busy;
};

static int setup(struct tx_queue *queue, const struct config *cfg,
		 struct err *err)
{
	static const uint64_t widths[] = { 24, 0 };
	struct adapter *adapter = queue->adapter;
	struct machine *m = adapter->m;
	struct slave *slave = queue->state;
	uint32_t bytes = (uint32_t)config_u64(cfg, "hal.max_mapping");

	if (tx_check_width(cfg, widths, "the system DMA controller", err) < 0)
		return -1;
	if (config_bool(cfg, "nic.lso"))
		return err_set(err, ERR_USAGE,
			       "the system DMA controller feeds cards that "
			       "segment nothing: set nic.lso=no");
	if (adapter->queue_count > 1)
		return err_set(err, ERR_USAGE,
			       "the card has one DMA channel: set "
			       "nic.queues=1");
	if (hal_reserve(&m->hal, &slave->channel, 1, bytes) != HAL_GRANTED)
		return err_set(err, ERR_USAGE,
			       "no map registers are left for the channel: "
			       "raise hal.pool");
	byte_clock_init(&slave->clock, config_u64(cfg, "tx.slave_rate"));
	slave->buffer = memory_never();
	adapter->completion = COMPLETION_REGISTER;
	return 0;
}

static void moved(void *ctx, uint64_t arg)
{
	(void)arg;
	nic_tx_fed(ctx);
}

static void programmed(struct core *core, void *ctx, uint64_t arg)
{
	struct tx_frame *frame = ctx;
	struct slave *slave = frame->queue->state;
	struct kernel *kernel = core->kernel;
	struct adapter *adapter = frame->queue->adapter;

	cpu_unlock(core, (struct cpu_lock *)arg);
	tx_machine(frame)->stats.tx.mapped_frames++;
	frame->queue->waiting--;
	nic_tx_feed(frame->queue, frame);
	kernel_at(
		kernel,
		kernel->now + byte_clock_take(&slave->clock, frame->bytes),
		event_key(EV_BUS, adapter->component + COMP_SLAVE, frame->seq),
		moved, frame, 0);
}

/* MapTransfer's copy: the sender's pages lie anywhere. */
static void copy_low(struct core *core, struct tx_frame *frame)
{
	struct machine *m = tx_machine(frame);
	struct slave *slave = frame->queue->state;
	enum residency from = tx_source_of(frame);

	m->stats.hal.mapped_bytes += frame->bytes;
	m->stats.hal.bounced_bytes += frame->bytes;
	m->stats.cpu.bounce_copied_bytes += frame->bytes;
	tx_note_copy(m, from);
	tx_charge(core, frame, R_BOUNCE, TX_BOUNCE, 0,
		  copy_cycles(&m->copy, from, tx_sent_from(m, slave->buffer),
			      frame->bytes));
	slave->buffer = memory_cpu_wrote(&m->memory, frame->bytes);
}

/* It flushes the channel's buffer. */
static uint64_t flush_low(const struct tx_frame *frame)
{
	struct coherence *coherence = &tx_machine(frame)->coherence;

	return coherence_write_back(
		coherence, coherence_lines(coherence, 0, frame->bytes));
}

/* The controller's channels share its registers: the HAL's master lock. */
static struct cpu_lock *master_lock(const struct core *core,
				    const struct tx_frame *frame)
{
	const struct slave *slave = frame->queue->state;

	return hal_lock(&tx_machine(frame)->hal, core, &slave->channel);
}

static void program(struct core *core, void *ctx, uint64_t arg)
{
	struct tx_frame *frame = ctx;

	tx_charge(core, frame, R_HAL_LOCK, TX_MAP, 0, 0);
	tx_charge(core, frame, R_SETUP_TRANSFER, TX_MAP, SETUP_PORTS,
		  flush_low(frame));
	cpu_then(core, programmed, frame, arg);
}

static void start(struct core *core, struct tx_queue *queue)
{
	struct slave *slave = queue->state;
	struct tx_frame *frame = tx_take_head(queue);
	struct cpu_lock *lock;

	slave->busy = frame != NULL;
	if (!frame)
		return;
	tx_waited(core, frame, R_SETUP_TRANSFER);
	copy_low(core, frame);
	lock = master_lock(core, frame);
	cpu_lock_then(core, lock, &frame->clock, TX_LOCK_WAIT, program, frame,
		      (uintptr_t)lock);
}

static void send(struct core *core, struct tx_frame *frame)
{
	struct tx_queue *queue = frame->queue;
	struct slave *slave = queue->state;

	if (frame->bytes > WINDOW_BYTES) {
		tx_fail(core, frame);
		return;
	}
	tx_take_place(frame);
	if (!slave->busy)
		start(core, queue);
}

static void completed(struct core *core, void *ctx, uint64_t arg)
{
	(void)arg;
	start(core, ctx);
}

static void stopped(struct core *core, void *ctx, uint64_t arg)
{
	struct tx_frame *frame = ctx;
	struct tx_queue *queue = frame->queue;

	cpu_unlock(core, (struct cpu_lock *)arg);
	tx_release(core, frame);
	cpu_then(core, completed, queue, 0);
}

static void stop(struct core *core, void *ctx, uint64_t arg)
{
	struct tx_frame *frame = ctx;

	tx_charge(core, frame, R_HAL_LOCK, TX_UNMAP, 0, 0);
	tx_charge(core, frame, R_READ_COUNTER, TX_UNMAP, COUNT_PORTS, 0);
	tx_charge(core, frame, R_COMPLETE_TRANSFER, TX_UNMAP, MASK_PORTS, 0);
	cpu_then(core, stopped, frame, arg);
}

static void complete(struct core *core, struct tx_frame *frame)
{
	struct cpu_lock *lock = master_lock(core, frame);

	cpu_lock_then(core, lock, &frame->clock, TX_UNMAP, stop, frame,
		      (uintptr_t)lock);
}

const struct tx_ops tx_ndis4_slave_ops = {
	.name = "ndis4-slave",
	.summary = "the system DMA controller, one transfer at a time",
	.params = params,
	.state_size = sizeof(struct slave),
	.interface = TX_NDIS4_CHANNEL,
	.setup = setup,
	.send = send,
	.complete = complete,
};
