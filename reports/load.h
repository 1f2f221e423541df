/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a result file back.
 *
 * Errors (ERR_INPUT) tell a torn file, a file that is no result of ours and a
 * result of another schema apart; a missing or unreadable file is ERR_IO.
 * "-" reads standard input.
 */
#ifndef REPORTS_LOAD_H
#define REPORTS_LOAD_H

#include "core/err.h"
#include "reports/document.h"

/* The JSON of a file, whatever it holds. */
json_t *load_json(const char *path, struct err *err);
/* A result that was read from @path; takes @root, also on failure. */
struct document *load_document(json_t *root, const char *path, struct err *err);
struct document *document_load(const char *path, struct err *err);
/* All of @paths joined into one document with a fresh summary. */
struct document *document_load_all(const char *const *paths, size_t count,
				   struct err *err);

#endif
