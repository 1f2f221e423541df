/* SPDX-License-Identifier: Apache-2.0 */
#include "core/suggest.h"

#include <stdio.h>
#include <string.h>

static unsigned char fold(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (unsigned char)(c - 'A' + 'a');
	return c == '_' ? '-' : (unsigned char)c;
}

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

unsigned suggest_distance(const char *a, const char *b)
{
	unsigned rows[3][SUGGEST_NAME_MAX + 1];
	unsigned *before = rows[0], *last = rows[1], *now = rows[2];
	size_t a_length = strlen(a), b_length = strlen(b);
	size_t i, j;

	if (a_length > SUGGEST_NAME_MAX || b_length > SUGGEST_NAME_MAX)
		return SUGGEST_NAME_MAX + 1;
	for (j = 0; j <= b_length; j++)
		last[j] = (unsigned)j;
	for (i = 1; i <= a_length; i++) {
		unsigned *spare = before;

		now[0] = (unsigned)i;
		for (j = 1; j <= b_length; j++) {
			unsigned differ = fold(a[i - 1]) != fold(b[j - 1]);
			unsigned d = least(last[j], now[j - 1]) + 1;

			d = least(d, last[j - 1] + differ);
			if (i > 1 && j > 1 &&
			    fold(a[i - 1]) == fold(b[j - 2]) &&
			    fold(a[i - 2]) == fold(b[j - 1]))
				d = least(d, before[j - 2] + 1);
			now[j] = d;
		}
		before = last;
		last = now;
		now = spare;
	}
	return last[b_length];
}

static unsigned prefix_length(const char *a, const char *b)
{
	unsigned i = 0;

	while (a[i] && fold(a[i]) == fold(b[i]))
		i++;
	return i;
}

void suggest_init(struct suggest *suggest, const char *typed)
{
	size_t length = strlen(typed);

	*suggest = (struct suggest){ .typed = typed };
	if (length <= SUGGEST_NAME_MAX)
		suggest->distance = length < 6 ? 2 : (unsigned)length / 3 + 1;
}

void suggest_offer(struct suggest *suggest, const char *name)
{
	size_t length = strlen(suggest->typed);
	unsigned distance = suggest_distance(suggest->typed, name);

	/* The beginning of a name counts as one edit. */
	if (length >= 2 && prefix_length(suggest->typed, name) == length)
		distance = least(distance, 1);
	if (distance < suggest->distance) {
		suggest->distance = distance;
		suggest->best = name;
	}
}

char *suggest_hint(const struct suggest *suggest, char *buf, size_t size)
{
	buf[0] = '\0';
	if (suggest->best)
		snprintf(buf, size, "; did you mean '%s'?", suggest->best);
	return buf;
}
