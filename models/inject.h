/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is injected into a run: a driver that does wrong, or an event of the
 * adapter's life.
 *
 *	run.inject = KIND[@TIME][:every=N][:for=TIME], ...
 *
 * A hazard's name makes the driver commit it with every frame, from TIME on
 * with the first frame only, or with every N-th.  An event comes once, at TIME
 * (0 if not given).  Here is only what is asked for; models/ndis/misuse.h
 * commits it, models/ndis/lifecycle.h brings the events about, and whoever
 * finds a hazard does not know of any of this.
 *
 *	misuse = inject_due(&inject, INJECT_SENDS, now); (bits of hazards)
 */
#ifndef MODELS_INJECT_H
#define MODELS_INJECT_H

#include <stdbool.h>
#include <stddef.h>

#include "core/param.h"
#include "models/hazards.h"

enum inject_event {
	INJECT_PAUSE = HAZARDS,
	INJECT_CANCEL,
	INJECT_RESET,
	INJECT_HANG,
	INJECT_KINDS
};

#define INJECT_MAX	 16
#define INJECT_BIT(kind) (UINT64_C(1) << (kind))

struct inject_rule {
	unsigned kind; /* enum hazard or inject_event */
	sim_time at;
	sim_time length; /* of an event; 0: its own */
	uint64_t every;	 /* 0: once */
	uint64_t seen;
};

struct inject {
	struct inject_rule rule[INJECT_MAX];
	unsigned count;
	uint64_t kinds; /* bit per kind that has a rule */
};

/* A kind for listings; NULL past the end. */
const char *inject_kind(size_t index, const char **help);

/* ERR_USAGE: run.inject is not a list of these. */
int inject_init(struct inject *inject, const struct config *cfg,
		struct err *err);

/* Hazards of a received frame, of a buffer posted and mapped; of a send. */
#define INJECT_RECEIVES                         \
	(INJECT_BIT(HAZARD_READ_BEFORE_FLUSH) | \
	 INJECT_BIT(HAZARD_RESOURCES_KEPT))
#define INJECT_POSTS INJECT_BIT(HAZARD_OVERRUN)
#define INJECT_MAPS  INJECT_BIT(HAZARD_LINE_TEARING)
#define INJECT_SENDS \
	(INJECT_BIT(HAZARDS) - 1 - INJECT_RECEIVES - INJECT_POSTS - INJECT_MAPS)

uint64_t inject_choose(struct inject *inject, uint64_t kinds, sim_time now);

/* Which of @kinds the driver is to commit with what it does next. */
static inline uint64_t inject_due(struct inject *inject, uint64_t kinds,
				  sim_time now)
{
	return inject->kinds & kinds ? inject_choose(inject, kinds, now) : 0;
}

#endif
