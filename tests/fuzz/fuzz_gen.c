/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The description of generated traffic: what is accepted makes frames that
 * keep what trace.h promises.
 */
#include <string.h>

#include "tests/fuzz/frames.h"
#include "traces/gen.h"
#include "traces/trace.h"

#define FRAMES_MAX 2000

static void run(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size), *spec = malloc(size + 5);
	const struct config *cfg = fuzz_defaults();
	struct frame_source *source;
	struct frame_check check;
	struct err err = ERR_INIT;

	FUZZ_CHECK(spec, "memory");
	snprintf(spec, size + 5, "gen:%s", text);
	source = trace_open((const char *const *)&spec, 1, cfg, &err);
	frame_check_begin(&check, (uint32_t)config_u64(cfg, "traffic.mtu"));
	if (!source ||
	    frame_check_read(&check, source, NULL, FRAMES_MAX, &err) < 0)
		fuzz_refused(&err);
	frame_source_free(source);
	free(spec);
	free(text);
}

const struct fuzz_target fuzz_gen = { .name = "gen", .run = run };
