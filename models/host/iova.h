/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Logical addresses: which pages a mapping gets.
 *
 *	address = iova_take(&iova, core, pages, &from);
 *	...
 *	iova_give(&iova, core, address, pages);	(invalidated: may be reused)
 *
 * Ranges have sizes in powers of two of 4 KiB pages and are aligned to their
 * size.  What a core gives back it takes again first, last in, first out, so
 * few pages of the page table are in use.  A core keeps at most two magazines
 * of ranges of a size; a full one goes to a depot all cores share, from which
 * an empty core takes one.  Only when the depot has none is a range fresh:
 * from the top of the space downward.
 *
 *	0       top/4                           top
 *	|         | at set-up -->    <-- fresh   |
 *
 * The top is 4 GiB, or what the device reaches if that is less.  A device that
 * reaches more has ranges above when those below are used up, as in Linux, and
 * scattered memory that stays mapped for ever always there.  Another one must
 * do with what there is: for a driver's queues it is plenty (else a BUG).
 *
 * Invariants: (1) no two live ranges overlap; (2) taken = given + live.
 *
 * Source: Linux's IOVA caches, PEL15.
 */
#ifndef MODELS_HOST_IOVA_H
#define MODELS_HOST_IOVA_H

#include "core/pool.h"

#define IOVA_PAGE     4096u
#define IOVA_ORDERS   11 /* up to 4 MiB */
#define IOVA_MAGAZINE 128

enum iova_from { IOVA_CORE, IOVA_DEPOT, IOVA_FRESH };

struct iova_range;

struct iova_stack {
	struct iova_range *top;
	uint32_t count;
};

struct iova {
	unsigned width;
	struct iova_stack *core; /* [core * IOVA_ORDERS + order] */
	struct iova_stack depot[IOVA_ORDERS];
	struct pool ranges;  /* given back */
	uint64_t setup, low; /* ends of set-up memory, of fresh ranges */
	uint64_t high;	     /* of scattered memory; 0: below 4 GiB */
	uint64_t taken, given;
};

/* Device addresses have @width bits.  Memory comes from @arena. */
int iova_init(struct iova *iova, struct arena *arena, unsigned cores,
	      unsigned width, struct err *err);
void iova_clear(struct iova *iova);

/* @pages > 0 consecutive pages; @from says where they were found. */
uint64_t iova_take(struct iova *iova, unsigned core, uint32_t pages,
		   enum iova_from *from);
void iova_give(struct iova *iova, unsigned core, uint64_t address,
	       uint32_t pages);
/*
 * For ever: @bytes in one piece, on a multiple of @page if there are as many;
 * @pages that lie scattered in memory.  0: no room.
 */
uint64_t iova_take_at_setup(struct iova *iova, uint64_t bytes, uint64_t page);
uint64_t iova_take_scattered(struct iova *iova, uint64_t pages);

#endif
