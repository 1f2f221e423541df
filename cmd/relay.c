/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/relay.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

struct relay {
	size_t slots;
	void (*work)(void *ctx, size_t slot);
	void *ctx;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	size_t given, worked; /* slots, ever */
	bool ended;
};

/* Wait for a slot to work on; false when there will be none. */
static bool next_given(struct relay *relay)
{
	bool more;

	pthread_mutex_lock(&relay->lock);
	while (relay->worked == relay->given && !relay->ended)
		pthread_cond_wait(&relay->changed, &relay->lock);
	more = relay->worked != relay->given;
	pthread_mutex_unlock(&relay->lock);
	return more;
}

static void *work_main(void *arg)
{
	struct relay *relay = arg;

	while (next_given(relay)) {
		relay->work(relay->ctx, relay->worked % relay->slots);
		pthread_mutex_lock(&relay->lock);
		relay->worked++;
		pthread_cond_signal(&relay->changed);
		pthread_mutex_unlock(&relay->lock);
	}
	return NULL;
}

struct relay *relay_new(size_t slots, void (*work)(void *ctx, size_t slot),
			void *ctx)
{
	struct relay *relay = calloc(1, sizeof(*relay));

	if (!relay)
		return NULL;
	relay->slots = slots;
	relay->work = work;
	relay->ctx = ctx;
	pthread_mutex_init(&relay->lock, NULL);
	pthread_cond_init(&relay->changed, NULL);
	if (!pthread_create(&relay->thread, NULL, work_main, relay))
		return relay;
	pthread_cond_destroy(&relay->changed);
	pthread_mutex_destroy(&relay->lock);
	free(relay);
	return NULL;
}

size_t relay_slot(struct relay *relay)
{
	pthread_mutex_lock(&relay->lock);
	while (relay->given - relay->worked == relay->slots)
		pthread_cond_wait(&relay->changed, &relay->lock);
	pthread_mutex_unlock(&relay->lock);
	return relay->given % relay->slots;
}

void relay_give(struct relay *relay)
{
	pthread_mutex_lock(&relay->lock);
	relay->given++;
	pthread_cond_signal(&relay->changed);
	pthread_mutex_unlock(&relay->lock);
}

void relay_free(struct relay *relay)
{
	if (!relay)
		return;
	pthread_mutex_lock(&relay->lock);
	relay->ended = true;
	pthread_cond_signal(&relay->changed);
	pthread_mutex_unlock(&relay->lock);
	pthread_join(relay->thread, NULL);
	pthread_cond_destroy(&relay->changed);
	pthread_mutex_destroy(&relay->lock);
	free(relay);
}
