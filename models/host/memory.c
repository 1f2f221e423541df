/* SPDX-License-Identifier: Apache-2.0 */
#include "models/host/memory.h"

#define PPM 1000000u
/* Clocks begin where what was never written is too old for any cache. */
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
	memory->cpu_bytes = llc - memory->ddio_bytes;
	for (i = 0; i <= MEMORY_JITTERS; i++)
		memory->jitter_at[i] =
			(uint32_t)rng_exponential(i << (64 - 8), jitter);
}
