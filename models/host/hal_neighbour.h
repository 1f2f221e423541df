/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Another adapter on the pool: it takes registers and gives them back, and its
 * requests wait in the same queue, so what the machine's own device waits for
 * it is measured.
 *
 * Requests come as a Poisson stream of hal.neighbour_rate, each for
 * hal.neighbour_registers, kept for an exponential time from the grant on.
 * With 1,024 of them under way it asks for no more.  Draws are keyed by the
 * request's number.  Its CPU work is not modelled: it
 * runs elsewhere and costs the cores nothing, except that a core makes the
 * callbacks which its releases are due.
 *
 *	hal_neighbour_init(&neighbour, &hal, cfg, seed, replicate, &err);
 *	...
 *	hal_neighbour_stop(&neighbour, last_at);
 */
#ifndef MODELS_HOST_HAL_NEIGHBOUR_H
#define MODELS_HOST_HAL_NEIGHBOUR_H

#include "core/rng.h"
#include "models/host/hal.h"

struct hal_neighbour {
	struct hal *hal;
	struct hal_adapter adapter;
	struct rng_stream draws;
	struct pool loans;
	uint64_t gap_ps, hold_ps; /* means */
	uint32_t registers;
	uint64_t asked;
	sim_time until; /* no request later than this */
};

/* Starts at 0, if hal.neighbour_rate is not 0. */
int hal_neighbour_init(struct hal_neighbour *neighbour, struct hal *hal,
		       const struct config *cfg, uint64_t seed,
		       unsigned replicate, struct err *err);
void hal_neighbour_clear(struct hal_neighbour *neighbour);
/* The run is over after @at: what is held is still given back. */
void hal_neighbour_stop(struct hal_neighbour *neighbour, sim_time at);

#endif
