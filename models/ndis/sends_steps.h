/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Steps that the files of the send path share; strategies use sends.h.
 */
#ifndef MODELS_NDIS_SENDS_STEPS_H
#define MODELS_NDIS_SENDS_STEPS_H

#include "models/machine_state.h"
#include "models/ndis/sends.h"

static inline struct machine *tx_machine(const struct tx_frame *frame)
{
	return frame->queue->m;
}

/* Call @routine for @frame: its price to @stage. */
static inline void tx_charge(struct core *core, struct tx_frame *frame,
			     enum routine routine, enum tx_stage stage,
			     uint64_t units, uint64_t cycles)
{
	routine_call(&tx_machine(frame)->ledger, core, routine,
		     &(struct charge){ .direction = DIR_TX,
				       .clock = &frame->clock,
				       .stage = stage,
				       .units = units,
				       .cycles = cycles });
}

/* What a mapping calls besides: of a list that 0 ends. */
static inline void tx_charge_besides(struct core *core, struct tx_frame *frame,
				     const enum routine *routines,
				     enum tx_stage stage)
{
	for (; *routines; routines++)
		tx_charge(core, frame, *routines, stage, 0, 0);
}

/* One call of @routine, or one for every MDL if its mapping has it so. */
void tx_charge_each(struct core *core, struct tx_frame *frame,
		    enum routine routine, enum tx_stage stage);
static inline void tx_charge_pieces(struct core *core, struct tx_frame *frame,
				    enum routine routine, enum tx_stage stage)
{
	if (frame->as->each)
		tx_charge_each(core, frame, routine, stage);
	else
		tx_charge(core, frame, routine, stage, frame->sg.pages, 0);
}
/* Behind an IOMMU: map the list and move it there; unmap it again. */
void tx_translate(struct core *core, struct tx_frame *frame);
void tx_end_translation(struct core *core, struct tx_frame *frame);
static inline bool tx_is_translated(const struct tx_frame *frame)
{
	return !frame->raw && iommu_translates(&tx_machine(frame)->iommu);
}

/* Unmapped: what its pieces needed goes back. */
static inline void tx_give_pieces(struct tx_frame *frame)
{
	if (frame->piece_count)
		pool_give(&tx_machine(frame)->pieces, frame->pieces);
}

/* Where the sender's bytes are now. */
static inline enum residency tx_source_of(const struct tx_frame *frame)
{
	const struct machine *m = tx_machine(frame);

	if (m->tx_source == SOURCE_FILE)
		return IN_DRAM;
	return memory_residency(
		&m->memory, frame->header_bytes == frame->bytes
				    ? m->headers.stamp[frame->header_slot]
				    : m->payloads.stamp[frame->payload_slot]);
}

/*
 * Where memory is that the CPU wrote as @stamp and a device read since: out of
 * the L2, which gave the modified line away.
 */
static inline enum residency tx_sent_from(const struct machine *m,
					  struct memory_stamp stamp)
{
	enum residency place = memory_residency(&m->memory, stamp);

	return place == IN_L2 ? IN_LLC : place;
}

static inline void tx_note_copy(struct machine *m, enum residency from)
{
	struct memory_stats *stats = &m->stats.memory;

	stats->copies_l2 += from == IN_L2;
	stats->copies_llc += from == IN_LLC;
	stats->copies_dram += from == IN_DRAM;
}

/*
 * The frame's place in the ring is settled: when its mapping or its copy is
 * asked for, so that no frame holds what one before it waits for.  A group
 * takes its places when all of it is ready.
 */
void tx_enter_order(struct tx_frame *frame);
static inline void tx_take_place(struct tx_frame *frame)
{
	if (!frame->placed && (!frame->group || !frame->group->unready))
		tx_enter_order(frame);
}

/*
 * @frame waited until now to be mapped, if at all: the wait goes to its stage
 * and to @routine.
 */
void tx_waited(struct core *core, struct tx_frame *frame, enum routine routine);

/* Posted: the registers it holds will be given back. */
void tx_leave_unsent(struct tx_frame *frame);
static inline void tx_note_sent(struct tx_frame *frame)
{
	if (frame->map.held)
		tx_leave_unsent(frame);
}

/* The first of the order, out of it; NULL: none waits. */
struct tx_frame *tx_take_head(struct tx_queue *queue);

/* Holding the queue's lock: tell the NIC what was posted without it. */
void tx_ring_locked(struct core *core, void *ctx, uint64_t arg);

#endif
