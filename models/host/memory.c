/* SPDX-License-Identifier: Apache-2.0 */
#include "models/host/memory.h"

void memory_init(struct memory *memory, const struct config *cfg)
{
	uint64_t llc = config_u64(cfg, "host.llc");

	*memory = (struct memory){
		.l2_bytes = config_u64(cfg, "host.l2"),
		.llc_bytes = llc,
		.ddio_bytes =
			mul_div_u64(llc, config_u64(cfg, "host.ddio"), 1000000),
		.read_warm_ps = config_u64(cfg, "host.dma_read_warm"),
		.read_cold_ps = config_u64(cfg, "host.dma_read_cold"),
	};
}

/* A cache keeps whole lines. */
static uint64_t lines(uint64_t bytes)
{
	return (bytes + 63) & ~UINT64_C(63);
}

struct memory_stamp memory_cpu_wrote(struct memory *memory, uint64_t bytes)
{
	memory->cpu_clock += lines(bytes);
	return (struct memory_stamp){ .clock = memory->cpu_clock };
}

struct memory_stamp memory_device_wrote(struct memory *memory, uint64_t bytes)
{
	memory->device_clock += lines(bytes);
	return (struct memory_stamp){ .clock = memory->device_clock,
				      .by_device = true };
}

enum residency memory_residency(const struct memory *memory,
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
	return age < memory->llc_bytes - memory->ddio_bytes ? IN_LLC : IN_DRAM;
}
