/* SPDX-License-Identifier: Apache-2.0 */
#include "models/ndis/logged.h"

#include <stdlib.h>
#include <string.h>

#include "models/machine_state.h"
#include "models/ndis/sends.h"

#define ETHERNET_HEADER 14u
#define MIN_FRAME	60u

int logged_init(struct logged *logged, const struct frame_layouts *source,
		struct err *err)
{
	*logged = (struct logged){ .source = source };
	return pool_init(&logged->chains, sizeof(struct logged_chain), 16, err);
}

void logged_clear(struct logged *logged)
{
	free(logged->kept.items);
	free(logged->free);
	pool_clear(&logged->chains);
}

static void grow(struct logged *logged)
{
	size_t old = logged->kept.room, room = old ? 2 * old : 64;

	logged->kept.items = reallocarray(logged->kept.items, room,
					  sizeof(*logged->kept.items));
	logged->free = reallocarray(logged->free, room, sizeof(*logged->free));
	if (!logged->kept.items || !logged->free)
		out_of_memory("layouts of %zu frames", room);
	logged->kept.room = room;
	while (room > old)
		logged->free[logged->free_count++] = (uint32_t)room--;
}

void logged_keep(struct logged *logged, struct frame *frame)
{
	const struct frame_layout *layout =
		frame_layout_of(logged->source, frame);

	frame->layout = 0;
	if (!layout)
		return;
	if (!logged->free_count)
		grow(logged);
	frame->layout = logged->free[--logged->free_count];
	logged->kept.items[frame->layout - 1] = *layout;
}

void logged_forget(struct logged *logged, uint32_t layout)
{
	logged->free[logged->free_count++] = layout;
}

/* --- calls and lists --- */

enum logged_answer logged_compare_calls(const struct logged *logged,
					const struct frame *a,
					const struct frame *b)
{
	const struct frame_layout *first = logged_of(logged, a);
	const struct frame_layout *next = logged_of(logged, b);
	bool known = first && first->known & LAYOUT_BATCH;

	if (known != (next && next->known & LAYOUT_BATCH))
		return LOGGED_OTHER;
	if (!known)
		return LOGGED_UNKNOWN;
	return first->batch == next->batch ? LOGGED_SAME : LOGGED_OTHER;
}

enum logged_answer logged_compare_lists(const struct logged *logged,
					const struct frame *a,
					const struct frame *b)
{
	const struct frame_layout *first = logged_of(logged, a);
	const struct frame_layout *next = logged_of(logged, b);
	bool known = first && first->known & LAYOUT_NBL;

	if (known != (next && next->known & LAYOUT_NBL))
		return LOGGED_OTHER;
	if (!known)
		return LOGGED_UNKNOWN;
	return first->nbl == next->nbl ? LOGGED_SAME : LOGGED_OTHER;
}

/* --- memory --- */

uint32_t logged_slot(const struct machine *m, const struct frame *record,
		     uint32_t slot)
{
	const struct frame_layout *layout = logged_of(&m->logged, record);

	if (!(layout->known & LAYOUT_BUFFER))
		return slot;
	if (layout->buffer < m->payloads.slots)
		return (uint32_t)layout->buffer;
	return (uint32_t)(mix64(layout->buffer) % m->payloads.slots);
}

/* Bytes that pad a frame of @bytes after its last MDL; -1: it is another. */
static int64_t padding(const struct frame_layout *layout, uint32_t bytes)
{
	uint32_t sum = 0;
	unsigned i;

	for (i = 0; i < layout->mdl_count; i++)
		sum += layout->mdl_bytes[i];
	sum -= layout->skip;
	if (sum == bytes)
		return 0;
	/* The capture has it as the wire did. */
	if (bytes == MIN_FRAME && sum >= ETHERNET_HEADER && sum < bytes)
		return bytes - sum;
	return -1;
}

/* The first MDL is of the headers: into their buffer; false: it is not. */
static bool lay_headers(struct machine *m, struct tx_frame *frame,
			const struct frame_layout *layout, uint32_t most)
{
	const struct buffer_pool *headers = &m->headers;
	uint32_t bytes = layout->mdl_bytes[0], offset = layout->mdl_offset[0];

	if (offset == LAYOUT_NO_OFFSET)
		offset = headers->offset[frame->header_slot];
	if (m->mdl_layout == LAYOUT_LINEAR || bytes - layout->skip > most ||
	    bytes > headers->bytes || offset + bytes > HOST_PAGE)
		return false;
	frame->header_bytes = bytes - layout->skip;
	mdl_add(&frame->logged->chain,
		buffer_pages(headers, frame->header_slot), offset, bytes);
	return true;
}

static void draw_pages(const struct machine *m, const struct tx_frame *frame,
		       struct logged_chain *to, uint8_t known)
{
	const struct buffer_pool *pool = &m->payloads;
	const uint64_t *pages = buffer_pages(pool, frame->payload_slot);
	uint64_t first = (uint64_t)frame->payload_slot * pool->pages_per_slot;
	uint32_t i;

	for (i = 0; i < to->pages; i++) {
		uint32_t page = i % pool->pages_per_slot;

		to->pfn[i] = pages[page];
		if (i && known & LAYOUT_CONTIGUOUS)
			to->pfn[i] = to->pfn[i - 1] + 1;
		if (i && known & LAYOUT_SCATTERED &&
		    to->pfn[i] == to->pfn[i - 1] + 1)
			to->pfn[i]++;
		if (pool->logical)
			to->logical[i] = pool->logical[first + page];
	}
}

static void lay_payload(const struct machine *m, const struct tx_frame *frame,
			const struct frame_layout *layout, unsigned i)
{
	struct logged_chain *to = frame->logged;
	uint32_t at = 0;

	for (; i < layout->mdl_count; i++) {
		uint32_t offset = layout->mdl_offset[i];

		if (offset == LAYOUT_NO_OFFSET && !to->pages)
			offset = m->payloads.offset[frame->payload_slot];
		if (offset != LAYOUT_NO_OFFSET && offset != at % HOST_PAGE)
			at = (at + HOST_PAGE - 1) / HOST_PAGE * HOST_PAGE +
			     offset;
		mdl_add(&to->chain, to->pfn, at, layout->mdl_bytes[i]);
		at += layout->mdl_bytes[i];
		to->pages = pages_spanned(0, at);
	}
	draw_pages(m, frame, to, layout->known);
}

static void lay_out(struct machine *m, struct tx_frame *frame,
		    const struct frame_layout *layout, uint32_t headers)
{
	struct logged_chain *to = pool_take(&m->logged.chains);
	struct mdl_chain *chain = &to->chain;

	frame->logged = to;
	to->pages = 0;
	mdl_chain_init(chain);
	frame->header_bytes = 0;
	lay_payload(m, frame, layout, lay_headers(m, frame, layout, headers));
	chain->skip = layout->skip;
}

void logged_send(struct machine *m, struct tx_frame *frame,
		 const struct frame *record)
{
	const struct frame_layout *layout = logged_of(&m->logged, record);
	struct frame_layout padded;
	int64_t pad = -1;

	m->stats.layout.sidecar_frames += record->at >= m->warm_up;
	m->stats.layout.misfit_frames += (layout->known & LAYOUT_HOLD) != 0;
	if (!(layout->known & LAYOUT_MDLS))
		return;
	if (frame->bytes == record->bytes)
		pad = padding(layout, frame->bytes);
	if (pad < 0) {
		m->stats.layout.misfit_frames++;
		return;
	}
	padded = *layout;
	padded.mdl_bytes[padded.mdl_count - 1] += (uint32_t)pad;
	lay_out(m, frame, &padded, record->header_bytes + (uint32_t)pad);
}

sim_time logged_receive(struct machine *m, const struct frame *record)
{
	const struct frame_layout *layout = logged_of(&m->logged, record);

	m->stats.layout.sidecar_frames += record->at >= m->warm_up;
	m->stats.layout.misfit_frames += (layout->known & ~LAYOUT_HOLD) != 0;
	return layout->known & LAYOUT_HOLD ? layout->hold_ps : -1;
}

/* --- what was made up --- */

void logged_tell_sent(struct machine *m, const struct tx_frame *frame,
		      const struct frame *record, uint64_t call, uint64_t list)
{
	struct frame_layout layout = { .known = LAYOUT_BATCH | LAYOUT_NBL |
						LAYOUT_BUFFER,
				       .batch = call,
				       .nbl = list,
				       .buffer = frame->payload_slot };
	struct mdl_chain chain;
	unsigned i;

	tx_chain(frame, &chain);
	if (frame->bytes == record->bytes) {
		layout.known |= LAYOUT_MDLS;
		layout.mdl_count = (uint8_t)chain.count;
		layout.skip = (uint16_t)chain.skip;
		for (i = 0; i < chain.count; i++) {
			layout.mdl_bytes[i] = chain.mdl[i].bytes;
			layout.mdl_offset[i] = (uint16_t)chain.mdl[i].offset;
		}
	}
	m->laid_out(m->laid_out_ctx, record, &layout);
}

void logged_tell_received(struct machine *m, const struct frame *record,
			  sim_time hold)
{
	const struct frame_layout layout = { .known = LAYOUT_HOLD,
					     .hold_ps = hold };

	m->laid_out(m->laid_out_ctx, record, &layout);
}
