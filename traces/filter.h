/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A BPF expression over records of any link type: compiled once for each type
 * that turns up.
 */
#ifndef TRACES_FILTER_H
#define TRACES_FILTER_H

#include "core/err.h"
#include "traces/packet.h"

struct filter;

struct filter *filter_new(const char *text, struct err *err);
void filter_free(struct filter *filter);
/* 1 match, 0 no match, -1 the text is no expression for this link type. */
int filter_match(struct filter *filter, const struct packet *packet,
		 struct err *err);

#endif
