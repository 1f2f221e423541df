/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The miniport's life: running, paused, in reset, hung; which sends it takes
 * and with what status the others complete.
 *
 *	pause	new sends complete PAUSED; over when the sends it has taken are
 *		completed and the protocol has returned all received frames;
 *		then the adapter is paused for a while and restarted
 *	cancel	sends that wait in the driver complete SEND_ABORTED; what is
 *		mapped or posted goes out
 *	reset	new sends complete RESET_IN_PROGRESS; the card is stopped, which
 *		lets it finish what it has begun to read; the rest of the ring
 *		and what waits for it is completed by the driver, a mapping
 *		still pending is freed by its callback
 *	hang	the card stops by itself; NDIS asks every 2 s whether it hangs,
 *		and resets it when it has not moved since
 *
 * Frames that arrive while the card is stopped or the adapter paused are lost.
 *
 * Invariants: (1) one event at a time: the next waits for it; (2) every frame
 * that the driver has taken is settled, with one status; (3) nothing is
 * scheduled without an event.
 *
 * Source: WDK miniport states, pause, cancel, reset and check-for-hang; e100bex
 * for mappings that are pending.  Limits: the calls themselves cost nothing.
 */
#ifndef MODELS_NDIS_LIFECYCLE_H
#define MODELS_NDIS_LIFECYCLE_H

#include "models/adapter.h"

enum life_state {
	LIFE_RUNNING,
	LIFE_HUNG, /* the driver takes sends up to here */
	LIFE_PAUSING,
	LIFE_PAUSED,
	LIFE_STOPPING, /* until the card is quiet */
	LIFE_RESETTING
};

struct lifecycle {
	enum life_state state;
	sim_time since;	  /* this event's begin */
	sim_time length;  /* asked for */
	uint64_t inside;  /* sends taken and not settled */
	uint64_t events;  /* numbers them */
	unsigned busy;	  /* queues whose rings are being emptied */
	bool due;	  /* the end of a pause is on its way */
	unsigned pending; /* rules that wait, a bit each */
};

/* Schedule what run.inject asks for. */
void lifecycle_init(struct machine *m);
/* The driver unloads: what is still outstanding is a hazard. */
void lifecycle_halt(struct machine *m);

/* Does the driver take @frame?  If not, refuse it. */
static inline bool lifecycle_accepts(struct lifecycle *life,
				     struct tx_frame *frame)
{
	if (life->state > LIFE_HUNG)
		return false;
	frame->turn = ++frame->queue->taken;
	life->inside++;
	return true;
}

/* The driver completes what it did not accept. */
void lifecycle_refuse(struct core *core, struct tx_frame *frame);

/* Is the card there for a frame that arrives? */
static inline bool lifecycle_receives(const struct lifecycle *life)
{
	return life->state == LIFE_RUNNING;
}

/* Does a pause wait until nothing is inside? */
static inline bool lifecycle_waits(const struct lifecycle *life)
{
	return life->state == LIFE_PAUSING;
}
/* Then: a send that was taken is settled, a received frame released. */
void lifecycle_left(struct machine *m);

/* What becomes of @frame, of which sends up to its turn were aborted. */
enum tx_status lifecycle_aborted(const struct tx_frame *frame);

/* What becomes of @frame, which could be posted. */
static inline enum tx_status lifecycle_verdict(const struct tx_frame *frame)
{
	return frame->turn > frame->queue->abort.upto
		       ? TX_SUCCESS
		       : lifecycle_aborted(frame);
}

#endif
