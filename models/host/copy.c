/* SPDX-License-Identifier: Apache-2.0 */
#include "models/host/copy.h"

void copy_init(struct copy *copy, const struct config *cfg)
{
	*copy = (struct copy){
		.call_cycles = config_u64(cfg, "host.copy_call"),
		.touch_cycles = { config_u64(cfg, "host.touch_l2"),
				  config_u64(cfg, "host.touch_llc"),
				  config_u64(cfg, "host.touch_dram") },
		.copy_per_kib = { config_u64(cfg, "host.copy_l2"),
				  config_u64(cfg, "host.copy_llc"),
				  config_u64(cfg, "host.copy_dram") },
		.read_per_kib = { config_u64(cfg, "host.read_l2"),
				  config_u64(cfg, "host.read_llc"),
				  config_u64(cfg, "host.read_dram") },
	};
}

uint64_t copy_cycles(const struct copy *copy, enum residency from,
		     uint64_t bytes)
{
	return copy->call_cycles + copy->touch_cycles[from] +
	       (bytes * copy->copy_per_kib[from] + 512) / 1024;
}

uint64_t copy_read_cycles(const struct copy *copy, enum residency from,
			  uint64_t bytes)
{
	return copy->touch_cycles[from] +
	       (bytes * copy->read_per_kib[from] + 512) / 1024;
}
