/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sealed results: the last member of the text, "seal", is a digest of all
 * before it, so that a file that was cut off, damaged or edited is told from a
 * whole one without reading it as JSON.
 *
 *	json_write_sealed(doc, id, fp, &err);
 *	...
 *	if (!seal_holds(text, size, id))
 *		...
 *
 * @key goes into the digest: what the file is expected to be, 0 for nothing in
 * particular.  Against accidents, not against an adversary.
 */
#ifndef REPORTS_SEAL_H
#define REPORTS_SEAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "core/err.h"
#include "reports/document.h"

uint64_t seal_digest(uint64_t key, const char *text, size_t size);

/* json_write() and the seal. */
int json_write_sealed(const struct document *doc, uint64_t key, FILE *out,
		      struct err *err);
/* Whether @text is what json_write_sealed() wrote with @key. */
bool seal_holds(const char *text, size_t size, uint64_t key);

#endif
