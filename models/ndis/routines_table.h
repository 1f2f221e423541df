/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rows of the ledger as data.
 *
 * The cost vector says what a call does that costs, price or no price; n is
 * pages, b bytes in bounce pages.  A routine that another one calls is counted
 * with it (inner) and priced in it: nothing is charged twice.
 */
#ifndef MODELS_NDIS_ROUTINES_TABLE_H
#define MODELS_NDIS_ROUTINES_TABLE_H

#include "models/ndis/routines.h"

struct cost_vector {
	const char *locks, *allocations, *copies, *cache, *wait, *tlb;
};

struct routine_def {
	const char *name, *generation, *completion, *help, *source;
	enum irql lowest, highest;
	const char *base, *unit; /* price parameters, NULL: none */
	bool stack;	     /* protocol stack: not in the driver's account */
	enum routine inner;  /* called by it once a call; ROUTINE_NONE */
	enum routine undone; /* what halting calls for each at set-up */
	struct cost_vector cost; /* NULL: nothing of the kind */
};

extern const struct routine_def routine_defs[ROUTINES];

#endif
