/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames that are mapped now or wait in the driver.
 *
 * The places in the ring are taken in the order of the grants, so every holder
 * of registers is ahead of who waits, and will be sent.
 */
#include "models/ndis/sends_steps.h"

static struct tx_backlog *backlog_of(const struct tx_frame *frame)
{
	return frame->queue->backlog;
}

static void ask_head(struct core *core, struct tx_backlog *backlog)
{
	struct tx_frame *frame = backlog->head;

	backlog->head = frame->copy_next;
	if (!backlog->head)
		backlog->tail = NULL;
	backlog->asking = true;
	tx_waited(core, frame, backlog->now.build);
	tx_map_as(core, frame, backlog->held ? &backlog->now : &backlog->wait);
}

void tx_backlog_run(struct core *core, struct tx_backlog *backlog)
{
	if (backlog->head && !backlog->asking)
		ask_head(core, backlog);
}

static void run(struct core *core, void *ctx, uint64_t arg)
{
	(void)arg;
	tx_backlog_run(core, ctx);
}

static void mapped(struct core *core, struct tx_frame *frame)
{
	struct tx_backlog *backlog = backlog_of(frame);

	backlog->asking = false;
	backlog->held++;
	tx_ready(core, frame);
	cpu_then(core, run, backlog, 0);
}

static void put_back(struct tx_backlog *backlog, struct tx_frame *frame)
{
	frame->copy_next = backlog->head;
	backlog->head = frame;
	if (!backlog->tail)
		backlog->tail = frame;
}

static void refused(struct core *core, struct tx_frame *frame,
		    enum hal_status status)
{
	struct tx_backlog *backlog = backlog_of(frame);

	backlog->asking = false;
	if (status != HAL_NO_RESOURCES || frame->as == &backlog->wait) {
		backlog->never(core, frame);
		cpu_then(core, run, backlog, 0);
		return;
	}
	put_back(backlog, frame);
	/* Whoever holds registers tries again when it gives them back. */
	if (!backlog->held)
		tx_backlog_run(core, backlog);
}

void tx_backlog_init(struct tx_backlog *backlog, struct tx_queue *queue,
		     const struct tx_mapping *how,
		     void (*never)(struct core *core, struct tx_frame *frame))
{
	*backlog = (struct tx_backlog){ .queue = queue, .never = never };
	queue->backlog = backlog;
	backlog->now = *how;
	backlog->now.mapped = mapped;
	backlog->now.refused = refused;
	backlog->wait = backlog->now;
	backlog->now.flags |= HAL_SYNC;
	backlog->wait.flags |= HAL_WAIT;
}

void tx_backlog_add(struct tx_backlog *backlog, struct tx_frame *frame)
{
	frame->copy_next = NULL;
	if (backlog->tail)
		backlog->tail->copy_next = frame;
	else
		backlog->head = frame;
	backlog->tail = frame;
}

static void given_back(struct core *core, void *ctx, uint64_t arg)
{
	struct tx_backlog *backlog = ctx;

	(void)arg;
	backlog->held--;
	tx_backlog_run(core, backlog);
}

void tx_backlog_unmap(struct core *core, struct tx_backlog *backlog,
		      struct tx_frame *frame)
{
	tx_unmap(core, frame);
	cpu_then(core, given_back, backlog, 0);
}
