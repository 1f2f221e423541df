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

#include "core/kernel.h"

struct server_job;

struct server {
	struct kernel *kernel;
	unsigned component;
	sim_time free_at; /* when the last accepted work ends */
	uint64_t served;
	uint64_t busy_ps, wait_ps;
	uint64_t fingerprint;		/* of start and end, in order */
	struct server_job *head, *tail; /* naive kernel only */
};

void server_init(struct server *server, struct kernel *kernel,
		 unsigned component);
void server_clear(struct server *server);

/*
 * The same for an event handler that has nothing more to do: @done is called
 * at once, later, when nothing can happen before.
 */
void server_serve_last(struct server *server, sim_time service, uint64_t key,
		       void (*done)(void *ctx, uint64_t arg), void *ctx,
		       uint64_t arg);

/* Returns when the service ends (without @delay). @done may be NULL. */
sim_time server_serve(struct server *server, sim_time service, sim_time delay,
		      uint64_t key, void (*done)(void *ctx, uint64_t arg),
		      void *ctx, uint64_t arg);

#endif
