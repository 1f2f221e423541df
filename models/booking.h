/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a frame leaves behind in histograms and digests, none of which the
 * simulation asks again: stats.tx_stage and rx_stage, the compared latencies,
 * the machine's fingerprint and memory digest.
 */
#ifndef MODELS_BOOKING_H
#define MODELS_BOOKING_H

#include "models/machine_state.h"

/* Completed well, @total ps after it was offered. */
void book_sent(struct machine *m, const struct tx_frame *frame, uint64_t total);
/* Released, @total ps after it came; its stages are of the window if @counted.
 */
void book_released(struct machine *m, const struct rx_frame *frame,
		   uint64_t total, bool counted);
/* Indicated, @latency ps after it came. */
void book_delivered(struct machine *m, const struct rx_frame *frame,
		    uint64_t latency);
/* Where a frame that is offered lies in memory. */
void book_memory(struct machine *m, const struct tx_frame *frame);

#endif
