/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A set of addresses: traffic.local as the user wrote it, or what was found.
 *
 *	local_parse(&set, "00:1b:21:0a:0b:0c,10.0.0.0/8,fe80::/10", &err);
 *	if (local_has_source(&set, &decoded)) ...
 */
#ifndef TRACES_LOCAL_H
#define TRACES_LOCAL_H

#include <stdio.h>

#include "core/err.h"
#include "traces/decode.h"

#define LOCAL_MAX 64

struct local_entry {
	bool is_mac;		      /* address.low is a MAC */
	struct address address, mask; /* address & mask == address */
};

struct local_set {
	struct local_entry entries[LOCAL_MAX];
	unsigned count;
};

/* @text is not empty. ERR_USAGE quotes the part that is no address. */
int local_parse(struct local_set *set, const char *text, struct err *err);
/*
 * Add those of a file, one or several by comma a line, # begins a comment.
 * ERR_INPUT names file and line.
 */
int local_read(struct local_set *set, const char *path, struct err *err);
/* In that form. */
void local_write(const struct local_set *set, FILE *out);
void local_add(struct local_set *set, bool is_mac, struct address address);

bool local_has_source(const struct local_set *set,
		      const struct decoded *decoded);
bool local_has_target(const struct local_set *set,
		      const struct decoded *decoded);

/* As people write it. Returns @buf. */
#define LOCAL_TEXT_MAX 48
char *local_text(bool is_mac, struct address address, char buf[LOCAL_TEXT_MAX]);

#endif
