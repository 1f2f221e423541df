/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What simulating costs by itself: the frames of a capture, from an array, go
 * through machines as dmasim sweep --axis nic.tx_ring makes them.
 *
 *	bench/alone CAPTURE		(processor seconds a point)
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "cmd/tables.h"
#include "models/machine.h"
#include "traces/trace.h"

#define POINTS 5

static struct frame *read_all(const char *path, const struct config *cfg,
			      size_t *count, struct err *err)
{
	struct frame_source *trace = trace_open(&path, 1, cfg, err);
	struct frame *frames = NULL;
	size_t room = 0;
	long got = trace ? 1 : 0;

	*count = 0;
	while (got > 0) {
		if (*count == room) {
			room = 2 * room + 65536;
			frames = realloc(frames, room * sizeof(*frames));
			if (!frames)
				abort();
		}
		got = frame_source_read(trace, frames + *count, room - *count,
					err);
		*count += got > 0 ? (size_t)got : 0;
	}
	frame_source_free(trace);
	return frames;
}

static double point(const struct config *cfg, const struct frame *frames,
		    size_t count)
{
	const struct machine_options options = {
		.tx = tx_ops_find("ndis6-hybrid"),
		.rx = rx_ops_find("common-copy"),
		.seed = 1,
	};
	clock_t start = clock();
	struct machine *machine = machine_new(cfg, &options, NULL);
	size_t i;

	if (!machine)
		return 0;
	for (i = 0; i < count; i += 4096)
		machine_feed(machine, frames + i,
			     count - i < 4096 ? count - i : 4096);
	machine_finish(machine);
	machine_free(machine);
	return (double)(clock() - start) / CLOCKS_PER_SEC;
}

int main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct config *cfg = tables_config(&err);
	const struct preset *preset = tables_find_preset("xge-64bit", &err);
	struct frame *frames;
	double sum = 0;
	size_t count;
	int i;

	if (argc < 2 || !cfg || !preset || config_apply(cfg, preset, &err) < 0)
		return 1;
	frames = read_all(argv[1], cfg, &count, &err);
	for (i = 0; i < POINTS; i++)
		sum += point(cfg, frames, count);
	printf("%.4f\n", sum / POINTS);
	free(frames);
	config_free(cfg);
	return 0;
}
