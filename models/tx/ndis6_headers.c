/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Copy the headers into an area that is always mapped, map the payload: what
 * NetKVM does.  A frame that is all headers is only copied; one of too many
 * fragments is copied whole, into pages of the queue.
 *
 * Headers areas belong to the driver's context of a frame, one a descriptor of
 * the ring, so a frame never waits for one.
 */
#include "models/ndis/sends_steps.h"

#define AREA_BYTES 256u

struct headers {
	uint64_t base; /* logical address of the areas */
	uint32_t areas, next;
	struct memory_stamp written; /* the last area's */
};

static int setup(struct tx_queue *queue, const struct config *cfg,
		 struct err *err)
{
	struct machine *m = queue->adapter->m;
	struct headers *headers = queue->state;
	uint64_t bytes;

	headers->areas = queue->ring_size;
	bytes = (uint64_t)pages_spanned(0, headers->areas * AREA_BYTES) *
		HOST_PAGE;
	if (iommu_map_at_setup(&m->iommu, bytes, &headers->base, err) < 0)
		return -1;
	headers->written = memory_never();
	m->stats.memory.common_buffer_bytes += bytes;
	m->stats.memory.pinned_bytes += bytes;
	tx_count_memory(queue->adapter);
	return tx_setup_copy_pages(queue, cfg, err);
}

static void copy_headers(struct core *core, struct tx_frame *frame)
{
	struct machine *m = tx_machine(frame);
	struct headers *headers = frame->queue->state;
	enum residency from = memory_residency(
		&m->memory, m->headers.stamp[frame->header_slot]);

	frame->elements[0] =
		(struct sg_element){ headers->base + (uint64_t)headers->next *
							     AREA_BYTES,
				     frame->header_bytes };
	frame->lead = 1;
	headers->next = (headers->next + 1) % headers->areas;
	m->stats.cpu.copied_bytes += frame->header_bytes;
	tx_note_copy(m, from);
	tx_charge(core, frame, R_COPY, TX_COPY, 0,
		  copy_cycles(&m->copy, from, tx_sent_from(m, headers->written),
			      frame->header_bytes));
	headers->written = memory_cpu_wrote(&m->memory, frame->header_bytes);
}

static void send(struct core *core, struct tx_frame *frame)
{
	uint32_t room = frame->queue->adapter->sg_room;

	if (frame->header_bytes == frame->bytes ||
	    tx_has_more_fragments(frame, room)) {
		tx_copy(core, frame);
		return;
	}
	if (frame->header_bytes)
		copy_headers(core, frame);
	tx_map(core, frame);
}

static void complete(struct core *core, struct tx_frame *frame)
{
	if (frame->mapped)
		tx_unmap(core, frame);
	else
		tx_release(core, frame);
}

const struct tx_ops tx_ndis6_headers_ops = {
	.name = "ndis6-headers",
	.summary = "copy the headers, map the payload",
	.params = tx_no_params,
	.state_size = sizeof(struct headers),
	.setup = setup,
	.send = send,
	.complete = complete,
};
