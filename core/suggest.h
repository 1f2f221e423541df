/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The nearest known name to what somebody typed.
 *
 *	struct suggest s;
 *
 *	suggest_init(&s, "nic.tx_rnig");
 *	for (row = table; row->key; row++)
 *		suggest_offer(&s, row->key);
 *	err_set(err, ERR_USAGE, "unknown key '%s'%s", typed,
 *		suggest_hint(&s, buf, sizeof(buf)));
 *
 * Distance is optimal string alignment (insert, delete, replace, swap of
 * neighbours; letter case and '-' against '_' cost nothing), and a name is
 * near when it is at most a third of the typed length away, at least 1.  A
 * name that what was typed is the beginning of is near too.  Ties go to the
 * name offered first.
 *
 * Limits: names longer than SUGGEST_NAME_MAX are never near.
 */
#ifndef CORE_SUGGEST_H
#define CORE_SUGGEST_H

#include <stddef.h>

#define SUGGEST_NAME_MAX 63

struct suggest {
	const char *typed;
	const char *best; /* NULL: nothing near; borrowed from the offers */
	unsigned distance;
};

void suggest_init(struct suggest *suggest, const char *typed);
void suggest_offer(struct suggest *suggest, const char *name);

/* "; did you mean 'nic.tx_ring'?" or "". Returns @buf. */
char *suggest_hint(const struct suggest *suggest, char *buf, size_t size);
#define SUGGEST_HINT_MAX 128

/* Edits between two names; SUGGEST_NAME_MAX + 1 when either is too long. */
unsigned suggest_distance(const char *a, const char *b);

#endif
