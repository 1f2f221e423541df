/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a machine tells its observers (core/observer.h): the far side of the
 * tests that the models make where a stage closes, a core runs, a server
 * serves.  Nothing here is called in a run that nobody watches.
 *
 *	if (unlikely(m->observers))
 *		watch_tx(m, frame, part);
 *	...
 *	if (unlikely(frame->clock.watch))
 *		watch_end(&frame->clock, now, VERDICT_SENT, "");
 */
#ifndef MODELS_WATCH_H
#define MODELS_WATCH_H

#include "core/observer.h"
#include "models/adapter.h"

#define unlikely(test) __builtin_expect(!!(test), 0)

struct machine;

/* Let the observers of @list watch @m; ERR_IO without memory. */
int watch_init(struct machine *m, struct observer *list, struct err *err);
/* The statistics have been begun anew. */
void watch_levels(struct machine *m);
/* The run is over. */
void watch_over(struct machine *m);
void watch_clear(struct machine *m);

/* A frame begins. */
void watch_tx(struct machine *m, struct tx_frame *frame, uint32_t part);
void watch_rx(struct machine *m, struct rx_frame *frame, uint32_t part);
/* A record that no frame was made of. */
void watch_lost(struct machine *m, const struct frame *record,
		enum observed_verdict verdict, const char *why);
/* Its last bit is out, or it has been indicated. */
void watch_delivered(struct stage_clock *clock, sim_time now);
void watch_end(struct stage_clock *clock, sim_time now,
	       enum observed_verdict verdict, const char *why);
void watch_tx_end(struct tx_frame *frame, sim_time now);

/* Where its data is: it is about to be posted, or has got its buffer. */
void watch_tx_memory(const struct tx_frame *frame);
void watch_rx_memory(const struct rx_frame *frame);

/* It has to wait: for room in the ring, for copy pages, for those before. */
void watch_ring_wait(const struct tx_frame *frame);
void watch_copy_wait(const struct tx_frame *frame, uint32_t pages);
void watch_order_wait(const struct tx_frame *frame);

void watch_interrupt(const struct vector *vector);

#endif
