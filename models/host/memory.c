/* SPDX-License-Identifier: Apache-2.0 */
#include "models/host/memory.h"

#define PPM 1000000u
/* Older than any cache: clocks begin above it. */
#define NEVER 0
#define BEGIN (UINT64_C(1) << 40)

enum numa { NUMA_LOCAL, NUMA_REMOTE };

/* Mean wait of M/D/1 for a row cycle at a DRAM load of @ppm. */
static uint64_t loaded_ps(uint64_t row_ps, uint64_t ppm)
{
	return mul_div_u64(row_ps, ppm, 2 * (PPM - ppm));
}

void memory_init(struct memory *memory, const struct config *cfg)
{
	uint64_t llc = config_u64(cfg, "host.llc");
	uint64_t jitter = config_u64(cfg, "host.read_jitter");
	uint64_t warm = config_u64(cfg, "host.dma_read_warm");
	uint64_t cold = config_u64(cfg, "host.dma_read_cold");
	uint64_t loaded = loaded_ps(config_u64(cfg, "host.dram_row"),
				    config_u64(cfg, "host.dram_load"));
	uint64_t write = config_u64(cfg, "host.dma_write") + loaded;
	uint64_t merge, i;

	cold += loaded;
	merge = cold > warm ? cold - warm : 0;
	if (config_choice(cfg, "host.numa") == NUMA_REMOTE) {
		cold += config_u64(cfg, "host.numa_delta");
		warm = cold;
	}
	*memory = (struct memory){
		.cpu_clock = BEGIN,
		.device_clock = BEGIN,
		.snooped = config_bool(cfg, "host.coherent"),
		.l2_bytes = config_u64(cfg, "host.l2"),
		.llc_bytes = llc,
		.ddio_bytes =
			config_bool(cfg, "host.coherent")
				? mul_div_u64(llc, config_u64(cfg, "host.ddio"),
					      PPM)
				: 0,
		.read_warm_ps = warm > jitter ? warm - jitter : 0,
		.read_cold_ps = cold > jitter ? cold - jitter : 0,
		.jitter_ps = jitter,
		.refresh_ps = config_u64(cfg, "host.dram_refresh"),
		.refresh_every_ps = config_u64(cfg, "host.dram_refresh_every"),
		.channels = config_u64(cfg, "host.dram_channels"),
		.write_ps = (sim_time)write,
		.merge_ps = (sim_time)merge,
	};
	for (i = 0; i <= MEMORY_JITTERS; i++)
		memory->jitter_at[i] =
			(uint32_t)rng_exponential(i << (64 - 8), jitter);
}

/* A cache keeps whole lines. */
static uint64_t lines(uint64_t bytes)
{
	return (bytes + 63) & ~UINT64_C(63);
}

struct memory_stamp memory_never(void)
{
	return (struct memory_stamp){ .clock = NEVER };
}

struct memory_stamp memory_cpu_wrote(struct memory *memory, uint64_t bytes)
{
	memory->cpu_clock += lines(bytes);
	return (struct memory_stamp){ .clock = memory->cpu_clock };
}

struct memory_stamp memory_device_wrote(struct memory *memory,
					struct memory_stamp old, uint64_t bytes)
{
	if (memory->snooped && memory_residency(memory, old) != IN_DRAM)
		return old;
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
