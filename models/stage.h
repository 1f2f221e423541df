/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stages: where a frame's time goes.
 *
 * A stage is the time between two consecutive milestones of one frame.  Every
 * frame carries one clock; stage_close() books all time since the last
 * milestone to one stage, so the stages of a frame sum to its whole latency by
 * construction, to the picosecond.  Overlapped work belongs to the later
 * stage; time lost to preemption stays in the stage interrupted.
 */
#ifndef MODELS_STAGE_H
#define MODELS_STAGE_H

#include <stdint.h>

#include "core/observer.h"
#include "core/sim_time.h"

enum tx_stage {
	TX_QUEUE,      /* held back by the closed-loop window */
	TX_CPU_WAIT,   /* until a core gets to the frame */
	TX_STACK,      /* protocol stack */
	TX_LOCK_WAIT,  /* spinning for the queue's lock */
	TX_DRIVER,     /* the miniport's own work */
	TX_MAP_WAIT,   /* for map registers */
	TX_MAP,	       /* SG list build, IOMMU map, list processing */
	TX_BOUNCE,     /* HAL copy into bounce pages */
	TX_COPY,       /* copy into common buffers */
	TX_ORDER_WAIT, /* for earlier frames of the ring */
	TX_RING_WAIT,  /* for free descriptors or copy buffers */
	TX_FETCH,      /* doorbell and descriptor fetch */
	TX_DATA,       /* payload read over PCIe */
	TX_WIRE,       /* until the last bit has left */
	TX_WRITE_BACK, /* completion visible in host memory */
	TX_MODERATION, /* until the interrupt is sent */
	TX_INTERRUPT,  /* interrupt, ISR, until its DPC starts */
	TX_DPC_WAIT,   /* until the DPC gets to the frame */
	TX_UNMAP,      /* reap, unmap, completion to the protocol */
	TX_STAGES
};

enum rx_stage {
	RX_FIFO,       /* in the NIC, waiting for a descriptor or the link */
	RX_DMA_WRITE,  /* payload write over PCIe */
	RX_WRITE_BACK, /* descriptor visible in host memory */
	RX_MODERATION,
	RX_INTERRUPT,
	RX_DPC_WAIT,
	RX_FLUSH,      /* unmap or flush before the CPU reads */
	RX_COPY,       /* copy out of the slot */
	RX_DRIVER,     /* the miniport's own work */
	RX_INDICATE,   /* until its indication delivers it: latency ends */
	RX_STACK_WAIT, /* behind earlier frames of the indication */
	RX_STACK,      /* protocol stack, in the indicate call */
	RX_HOLD,       /* buffer kept by the upper layer */
	RX_REPOST,     /* returned, re-mapped, back in the ring */
	RX_STAGES
};

#define STAGES_MAX 19

struct stage_clock {
	sim_time last; /* the latest milestone */
	uint32_t used; /* bit per stage that took time: the others are unset */
	struct observed *watch; /* NULL: nobody watches it */
	sim_time stage[STAGES_MAX];
};

static inline void stage_start(struct stage_clock *clock, sim_time now)
{
	clock->last = now;
	clock->used = 0;
	clock->watch = NULL;
}

/* Time booked to @stage so far, ps. */
static inline sim_time stage_time(const struct stage_clock *clock,
				  unsigned stage)
{
	return clock->used >> stage & 1 ? clock->stage[stage] : 0;
}

/* The milestone at the end of @stage was at @at (not before the last). */
static inline void stage_close(struct stage_clock *clock, unsigned stage,
			       sim_time at)
{
	if (at > clock->last) {
		clock->stage[stage] =
			stage_time(clock, stage) + at - clock->last;
		clock->used |= UINT32_C(1) << stage;
		if (__builtin_expect(clock->watch != NULL, 0))
			observed_stage(clock->watch, stage, clock->last, at);
		clock->last = at;
	}
}

struct hist;

/*
 * A frame has come to its end: add the times of its stages to @hists (NULL:
 * none) and to the fingerprint.  Zeros are left out; stage_fill() adds them.
 * Returns the difference between @total and their sum, which must be 0.
 */
uint64_t stage_book(const struct stage_clock *clock, uint64_t seq,
		    uint64_t total, struct hist *hists, uint64_t *fingerprint);
/* Every stage saw @frames frames: the missing ones spent no time in it. */
void stage_fill(struct hist *hists, unsigned stages, uint64_t frames);

#endif
