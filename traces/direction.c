/* SPDX-License-Identifier: Apache-2.0 */
#include "traces/direction.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/digest.h"
#include "traces/local.h"
#include "traces/params.h"
#include "traces/peers.h"

enum rule { RULE_TX, RULE_RX, RULE_LOCAL, RULE_FOUND };

struct direction {
	enum rule rule;
	bool use_hints;
	uint64_t only_mac; /* all there is in local; 0: look there */
	struct local_set local;
	struct peers macs, ips;
	uint64_t sampled, hinted, unicast, with_macs, to_self;
	const char *name; /* of the rule, for people */
	char evidence[512];
};

static void say(struct direction *dir, const char *name, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void say(struct direction *dir, const char *name, const char *fmt, ...)
{
	va_list ap;

	dir->name = name;
	va_start(ap, fmt);
	vsnprintf(dir->evidence, sizeof(dir->evidence), fmt, ap);
	va_end(ap);
}

static int read_config(struct direction *dir, const struct config *cfg,
		       struct err *err)
{
	unsigned choice = config_choice(cfg, "traffic.direction");
	const char *local = config_string(cfg, "traffic.local");
	const char *file = config_string(cfg, "traffic.direction_file");

	if (choice != DIRECTION_AUTO && (*local || *file))
		return err_set(err, ERR_USAGE,
			       "traffic.direction and traffic.%s contradict "
			       "each other: give one",
			       *local ? "local" : "direction_file");
	if (choice == DIRECTION_TX) {
		dir->rule = RULE_TX;
		say(dir, "tx", "traffic.direction = tx");
	} else if (choice == DIRECTION_RX) {
		dir->rule = RULE_RX;
		say(dir, "rx", "traffic.direction = rx");
	} else if (*local || *file) {
		dir->rule = RULE_LOCAL;
		say(dir, *file ? "file" : "local", "%s%.200s%s%s%.200s",
		    *local ? "traffic.local = " : "", local,
		    *local && *file ? "; " : "",
		    *file ? "traffic.direction_file = " : "", file);
		if (*local && local_parse(&dir->local, local, err) < 0)
			return -1;
		return *file ? local_read(&dir->local, file, err) : 0;
	} else {
		dir->rule = RULE_FOUND;
		dir->use_hints = true;
	}
	return 0;
}

struct direction *direction_new(const struct config *cfg, struct err *err)
{
	struct direction *dir = calloc(1, sizeof(*dir));

	if (!dir) {
		err_nomem(err, "direction");
		return NULL;
	}
	if (read_config(dir, cfg, err) < 0) {
		direction_free(dir);
		return NULL;
	}
	return dir;
}

void direction_free(struct direction *dir)
{
	if (!dir)
		return;
	peers_clear(&dir->macs);
	peers_clear(&dir->ips);
	free(dir);
}

static uint64_t key_of(const struct decoded *d, const struct address *ip,
		       uint64_t mac)
{
	return d->has_ip ? digest_item(ip->high, ip->low, 4)
			 : digest_item(mac, 0, 6);
}

static int sample_macs(struct direction *dir, const struct decoded *d,
		       struct err *err)
{
	struct address src = { 0, d->src_mac }, dst = { 0, d->dst_mac };

	dir->with_macs++;
	if (peers_note(&dir->macs, src, key_of(d, &d->dst, d->dst_mac),
		       PEERS_SENT, d->bytes, err) < 0)
		return -1;
	return peers_note(&dir->macs, dst, key_of(d, &d->src, d->src_mac),
			  PEERS_RECEIVED, d->bytes, err);
}

int direction_sample(struct direction *dir, const struct decoded *d,
		     struct err *err)
{
	if (dir->rule != RULE_FOUND)
		return 0;
	dir->sampled++;
	dir->hinted += d->hint != HINT_NONE;
	if (d->hint != HINT_NONE || d->flags & FRAME_MULTICAST)
		return 0;
	dir->unicast++;
	if (d->src_mac && d->dst_mac && d->src_mac != d->dst_mac &&
	    sample_macs(dir, d, err) < 0)
		return -1;
	if (!d->has_ip)
		return 0;
	if (d->src.low == d->dst.low && d->src.high == d->dst.high) {
		dir->to_self++;
		return 0;
	}
	if (peers_note(&dir->ips, d->src,
		       digest_item(d->dst.high, d->dst.low, 4), PEERS_SENT,
		       d->bytes, err) < 0)
		return -1;
	return peers_note(&dir->ips, d->dst,
			  digest_item(d->src.high, d->src.low, 4),
			  PEERS_RECEIVED, d->bytes, err);
}

/* Append what speaks for @best to the evidence. */
static void say_found(struct direction *dir, bool is_mac,
		      const struct peers_node *best,
		      const struct peers_node *next)
{
	char name[LOCAL_TEXT_MAX], other[LOCAL_TEXT_MAX], more[128] = "";
	size_t used = dir->name ? strnlen(dir->evidence, 400) : 0;

	if (next)
		snprintf(more, sizeof(more), "; next %s with %u",
			 local_text(is_mac, next->address, other), next->peers);
	snprintf(dir->evidence + used, sizeof(dir->evidence) - used,
		 "%s%s has most peers: %u, sent %llu bytes%s", used ? "; " : "",
		 local_text(is_mac, best->address, name), best->peers,
		 (unsigned long long)best->sent_bytes, more);
	dir->name = "auto";
}

static bool take_best(struct direction *dir, bool is_mac,
		      const struct peers *peers, enum peers_family family)
{
	const struct peers_node *next, *best = peers_best(peers, family, &next);

	if (!best)
		return false;
	local_add(&dir->local, is_mac, best->address);
	say_found(dir, is_mac, best, next);
	return true;
}

static void find_local(struct direction *dir)
{
	bool by_mac = dir->with_macs && 2 * dir->with_macs >= dir->unicast;
	bool by_ip;

	if (by_mac && take_best(dir, true, &dir->macs, PEERS_ANY))
		return;
	by_ip = take_best(dir, false, &dir->ips, PEERS_IPV4);
	if (take_best(dir, false, &dir->ips, PEERS_IPV6) || by_ip)
		return;
	dir->rule = RULE_RX;
	if (dir->hinted)
		say(dir, "cooked",
		    "no two addresses talk both ways in the other frames, "
		    "which are taken as received");
	else
		say(dir, "all-rx",
		    "warning: no two addresses talk both ways in %llu "
		    "frames%s; every frame is taken as received: set "
		    "traffic.local or traffic.direction",
		    (unsigned long long)dir->sampled,
		    dir->to_self ? " (loopback to itself)" : "");
}

static void decide_found(struct direction *dir)
{
	if (dir->hinted < dir->sampled)
		find_local(dir);
	else
		say(dir, "cooked", "the capture says it of each frame");
	if (dir->hinted && dir->hinted < dir->sampled) {
		size_t used = strnlen(dir->evidence, 440);

		snprintf(dir->evidence + used, sizeof(dir->evidence) - used,
			 "; %llu of %llu frames say it themselves",
			 (unsigned long long)dir->hinted,
			 (unsigned long long)dir->sampled);
	}
	peers_clear(&dir->macs);
	peers_clear(&dir->ips);
}

void direction_decide(struct direction *dir)
{
	if (dir->rule == RULE_FOUND)
		decide_found(dir);
	if (dir->local.count == 1 && dir->local.entries[0].is_mac)
		dir->only_mac = dir->local.entries[0].address.low;
}

unsigned direction_of(const struct direction *dir, const struct decoded *d)
{
	if (dir->use_hints && d->hint != HINT_NONE) {
		if (d->hint == HINT_TX)
			return FRAME_TX;
		return d->hint == HINT_RX ? FRAME_RX : DIRECTION_OTHER;
	}
	if (dir->rule == RULE_TX)
		return FRAME_TX;
	if (dir->rule == RULE_RX)
		return FRAME_RX;
	if (dir->only_mac) {
		if (d->src_mac == dir->only_mac)
			return FRAME_TX;
		return d->dst_mac == dir->only_mac || d->flags & FRAME_MULTICAST
			       ? FRAME_RX
			       : DIRECTION_OTHER;
	}
	if (local_has_source(&dir->local, d))
		return FRAME_TX;
	if (d->flags & FRAME_MULTICAST || local_has_target(&dir->local, d))
		return FRAME_RX;
	return DIRECTION_OTHER;
}

int direction_save(const struct direction *dir, FILE *out, struct err *err)
{
	if (!dir->local.count)
		return err_set(
			err, ERR_INPUT,
			"direction is not decided by address (%s): there "
			"is nothing to save",
			dir->name ? dir->name : "auto");
	fprintf(out, "# %s: %s\n", dir->name ? dir->name : "auto",
		dir->evidence);
	local_write(&dir->local, out);
	return 0;
}

void direction_report(const struct direction *dir, struct trace_info *info)
{
	snprintf(info->direction_rule, sizeof(info->direction_rule), "%s",
		 dir->name ? dir->name : "auto");
	snprintf(info->direction_evidence, sizeof(info->direction_evidence),
		 "%s", dir->evidence);
}
