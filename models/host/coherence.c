/* SPDX-License-Identifier: Apache-2.0 */
#include "models/host/coherence.h"

#include "models/host/buffers.h"

int coherence_init(struct coherence *coherence, struct stats *stats,
		   const struct config *cfg, struct err *err)
{
	*coherence = (struct coherence){
		.coherent = config_bool(cfg, "host.coherent"),
		.line_bytes = (uint32_t)config_u64(cfg, "host.cache_line"),
		.write_back = config_u64(cfg, "cost.line_write_back"),
		.invalidate = config_u64(cfg, "cost.line_invalidate"),
		.uncached_read = config_u64(cfg, "cost.uncached_read"),
		.stats = &stats->memory,
	};
	if (HOST_PAGE % coherence->line_bytes)
		return err_set(err, ERR_USAGE,
			       "host.cache_line (%u bytes) must divide a page "
			       "of %u",
			       coherence->line_bytes, HOST_PAGE);
	return 0;
}

uint64_t coherence_lines(const struct coherence *coherence, uint64_t offset,
			 uint64_t bytes)
{
	uint64_t line = coherence->line_bytes;

	if (!bytes)
		return 0;
	return (offset + bytes - 1) / line - offset / line + 1;
}

uint64_t coherence_write_back(struct coherence *coherence, uint64_t lines)
{
	if (coherence->coherent)
		return 0;
	coherence->stats->lines_written_back += lines;
	return lines * coherence->write_back;
}

uint64_t coherence_invalidate(struct coherence *coherence, uint64_t lines)
{
	if (coherence->coherent)
		return 0;
	coherence->stats->lines_invalidated += lines;
	return lines * coherence->invalidate;
}

uint64_t coherence_loads(struct coherence *coherence, uint64_t bytes)
{
	uint64_t loads = (bytes + COHERENCE_LOAD - 1) / COHERENCE_LOAD;

	coherence->stats->uncached_loads += loads;
	return loads * coherence->uncached_read;
}
