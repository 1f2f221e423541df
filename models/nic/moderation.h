/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Interrupt vectors and their moderation.
 *
 * Frames are counted and causes raised; a cause raised while the vector is
 * unmasked fires it when it is due.  Firing flushes write-backs, masks the
 * vector and sends the message; the DPC unmasks it.  Due is, by
 * nic.moderation_mode:
 *
 *	none	  at once
 *	fixed	  nic.moderation after the last interrupt: at once when quiet
 *	timers	  a delay after the last frame, at most another one after the
 *		  first, of each direction (e1000)
 *	adaptive  as fixed, the interval by the class of the load: lowest
 *		  latency, low latency, bulk
 *
 * With nic.moderation_frames so many frames since the last interrupt are due
 * at once.  With nic.poll there are no interrupts: the DPC runs at the next
 * multiple of it.  The phase of the first interval is drawn by replicate.
 *
 * Limits: an adaptive interval changes at once, not in steps; polls that find
 * nothing are not run.
 *
 * Source: Linux e1000, e1000e and ixgbe; 82574 and 82599 data.
 */
#ifndef MODELS_NIC_MODERATION_H
#define MODELS_NIC_MODERATION_H

#include "models/adapter.h"

void vector_init(struct vector *vector, const struct config *cfg);
/* A frame of @bytes is done; the cause is raised apart, for one or many. */
static inline void vector_count(struct vector *vector, enum vector_cause cause,
				uint32_t bytes, sim_time now)
{
	struct vector_load *load = &vector->load[cause];

	load->last = now;
	if (!load->frames++)
		load->first = now;
	load->bytes += bytes;
	vector->frames++;
}
void vector_pend(struct vector *vector);
static inline void vector_raise(struct vector *vector, enum vector_cause cause)
{
	vector->load[cause].raised = true;
	/* Only timers and counted frames make it due at another time. */
	if (!vector->pending || !vector->armed || !vector->steady)
		vector_pend(vector);
}
void vector_unmask(struct vector *vector);
/*
 * The wait of a frame done before the vector last fired: while the vector was
 * masked it waited for the interrupt before, then for moderation.
 */
static inline void vector_stages(const struct vector *vector,
				 struct stage_clock *clock, unsigned interrupt,
				 unsigned moderation)
{
	stage_close(clock, interrupt, vector->unmasked_at);
	stage_close(clock, moderation, vector->last_fire);
}

/* --- adaptive moderation --- */

/* By bytes per time (ixgbe), or by frames and bytes (e1000e). */
enum adaptive_rule { ADAPTIVE_RATE, ADAPTIVE_MIX };

struct adaptive {
	enum adaptive_rule rule;
	sim_time interval[VECTOR_CLASSES];
	uint64_t low_bps, bulk_bps; /* a higher rate is low latency, bulk */
};

/*
 * The class of one direction after an interrupt that found @frames of @bytes,
 * from the class before.
 */
enum vector_class adaptive_class(const struct adaptive *adaptive,
				 enum vector_class class, uint64_t frames,
				 uint64_t bytes);

#endif
