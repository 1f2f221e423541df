/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/crew.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

struct crew {
	unsigned hands; /* threads besides the caller's */
	pthread_t *threads;
	pthread_mutex_t gate;
	pthread_barrier_t begin, end;
	bool quit;

	/* The round; written by the caller between the barriers only. */
	size_t count;
	void (*work)(void *ctx, size_t index);
	void *ctx;
	atomic_size_t next;
};

static void claim_all(struct crew *crew)
{
	size_t index;

	while ((index = atomic_fetch_add(&crew->next, 1)) < crew->count)
		crew->work(crew->ctx, index);
}

static void *hand_main(void *arg)
{
	struct crew *crew = arg;

	pthread_mutex_lock(&crew->gate);
	pthread_mutex_unlock(&crew->gate);
	for (;;) {
		pthread_barrier_wait(&crew->begin);
		if (crew->quit)
			return NULL;
		claim_all(crew);
		pthread_barrier_wait(&crew->end);
	}
}

/*
 * The hands wait at the gate until it is known how many came: a system that
 * gives fewer threads than asked for gets a smaller crew, not an error.
 */
static int start_hands(struct crew *crew, unsigned wanted, struct err *err)
{
	crew->threads = calloc(wanted, sizeof(*crew->threads));
	if (!crew->threads)
		return err_nomem(err, "threads");
	pthread_mutex_lock(&crew->gate);
	while (crew->hands < wanted &&
	       !pthread_create(&crew->threads[crew->hands], NULL, hand_main,
			       crew))
		crew->hands++;
	if (pthread_barrier_init(&crew->begin, NULL, crew->hands + 1) ||
	    pthread_barrier_init(&crew->end, NULL, crew->hands + 1))
		BUG("a thread barrier for %u", crew->hands + 1);
	pthread_mutex_unlock(&crew->gate);
	return 0;
}

struct crew *crew_new(unsigned jobs, struct err *err)
{
	struct crew *crew = calloc(1, sizeof(*crew));

	if (!crew) {
		err_nomem(err, "threads");
		return NULL;
	}
	if (jobs > CREW_JOBS_MAX)
		jobs = CREW_JOBS_MAX;
	pthread_mutex_init(&crew->gate, NULL);
	if (jobs > 1 && start_hands(crew, jobs - 1, err) < 0) {
		free(crew);
		return NULL;
	}
	return crew;
}

void crew_free(struct crew *crew)
{
	unsigned i;

	if (!crew)
		return;
	if (crew->threads) {
		crew->quit = true;
		pthread_barrier_wait(&crew->begin);
		for (i = 0; i < crew->hands; i++)
			pthread_join(crew->threads[i], NULL);
		pthread_barrier_destroy(&crew->begin);
		pthread_barrier_destroy(&crew->end);
		free(crew->threads);
	}
	pthread_mutex_destroy(&crew->gate);
	free(crew);
}

void crew_begin(struct crew *crew, size_t count,
		void (*work)(void *ctx, size_t index), void *ctx)
{
	crew->count = count;
	crew->work = work;
	crew->ctx = ctx;
	atomic_store(&crew->next, 0);
	if (crew->hands)
		pthread_barrier_wait(&crew->begin);
}

void crew_end(struct crew *crew)
{
	claim_all(crew);
	if (crew->hands)
		pthread_barrier_wait(&crew->end);
}
