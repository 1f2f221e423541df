/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The directory of a study: one file for each result point.
 *
 *	DIR/points/0123456789abcdef.json	a result document of one run
 *	DIR/results.json, DIR/results.csv	all points of the last call
 *	DIR/.lock				held while a sweep writes here
 *
 * A point's name is the digest of (configuration, trace, version) with machine,
 * strategies, seed and replicate: document_point_id().  Files are written once,
 * whole or not at all, and sealed (reports/seal.h), so a point that is there
 * and whose seal holds is done; a study that is started again skips it, and
 * studies that share points share the work.
 *
 * One writer at a time: the lock is the kernel's (flock), so that of a process
 * that was killed is gone with it.
 */
#ifndef CMD_POINTS_H
#define CMD_POINTS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"
#include "reports/document.h"

#define POINTS_PATH_MAX 4096

/*
 * Make @dir and its points/ if need be, lock it, and remove what writers that
 * were killed left half written.  ERR_USAGE when @dir has files in it and no
 * points/, unless @force; ERR_IO when another process has the lock.  Returns
 * the lock, for points_close(), or -1.
 */
int points_open(const char *dir, bool force, struct err *err);
void points_close(int lock);

/* DIR/points/DIGEST.json into @path. ERR_USAGE when that is too long. */
int points_path(const char *dir, uint64_t id, char path[POINTS_PATH_MAX],
		struct err *err);

enum points_state {
	POINTS_ABSENT,
	POINTS_GOOD,
	POINTS_FAILED, /* it is written there why */
	POINTS_BAD     /* cut off or changed */
};

/* Reads the file to see whether its seal holds. */
enum points_state points_have(const char *dir, uint64_t id);
int points_save(const char *dir, uint64_t id, const struct document *doc,
		struct err *err);
/* The seal has been looked at before: points_have(). */
struct document *points_load(const char *dir, uint64_t id, struct err *err);

/* The bytes of a file and a 0; free() them. NULL with ERR_IO. */
char *points_read(const char *path, size_t *size, struct err *err);

/*
 * A copy of @doc for the joint result: histograms without their buckets unless
 * @buckets, runs without series.  They are most of a result's size; the points
 * keep them.
 */
struct document *points_slim(const struct document *doc, bool buckets,
			     struct err *err);

/* Make @dir, and the directories above it. An existing one is fine. */
int make_directory(const char *dir, struct err *err);
/* DIR/NAME into @path. */
int join_path(const char *dir, const char *name, char path[POINTS_PATH_MAX],
	      struct err *err);

#endif
