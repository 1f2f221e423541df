/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A crew of threads that share out numbered pieces of work.
 *
 *	crew = crew_new(jobs, &err);
 *	crew_begin(crew, count, feed_one, &round);
 *	... the caller's own work overlaps with the crew's ...
 *	crew_end(crew);
 *	crew_free(crew);
 *
 * Pieces are claimed in order, by whoever is free; crew_end() makes the caller
 * one of the crew and returns when every piece is done, so what the pieces
 * wrote is then visible to it.  With one job no thread exists and crew_end()
 * does all the work.
 *
 * Limits: one round at a time, begun and ended by the thread that made the
 * crew.  Pieces of one round must not touch each other's data; nothing that
 * comes out may depend on who did which piece.
 */
#ifndef CMD_CREW_H
#define CMD_CREW_H

#include <stddef.h>

#include "core/err.h"

#define CREW_JOBS_MAX 256

struct crew;

/* @jobs threads in all, the caller included; 0 means 1. */
struct crew *crew_new(unsigned jobs, struct err *err);
void crew_free(struct crew *crew);

void crew_begin(struct crew *crew, size_t count,
		void (*work)(void *ctx, size_t index), void *ctx);
void crew_end(struct crew *crew);

#endif
