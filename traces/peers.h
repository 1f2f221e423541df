/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who talks to whom: for each address how many peers it has, with how many of
 * them both ways, and how many bytes it sent.
 *
 *	peers_note(&peers, address, peer_key, PEERS_SENT, bytes, &err);
 *	best = peers_best(&peers, PEERS_ANY, &next);
 */
#ifndef TRACES_PEERS_H
#define TRACES_PEERS_H

#include "core/err.h"
#include "traces/decode.h"

enum { PEERS_SENT = 1, PEERS_RECEIVED = 2 };
enum peers_family { PEERS_ANY, PEERS_IPV4, PEERS_IPV6 };

struct peers_node {
	struct address address;
	uint64_t sent_bytes;
	uint32_t peers, two_way;
};

struct peers_pair {
	uint64_t peer;
	uint32_t node; /* index + 1; 0: free */
	uint32_t seen; /* PEERS_SENT | PEERS_RECEIVED */
};

/* Zeroed is empty. */
struct peers {
	struct peers_node *nodes;
	uint32_t *index; /* node + 1 by hash of the address */
	struct peers_pair *pairs;
	uint32_t node_count, pair_count, room; /* a power of two */
};

void peers_clear(struct peers *peers);
int peers_note(struct peers *peers, struct address address, uint64_t peer,
	       unsigned seen, uint32_t bytes, struct err *err);
/*
 * Most peers, then most bytes sent, then the lowest address, of those with a
 * two-way peer; NULL: none. *@next has the second, or NULL.
 */
const struct peers_node *peers_best(const struct peers *peers,
				    enum peers_family family,
				    const struct peers_node **next);

#endif
