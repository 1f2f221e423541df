/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Caches and memory: what is where.
 *
 * Residency follows from what was really written.  Every CPU write and every
 * device write advances a byte clock; a buffer remembers the clock at its last
 * write, and its age in bytes decides: within the L2, within the LLC, or in
 * DRAM.  Device writes allocate only in the DDIO share of the LLC, so lines
 * written by the NIC are gone once that many bytes came after them.
 *
 * Limits: one socket; replacement is by age, not by set.
 */
#ifndef MODELS_HOST_MEMORY_H
#define MODELS_HOST_MEMORY_H

#include "core/param.h"
#include "core/sim_time.h"

enum residency { IN_L2, IN_LLC, IN_DRAM, RESIDENCIES };

/* When a buffer was last written, and by whom. */
struct memory_stamp {
	uint64_t clock; /* of that writer, bytes */
	bool by_device;
};

struct memory {
	uint64_t cpu_clock;    /* bytes the CPUs wrote */
	uint64_t device_clock; /* bytes the device wrote */
	uint64_t l2_bytes, llc_bytes, ddio_bytes;
	uint64_t read_warm_ps, read_cold_ps; /* DMA read latency */
};

void memory_init(struct memory *memory, const struct config *cfg);

/* The CPU or the device writes @bytes; returns the new stamp. */
struct memory_stamp memory_cpu_wrote(struct memory *memory, uint64_t bytes);
struct memory_stamp memory_device_wrote(struct memory *memory, uint64_t bytes);

enum residency memory_residency(const struct memory *memory,
				struct memory_stamp stamp);

/* Latency of a DMA read without link time, ps. */
static inline sim_time memory_dma_read_ps(const struct memory *memory,
					  enum residency from)
{
	return (sim_time)(from == IN_DRAM ? memory->read_cold_ps
					  : memory->read_warm_ps);
}

#endif
