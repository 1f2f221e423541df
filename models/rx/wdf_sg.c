/* SPDX-License-Identifier: Apache-2.0 */
/*
 * KMDF, duplex scatter/gather profile: a transaction per posted buffer on the
 * adapter object that only receives, whose map registers have an account of
 * their own (rx.maps, rx.registers_in_use).  Transactions are made at start
 * and used again.
 *
 * Source: KMDF, WDK framework DMA.
 */
#include "models/machine_state.h"
#include "models/ndis/receives.h"

static const struct rx_mapping version_2 = {
	.ask = { R_WDF_INITIALIZE, R_WDF_EXECUTE },
	.build = R_BUILD_LIST,
	.callback = R_WDF_PROGRAM,
	.put = { R_WDF_COMPLETED, R_PUT_LIST, R_WDF_RELEASE },
};

static const struct rx_mapping version_3 = {
	.ask = { R_WDF_INITIALIZE, R_WDF_EXECUTE },
	.build = R_BUILD_LIST_EX,
	.callback = R_WDF_PROGRAM,
	.put = { R_WDF_COMPLETED, R_PUT_LIST, R_WDF_RELEASE },
};

static const struct param_choice versions[] = {
	{ "2", "default on x86 and x64" },
	{ "3", "default on Arm" },
	{ NULL, NULL },
};

static const struct param params[] = {
	{ .key = "rx.wdf_version",
	  .type = PARAM_CHOICE,
	  .preset_default = "2",
	  .choices = versions,
	  .help = "version of the HAL's DMA interface beneath KMDF",
	  .source = "KMDF" },
	{ .key = NULL },
};

/* One object for all queues. */
static struct hal_adapter *receive_object(struct adapter *adapter)
{
	struct machine *m = adapter->m;
	struct hal_adapter *object = adapter->rx[0].object;

	if (object)
		return object;
	object = arena_take(&m->arena, sizeof(*object));
	hal_adapter_init(object, &m->hal);
	object->stat_maps = &m->stats.rx.maps;
	object->stat_waits = &m->stats.rx.map_waits;
	object->stat_wait_ps = &m->stats.rx.map_wait_ps;
	object->stat_in_use = &m->stats.rx.registers_in_use;
	object->stat_queue = &m->stats.rx.map_queue;
	routine_setup(&m->ledger, R_WDF_ENABLER);
	return object;
}

static int setup(struct rx_queue *queue, const struct config *cfg,
		 struct err *err)
{
	static const uint64_t widths[] = { 64, 32, 0 };
	uint32_t i;

	if (tx_check_width(cfg, widths, "the scatter/gather profile", err) < 0)
		return -1;
	queue->object = receive_object(queue->adapter);
	queue->mapping =
		config_choice(cfg, "rx.wdf_version") ? &version_3 : &version_2;
	if (rx_setup_mapped(queue, cfg, err) < 0)
		return -1;
	for (i = 0; i < queue->pool.slots; i++)
		routine_setup(&queue->m->ledger, R_WDF_CREATE);
	return 0;
}

static void receive(struct core *core, struct rx_frame *frame)
{
	rx_mark_resources(frame);
	rx_flush(core, frame);
	cpu_then(core, rx_taken, frame, 0);
}

const struct rx_ops rx_wdf_sg_ops = {
	.name = "wdf-sg",
	.summary = "KMDF, the duplex profile's second adapter object",
	.params = params,
	.wdf = true,
	.setup = setup,
	.receive = receive,
	.repost = rx_map_and_post,
};
