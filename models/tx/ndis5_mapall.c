/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NDIS 5 scatter/gather as it must not be: the whole array of a send call is
 * mapped before any of it is handed down.  Packets that are mapped and not sent
 * hold registers that others of the array, or of another, wait for: a circular
 * wait as soon as the pool is short.
 */
#include "models/tx/ndis5.h"

static void down(struct core *core, void *ctx, uint64_t arg)
{
	(void)arg;
	tx_take_place(ctx);
	ndis5_to_driver(core, ctx);
}

/* All of the array is mapped: now the driver gets it. */
static void hand_down(struct core *core, struct tx_group *group)
{
	struct tx_frame *frame;

	for (frame = group->head; frame; frame = frame->group_next)
		if (!frame->mapped)
			return;
	for (frame = group->head; frame; frame = frame->group_next) {
		frame->group = NULL;
		cpu_then(core, down, frame, 0);
	}
	pool_give(&tx_machine(group->head)->groups, group);
}

static void mapped(struct core *core, struct tx_frame *frame)
{
	hand_down(core, frame->group);
}

/* What cannot be mapped at all is none of the array. */
static void refused(struct core *core, struct tx_frame *frame,
		    enum hal_status status)
{
	struct tx_group *group = frame->group;
	struct tx_frame **link = &group->head;

	if (tx_may_fall_back(frame, status)) {
		tx_map_fallback(core, frame, status);
		return;
	}
	while (*link != frame)
		link = &(*link)->group_next;
	*link = frame->group_next;
	frame->group = NULL;
	tx_fail(core, frame);
	if (group->head)
		hand_down(core, group);
	else
		pool_give(&tx_machine(frame)->groups, group);
}

static int setup(struct tx_queue *queue, const struct config *cfg,
		 struct err *err)
{
	struct ndis5 *ndis = queue->state;

	if (ndis5_setup(queue, cfg, err) < 0)
		return -1;
	ndis->one_at_a_time = false;
	ndis->always_map = true; /* the driver has seen none of it */
	ndis->mapping.mapped = mapped;
	ndis->mapping.refused = refused;
	queue->adapter->m->tx_submit = SUBMIT_CALL;
	return 0;
}

const struct tx_ops tx_ndis5_mapall_ops = {
	.name = "ndis5-mapall",
	.summary = "the same, a whole array at a time: can deadlock",
	.params = tx_no_params,
	.state_size = sizeof(struct ndis5),
	.interface = TX_NDIS5_SG,
	.setup = setup,
	.send = ndis5_send,
	.complete = ndis5_complete,
};
