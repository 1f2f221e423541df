/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A thread that works on numbered slots in turn, while its maker fills the
 * next ones.
 *
 *	relay = relay_new(slots, simulate, &group);
 *	while ((n = read_into(relay_slot(relay))) > 0)
 *		relay_give(relay);
 *	relay_free(relay);
 *
 * The work sees what its maker wrote before relay_give(), and the maker what
 * the work wrote, after relay_free() or when it gets the slot again.
 */
#ifndef CMD_RELAY_H
#define CMD_RELAY_H

#include <stddef.h>

struct relay;

/* NULL when there is no thread to be had. */
struct relay *relay_new(size_t slots, void (*work)(void *ctx, size_t slot),
			void *ctx);
/* The next slot, once it has been worked on. */
size_t relay_slot(struct relay *relay);
/* It is filled. */
void relay_give(struct relay *relay);
/* When all that was given has been worked on. */
void relay_free(struct relay *relay);

#endif
