/* SPDX-License-Identifier: Apache-2.0 */
#include "models/booking.h"

#include "core/digest.h"

void book_sent(struct machine *m, const struct tx_frame *frame, uint64_t total)
{
	const struct stage_clock *clock = &frame->clock;
	uint64_t less = total - (uint64_t)stage_time(clock, TX_MODERATION);

	steady_record(&m->tx_steady, m->kernel.now, less);
	book_latency(&m->stats.tx.latency_complete_ps, total);
	book_latency(&m->stats.tx.latency_complete_less_moderation_ps, less);
	book_stages(m, clock, frame->seq, total,
		    m->light ? NULL : m->stats.tx_stage);
}

void book_delivered(struct machine *m, const struct rx_frame *frame,
		    uint64_t latency)
{
	uint64_t less =
		latency - (uint64_t)stage_time(&frame->clock, RX_MODERATION);

	steady_record(&m->rx_steady, m->kernel.now, less);
	book_latency(&m->stats.rx.latency_ps, latency);
	book_latency(&m->stats.rx.latency_less_moderation_ps, less);
}

/* Of the pages of a payload, and of its header's. */
static uint64_t digest_pages(const struct machine *m,
			     const struct tx_frame *frame,
			     const uint64_t *pages, uint64_t count,
			     uint32_t offset)
{
	uint64_t sum = digest_item(
		frame->seq, *buffer_pages(&m->headers, frame->header_slot),
		frame->header_bytes);

	for (; count; count--)
		sum += digest_item(frame->seq, *pages++, offset);
	return sum;
}

static uint64_t digest_logged(const struct machine *m,
			      const struct tx_frame *frame)
{
	const struct logged_chain *logged = frame->logged;
	uint32_t first = frame->header_bytes != 0;

	return digest_pages(m, frame, logged->pfn, logged->pages,
			    logged->chain.mdl[first].offset);
}

static uint64_t digest_drawn(const struct machine *m,
			     const struct tx_frame *frame)
{
	const uint64_t *pages = buffer_pages(&m->payloads, frame->payload_slot);
	uint32_t payload = frame->bytes - frame->header_bytes;
	uint32_t offset =
		m->payloads.offset[frame->payload_slot] + frame->payload_offset;
	uint32_t first = offset / HOST_PAGE;
	uint32_t count =
		payload ? (offset + payload - 1) / HOST_PAGE - first + 1 : 0;

	return digest_pages(m, frame, pages + first, count, offset);
}

void book_memory(struct machine *m, const struct tx_frame *frame)
{
	m->memory_digest += frame->logged ? digest_logged(m, frame)
					  : digest_drawn(m, frame);
}
