/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A capture again, as pcapng, with a comment on every packet.
 *
 *	struct annotate_job job = { .comment = comment_of, .ctx = notes };
 *
 *	if (annotate_capture("a.pcap.xz", &job, out, &err) < 0) ...
 *
 * Of a pcapng everything stays as it is, block by block, byte order and
 * unknown blocks included, but the length of a section, which becomes unknown;
 * a packet block gets the comment before its other options.  A simple packet
 * block has no room for options: it stays without.
 * Of a pcap the header becomes a section and an interface with its link type,
 * snap length and resolution, a record an enhanced packet block with its stamp
 * and lengths as they were.  Compressed captures are read, plain ones written.
 *
 * Comments are asked for by record number, from 1 in the order of the file.  A
 * file that is cut off or goes bad ends there, the rest is not written.
 *
 * Memory: one block, at most 4 MiB.
 */
#ifndef TRACES_ANNOTATE_H
#define TRACES_ANNOTATE_H

#include <stdint.h>
#include <stdio.h>

#include "core/err.h"

#define ANNOTATE_TEXT_MAX 1024

struct annotate_job {
	/* Text for record @number, shorter than ANNOTATE_TEXT_MAX; "": none. */
	int (*comment)(void *ctx, uint64_t number, char *text, struct err *err);
	void *ctx;
	/* Results. */
	uint64_t packets;
	uint64_t bare; /* of these, without room for a comment */
};

/*
 * ERR_INPUT: @path cannot be read; or an error of @comment.  A write that
 * fails is left to the owner of @out to notice (ferror), but ends the copy.
 */
int annotate_capture(const char *path, struct annotate_job *job, FILE *out,
		     struct err *err);

#endif
