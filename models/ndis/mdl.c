/* SPDX-License-Identifier: Apache-2.0 */
#include "models/ndis/mdl.h"

#include <string.h>

#include "models/host/buffers.h"

#define FOUR_GIB_PAGES (UINT64_C(1) << 20)

void mdl_chain_copy(struct mdl_chain *chain, const struct mdl_chain *from)
{
	memcpy(chain, from,
	       offsetof(struct mdl_chain, mdl) +
		       from->count * sizeof(from->mdl[0]));
}

uint32_t mdl_pages(const struct mdl_chain *chain)
{
	uint32_t pages = 0;
	unsigned i;

	for (i = 0; i < chain->count; i++)
		pages += pages_spanned(chain->mdl[i].offset,
				       chain->mdl[i].bytes);
	return pages;
}

struct sg_writer {
	struct sg_element *out;
	uint32_t room, count;
	uint32_t skip; /* bytes still to leave out at the front */
	/* Pages that end beyond these are bounced, or missed. */
	uint64_t bounced, missed;
};

/* Append a run, or prolong the last element by it. */
static inline void put_run(struct sg_writer *writer, uint64_t address,
			   uint32_t bytes, bool adjacent)
{
	if (writer->skip) {
		uint32_t less = writer->skip < bytes ? writer->skip : bytes;

		writer->skip -= less;
		address += less;
		bytes -= less;
		if (!bytes)
			return;
	}
	if (adjacent && writer->count) {
		if (writer->count <= writer->room)
			writer->out[writer->count - 1].bytes += bytes;
		return;
	}
	if (writer->count < writer->room)
		writer->out[writer->count] =
			(struct sg_element){ address, bytes };
	writer->count++;
}

/* Replaced by bounce pages; out of reach, and nobody looks. */
static uint64_t bounced_beyond(const struct sg_target *target)
{
	if (target->bounce_all)
		return 0;
	return target->reach && !target->unchecked ? target->reach : UINT64_MAX;
}

static uint64_t missed_beyond(const struct sg_target *target)
{
	return target->reach && target->unchecked ? target->reach : UINT64_MAX;
}

static void count_bounced(const struct sg_target *target, uint32_t pages,
			  uint32_t bytes, struct sg_summary *summary)
{
	uint32_t slot = target->slot_bytes ? target->slot_bytes : HOST_PAGE;

	summary->bounced_pages += pages;
	summary->bounced_bytes += bytes;
	summary->bounced_slots +=
		slot < HOST_PAGE ? (bytes + slot - 1) / slot : pages;
}

static inline void walk_mdl(const struct mdl *mdl,
			    const struct sg_target *target,
			    struct sg_writer *writer,
			    struct sg_summary *summary)
{
	uint32_t left = mdl->bytes, offset = mdl->offset, page;
	uint32_t before = writer->count;
	bool joins = false; /* the last page was not bounced */

	for (page = 0; left; page++) {
		uint64_t pfn = mdl->pfn[page];
		uint32_t bytes = HOST_PAGE - offset;
		bool bounce, adjacent;
		uint64_t address;

		if (bytes > left)
			bytes = left;
		address = pfn * HOST_PAGE + offset;
		bounce = address + bytes > writer->bounced;
		adjacent = joins && !bounce && writer->count > before &&
			   pfn == mdl->pfn[page - 1] + 1 &&
			   pfn % FOUR_GIB_PAGES;
		summary->missed_pages += address + bytes > writer->missed;
		if (bounce) {
			address = target->bounce + offset +
				  summary->bounced_pages * HOST_PAGE;
			count_bounced(target, 1, bytes, summary);
		}
		put_run(writer, address, bytes, adjacent);
		joins = !bounce;
		left -= bytes;
		offset = 0;
	}
	summary->pages += page;
}

/* A device without scatter/gather: all of it, side by side. */
static void copy_whole(const struct mdl_chain *chain,
		       const struct sg_target *target, struct sg_element *out,
		       uint32_t room, struct sg_summary *summary)
{
	uint64_t from = target->bounce + chain->mdl[0].offset;

	summary->bounced_pages = summary->bounced_bytes = 0;
	summary->bounced_slots = 0;
	count_bounced(target, summary->pages, chain->bytes, summary);
	summary->elements = 1;
	if (room)
		out[0] = (struct sg_element){ from + chain->skip,
					      chain->bytes - chain->skip };
}

void sg_build(const struct mdl_chain *chain, const struct sg_target *target,
	      struct sg_element *out, uint32_t room, struct sg_summary *summary)
{
	struct sg_writer writer = { .out = out,
				    .room = room,
				    .skip = chain->skip,
				    .bounced = bounced_beyond(target),
				    .missed = missed_beyond(target) };
	struct sg_summary sum = { .mapped_bytes = chain->bytes };
	unsigned i;

	for (i = 0; i < chain->count; i++) {
		const struct mdl *mdl = &chain->mdl[i];

		if (!target->translated) {
			walk_mdl(mdl, target, &writer, &sum);
			continue;
		}
		/* Every MDL begins on a page of its own. */
		put_run(&writer, (uint64_t)sum.pages * HOST_PAGE + mdl->offset,
			mdl->bytes, false);
		sum.pages += pages_spanned(mdl->offset, mdl->bytes);
	}
	sum.elements = writer.count;
	if (target->contiguous && !target->translated &&
	    (sum.elements > 1 || sum.bounced_pages))
		copy_whole(chain, target, out, room, &sum);
	*summary = sum;
}

void sg_move(struct sg_element *elements, uint32_t count, uint64_t base)
{
	uint32_t i;

	for (i = 0; i < count; i++)
		elements[i].address += base;
}
