/* SPDX-License-Identifier: Apache-2.0 */
#include "models/nic/engine.h"

#include "models/component.h"

struct issued_write {
	struct engine *engine;
	struct pcie_write_args args;
};

int engine_init(struct engine *engine, struct pcie *pcie, unsigned component,
		const struct config *cfg, struct err *err)
{
	*engine = (struct engine){
		.pcie = pcie,
		.component = component,
		.first_chunk = (sim_time)config_u64(cfg, "nic.dma_issue"),
		.next_chunk = (sim_time)config_u64(cfg, "nic.dma_chunk_time"),
		.chunk = (uint32_t)config_u64(cfg, "nic.dma_chunk"),
		.latency = (sim_time)config_u64(cfg, "nic.dma_latency"),
		.store_bps = config_u64(cfg, "nic.dma_store"),
	};
	server_init(&engine->issue, pcie->kernel, component + COMP_ENGINE);
	return pool_init(&engine->writes_pool, sizeof(struct issued_write), 64,
			 err);
}

void engine_clear(struct engine *engine)
{
	server_clear(&engine->issue);
	pool_clear(&engine->writes_pool);
}

/* --- reads --- */

sim_time engine_store_time(const struct engine *engine,
			   const struct pcie_read_args *args)
{
	uint64_t bytes = 0;
	uint32_t i;

	for (i = 0; i < args->count; i++)
		bytes += args->elements[i].bytes;
	return engine->latency + bytes_to_ps(bytes, engine->store_bps);
}

/* --- writes --- */

static void write_issued(void *ctx, uint64_t arg)
{
	struct issued_write *write = ctx;
	struct engine *engine = write->engine;
	struct pcie_write_args args = write->args;

	(void)arg;
	pool_give(&engine->writes_pool, write);
	if (args.count)
		pcie_write(engine->pcie, &args);
	else
		pcie_message(engine->pcie, args.done, args.ctx, args.arg);
}

/* A message, which has no elements, takes its turn and no time. */
static void issue(struct engine *engine, const struct pcie_write_args *args,
		  sim_time time)
{
	struct issued_write *write = pool_take(&engine->writes_pool);

	*write = (struct issued_write){ .engine = engine, .args = *args };
	server_serve(&engine->issue, time, 0,
		     event_key(EV_NIC, engine->component + COMP_ENGINE,
			       UINT64_C(1) << 40 | engine->writes++),
		     write_issued, write, 0);
}

static sim_time issue_time(const struct engine *engine,
			   const struct pcie_write_args *args)
{
	uint64_t chunks = 0;
	uint32_t i;

	for (i = 0; i < args->count; i++)
		chunks += (args->elements[i].bytes + engine->chunk - 1) /
			  engine->chunk;
	return engine->first_chunk +
	       (sim_time)(chunks - 1) * engine->next_chunk;
}

void engine_write_later(struct engine *engine,
			const struct pcie_write_args *args)
{
	issue(engine, args, issue_time(engine, args));
}

void engine_message(struct engine *engine,
		    void (*done)(void *ctx, uint64_t arg), void *ctx,
		    uint64_t arg)
{
	struct pcie_write_args message = { .done = done,
					   .ctx = ctx,
					   .arg = arg };

	if (engine_issues_at_once(engine))
		pcie_message(engine->pcie, done, ctx, arg);
	else
		issue(engine, &message, 0);
}
