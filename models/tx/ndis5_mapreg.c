/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Map registers of the miniport's own: NDIS 4 and 5 before scatter/gather.
 *
 * At initialise the driver asks for base registers, fewer until it gets some,
 * and owns them until halt; each is good for one buffer of the largest frame.
 * A send takes one a buffer: flush, map, and when the card is done unmap.
 * There is no list, no lock and no queue in the HAL; a frame that finds too
 * few base registers waits in the driver, and all others behind it.
 *
 * Source: WDK map registers, KB Q253233.
 */
#include "models/ndis/sends_steps.h"

static const struct param params[] = {
	{ .key = "tx.base_registers",
	  .qty = QTY_COUNT,
	  .unit = "registers",
	  .preset_default = "16",
	  .min = 1,
	  .max = 64,
	  .help = "base registers the driver asks for, in all",
	  .source = "WDK map registers: 64 real, 2 a buffer; half to send" },
	{ .key = NULL },
};

struct mapreg {
	uint32_t base, free;
	struct tx_frame *head, *tail; /* wait, by copy_next */
};

static const struct tx_mapping mapping = {
	.mapped = tx_ready,
	.refused = tx_refused_copy,
	.flushes = true,
	.owns = true,
};

/* NdisMAllocateMapRegisters, with fewer and fewer. */
static int allocate(struct tx_queue *queue, uint32_t wanted, uint32_t bytes,
		    struct err *err)
{
	struct machine *m = queue->adapter->m;
	struct hal_request *base =
		arena_take_array(&m->arena, wanted + 1, sizeof(*base));
	struct mapreg *mapreg = queue->state;
	uint32_t count;

	for (count = wanted; count; count -= (count + 3) / 4)
		if (hal_reserve(&m->hal, base, count, bytes) == HAL_GRANTED)
			break;
	if (!count)
		return err_set(err, ERR_USAGE,
			       "no map registers are left for the miniport: "
			       "raise hal.pool, or lower hal.max_mapping");
	mapreg->base = mapreg->free = count;
	routine_setup(&m->ledger, R_ALLOC_MAP_REGISTERS);
	return 0;
}

static int setup(struct tx_queue *queue, const struct config *cfg,
		 struct err *err)
{
	static const uint64_t widths[] = { 32, 24, 64, 0 };
	uint32_t bytes = (uint32_t)config_u64(cfg, "hal.max_mapping");
	uint32_t wanted = (uint32_t)config_u64(cfg, "tx.base_registers");
	uint32_t most;

	if (tx_check_width(cfg, widths, "NDIS 5", err) < 0)
		return -1;
	if (config_bool(cfg, "nic.lso") && bytes < 65536)
		bytes = 65536;
	/* NdisMQueryMapRegisterCount: what could be had at all. */
	most = HAL_RESERVATION_MAX / hal_worst_pages(bytes);
	if (wanted > most)
		wanted = most;
	wanted /= queue->adapter->queue_count;
	if (allocate(queue, wanted, bytes, err) < 0)
		return -1;
	return tx_setup_copy_pages(queue, cfg, err);
}

static uint64_t flush(struct machine *m, const struct mdl *mdl)
{
	return coherence_write_back(
		&m->coherence,
		coherence_lines(&m->coherence, mdl->offset, mdl->bytes));
}

static void map(struct core *core, struct tx_frame *frame)
{
	struct machine *m = tx_machine(frame);
	struct mdl_chain chain;
	unsigned i;

	tx_chain(frame, &chain);
	for (i = 0; i < chain.count; i++) {
		const struct mdl *mdl = &chain.mdl[i];

		tx_charge(core, frame, R_FLUSH_BUFFER, TX_MAP, 0,
			  flush(m, mdl));
		tx_charge(core, frame, R_START_MAPPING, TX_MAP,
			  pages_spanned(mdl->offset, mdl->bytes), 0);
	}
	frame->element_count = frame->sg.elements;
	frame->map.state = HAL_ANSWERED; /* without being asked */
	tx_grant(core, frame);
}

static void map_waiting(struct core *core, void *ctx, uint64_t arg)
{
	struct tx_frame *frame = ctx;

	(void)arg;
	tx_waited(core, frame, R_START_MAPPING);
	map(core, frame);
}

static void send(struct core *core, struct tx_frame *frame)
{
	struct mapreg *mapreg = frame->queue->state;
	struct mdl_chain chain;

	tx_chain(frame, &chain);
	tx_list(frame, &mapping);
	if (chain.count > mapreg->base ||
	    frame->sg.elements > frame->queue->adapter->sg_room) {
		tx_copy(core, frame);
		return;
	}
	frame->lent = chain.count;
	tx_take_place(frame);
	if (!mapreg->head && frame->lent <= mapreg->free) {
		mapreg->free -= frame->lent;
		map(core, frame);
		return;
	}
	frame->copy_next = NULL;
	if (mapreg->tail)
		mapreg->tail->copy_next = frame;
	else
		mapreg->head = frame;
	mapreg->tail = frame;
}

static void give_back(struct core *core, void *ctx, uint64_t lent)
{
	struct mapreg *mapreg = ((struct tx_queue *)ctx)->state;

	mapreg->free += (uint32_t)lent;
	while (mapreg->head && mapreg->head->lent <= mapreg->free) {
		struct tx_frame *frame = mapreg->head;

		mapreg->head = frame->copy_next;
		if (!mapreg->head)
			mapreg->tail = NULL;
		mapreg->free -= frame->lent;
		cpu_then(core, map_waiting, frame, 0);
	}
}

static void complete(struct core *core, struct tx_frame *frame)
{
	struct tx_queue *queue = frame->queue;
	uint32_t lent = frame->lent, i;

	for (i = 0; i < lent; i++)
		tx_charge(core, frame, R_COMPLETE_MAPPING, TX_UNMAP, 0, 0);
	if (frame->mapped)
		tx_unmap(core, frame);
	else
		tx_release(core, frame);
	cpu_then(core, give_back, queue, lent);
}

const struct tx_ops tx_ndis5_mapreg_ops = {
	.name = "ndis5-mapreg",
	.summary = "the miniport maps each buffer by registers it owns",
	.params = params,
	.state_size = sizeof(struct mapreg),
	.interface = TX_NDIS5_REGISTERS,
	.setup = setup,
	.send = send,
	.complete = complete,
};
