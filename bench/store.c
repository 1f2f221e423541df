/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes a frame that a trace takes in memory, and what unpacking costs:
 *
 *	bench/store CAPTURE...
 */
#include <stdio.h>
#include <time.h>

#include "core/frame_store.h"
#include "traces/params.h"
#include "traces/trace.h"

#define BATCH 4096

static const struct param *const tables[] = { trace_params, NULL };
static const struct param_set set = { tables };

static double now_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Read all of @source, into @store unless it is NULL; ns a frame. */
static double drain(struct frame_source *source, struct frame_store *store,
		    struct err *err)
{
	static struct frame batch[BATCH];
	double start = now_seconds();
	size_t frames = 0;
	long got;

	while ((got = frame_source_read(source, batch, BATCH, err)) > 0) {
		frames += (size_t)got;
		if (store)
			frame_store_add(store, batch, (size_t)got, err);
	}
	return frames ? (now_seconds() - start) * 1e9 / (double)frames : 0;
}

static int measure(const char *path, const struct config *cfg, struct err *err)
{
	struct frame_store *store = frame_store_new(SIZE_MAX, err);
	struct frame_source *trace = trace_open(&path, 1, cfg, err);
	struct frame_source *copy;
	double read, unpack;

	if (!trace || !store) {
		frame_store_free(store);
		return -1;
	}
	read = drain(trace, store, err);
	frame_source_free(trace);
	frame_store_close(store);
	copy = frame_store_open(store, err);
	if (!copy)
		return -1;
	unpack = drain(copy, NULL, err);
	printf("%9llu frames  %5.1f bytes/frame  read and pack %5.0f ns  "
	       "unpack %4.1f ns  %s\n",
	       (unsigned long long)frame_store_frames(store),
	       (double)frame_store_bytes(store) /
		       (double)frame_store_frames(store),
	       read, unpack, path);
	frame_source_free(copy);
	frame_store_free(store);
	return 0;
}

int main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct config *cfg = config_new(&set, &err);
	int i;

	for (i = 1; cfg && i < argc; i++)
		if (measure(argv[i], cfg, &err) < 0)
			printf("%s\n", err.text);
	config_free(cfg);
	return 0;
}
