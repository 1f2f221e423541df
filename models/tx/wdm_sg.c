/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Version 3 of the WDM interface, past NDIS: BuildScatterGatherListEx (or the
 * Get form) with the synchronous flag, as Microsoft recommends on Arm.  There
 * are registers now or none; then the driver copies the frame or keeps it for
 * later.  Or it does not set the flag, and takes a request back that was
 * queued.
 *
 * Source: WDK DMA v3.
 */
#include "models/ndis/sends_steps.h"

enum shortage { COPY_IT, KEEP_IT, CANCEL_IT };

static const struct param_choice shortage_choices[] = {
	{ "copy", "the driver copies the frame" },
	{ "queue", "it waits in the driver until others give registers back" },
	{ "cancel", "the HAL queues the request, the driver takes it back and "
		    "copies" },
	{ NULL, NULL },
};

static const struct param_choice list_choices[] = {
	{ "build", "preallocated (BuildScatterGatherListEx)" },
	{ "get", "the HAL's, at run time (GetScatterGatherListEx)" },
	{ NULL, NULL },
};

static const struct param params[] = {
	{ .key = "tx.wdm_shortage",
	  .type = PARAM_CHOICE,
	  .preset_default = "copy",
	  .choices = shortage_choices,
	  .help = "what becomes of a frame without registers",
	  .source = "WDK DMA v3" },
	{ .key = "tx.wdm_list",
	  .type = PARAM_CHOICE,
	  .preset_default = "build",
	  .choices = list_choices,
	  .help = "whose memory lists are in",
	  .source = "WDK DMA v3" },
	{ .key = NULL },
};

struct wdm {
	struct tx_backlog backlog;
	struct tx_mapping mapping;
	enum shortage shortage;
};

static void take_back(struct core *core, struct tx_frame *frame)
{
	if (!hal_cancel(&tx_machine(frame)->hal, core, &frame->map))
		return; /* granted meanwhile */
	tx_charge(core, frame, R_CANCEL_CHANNEL, TX_MAP, 0, 0);
	tx_copy(core, frame);
}

static int setup(struct tx_queue *queue, const struct config *cfg,
		 struct err *err)
{
	struct wdm *wdm = queue->state;

	wdm->shortage = (enum shortage)config_choice(cfg, "tx.wdm_shortage");
	wdm->mapping = (struct tx_mapping){
		.build = R_BUILD_LIST_EX,
		.callback = R_LIST_CONTROL,
		.put = R_PUT_LIST,
		.also_ask = { R_TRANSFER_INFO, R_FREE_ADAPTER },
		.flags = HAL_SYNC,
		.mapped = tx_ready,
		.refused = tx_refused_copy,
	};
	if (config_choice(cfg, "tx.wdm_list")) {
		wdm->mapping.build = R_GET_LIST_EX;
		wdm->mapping.allocates = true;
	}
	if (wdm->shortage == CANCEL_IT) {
		wdm->mapping.flags = HAL_WAIT;
		wdm->mapping.queued = take_back;
	}
	tx_backlog_init(&wdm->backlog, queue, &wdm->mapping, tx_copy);
	return tx_setup_copy_pages(queue, cfg, err);
}

static void send(struct core *core, struct tx_frame *frame)
{
	struct wdm *wdm = frame->queue->state;

	if (wdm->shortage != KEEP_IT) {
		tx_map_as(core, frame, &wdm->mapping);
		return;
	}
	tx_backlog_add(&wdm->backlog, frame);
	tx_backlog_run(core, &wdm->backlog);
}

static void complete(struct core *core, struct tx_frame *frame)
{
	struct wdm *wdm = frame->queue->state;

	if (!frame->mapped)
		tx_release(core, frame);
	else if (wdm->shortage == KEEP_IT)
		tx_backlog_unmap(core, &wdm->backlog, frame);
	else
		tx_unmap(core, frame);
}

const struct tx_ops tx_wdm_sg_ops = {
	.name = "wdm-sg",
	.summary = "the HAL's synchronous list calls, past NDIS",
	.params = params,
	.state_size = sizeof(struct wdm),
	.interface = TX_WDM,
	.setup = setup,
	.send = send,
	.complete = complete,
};
