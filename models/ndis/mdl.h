/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MDL chains and the scatter/gather lists made from them.
 *
 * An MDL describes one virtually contiguous buffer: pages, offset, length.
 * sg_build() walks a chain as the HAL does: registers are counted per page and
 * per MDL, physically adjacent pages merge into one element (never across a
 * 4 GiB boundary, never across MDLs), and a page whose end lies beyond the
 * device's reach is replaced by a bounce page of its own.  A device without
 * scatter/gather gets one element: the memory itself if it is one run in
 * reach, else a copy of the whole in bounce pages side by side.
 *
 * Source: WDK map registers, ReactOS HAL.
 */
#ifndef MODELS_NDIS_MDL_H
#define MODELS_NDIS_MDL_H

#include "models/bus/pcie.h"
#include "models/host/buffers.h"

#define MDL_MAX 64

struct mdl {
	const uint64_t *pfn; /* one per page, from the first byte's on */
	uint32_t offset;     /* in the first page */
	uint32_t bytes;
};

/* What is not as it must be for a device. */
enum mdl_fault {
	MDL_PAGEABLE = 1,   /* its pages are not locked */
	MDL_BAD_ADDRESS = 2 /* it describes other memory, or none */
};

struct mdl_chain {
	unsigned count;
	uint32_t bytes;
	uint32_t skip;	/* CurrentMdlOffset: mapped but not sent */
	uint8_t faults; /* bits of enum mdl_fault */
	struct mdl mdl[MDL_MAX];
};

/* What building a list came to. */
struct sg_summary {
	uint32_t pages;	   /* map registers by the counting rule */
	uint32_t elements; /* of the list, skipped bytes removed */
	uint32_t bounced_pages, bounced_bytes;
	uint32_t bounced_slots; /* of slot_bytes, page by page */
	uint32_t missed_pages;	/* out of reach, and nobody looked */
	uint32_t mapped_bytes;	/* skip included */
};

struct sg_target {
	uint64_t reach;	     /* highest address + 1, 0: all */
	uint64_t bounce;     /* address of the first bounce page */
	uint32_t slot_bytes; /* of bounce memory; 0: a page */
	bool bounce_all;     /* every page, in reach or not */
	bool contiguous;     /* one element: else all is copied into one */
	bool unchecked;	     /* pages out of reach do not bounce */
	/*
	 * Behind an IOMMU: one element per MDL, from the first page of a range
	 * of logical pages on that the list is moved to when it is mapped.
	 */
	bool translated;
};

/* An empty chain; the room for MDLs is not cleared. */
static inline void mdl_chain_init(struct mdl_chain *chain)
{
	chain->count = 0;
	chain->bytes = chain->skip = 0;
	chain->faults = 0;
}

void mdl_chain_copy(struct mdl_chain *chain, const struct mdl_chain *from);
/* @bytes > 0 from @offset on of memory whose pages are @pfn. */
static inline void mdl_add(struct mdl_chain *chain, const uint64_t *pfn,
			   uint32_t offset, uint32_t bytes)
{
	BUG_ON(chain->count == MDL_MAX || !bytes);
	chain->mdl[chain->count++] = (struct mdl){
		.pfn = pfn + offset / HOST_PAGE,
		.offset = offset % HOST_PAGE,
		.bytes = bytes,
	};
	chain->bytes += bytes;
}

/* Registers needed for the chain: its pages, MDL by MDL. */
uint32_t mdl_pages(const struct mdl_chain *chain);
/*
 * Fill at most @room elements; the summary counts them all, so elements >
 * room means the list did not fit.
 */
void sg_build(const struct mdl_chain *chain, const struct sg_target *target,
	      struct sg_element *out, uint32_t room,
	      struct sg_summary *summary);
/* A list of logical addresses from 0 on moves to @base. */
void sg_move(struct sg_element *elements, uint32_t count, uint64_t base);

#endif
