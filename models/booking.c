/* SPDX-License-Identifier: Apache-2.0 */
#include "models/booking.h"

#include <string.h>

#include "core/digest.h"
#include "core/journal.h"

static inline struct machine *machine_of(const uint64_t *words)
{
	return (struct machine *)(uintptr_t)words[0];
}

/* --- stages: words of an entry are the machine and these --- */

enum { END_SEQ = 1, END_TOTAL, END_APART, END_USED, END_STAGES };

static inline uint64_t *write_end(struct machine *m, JOURNAL_BOOK(*book),
				  const struct stage_clock *clock,
				  uint64_t stages, uint64_t seq, uint64_t total,
				  uint64_t apart)
{
	uint64_t *words = journal_open(m->stats.journal, book);

	words[0] = (uintptr_t)m;
	words[END_SEQ] = seq;
	words[END_TOTAL] = total;
	words[END_APART] = apart;
	words[END_USED] = clock->used;
	memcpy(words + END_STAGES, clock->stage, stages * sizeof(*words));
	return words + END_STAGES + stages;
}

static void count_stages(struct machine *m, const uint64_t *stage,
			 uint64_t used, uint64_t seq, uint64_t total,
			 struct hist *hists)
{
	if (stage_book(stage, used, seq, total, hists, &m->fingerprint))
		m->books.stage_errors++;
}

static void count_sent(struct machine *m, const uint64_t *stage, uint64_t used,
		       uint64_t seq, uint64_t total, uint64_t less)
{
	hist_record(&m->stats.tx.latency_complete_ps, total);
	hist_record(&m->stats.tx.latency_complete_less_moderation_ps, less);
	count_stages(m, stage, used, seq, total,
		     m->light ? NULL : m->stats.tx_stage);
}

static JOURNAL_BOOK(sent)
{
	count_sent(machine_of(words), words + END_STAGES, words[END_USED],
		   words[END_SEQ], words[END_TOTAL], words[END_APART]);
	return words + END_STAGES + TX_STAGES;
}

void book_sent(struct machine *m, const struct tx_frame *frame, uint64_t total)
{
	const struct stage_clock *clock = &frame->clock;
	uint64_t less = total - (uint64_t)stage_time(clock, TX_MODERATION);

	steady_record(&m->tx_steady, m->kernel.now, less);
	if (m->stats.journal)
		journal_close(m->stats.journal,
			      write_end(m, sent, clock, TX_STAGES, frame->seq,
					total, less));
	else
		count_sent(m, (const uint64_t *)clock->stage, clock->used,
			   frame->seq, total, less);
}

static JOURNAL_BOOK(released)
{
	struct machine *m = machine_of(words);

	count_stages(m, words + END_STAGES, words[END_USED], words[END_SEQ],
		     words[END_TOTAL],
		     words[END_APART] ? m->stats.rx_stage : NULL);
	return words + END_STAGES + RX_STAGES;
}

void book_released(struct machine *m, const struct rx_frame *frame,
		   uint64_t total, bool counted)
{
	const struct stage_clock *clock = &frame->clock;

	if (m->stats.journal)
		journal_close(m->stats.journal,
			      write_end(m, released, clock, RX_STAGES,
					~frame->seq, total, counted));
	else
		count_stages(m, (const uint64_t *)clock->stage, clock->used,
			     ~frame->seq, total,
			     counted ? m->stats.rx_stage : NULL);
}

static void count_delivered(struct machine *m, uint64_t latency, uint64_t less)
{
	hist_record(&m->stats.rx.latency_ps, latency);
	hist_record(&m->stats.rx.latency_less_moderation_ps, less);
}

static JOURNAL_BOOK(delivered)
{
	count_delivered(machine_of(words), words[1], words[2]);
	return words + 3;
}

void book_delivered(struct machine *m, const struct rx_frame *frame,
		    uint64_t latency)
{
	uint64_t less =
		latency - (uint64_t)stage_time(&frame->clock, RX_MODERATION);
	uint64_t *words;

	steady_record(&m->rx_steady, m->kernel.now, less);
	if (!m->stats.journal) {
		count_delivered(m, latency, less);
		return;
	}
	words = journal_open(m->stats.journal, delivered);
	words[0] = (uintptr_t)m;
	words[1] = latency;
	words[2] = less;
	journal_close(m->stats.journal, words + 3);
}

/* --- memory: pages of the payload, behind its header's --- */

enum { AT_SEQ = 1, AT_PAGE, AT_HEADER, AT_OFFSET, AT_COUNT, AT_PAGES };

static const uint64_t *count_memory(const uint64_t *words,
				    const uint64_t *pages)
{
	struct machine *m = machine_of(words);
	uint64_t left;

	m->memory_digest +=
		digest_item(words[AT_SEQ], words[AT_PAGE], words[AT_HEADER]);
	for (left = words[AT_COUNT]; left; left--)
		m->memory_digest +=
			digest_item(words[AT_SEQ], *pages++, words[AT_OFFSET]);
	return pages;
}

static JOURNAL_BOOK(memory)
{
	return count_memory(words, words + AT_PAGES);
}

static JOURNAL_BOOK(memory_sum)
{
	machine_of(words)->memory_digest += words[1];
	return words + 2;
}

/* Likewise of a frame laid out as logged, whose pages may be many. */
static void book_logged(struct machine *m, const struct tx_frame *frame)
{
	const struct logged_chain *logged = frame->logged;
	uint32_t page, first = frame->header_bytes != 0;
	uint64_t *words, sum = digest_item(
				 frame->seq,
				 *buffer_pages(&m->headers, frame->header_slot),
				 frame->header_bytes);

	for (page = 0; page < logged->pages; page++)
		sum += digest_item(frame->seq, logged->pfn[page],
				   logged->chain.mdl[first].offset);
	if (!m->stats.journal) {
		m->memory_digest += sum;
		return;
	}
	words = journal_open(m->stats.journal, memory_sum);
	words[0] = (uintptr_t)m;
	words[1] = sum;
	journal_close(m->stats.journal, words + 2);
}

static void book_drawn(struct machine *m, const struct tx_frame *frame)
{
	const uint64_t *pages = buffer_pages(&m->payloads, frame->payload_slot);
	uint32_t payload = frame->bytes - frame->header_bytes;
	uint32_t offset =
		m->payloads.offset[frame->payload_slot] + frame->payload_offset;
	uint32_t first = offset / HOST_PAGE, i;
	uint32_t count =
		payload ? (offset + payload - 1) / HOST_PAGE - first + 1 : 0;
	struct journal *journal = m->stats.journal;
	uint64_t local[AT_PAGES];
	uint64_t *words = journal ? journal_open(journal, memory) : local;

	words[0] = (uintptr_t)m;
	words[AT_SEQ] = frame->seq;
	words[AT_PAGE] = *buffer_pages(&m->headers, frame->header_slot);
	words[AT_HEADER] = frame->header_bytes;
	words[AT_OFFSET] = offset;
	words[AT_COUNT] = count;
	if (!journal) {
		count_memory(words, pages + first);
		return;
	}
	BUG_ON(count > JOURNAL_ENTRY - AT_PAGES - 1);
	for (i = 0; i < count; i++)
		words[AT_PAGES + i] = pages[first + i];
	journal_close(journal, words + AT_PAGES + count);
}

void book_memory(struct machine *m, const struct tx_frame *frame)
{
	if (frame->logged)
		book_logged(m, frame);
	else
		book_drawn(m, frame);
}
