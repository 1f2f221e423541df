/* SPDX-License-Identifier: Apache-2.0 */
#include "core/server.h"

#include <stdlib.h>

#include "core/observer.h"

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
	*server = (struct server){ .kernel = kernel,
				   .component = component,
				   .apart = kernel->naive };
}

void server_watch(struct server *server, const struct observers *observers,
		  unsigned track)
{
	server->observers = observers;
	server->track = track;
	server->apart = true;
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

/* The naive kernel's way to the same end. */
static void enqueue(struct server *server, sim_time service, sim_time delay,
		    uint64_t key, void (*done)(void *ctx, uint64_t arg),
		    void *ctx, uint64_t arg)
{
	struct server_job *job = malloc(sizeof(*job));

	if (!job)
		out_of_memory("naive server queue");
	*job = (struct server_job){ .service = service,
				    .delay = delay,
				    .expected = server->free_at,
				    .key = key,
				    .done = done,
				    .ctx = ctx,
				    .arg = arg };
	if (server->tail)
		server->tail->next = job;
	else
		server->head = job;
	server->tail = job;
	if (server->head == job)
		naive_start(server);
}

void server_serve_apart(struct server *server, sim_time service, sim_time delay,
			uint64_t key, void (*done)(void *ctx, uint64_t arg),
			void *ctx, uint64_t arg)
{
	sim_time end = server->free_at;

	if (server->observers)
		observers_tell(server->observers,
			       &(struct observation){ .kind = SEEN_SERVICE,
						      .from = end - service,
						      .to = end,
						      .track = server->track });
	if (server->kernel->naive)
		enqueue(server, service, delay, key, done, ctx, arg);
	else if (done)
		kernel_at(server->kernel, end + delay, key, done, ctx, arg);
}
