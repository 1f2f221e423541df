/* SPDX-License-Identifier: Apache-2.0 */
/*
 * KMDF, duplex scatter/gather profile: any number of transactions at a time on
 * an adapter object that only sends.  The submission queue is deep and
 * circular, completions come in a queue of their own.  A frame of too many
 * elements (TOO_FRAGMENTED) is copied; one that exceeds the map registers is
 * cut into transfers.
 */
#include "models/tx/wdf.h"

#define ENTRY_BYTES 16u

static int setup(struct tx_queue *queue, const struct config *cfg,
		 struct err *err)
{
	static const uint64_t widths[] = { 64, 32, 0 };
	struct machine *m = queue->adapter->m;
	struct tx_mapping *mapping = queue->state;

	if (tx_check_width(cfg, widths, "the scatter/gather profile", err) < 0)
		return -1;
	*mapping = (struct tx_mapping){
		.build = wdf_version_3(cfg) ? R_BUILD_LIST_EX : R_BUILD_LIST,
		.put = R_PUT_LIST,
		.mapped = tx_ready,
		.refused = tx_refused_copy,
	};
	wdf_add_calls(mapping, cfg);
	if (queue->ring_size <= queue->adapter->sg_room)
		return err_set(err, ERR_USAGE,
			       "tx.wdf_queue must exceed nic.sg_elements");
	m->stats.memory.common_buffer_bytes += queue->ring_size * ENTRY_BYTES;
	m->stats.memory.pinned_bytes += queue->ring_size * ENTRY_BYTES;
	tx_count_memory(queue->adapter);
	if (!config_choice(cfg, "tx.wdf_transactions"))
		routine_setup(&m->ledger, R_WDF_CREATE);
	return tx_setup_copy_pages(queue, cfg, err);
}

static void send(struct core *core, struct tx_frame *frame)
{
	tx_map_as(core, frame, frame->queue->state);
}

static void complete(struct core *core, struct tx_frame *frame)
{
	if (frame->mapped)
		tx_unmap(core, frame);
	else
		tx_release(core, frame);
}

const struct tx_ops tx_wdf_sg_ops = {
	.name = "wdf-sg",
	.summary = "KMDF, duplex scatter/gather: concurrent transactions",
	.params = tx_wdf_params,
	.state_size = sizeof(struct tx_mapping),
	.interface = TX_WDF,
	.ring_key = "tx.wdf_queue",
	.setup = setup,
	.send = send,
	.complete = complete,
};
