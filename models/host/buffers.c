/* SPDX-License-Identifier: Apache-2.0 */
#include "models/host/buffers.h"

#define FOUR_GIB (UINT64_C(1) << 32)

void buffer_layout_init(struct buffer_layout *layout, const struct config *cfg)
{
	layout->ram = config_u64(cfg, "host.ram");
	layout->low_ram = config_u64(cfg, "host.low_ram");
	if (layout->low_ram > layout->ram)
		layout->low_ram = layout->ram;
}

/* Page frame number of the @byte-th byte of RAM. */
static uint64_t place(const struct buffer_layout *layout, uint64_t byte)
{
	if (byte >= layout->low_ram)
		byte = byte - layout->low_ram + FOUR_GIB;
	return byte / HOST_PAGE;
}

static uint64_t draw_page(const struct buffer_layout *layout, uint64_t limit,
			  uint64_t r)
{
	uint64_t span = layout->ram;

	if (limit && limit < span)
		span = limit;
	if (limit && limit <= FOUR_GIB && span > layout->low_ram)
		span = layout->low_ram;
	return place(layout, rng_below(r, span) & ~(uint64_t)(HOST_PAGE - 1));
}

static void place_slot(struct buffer_pool *pool,
		       const struct buffer_layout *layout,
		       const struct buffer_spec *spec,
		       const struct rng_stream *stream, uint32_t slot)
{
	uint64_t *pfn = pool->pfn + (uint64_t)slot * pool->pages_per_slot;
	uint64_t r = rng_draw(stream, slot);
	uint32_t page;

	if (spec->offset >= 0)
		pool->offset[slot] = (uint16_t)spec->offset;
	else
		pool->offset[slot] =
			(uint16_t)(rng_below(r,
					     HOST_PAGE / spec->offset_align) *
				   spec->offset_align);
	for (page = 0; page < pool->pages_per_slot; page++) {
		r = rng_again(r);
		if (page && rng_chance(r, spec->merge_ppm))
			pfn[page] = pfn[page - 1] + 1;
		else
			pfn[page] =
				draw_page(layout, spec->limit, rng_again(r));
	}
}

/* One piece of low memory, or of what the device reaches. */
static void place_piece(struct buffer_pool *pool,
			const struct buffer_layout *layout,
			const struct buffer_spec *spec,
			const struct rng_stream *stream)
{
	uint64_t bytes = (uint64_t)spec->slots * spec->stride;
	uint64_t span = layout->low_ram, base;
	uint32_t slot, page;

	if (spec->limit && spec->limit < span)
		span = spec->limit;
	base = rng_below(rng_draw(stream, 0), span > bytes ? span - bytes : 1) /
	       HOST_PAGE;
	for (slot = 0; slot < spec->slots; slot++) {
		uint64_t at = (uint64_t)slot * spec->stride;

		pool->offset[slot] = (uint16_t)(at % HOST_PAGE);
		for (page = 0; page < pool->pages_per_slot; page++)
			pool->pfn[(uint64_t)slot * pool->pages_per_slot +
				  page] = base + at / HOST_PAGE + page;
	}
}

void buffer_pool_init(struct buffer_pool *pool, struct arena *arena,
		      const struct buffer_layout *layout,
		      const struct buffer_spec *spec, uint64_t seed,
		      unsigned replicate)
{
	struct rng_stream stream;
	uint32_t slot;

	rng_stream_init(&stream, seed, spec->component, replicate);
	*pool = (struct buffer_pool){ .slots = spec->slots,
				      .bytes = spec->bytes,
				      .stride = spec->stride,
				      .per_page = spec->per_page > 1
							  ? spec->per_page
							  : 1 };
	pool->pages_per_slot = pages_spanned(spec->offset >= 0 && !spec->stride
						     ? (uint32_t)spec->offset
						     : HOST_PAGE - 1,
					     spec->bytes);
	pool->pfn = arena_take_array(arena,
				     (size_t)spec->slots * pool->pages_per_slot,
				     sizeof(*pool->pfn));
	pool->offset =
		arena_take_array(arena, spec->slots, sizeof(*pool->offset));
	pool->stamp =
		arena_take_array(arena, spec->slots, sizeof(*pool->stamp));
	if (spec->stride) {
		place_piece(pool, layout, spec, &stream);
		return;
	}
	for (slot = 0; slot < spec->slots; slot++) {
		uint32_t share = spec->per_page > 1 ? slot % spec->per_page : 0;

		if (!share) {
			place_slot(pool, layout, spec, &stream, slot);
			continue;
		}
		pool->pfn[slot] = pool->pfn[slot - share];
		pool->offset[slot] =
			(uint16_t)(pool->offset[slot - share] +
				   share * (HOST_PAGE / spec->per_page));
	}
}

/* Number of the slot's first page in the pool. */
static uint64_t first_page(const struct buffer_pool *pool, uint32_t slot)
{
	if (pool->stride)
		return (uint64_t)slot * pool->stride / HOST_PAGE;
	return (uint64_t)(slot / pool->per_page) * pool->pages_per_slot;
}

uint64_t buffer_pool_pages(const struct buffer_pool *pool)
{
	if (pool->stride)
		return ((uint64_t)pool->slots * pool->stride + HOST_PAGE - 1) /
		       HOST_PAGE;
	return first_page(pool, pool->slots - 1) + pool->pages_per_slot;
}

void buffer_pool_map(struct buffer_pool *pool, struct arena *arena,
		     uint64_t base)
{
	uint32_t slot, page, pages = pool->pages_per_slot;

	pool->logical = arena_take_array(arena, (size_t)pool->slots * pages,
					 sizeof(*pool->logical));
	for (slot = 0; slot < pool->slots; slot++)
		for (page = 0; page < pages; page++)
			pool->logical[(uint64_t)slot * pages + page] =
				base / HOST_PAGE + first_page(pool, slot) +
				page;
}
