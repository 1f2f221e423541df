/* SPDX-License-Identifier: Apache-2.0 */
#include "models/host/iova.h"

#define FOUR_GIB_BITS 32

struct iova_range {
	struct iova_range *next;
	uint64_t address;
};

int iova_init(struct iova *iova, struct arena *arena, unsigned cores,
	      unsigned width, struct err *err)
{
	unsigned bits = width < FOUR_GIB_BITS ? width : FOUR_GIB_BITS;
	uint64_t top = UINT64_C(1) << bits;

	*iova = (struct iova){
		.width = width,
		.setup = top / 4,
		.low = top,
		.high = width > FOUR_GIB_BITS ? top : 0,
	};
	iova->core = arena_take_array(arena, (size_t)cores * IOVA_ORDERS,
				      sizeof(*iova->core));
	return pool_init(&iova->ranges, sizeof(struct iova_range), 256, err);
}

void iova_clear(struct iova *iova)
{
	pool_clear(&iova->ranges);
}

static unsigned order_of(uint32_t pages)
{
	unsigned order =
		pages > 1 ? 32 - (unsigned)__builtin_clz(pages - 1) : 0;

	BUG_ON(!pages || order >= IOVA_ORDERS);
	return order;
}

static void push(struct iova_stack *stack, struct iova_range *range)
{
	range->next = stack->top;
	stack->top = range;
	stack->count++;
}

static struct iova_range *pop(struct iova_stack *stack)
{
	struct iova_range *range = stack->top;

	stack->top = range->next;
	stack->count--;
	return range;
}

/* Up to a magazine, the order kept. */
static void move(struct iova_stack *from, struct iova_stack *to)
{
	struct iova_range *first = from->top, *last = first;
	uint32_t count = 1;

	while (last->next && count < IOVA_MAGAZINE) {
		last = last->next;
		count++;
	}
	from->top = last->next;
	from->count -= count;
	last->next = to->top;
	to->top = first;
	to->count += count;
}

static uint64_t take_fresh(struct iova *iova, unsigned order)
{
	uint64_t bytes = (uint64_t)IOVA_PAGE << order;

	if (iova->low - iova->setup >= 2 * bytes) {
		iova->low = (iova->low - bytes) & ~(bytes - 1);
		return iova->low;
	}
	if (!iova->high)
		BUG("logical addresses of a %u-bit device are used up",
		    iova->width);
	iova->high = ((iova->high + bytes - 1) & ~(bytes - 1)) + bytes;
	return iova->high - bytes;
}

uint64_t iova_take(struct iova *iova, unsigned core, uint32_t pages,
		   enum iova_from *from)
{
	unsigned order = order_of(pages);
	struct iova_stack *own = &iova->core[core * IOVA_ORDERS + order];
	struct iova_range *range;
	uint64_t address;

	iova->taken++;
	*from = IOVA_CORE;
	if (!own->count && iova->depot[order].count) {
		*from = IOVA_DEPOT;
		move(&iova->depot[order], own);
	}
	if (!own->count) {
		*from = IOVA_FRESH;
		return take_fresh(iova, order);
	}
	range = pop(own);
	address = range->address;
	pool_give(&iova->ranges, range);
	return address;
}

void iova_give(struct iova *iova, unsigned core, uint64_t address,
	       uint32_t pages)
{
	unsigned order = order_of(pages);
	struct iova_stack *own = &iova->core[core * IOVA_ORDERS + order];
	struct iova_range *range = pool_take(&iova->ranges);

	iova->given++;
	BUG_ON(iova->given > iova->taken); /* invariant 2 */
	if (own->count == 2 * IOVA_MAGAZINE)
		move(own, &iova->depot[order]);
	range->address = address;
	push(own, range);
}

uint64_t iova_take_at_setup(struct iova *iova, uint64_t bytes, uint64_t page)
{
	uint64_t align = bytes >= page ? page : IOVA_PAGE;
	uint64_t address = (iova->setup + align - 1) & ~(align - 1);

	bytes = (bytes + IOVA_PAGE - 1) & ~(uint64_t)(IOVA_PAGE - 1);
	if (address > iova->low || bytes > iova->low - address)
		return 0;
	iova->setup = address + bytes;
	return address;
}

uint64_t iova_take_scattered(struct iova *iova, uint64_t pages)
{
	uint64_t bytes = pages * IOVA_PAGE, address = iova->high;

	if (address) {
		iova->high += bytes;
		return address;
	}
	if (bytes > iova->low - iova->setup)
		return 0;
	iova->low -= bytes;
	return iova->low;
}
