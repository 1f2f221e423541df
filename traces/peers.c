/* SPDX-License-Identifier: Apache-2.0 */
#include "traces/peers.h"

#include <stdlib.h>

#include "core/digest.h"

#define FIRST_ROOM 1024u

void peers_clear(struct peers *peers)
{
	free(peers->nodes);
	free(peers->index);
	free(peers->pairs);
	*peers = (struct peers){ 0 };
}

static uint32_t slot_of(uint64_t hash, uint32_t room)
{
	return (uint32_t)hash & (room - 1);
}

static uint32_t *find_index(const struct peers *peers, struct address a)
{
	uint32_t at = slot_of(digest_item(a.high, a.low, 0), peers->room);

	for (;; at = (at + 1) & (peers->room - 1)) {
		uint32_t n = peers->index[at];

		if (!n || (peers->nodes[n - 1].address.low == a.low &&
			   peers->nodes[n - 1].address.high == a.high))
			return &peers->index[at];
	}
}

static struct peers_pair *find_pair(const struct peers *peers, uint32_t node,
				    uint64_t peer)
{
	uint32_t at = slot_of(digest_item(node, peer, 1), peers->room);

	for (;; at = (at + 1) & (peers->room - 1)) {
		struct peers_pair *pair = &peers->pairs[at];

		if (!pair->node || (pair->node == node && pair->peer == peer))
			return pair;
	}
}

/* Tables twice as large, at most half full afterwards. */
static int grow(struct peers *peers, struct err *err)
{
	struct peers next = *peers;

	next.room = peers->room ? 2 * peers->room : FIRST_ROOM;
	next.nodes = calloc(next.room, sizeof(*next.nodes));
	next.index = calloc(next.room, sizeof(*next.index));
	next.pairs = calloc(next.room, sizeof(*next.pairs));
	if (!next.nodes || !next.index || !next.pairs) {
		peers_clear(&next);
		return err_nomem(err, "the table of peers");
	}
	for (uint32_t i = 0; i < peers->node_count; i++) {
		next.nodes[i] = peers->nodes[i];
		*find_index(&next, next.nodes[i].address) = i + 1;
	}
	for (uint32_t i = 0; i < peers->room; i++) {
		const struct peers_pair *pair = &peers->pairs[i];

		if (pair->node)
			*find_pair(&next, pair->node, pair->peer) = *pair;
	}
	peers_clear(peers);
	*peers = next;
	return 0;
}

int peers_note(struct peers *peers, struct address address, uint64_t peer,
	       unsigned seen, uint32_t bytes, struct err *err)
{
	struct peers_pair *pair;
	struct peers_node *node;
	uint32_t *index;

	if (2 * (peers->pair_count + 1) > peers->room && grow(peers, err) < 0)
		return -1;
	index = find_index(peers, address);
	if (!*index) {
		*index = ++peers->node_count;
		peers->nodes[*index - 1].address = address;
	}
	node = &peers->nodes[*index - 1];
	pair = find_pair(peers, *index, peer);
	if (!pair->node) {
		pair->node = *index;
		pair->peer = peer;
		peers->pair_count++;
		node->peers++;
	}
	if (pair->seen && pair->seen != 3 && (pair->seen | seen) == 3)
		node->two_way++;
	pair->seen |= seen;
	if (seen == PEERS_SENT)
		node->sent_bytes += bytes;
	return 0;
}

static bool is_family(const struct peers_node *node, enum peers_family family)
{
	bool v4 = !node->address.high && node->address.low >> 32 == 0xffff;

	return family == PEERS_ANY || v4 == (family == PEERS_IPV4);
}

static bool is_better(const struct peers_node *a, const struct peers_node *b)
{
	if (!b)
		return true;
	if (a->peers != b->peers)
		return a->peers > b->peers;
	if (a->sent_bytes != b->sent_bytes)
		return a->sent_bytes > b->sent_bytes;
	if (a->address.high != b->address.high)
		return a->address.high < b->address.high;
	return a->address.low < b->address.low;
}

const struct peers_node *peers_best(const struct peers *peers,
				    enum peers_family family,
				    const struct peers_node **next)
{
	const struct peers_node *best = NULL;

	*next = NULL;
	for (uint32_t i = 0; i < peers->node_count; i++) {
		const struct peers_node *node = &peers->nodes[i];

		if (!node->two_way || !is_family(node, family))
			continue;
		if (is_better(node, best)) {
			*next = best;
			best = node;
		} else if (is_better(node, *next)) {
			*next = node;
		}
	}
	return best;
}
