/* SPDX-License-Identifier: Apache-2.0 */
#include "models/booking.h"

#include "core/digest.h"
#include "core/journal.h"

/* Words of an entry; without a journal it is booked from here. */
struct entry {
	struct journal *journal;
	JOURNAL_BOOK(*book);
	uint64_t *words;
	uint64_t local[JOURNAL_ENTRY];
};

static inline void entry_open(struct entry *entry, struct machine *m,
			      JOURNAL_BOOK(*book))
{
	entry->journal = m->stats.journal;
	entry->book = book;
	entry->words = entry->journal ? journal_open(entry->journal, book)
				      : entry->local;
	entry->words[0] = (uintptr_t)m;
}

static inline void entry_close(struct entry *entry, uint64_t *end)
{
	if (entry->journal)
		journal_close(entry->journal, end);
	else
		entry->book(entry->words);
}

static inline struct machine *machine_of(const uint64_t *words)
{
	return (struct machine *)(uintptr_t)words[0];
}

/* --- stages --- */

static const uint64_t *book_stages(struct machine *m, const uint64_t *words,
				   uint64_t seq, uint64_t total,
				   struct hist *hists)
{
	const uint64_t *end =
		stage_book(words, seq, &total, hists, &m->fingerprint);

	if (total)
		m->books.stage_errors++;
	return end;
}

static JOURNAL_BOOK(sent)
{
	struct machine *m = machine_of(words);
	uint64_t total = words[2];

	hist_record(&m->stats.tx.latency_complete_ps, total);
	hist_record(&m->stats.tx.latency_complete_less_moderation_ps, words[3]);
	return book_stages(m, words + 4, words[1], total,
			   m->light ? NULL : m->stats.tx_stage);
}

void book_sent(struct machine *m, const struct tx_frame *frame, uint64_t total)
{
	const struct stage_clock *clock = &frame->clock;
	struct entry entry;

	entry_open(&entry, m, sent);
	entry.words[1] = frame->seq;
	entry.words[2] = total;
	entry.words[3] = total - (uint64_t)stage_time(clock, TX_MODERATION);
	entry_close(&entry, stage_pack(clock, entry.words + 4));
}

static JOURNAL_BOOK(released)
{
	struct machine *m = machine_of(words);

	return book_stages(m, words + 4, words[1], words[2],
			   words[3] ? m->stats.rx_stage : NULL);
}

void book_released(struct machine *m, const struct rx_frame *frame,
		   uint64_t total, bool counted)
{
	struct entry entry;

	entry_open(&entry, m, released);
	entry.words[1] = ~frame->seq;
	entry.words[2] = total;
	entry.words[3] = counted;
	entry_close(&entry, stage_pack(&frame->clock, entry.words + 4));
}

static JOURNAL_BOOK(delivered)
{
	struct machine *m = machine_of(words);

	hist_record(&m->stats.rx.latency_ps, words[1]);
	hist_record(&m->stats.rx.latency_less_moderation_ps, words[2]);
	return words + 3;
}

void book_delivered(struct machine *m, const struct rx_frame *frame,
		    uint64_t latency)
{
	struct entry entry;

	entry_open(&entry, m, delivered);
	entry.words[1] = latency;
	entry.words[2] =
		latency - (uint64_t)stage_time(&frame->clock, RX_MODERATION);
	entry_close(&entry, entry.words + 3);
}

/* --- memory --- */

static JOURNAL_BOOK(memory)
{
	struct machine *m = machine_of(words);
	uint64_t seq = words[1], offset = words[4], pages = words[5];

	m->memory_digest += digest_item(seq, words[2], words[3]);
	for (words += 6; pages; pages--)
		m->memory_digest += digest_item(seq, *words++, offset);
	return words;
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
	struct entry entry;

	entry_open(&entry, m, memory_sum);
	entry.words[1] = digest_item(
		frame->seq, *buffer_pages(&m->headers, frame->header_slot),
		frame->header_bytes);
	for (page = 0; page < logged->pages; page++)
		entry.words[1] += digest_item(frame->seq, logged->pfn[page],
					      logged->chain.mdl[first].offset);
	entry_close(&entry, entry.words + 2);
}

void book_memory(struct machine *m, const struct tx_frame *frame)
{
	const uint64_t *pages = buffer_pages(&m->payloads, frame->payload_slot);
	uint32_t payload = frame->bytes - frame->header_bytes;
	uint32_t offset =
		m->payloads.offset[frame->payload_slot] + frame->payload_offset;
	uint32_t first = offset / HOST_PAGE, i;
	uint32_t count =
		payload ? (offset + payload - 1) / HOST_PAGE - first + 1 : 0;
	struct entry entry;

	if (frame->logged) {
		book_logged(m, frame);
		return;
	}
	entry_open(&entry, m, memory);
	BUG_ON(count > JOURNAL_ENTRY - 7);
	entry.words[1] = frame->seq;
	entry.words[2] = *buffer_pages(&m->headers, frame->header_slot);
	entry.words[3] = frame->header_bytes;
	entry.words[4] = offset;
	entry.words[5] = count;
	for (i = 0; i < count; i++)
		entry.words[6 + i] = pages[first + i];
	entry_close(&entry, entry.words + 6 + count);
}
