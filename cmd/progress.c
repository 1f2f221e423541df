/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_SEC     INT64_C(1000000000)
#define QUIET_START_NS (NS_PER_SEC / 2)
#define BETWEEN_NS     (NS_PER_SEC / 5)

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NS_PER_SEC + now.tv_nsec;
}

bool progress_wanted(bool forced, bool quiet)
{
	return !quiet && (forced || isatty(STDERR_FILENO));
}

void progress_init(struct progress *progress, bool enabled)
{
	memset(progress, 0, sizeof(*progress));
	progress->enabled = enabled;
}

/* Whether a line is due; a new phase starts its own clock. */
static bool due(struct progress *progress, const char *phase, int64_t *elapsed)
{
	int64_t now = now_ns();

	if (!progress->phase || strcmp(progress->phase, phase) != 0) {
		progress->phase = phase;
		progress->start_ns = now;
		progress->next_ns = now + QUIET_START_NS;
	}
	if (now < progress->next_ns)
		return false;
	progress->next_ns = now + BETWEEN_NS;
	*elapsed = now - progress->start_ns;
	return true;
}

/* ", 1:05 left" from the share that is done; empty when it is not known. */
static void left_text(int64_t elapsed, uint64_t done, uint64_t total, char *buf,
		      size_t size)
{
	int64_t seconds;

	buf[0] = '\0';
	if (!total || !done || done > total)
		return;
	seconds = (int64_t)((double)elapsed * (double)(total - done) /
			    (double)done / (double)NS_PER_SEC);
	snprintf(buf, size, ", %" PRId64 ":%02" PRId64 " left", seconds / 60,
		 seconds % 60);
}

static void show(struct progress *progress, const char *phase, uint64_t done,
		 uint64_t total, const char *unit, int64_t elapsed)
{
	char of[40] = "", left[40];

	left_text(elapsed, done, total, left, sizeof(left));
	if (total)
		snprintf(of, sizeof(of), " of %" PRIu64, total);
	fprintf(stderr, "\r%s: %" PRIu64 "%s%s, %" PRIu64 "/s%s\x1b[K", phase,
		done, of, unit,
		(uint64_t)((double)done * (double)NS_PER_SEC / (double)elapsed),
		left);
	fflush(stderr);
	progress->shown = true;
}

void progress_frames(struct progress *progress, const char *phase,
		     uint64_t done, uint64_t total)
{
	int64_t elapsed;

	if (progress->enabled && due(progress, phase, &elapsed))
		show(progress, phase, done, total, " frames", elapsed);
}

void progress_steps(struct progress *progress, const char *phase, uint64_t done,
		    uint64_t total)
{
	int64_t elapsed;

	if (progress->enabled && due(progress, phase, &elapsed))
		show(progress, phase, done, total, "", elapsed);
}

void progress_end(struct progress *progress)
{
	if (progress->shown)
		fputs("\r\x1b[K", stderr);
	progress->shown = false;
	progress->phase = NULL;
}
