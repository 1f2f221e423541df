/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a frame leaves behind in histograms and digests, none of which the
 * simulation asks again: stats.tx_stage and rx_stage, the compared latencies,
 * the machine's fingerprint and memory digest.
 */
#ifndef MODELS_BOOKING_H
#define MODELS_BOOKING_H

#include "models/machine_state.h"

/* Its stages, which sum to @total; to @hists, unless NULL. */
static inline void book_stages(struct machine *m,
			       const struct stage_clock *clock, uint64_t seq,
			       uint64_t total, struct hist *hists)
{
	if (stage_book(clock, seq, total, hists, &m->fingerprint))
		m->books.stage_errors++;
}

/* One of the compared latencies. */
static inline void book_latency(struct hist *hist, uint64_t ps)
{
	hist_record_bits(hist, HIST_BITS_FINE, ps, 1);
}

/* Completed well, @total ps after it was offered. */
void book_sent(struct machine *m, const struct tx_frame *frame, uint64_t total);
/* Released, @total ps after it came; its stages are of the window if @counted.
 */
static inline void book_released(struct machine *m,
				 const struct rx_frame *frame, uint64_t total,
				 bool counted)
{
	book_stages(m, &frame->clock, ~frame->seq, total,
		    counted ? m->stats.rx_stage : NULL);
}
/* Indicated, @latency ps after it came. */
void book_delivered(struct machine *m, const struct rx_frame *frame,
		    uint64_t latency);
/* Where a frame that is offered lies in memory. */
void book_memory(struct machine *m, const struct tx_frame *frame);

#endif
