/* SPDX-License-Identifier: Apache-2.0 */
/*
 * First-in-first-out servers: a link direction, a wire, an invalidation queue.
 *
 *	server_init(&s, &kernel, component);
 *	server_serve(&s, service, delay, key, done, ctx, arg);
 *
 * Work reaches the server now, is served after everything that came before,
 * and done runs @delay after its service ends.  On the fast kernel the end is
 * reserved at once: one event in all.  That is right only because a caller
 * calls at the instant the work reaches the server (the reservation rule); the
 * naive kernel queues the work, one event per service, and checks that both
 * agree to the picosecond.
 */
#ifndef CORE_SERVER_H
#define CORE_SERVER_H

#include "core/digest.h"
#include "core/kernel.h"

struct observers;
struct server_job;

struct server {
	struct kernel *kernel;
	unsigned component;
	bool apart; /* on the naive kernel, or observed: server_serve_apart() */
	uint64_t busy_ps;
	sim_time free_at; /* when the last accepted work ends */
	uint64_t served;
	uint64_t fingerprint; /* of start and end, in order */
	uint64_t wait_ps;
	struct server_job *head, *tail;	   /* naive kernel only */
	const struct observers *observers; /* NULL: none */
	unsigned track;			   /* what they know it by */
};

void server_init(struct server *server, struct kernel *kernel,
		 unsigned component);
void server_clear(struct server *server);
/* Tell @observers of every service, as @track. */
void server_watch(struct server *server, const struct observers *observers,
		  unsigned track);

/* After server_reserve(): tell of it; its end comes as the kernel wants it. */
void server_serve_apart(struct server *server, sim_time service, sim_time delay,
			uint64_t key, void (*done)(void *ctx, uint64_t arg),
			void *ctx, uint64_t arg);

/* The service's place behind all that came before; returns its end. */
static inline sim_time server_reserve(struct server *server, sim_time service)
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

/* Returns when the service ends (without @delay). @done may be NULL. */
static inline sim_time server_serve(struct server *server, sim_time service,
				    sim_time delay, uint64_t key,
				    void (*done)(void *ctx, uint64_t arg),
				    void *ctx, uint64_t arg)
{
	sim_time end = server_reserve(server, service);

	if (__builtin_expect(server->apart, 0))
		server_serve_apart(server, service, delay, key, done, ctx, arg);
	else if (done)
		kernel_at(server->kernel, end + delay, key, done, ctx, arg);
	return end;
}

/*
 * The same for an event handler that has nothing more to do: @done is called
 * at once, later, when nothing can happen before.
 */
static inline void server_serve_last(struct server *server, sim_time service,
				     uint64_t key,
				     void (*done)(void *ctx, uint64_t arg),
				     void *ctx, uint64_t arg)
{
	struct kernel *kernel = server->kernel;
	sim_time end = server_reserve(server, service);

	if (__builtin_expect(server->apart, 0))
		server_serve_apart(server, service, 0, key, done, ctx, arg);
	else if (kernel_skip(kernel, end))
		done(ctx, arg);
	else
		kernel_at(kernel, end, key, done, ctx, arg);
}

/* How long it was busy until @at, now or later: it reserves ahead. */
static inline uint64_t server_busy_ps(const struct server *server, sim_time at)
{
	return server->busy_ps -
	       (server->free_at > at ? (uint64_t)(server->free_at - at) : 0);
}

#endif
