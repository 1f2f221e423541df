/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The directory of a study: one file for each result point.
 *
 *	DIR/points/0123456789abcdef.json	a result document of one run
 *	DIR/results.json, DIR/results.csv	all points of the last call
 *
 * A point's name is the digest of (configuration, trace, version) with machine,
 * strategies, seed and replicate: document_point_id().  Files are written
 * whole or not at all, so a point that is there is done; a study that is
 * started again skips it, and studies that share points share the work.
 */
#ifndef CMD_POINTS_H
#define CMD_POINTS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"
#include "reports/document.h"

#define POINTS_PATH_MAX 4096

/*
 * Make @dir and its points/ if need be.  ERR_USAGE when @dir has files in it
 * and no points/, unless @force.
 */
int points_open(const char *dir, bool force, struct err *err);

/* DIR/points/DIGEST.json into @path. ERR_USAGE when that is too long. */
int points_path(const char *dir, uint64_t id, char path[POINTS_PATH_MAX],
		struct err *err);
bool points_have(const char *dir, uint64_t id);
int points_save(const char *dir, uint64_t id, const struct document *doc,
		struct err *err);
struct document *points_load(const char *dir, uint64_t id, struct err *err);

/*
 * A copy of @doc for the joint result: histograms without their buckets, runs
 * without series.  They are most of a result's size; the points keep them.
 */
struct document *points_slim(const struct document *doc, struct err *err);

/* Make @dir, and the directories above it. An existing one is fine. */
int make_directory(const char *dir, struct err *err);
/* DIR/NAME into @path. */
int join_path(const char *dir, const char *name, char path[POINTS_PATH_MAX],
	      struct err *err);

#endif
