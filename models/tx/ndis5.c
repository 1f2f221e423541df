/* SPDX-License-Identifier: Apache-2.0 */
#include "models/tx/ndis5.h"

#include "models/ndis/checks.h"
#include "models/ndis/misuse.h"

const struct param tx_ndis5_params[] = {
	{ .key = "tx.ndis5_always_map",
	  .type = PARAM_BOOL,
	  .preset_default = "yes",
	  .help = "a frame is mapped even if the driver copies it",
	  .source = "WDK SG DMA" },
	{ .key = "tx.ndis5_list_alloc",
	  .type = PARAM_BOOL,
	  .preset_default = "yes",
	  .help = "list memory is allocated for every frame",
	  .source = "WDK SG DMA" },
	{ .key = "tx.ndis5_raise_irql",
	  .type = PARAM_BOOL,
	  .preset_default = "yes",
	  .help = "the IRQL is raised even at DISPATCH",
	  .source = "WDK SG DMA" },
	{ .key = "tx.ndis5_one_at_a_time",
	  .type = PARAM_BOOL,
	  .preset_default = "yes",
	  .help = "a frame is mapped when the handler of the last returned",
	  .source = "WDK SG DMA" },
	{ .key = "tx.ndis5_map_first",
	  .type = PARAM_BOOL,
	  .preset_default = "yes",
	  .help = "what the driver edits is mapped already: it copies that",
	  .source = "WDK SG DMA" },
	{ .key = "tx.ndis5_copy_threshold",
	  .qty = QTY_BYTES,
	  .preset_default = "0B",
	  .max = 65536,
	  .help = "the driver copies frames up to this length",
	  .source = "driver survey: none" },
	{ .key = "tx.ndis5_edit",
	  .qty = QTY_BYTES,
	  .preset_default = "0B",
	  .max = 256,
	  .help = "header bytes that the driver edits in every frame",
	  .source = "design" },
	{ .key = NULL },
};

static void refused(struct core *core, struct tx_frame *frame,
		    enum hal_status status);

int ndis5_setup(struct tx_queue *queue, const struct config *cfg,
		struct err *err)
{
	static const uint64_t widths[] = { 32, 64, 0 };
	struct machine *m = queue->adapter->m;
	struct ndis5 *ndis = queue->state;

	if (tx_check_width(cfg, widths, "NDIS 5 scatter/gather", err) < 0)
		return -1;
	ndis->always_map = config_bool(cfg, "tx.ndis5_always_map");
	ndis->one_at_a_time = config_bool(cfg, "tx.ndis5_one_at_a_time");
	ndis->map_first = config_bool(cfg, "tx.ndis5_map_first");
	ndis->copy_threshold =
		(uint32_t)config_u64(cfg, "tx.ndis5_copy_threshold");
	ndis->edit_bytes = (uint32_t)config_u64(cfg, "tx.ndis5_edit");
	ndis->edited = memory_never();
	ndis->mapping = (struct tx_mapping){
		.build = R_BUILD_LIST,
		.callback = R_LIST_CONTROL,
		.put = R_PUT_LIST,
		.allocates = config_bool(cfg, "tx.ndis5_list_alloc"),
		.raises = config_bool(cfg, "tx.ndis5_raise_irql"),
		.mapped = ndis5_to_driver,
		.refused = refused,
	};
	if (ndis->mapping.allocates)
		ndis->mapping.build = R_GET_LIST;
	if (iommu_map_at_setup(&m->iommu, HOST_PAGE, &ndis->edit_base, err) < 0)
		return -1;
	return tx_setup_copy_pages(queue, cfg, err);
}

static void hand_next(struct core *core, void *ctx, uint64_t arg)
{
	struct tx_queue *queue = ctx;
	struct ndis5 *ndis = queue->state;
	struct tx_frame *frame = ndis->head;

	(void)arg;
	ndis->handing = frame != NULL;
	if (!frame)
		return;
	ndis->head = frame->copy_next;
	if (!ndis->head)
		ndis->tail = NULL;
	tx_waited(core, frame, ndis->mapping.build);
	tx_map_as(core, frame, &ndis->mapping);
}

/* The handler returned, or there is nothing to hand over. */
static void next(struct core *core, struct tx_queue *queue)
{
	const struct ndis5 *ndis = queue->state;

	if (ndis->one_at_a_time)
		cpu_then(core, hand_next, queue, 0);
}

static void refused(struct core *core, struct tx_frame *frame,
		    enum hal_status status)
{
	struct tx_queue *queue = frame->queue;
	bool last = !tx_may_fall_back(frame, status);

	tx_map_fallback(core, frame, status);
	if (last)
		next(core, queue);
}

/*
 * The list may be of bounce pages: what the driver writes now would not be
 * sent, so it copies what it edits to memory of its own.
 */
static void edit(struct core *core, struct tx_frame *frame)
{
	struct machine *m = tx_machine(frame);
	struct ndis5 *ndis = frame->queue->state;
	uint32_t bytes = ndis->edit_bytes;
	enum residency from = tx_source_of(frame);

	if (!bytes || !ndis->map_first)
		return;
	if (bytes > frame->bytes)
		bytes = frame->bytes;
	m->stats.cpu.copied_bytes += bytes;
	tx_note_copy(m, from);
	tx_charge(core, frame, R_COPY, TX_COPY, 0,
		  copy_cycles(&m->copy, from, tx_sent_from(m, ndis->edited),
			      bytes));
	ndis->edited = memory_cpu_wrote(&m->memory, bytes);
}

void ndis5_to_driver(struct core *core, struct tx_frame *frame)
{
	struct ndis5 *ndis = frame->queue->state;
	struct tx_queue *queue = frame->queue;

	if (ndis->one_at_a_time)
		frame->last_of_call = true; /* as far as the driver knows */
	if (misuse_has(frame->misuse, HAZARD_EDIT_AFTER_MAP))
		tx_edit(frame);
	/* For pages it would wait with registers in its hands. */
	if (frame->bytes <= ndis->copy_threshold && tx_can_copy_now(frame)) {
		tx_copy(core, frame);
	} else {
		edit(core, frame);
		tx_ready(core, frame);
	}
	next(core, queue);
}

void ndis5_send(struct core *core, struct tx_frame *frame)
{
	struct ndis5 *ndis = frame->queue->state;

	if (!ndis->always_map && frame->bytes <= ndis->copy_threshold &&
	    tx_can_copy(frame)) {
		tx_copy(core, frame);
		return;
	}
	if (!ndis->one_at_a_time) {
		tx_map_as(core, frame, &ndis->mapping);
		return;
	}
	frame->copy_next = NULL;
	if (ndis->tail)
		ndis->tail->copy_next = frame;
	else
		ndis->head = frame;
	ndis->tail = frame;
	if (!ndis->handing)
		hand_next(core, frame->queue, 0);
}

void ndis5_complete(struct core *core, struct tx_frame *frame)
{
	if (frame->mapped)
		tx_unmap(core, frame);
	else
		tx_release(core, frame);
}
