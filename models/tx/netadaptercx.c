/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NetAdapterCx: the framework takes packets at a poll and maps them with the
 * synchronous flag; without registers the head stays for a later poll.  What
 * the card could not fetch as it is is bounced whole, into one fragment of the
 * framework's pool.
 *
 * A poll is a DPC of its own on the queue's core, asked for by the send call
 * and by completions.  Limits: the loop is not shared with receive; fragments
 * are descriptors.
 *
 * Source: NetAdapterCx.
 */
#include "models/ndis/sends_steps.h"

enum bounce { BOUNCE_IF_NEEDED, BOUNCE_ALWAYS };

static const struct param_choice bounce_choices[] = {
	{ "if-needed", "what is out of reach or in too many fragments" },
	{ "always", "every packet" },
	{ NULL, NULL },
};

static const struct param params[] = {
	{ .key = "tx.cx_bounce",
	  .type = PARAM_CHOICE,
	  .preset_default = "if-needed",
	  .choices = bounce_choices,
	  .help = "which packets are bounced",
	  .source = "NetAdapterCx: policy 0" },
	{ .key = "tx.cx_batch",
	  .qty = QTY_COUNT,
	  .unit = "packets",
	  .preset_default = "32",
	  .min = 1,
	  .max = 1024,
	  .help = "packets that one poll translates",
	  .source = "NetAdapterCx: 32" },
	{ .key = "tx.cx_align",
	  .qty = QTY_BYTES,
	  .preset_default = "1B",
	  .min = 1,
	  .max = 4096,
	  .help = "alignment that the card wants of a fragment",
	  .source = "driver survey: none" },
	{ .key = NULL },
};

struct cx {
	struct tx_backlog backlog;
	struct tx_queue *queue;
	struct tx_frame *head, *tail; /* from send calls, by copy_next */
	struct cpu_job poll;
	bool polling;
	enum bounce policy;
	uint32_t batch, left, align;
};

static const struct tx_mapping mapping = {
	.build = R_BUILD_LIST_EX,
	.callback = R_CX_MAP,
	.put = R_PUT_LIST,
	.also_ask = { R_FREE_ADAPTER },
	.also_put = { R_CX_RETURN },
	.raises = true,
};

static void bounce(struct core *core, struct tx_frame *frame)
{
	tx_charge(core, frame, R_CX_BOUNCE, TX_COPY, 0, 0);
	tx_copy(core, frame);
}

static int setup(struct tx_queue *queue, const struct config *cfg,
		 struct err *err)
{
	struct cx *cx = queue->state;

	cx->queue = queue;
	queue->copy_whole = true;
	cx->policy = (enum bounce)config_choice(cfg, "tx.cx_bounce");
	cx->batch = (uint32_t)config_u64(cfg, "tx.cx_batch");
	cx->align = (uint32_t)config_u64(cfg, "tx.cx_align");
	tx_backlog_init(&cx->backlog, queue, &mapping, bounce);
	return tx_setup_copy_pages(queue, cfg, err);
}

static bool misaligned(const struct tx_frame *frame, uint32_t align)
{
	uint32_t i;

	for (i = 0; i < frame->sg.elements; i++)
		if (frame->elements[i].address % align)
			return true;
	return false;
}

static bool must_bounce(struct tx_frame *frame)
{
	const struct cx *cx = frame->queue->state;
	uint32_t room = frame->queue->adapter->sg_room;

	if (cx->policy == BOUNCE_ALWAYS)
		return true;
	tx_list(frame, &mapping);
	return frame->sg.bounced_pages || frame->sg.elements > room ||
	       misaligned(frame, cx->align);
}

/* --- the poll --- */

static void poll_next(struct core *core, void *ctx, uint64_t arg)
{
	struct cx *cx = ctx;
	struct tx_frame *frame = cx->head;

	/* Behind a head without registers nothing is translated. */
	if (!frame || !cx->left || cx->backlog.head || cx->backlog.asking) {
		tx_close(core, cx->queue);
		return;
	}
	cx->left--;
	cx->head = frame->copy_next;
	if (!cx->head)
		cx->tail = NULL;
	frame->last_of_call = !cx->head || !cx->left;
	stage_close(&frame->clock, TX_CPU_WAIT, core->kernel->now);
	if (must_bounce(frame)) {
		bounce(core, frame);
	} else {
		tx_backlog_add(&cx->backlog, frame);
		tx_backlog_run(core, &cx->backlog);
	}
	cpu_then(core, poll_next, cx, arg);
}

static struct cx *cx_of(struct cpu_job *job)
{
	return (struct cx *)((char *)job - offsetof(struct cx, poll));
}

static void poll_start(struct core *core, struct cpu_job *job)
{
	struct cx *cx = cx_of(job);

	cx->left = cx->batch;
	tx_open(cx->queue);
	routine_call(&cx->queue->adapter->m->ledger, core, R_CX_POLL,
		     &(struct charge){ .direction = DIR_TX });
	cpu_then(core, poll_next, cx, 0);
}

static void poll_done(struct core *core, struct cpu_job *job);

static void ask_poll(struct core *core, struct cx *cx)
{
	if (cx->polling)
		return;
	cx->polling = true;
	cx->poll = (struct cpu_job){ .irql = IRQL_DISPATCH,
				     .start = poll_start,
				     .done = poll_done };
	cpu_submit(core, &cx->poll);
}

static void poll_done(struct core *core, struct cpu_job *job)
{
	struct cx *cx = cx_of(job);

	cx->polling = false;
	if (cx->head && !cx->backlog.head && !cx->backlog.asking)
		ask_poll(core, cx);
}

static void send(struct core *core, struct tx_frame *frame)
{
	struct cx *cx = frame->queue->state;

	(void)core;
	frame->copy_next = NULL;
	if (cx->tail)
		cx->tail->copy_next = frame;
	else
		cx->head = frame;
	cx->tail = frame;
	ask_poll(frame->queue->vector->core, cx);
}

static void poll_again(struct core *core, void *ctx, uint64_t arg)
{
	struct cx *cx = ctx;

	(void)arg;
	if (cx->head)
		ask_poll(core, cx);
}

static void complete(struct core *core, struct tx_frame *frame)
{
	struct cx *cx = frame->queue->state;

	if (frame->mapped) {
		tx_backlog_unmap(core, &cx->backlog, frame);
	} else {
		tx_charge(core, frame, R_CX_RETURN, TX_UNMAP, 0, 0);
		tx_release(core, frame);
	}
	cpu_then(core, poll_again, cx, 0);
}

const struct tx_ops tx_netadaptercx_ops = {
	.name = "netadaptercx",
	.summary = "the framework maps at poll, bounces whole packets",
	.params = params,
	.state_size = sizeof(struct cx),
	.interface = TX_NETADAPTERCX,
	.setup = setup,
	.send = send,
	.complete = complete,
};
