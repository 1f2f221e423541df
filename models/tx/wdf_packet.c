/* SPDX-License-Identifier: Apache-2.0 */
/*
 * KMDF, packet profile: no scatter/gather, so the HAL gathers a frame into
 * contiguous map registers and the card is given one element; and one
 * transaction executes at a time, until the card is done with it.  Others wait
 * in the driver (version 2: BUSY) or in the framework (version 3).
 */
#include "models/tx/wdf.h"

struct packet {
	struct tx_mapping mapping;
	struct tx_frame *head, *tail; /* wait, by copy_next */
	bool executing;
	struct hal_request reserved;
};

/* Registers kept for the transaction, so that none are asked for. */
static int reserve(struct tx_queue *queue, const struct config *cfg,
		   struct err *err)
{
	struct machine *m = queue->adapter->m;
	struct packet *packet = queue->state;
	uint32_t bytes = (uint32_t)config_u64(cfg, "hal.max_mapping");

	if (!wdf_version_3(cfg) || !config_bool(cfg, "tx.wdf_reserve"))
		return 0;
	if (hal_reserve(&m->hal, &packet->reserved, 1, bytes) != HAL_GRANTED)
		return err_set(err, ERR_USAGE,
			       "no map registers are left to reserve: raise "
			       "hal.pool, or set tx.wdf_reserve=no");
	routine_setup(&m->ledger, R_WDF_RESERVE);
	packet->mapping.owns = true;
	return 0;
}

static void next(struct core *core, void *ctx, uint64_t arg)
{
	struct tx_queue *queue = ctx;
	struct packet *packet = queue->state;
	struct tx_frame *frame = packet->head;

	(void)arg;
	packet->executing = frame != NULL;
	if (!frame)
		return;
	packet->head = frame->copy_next;
	if (!packet->head)
		packet->tail = NULL;
	tx_waited(core, frame, R_WDF_EXECUTE);
	tx_map_as(core, frame, &packet->mapping);
}

/* Registers that no request could get: the transaction fails. */
static void refused(struct core *core, struct tx_frame *frame,
		    enum hal_status status)
{
	struct tx_queue *queue = frame->queue;

	(void)status;
	tx_fail(core, frame);
	cpu_then(core, next, queue, 0);
}

static void append(enum routine *list, enum routine routine)
{
	while (*list)
		list++;
	*list = routine;
}

static int setup(struct tx_queue *queue, const struct config *cfg,
		 struct err *err)
{
	struct packet *packet = queue->state;
	struct tx_mapping *mapping = &packet->mapping;
	bool v3 = wdf_version_3(cfg);

	*mapping = (struct tx_mapping){
		.build = v3 ? R_MAP_TRANSFER_EX : R_MAP_TRANSFER,
		.put = v3 ? R_FLUSH_ADAPTER_EX : R_FLUSH_ADAPTER,
		.gathers = true,
		.flags = HAL_CONTIGUOUS,
		.mapped = tx_ready,
		.refused = refused,
	};
	wdf_add_calls(mapping, cfg);
	if (reserve(queue, cfg, err) < 0)
		return -1;
	if (!mapping->owns) {
		append(mapping->also_ask,
		       v3 ? R_ALLOCATE_CHANNEL_EX : R_ALLOCATE_CHANNEL);
		append(mapping->also_put, R_FREE_REGISTERS);
	}
	if (!config_choice(cfg, "tx.wdf_transactions"))
		routine_setup(&queue->adapter->m->ledger, R_WDF_CREATE);
	return 0;
}

static void send(struct core *core, struct tx_frame *frame)
{
	struct packet *packet = frame->queue->state;

	frame->copy_next = NULL;
	if (packet->tail)
		packet->tail->copy_next = frame;
	else
		packet->head = frame;
	packet->tail = frame;
	if (!packet->executing)
		next(core, frame->queue, 0);
}

static void complete(struct core *core, struct tx_frame *frame)
{
	struct tx_queue *queue = frame->queue;

	tx_unmap(core, frame);
	cpu_then(core, next, queue, 0);
}

const struct tx_ops tx_wdf_packet_ops = {
	.name = "wdf-packet",
	.summary = "KMDF, packet profile: one element, one at a time",
	.params = tx_no_params,
	.state_size = sizeof(struct packet),
	.interface = TX_WDF,
	.setup = setup,
	.send = send,
	.complete = complete,
};
