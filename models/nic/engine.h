/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The NIC's DMA engine, between its queues and the bus.
 *
 * A write passes the engine's issue stage: nic.dma_issue for its first chunk,
 * nic.dma_chunk_time for every further one, one transfer after the other.  A
 * read is handed on at once; its data is stored whole before anyone sees it,
 * which takes nic.dma_latency and the time of its bytes at nic.dma_store.
 * Where these are zero the bus is called directly.
 *
 * Source: PB-data (NFP6000): 64 B writes stop at 47.4 M/s on every host, 129
 * and 257 B cost another 17 ns, read latency grows by twice the wire time.
 */
#ifndef MODELS_NIC_ENGINE_H
#define MODELS_NIC_ENGINE_H

#include "models/bus/pcie.h"

struct engine {
	struct pcie *pcie;
	unsigned component;
	struct server issue; /* of writes */
	sim_time first_chunk, next_chunk;
	uint32_t chunk;
	sim_time latency;
	uint64_t store_bps; /* 0: cut-through */
	uint64_t writes;
	struct pool writes_pool;
};

int engine_init(struct engine *engine, struct pcie *pcie, unsigned component,
		const struct config *cfg, struct err *err);
void engine_clear(struct engine *engine);

/* From the last completion of @args to its end, ps, with nic.dma_store. */
sim_time engine_store_time(const struct engine *engine,
			   const struct pcie_read_args *args);
/* A write that is not issued at once: with nic.dma_issue or chunks of time. */
void engine_write_later(struct engine *engine,
			const struct pcie_write_args *args);

/* Sets @args->store. */
static inline void engine_read(struct engine *engine,
			       struct pcie_read_args *args)
{
	args->store = engine->store_bps ? engine_store_time(engine, args)
					: engine->latency;
	pcie_read(engine->pcie, args);
}

static inline bool engine_issues_at_once(const struct engine *engine)
{
	return !engine->first_chunk && !engine->next_chunk;
}

static inline void engine_write(struct engine *engine,
				const struct pcie_write_args *args)
{
	if (engine_issues_at_once(engine))
		pcie_write(engine->pcie, args);
	else
		engine_write_later(engine, args);
}
/* An interrupt message, behind the writes before it. */
void engine_message(struct engine *engine,
		    void (*done)(void *ctx, uint64_t arg), void *ctx,
		    uint64_t arg);

#endif
