/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hazards: what a driver does against the contract of DMA, counted where a
 * real system would stop, or send and receive the wrong bytes.
 *
 * Models note a hazard where they see it, from the states of buffers,
 * mappings, registers and locks:
 *
 *	hazards_note(&hazards, now, HAZARD_DOUBLE_FREE, frame->number);
 *
 * The names and codes of the first part are those of Driver Verifier (bug check
 * 0xE6); the others are what network drivers do besides.  docs/hazards.md has
 * how each is found.
 */
#ifndef MODELS_HAZARDS_H
#define MODELS_HAZARDS_H

#include <stdint.h>

#include "core/sim_time.h"

enum hazard {
	HAZARD_CONTIG_EXHAUSTED,
	HAZARD_DOUBLE_FREE,
	HAZARD_LEAK_ON_RELEASE,
	HAZARD_MULTI_CHANNEL,
	HAZARD_TOO_MANY_REGISTERS,
	HAZARD_NOT_FLUSHED,
	HAZARD_PAGEABLE_BUFFER,
	HAZARD_OVERRUN,
	HAZARD_FREED_WHILE_MAPPED,
	HAZARD_WRONG_IRQL,
	HAZARD_FLUSH_UNMAPPED,
	HAZARD_USE_AFTER_RELEASE,
	HAZARD_BAD_BUFFER,
	HAZARD_DOUBLE_MAP,
	HAZARD_FLUSH_ACTIVE,
	HAZARD_SHORT_LIST_BUFFER,
	HAZARD_IOMMU_FAULT,
	HAZARD_OOB_DMA,
	HAZARD_LIST_FREED_EARLY,
	HAZARD_USE_BEFORE_CALLBACK,
	HAZARD_READ_BEFORE_FLUSH,
	HAZARD_EDIT_AFTER_MAP,
	HAZARD_BATCH_MAP,
	HAZARD_HEADER_ROOM_NOT_SKIPPED,
	HAZARD_LINE_TEARING,
	HAZARD_UNCACHED_INDICATION,
	HAZARD_RESOURCES_KEPT,
	HAZARD_TOO_MANY_FRAGMENTS,
	HAZARD_LOCK_HELD_ACROSS_MAP,
	HAZARD_REGISTER_COUNT_MISMATCH,
	HAZARD_ASYNC_WITHOUT_REGISTRATION,
	HAZARDS
};

struct hazard_def {
	const char *name;
	const char *codes;   /* of Driver Verifier; NULL: it has none */
	const char *meaning; /* what the driver does */
	const char *symptom; /* what comes of it on a real machine */
};

extern const struct hazard_def hazard_defs[HAZARDS];

struct hazard_count {
	uint64_t count;
	sim_time first_at;    /* if any */
	uint64_t first_frame; /* its record; 0: no frame's doing */
};

struct hazards {
	struct hazard_count of[HAZARDS];
};

/* @frame: number of the record it happened to, 0: none. */
static inline void hazards_note_times(struct hazards *hazards, sim_time now,
				      enum hazard hazard, uint64_t frame,
				      uint64_t times)
{
	struct hazard_count *count = &hazards->of[hazard];

	if (!count->count) {
		count->first_at = now;
		count->first_frame = frame;
	}
	count->count += times;
}

static inline void hazards_note(struct hazards *hazards, sim_time now,
				enum hazard hazard, uint64_t frame)
{
	hazards_note_times(hazards, now, hazard, frame, 1);
}

#endif
