/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Closed forms: what a link carries of one endless stream of equal transfers,
 * in payload bits per second.
 *
 *	analytic_read_bps(&link, 512, link.mps);	completions of MPS
 *	analytic_read_bps(&link, 512, 64);		completions of 64 bytes
 *
 * Transfers begin at a 4 KiB boundary.  Their completions are counted over
 * the whole transfer, as the published model does, though each request is
 * answered by itself: where MRRS is no multiple of the completion size
 * link_read() counts more.
 *
 * Limits: no latency, tags, credits or device; overheads at their worst.
 *
 * Source: PB-model.
 */
#ifndef MODELS_BUS_ANALYTIC_H
#define MODELS_BUS_ANALYTIC_H

#include "models/bus/link.h"

/* What a transfer occupies; completions of @size bytes, at most MPS. */
struct link_bytes analytic_write(const struct link *link, uint64_t bytes);
struct link_bytes analytic_read(const struct link *link, uint64_t bytes,
				uint32_t size);

/* Rate of @payload bytes that occupy @used, set by the busier direction. */
uint64_t analytic_bps(const struct link *link, uint64_t payload,
		      struct link_bytes used);

uint64_t analytic_write_bps(const struct link *link, uint64_t bytes);
uint64_t analytic_read_bps(const struct link *link, uint64_t bytes,
			   uint32_t size);
/* A write beside every read: the rate of each. */
uint64_t analytic_duplex_bps(const struct link *link, uint64_t bytes,
			     uint32_t size);

#endif
