/* SPDX-License-Identifier: Apache-2.0 */
#include "core/server.h"

#include <stdlib.h>

#include "core/digest.h"

/* One piece of work in the naive kernel's queue. */
struct server_job {
	struct server_job *next;
	sim_time service, delay, expected;
	uint64_t key;
	void (*done)(void *ctx, uint64_t arg);
	void *ctx;
	uint64_t arg;
};

void server_init(struct server *server, struct kernel *kernel,
		 unsigned component)
{
	BUG_ON(component >= EVENT_COMPONENT_MAX);
	*server = (struct server){ .kernel = kernel, .component = component };
}

void server_clear(struct server *server)
{
	while (server->head) {
		struct server_job *job = server->head;

		server->head = job->next;
		free(job);
	}
}

static void naive_finish(void *ctx, uint64_t arg);

static void naive_start(struct server *server)
{
	struct server_job *job = server->head;
	struct kernel *kernel = server->kernel;

	kernel_at(kernel, kernel->now + job->service,
		  event_key(EV_SERVER, server->component, server->served),
		  naive_finish, server, 0);
}

static void naive_finish(void *ctx, uint64_t arg)
{
	struct server *server = ctx;
	struct server_job *job = server->head;
	struct kernel *kernel = server->kernel;

	(void)arg;
	if (job->expected != kernel->now)
		BUG("server %u: reserved %lld ps, served at %lld ps",
		    server->component, (long long)job->expected,
		    (long long)kernel->now);
	server->head = job->next;
	if (job->done)
		kernel_at(kernel, kernel->now + job->delay, job->key, job->done,
			  job->ctx, job->arg);
	free(job);
	if (server->head)
		naive_start(server);
	else
		server->tail = NULL;
}

/* The service's place behind all that came before; returns its end. */
static inline sim_time reserve(struct server *server, sim_time service)
{
	sim_time now = server->kernel->now;
	sim_time start = server->free_at > now ? server->free_at : now;
	sim_time end = start + service;

	server->served++;
	server->busy_ps += (uint64_t)service;
	server->wait_ps += (uint64_t)(start - now);
	server->fingerprint =
		digest_step(digest_step(server->fingerprint, (uint64_t)start),
			    (uint64_t)end);
	server->free_at = end;
	return end;
}

static void naive_serve(struct server *server, const struct server_job *work)
{
	struct server_job *job = malloc(sizeof(*job));

	if (!job)
		BUG("out of memory: naive server queue");
	*job = *work;
	if (server->tail)
		server->tail->next = job;
	else
		server->head = job;
	server->tail = job;
	if (server->head == job)
		naive_start(server);
}

sim_time server_serve(struct server *server, sim_time service, sim_time delay,
		      uint64_t key, void (*done)(void *ctx, uint64_t arg),
		      void *ctx, uint64_t arg)
{
	struct kernel *kernel = server->kernel;
	sim_time end = reserve(server, service);

	if (__builtin_expect(kernel->naive, 0))
		naive_serve(server, &(struct server_job){ .service = service,
							  .delay = delay,
							  .expected = end,
							  .key = key,
							  .done = done,
							  .ctx = ctx,
							  .arg = arg });
	else if (done)
		kernel_at(kernel, end + delay, key, done, ctx, arg);
	return end;
}

void server_serve_last(struct server *server, sim_time service, uint64_t key,
		       void (*done)(void *ctx, uint64_t arg), void *ctx,
		       uint64_t arg)
{
	struct kernel *kernel = server->kernel;
	sim_time end;

	if (__builtin_expect(kernel->naive, 0)) {
		server_serve(server, service, 0, key, done, ctx, arg);
		return;
	}
	end = reserve(server, service);
	if (kernel_skip(kernel, end))
		done(ctx, arg);
	else
		kernel_at(kernel, end, key, done, ctx, arg);
}
