/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Caches and memory as devices see them: what is where, how long it takes.
 *
 * Residency follows from what was really written.  CPU writes advance a byte
 * clock; a buffer remembers the clock at its last write, and its age in bytes
 * decides: within the L2, within the LLC, or in DRAM.  A device's write
 * updates a line where the LLC has it; else it takes room in the DDIO share,
 * first in, first out, so lines written by the NIC are gone once that many
 * bytes were allocated after them.
 *
 *	read = root complex and cache, or DRAM, plus jitter
 *	       plus the rest of the longest DRAM refresh it met
 *	       plus waiting for loaded DRAM
 *	       plus the way to the other socket
 *
 * Data of the other socket takes DRAM's latency even where its LLC has it:
 * that memory is read meanwhile.
 *
 * Where caches are not coherent (host.coherent=no) devices see DRAM only.
 *
 * Source: PB-data, JEDEC refresh, HN24.  Limits: replacement is by age, not by
 * set; the load of DRAM is stated, not simulated.
 */
#ifndef MODELS_HOST_MEMORY_H
#define MODELS_HOST_MEMORY_H

#include <stdbool.h>

#include "core/param.h"
#include "core/rng.h"
#include "core/sim_time.h"

enum residency { IN_L2, IN_LLC, IN_DRAM, RESIDENCIES };

/* When a buffer was last written, and by whom. */
struct memory_stamp {
	uint64_t clock; /* of that writer, bytes */
	bool by_device;
};

/* Of each 256 draws of jitter, those that are interpolated. */
#define MEMORY_JITTERS 240

struct memory {
	uint64_t cpu_clock;    /* bytes the CPUs wrote */
	uint64_t device_clock; /* bytes allocated for the device's writes */
	bool snooped;	       /* devices see the caches */
	uint64_t l2_bytes, llc_bytes;
	uint64_t ddio_bytes, cpu_bytes;	     /* of the LLC, by who writes */
	uint64_t read_warm_ps, read_cold_ps; /* less jitter, remote included */
	uint64_t jitter_ps;		     /* mean */
	uint32_t jitter_at[MEMORY_JITTERS + 1]; /* quantiles n / 256, ps */
	uint64_t refresh_ps, refresh_every_ps, channels;
	sim_time write_ps, merge_ps;
};

void memory_init(struct memory *memory, const struct config *cfg);

/* A stamp too old for any cache. */
static inline struct memory_stamp memory_never(void)
{
	return (struct memory_stamp){ .clock = 0 };
}

/* A cache keeps whole lines: @bytes in them. */
static inline uint64_t memory_line_bytes(uint64_t bytes)
{
	return (bytes + 63) & ~UINT64_C(63);
}

/* The CPU writes @bytes; returns the new stamp. */
static inline struct memory_stamp memory_cpu_wrote(struct memory *memory,
						   uint64_t bytes)
{
	memory->cpu_clock += memory_line_bytes(bytes);
	return (struct memory_stamp){ .clock = memory->cpu_clock };
}

static inline enum residency memory_residency(const struct memory *memory,
					      struct memory_stamp stamp)
{
	uint64_t age;

	if (stamp.by_device) {
		age = memory->device_clock - stamp.clock;
		return age < memory->ddio_bytes ? IN_LLC : IN_DRAM;
	}
	age = memory->cpu_clock - stamp.clock;
	if (age < memory->l2_bytes)
		return IN_L2;
	return age < memory->cpu_bytes ? IN_LLC : IN_DRAM;
}

/* The device writes @bytes over what has the stamp @old. */
static inline struct memory_stamp memory_device_wrote(struct memory *memory,
						      struct memory_stamp old,
						      uint64_t bytes)
{
	if (memory->snooped && memory_residency(memory, old) != IN_DRAM)
		return old;
	memory->device_clock += memory_line_bytes(bytes);
	return (struct memory_stamp){ .clock = memory->device_clock,
				      .by_device = true };
}

/* Where a device finds what the CPU would find in @from. */
static inline enum residency memory_device_sees(const struct memory *memory,
						enum residency from)
{
	return memory->snooped ? from : IN_DRAM;
}

/* Exponential, to a thousandth of its mean: see rng_exponential(). */
static inline uint64_t memory_jitter_ps(const struct memory *memory,
					uint64_t draw)
{
	uint64_t rest = (uint32_t)(draw >> 24);
	const uint32_t *at;

	if (draw >> 56 >= MEMORY_JITTERS)
		return rng_exponential(draw, memory->jitter_ps);
	at = memory->jitter_at + (draw >> 56);
	return at[0] + ((at[1] - at[0]) * rest >> 32);
}

/*
 * How long @lines neighbouring lines in DRAM wait for refreshes, ps: they lie
 * on the channels in turn, each refreshes by itself, the last one counts.
 */
static inline uint64_t memory_refresh_ps(const struct memory *memory,
					 uint64_t lines, uint64_t draw)
{
	uint64_t wait = 0;

	if (!memory->refresh_ps)
		return 0;
	if (lines > memory->channels)
		lines = memory->channels;
	for (; lines; lines--, draw = rng_again(draw)) {
		uint64_t phase = rng_below(draw, memory->refresh_every_ps);

		if (phase + wait < memory->refresh_ps)
			wait = memory->refresh_ps - phase;
	}
	return wait;
}

/* From the root port to the data and back, ps, less jitter and refreshes. */
static inline sim_time memory_latency_ps(const struct memory *memory,
					 enum residency from)
{
	if (memory_device_sees(memory, from) != IN_DRAM)
		return (sim_time)memory->read_warm_ps;
	return (sim_time)memory->read_cold_ps;
}

/* The same of a single line, with them. */
static inline sim_time memory_dma_read_ps(const struct memory *memory,
					  enum residency from, uint64_t draw)
{
	uint64_t wait = memory_jitter_ps(memory, draw);

	if (memory_device_sees(memory, from) == IN_DRAM)
		wait += memory_refresh_ps(memory, 1, rng_again(draw));
	return memory_latency_ps(memory, from) + (sim_time)wait;
}

/*
 * From the root port until the data is visible, ps.  @merge: part of a line is
 * written that no cache has, so it is read from DRAM first.
 */
static inline sim_time memory_dma_write_ps(const struct memory *memory,
					   bool merge)
{
	return memory->write_ps + (merge ? memory->merge_ps : 0);
}

#endif
