/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules of the HAL that a machine has.
 *
 * A personality is a set of rules observed together: the pool of an old
 * Windows, of a new one, the slots of a software IOTLB, the reimplementation
 * in ReactOS.  A parameter of the group hal that is 0 or auto takes its value
 * from the personality; any other value wins, wherever it was given.  So the
 * rules follow from the values of the parameters alone, and hal.personality
 * can be swept.
 *
 *	hal_rules_read(&rules, cfg);
 *
 * Source: ReactOS HAL, Linux swiotlb, WDK map registers.
 */
#ifndef MODELS_HOST_HAL_RULES_H
#define MODELS_HOST_HAL_RULES_H

#include "core/param.h"
#include "core/sim_time.h"

/* A device that needs no registers may map what it likes. */
#define HAL_UNLIMITED UINT32_MAX
/* Real registers that the base registers of one miniport may need. */
#define HAL_RESERVATION_MAX 64u

/* What a request gets that there is no room for. */
enum hal_exhausted {
	HAL_BY_PERSONALITY,
	HAL_QUEUE,   /* waits its turn */
	HAL_FAIL,    /* NO_RESOURCES at once */
	HAL_SHORTEN, /* a prefix if it can do with one, else it waits */
	HAL_COPY     /* NO_RESOURCES; the driver copies instead */
};

enum hal_reserve { HAL_RESERVE_AUTO, HAL_RESERVE_PAGES, HAL_RESERVE_BOUNCED };

struct hal_rules {
	uint32_t pool, cap, growth, background;
	uint32_t boundary;     /* registers; no run crosses one */
	uint32_t per_request;  /* most that an adapter may ask for */
	uint32_t slot_bytes;   /* of bounce memory behind a register */
	uint32_t list_max;     /* longer lists are lost; 0: none are */
	uint64_t reach;	       /* highest address + 1, 0: all of memory */
	sim_time worker_delay; /* until the PASSIVE worker runs */
	unsigned areas;	       /* parts of the pool with locks of their own */
	enum hal_exhausted exhausted;
	bool guards;	    /* empty slots where pages are not adjacent */
	bool tracked;	    /* slots are known one by one */
	bool contiguous;    /* every request takes one run */
	bool gathers;	    /* the device has scatter/gather */
	bool bounced_only;  /* registers for pages out of reach only */
	bool both_ways;	    /* a buffer is copied in before the device writes */
	bool unchecked;	    /* pages out of reach are not noticed */
	bool bounce_all;    /* confidential VM: every page bounces */
	bool bypass;	    /* what fits overtakes */
	bool common_counts; /* common buffers take registers */
};

void hal_rules_read(struct hal_rules *rules, const struct config *cfg);
/* What contradicts itself; ERR_USAGE. */
int hal_rules_check(const struct config *cfg, struct err *err);

/* Pages that @bytes touch at the worst offset. */
uint32_t hal_worst_pages(uint64_t bytes);

#endif
