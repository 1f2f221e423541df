/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Output files that are there whole or not at all.
 *
 *	struct outfile out;
 *
 *	if (outfile_open(&out, path, force, &err) < 0)
 *		return -1;
 *	fprintf(out.fp, "...");
 *	if (failed) {
 *		outfile_abort(&out);
 *		return -1;
 *	}
 *	return outfile_commit(&out, &err);
 *
 * A regular file is written beside its target as PATH.tmp.PID.N, flushed to
 * the disk and renamed at commit; until then the target is untouched.  Without
 * force an existing target is refused, at open and again at commit.  A target
 * that is a device or a pipe is written directly.  NULL or "-" is standard
 * output.  Errors of any write since open (full disk, closed pipe) are kept
 * and reported by commit, so callers need not check every fprintf(); a writer
 * of much output may poll outfile_failed() to stop early.
 *
 * Invariants: (1) after commit or abort no temporary file is left and out is
 * reusable by open; (2) a failed commit has done what abort does.
 *
 * exit() with files open, as out_of_memory() does, removes their temporary
 *files.
 *
 * Limits: a process that is killed outright leaves the temporary file.
 */
#ifndef CORE_OUTFILE_H
#define CORE_OUTFILE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>

#include "core/err.h"

struct outfile_sink;

/* NULL and "-" are. */
bool outfile_is_standard(const char *path);

struct outfile {
	FILE *fp; /* write here; never close */
	struct outfile_sink *sink;
};

/* ERR_USAGE: the target exists and @force is false; ERR_IO: the rest. */
int outfile_open(struct outfile *out, const char *path, bool force,
		 struct err *err);
/*
 * Whether outfile_open() would do, for those who have long work before it.
 * Leaves nothing behind, and devices and pipes alone.
 */
int outfile_check(const char *path, bool force, struct err *err);
/*
 * Once *@stop is not zero (a signal came) every write fails, so that a writer
 * that knows of no signals ends soon.  Commit then reports ERR_INTERRUPTED.
 */
void outfile_stop_on(struct outfile *out, const atomic_int *stop);
bool outfile_failed(const struct outfile *out);
int outfile_commit(struct outfile *out, struct err *err);
void outfile_abort(struct outfile *out);

#endif
