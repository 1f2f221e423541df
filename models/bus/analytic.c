/* SPDX-License-Identifier: Apache-2.0 */
#include "models/bus/analytic.h"

#include "core/err.h"
#include "core/sim_time.h"

struct link_bytes analytic_write(const struct link *link, uint64_t bytes)
{
	return link_write(link, 0, bytes);
}

struct link_bytes analytic_read(const struct link *link, uint64_t bytes,
				uint32_t size)
{
	uint64_t completions;

	BUG_ON(!size);
	if (size > link->mps)
		size = link->mps;
	completions = (bytes + size - 1) / size;
	return (struct link_bytes){
		.up = link_read_requests(link, 0, bytes) *
		      link_request_header(link),
		.down = bytes + completions * link_completion_header(link),
	};
}

uint64_t analytic_bps(const struct link *link, uint64_t payload,
		      struct link_bytes used)
{
	uint64_t busier = used.up > used.down ? used.up : used.down;

	BUG_ON(!busier);
	return mul_div_u64(link_tlp_bps(link), payload, busier);
}

uint64_t analytic_write_bps(const struct link *link, uint64_t bytes)
{
	return analytic_bps(link, bytes, analytic_write(link, bytes));
}

uint64_t analytic_read_bps(const struct link *link, uint64_t bytes,
			   uint32_t size)
{
	return analytic_bps(link, bytes, analytic_read(link, bytes, size));
}

uint64_t analytic_duplex_bps(const struct link *link, uint64_t bytes,
			     uint32_t size)
{
	return analytic_bps(link, bytes,
			    link_bytes_add(analytic_write(link, bytes),
					   analytic_read(link, bytes, size)));
}
