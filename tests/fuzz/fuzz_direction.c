/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A saved direction, applied to a capture of a few generated frames.
 */
#include <string.h>

#include "tests/fuzz/frames.h"
#include "traces/trace.h"
#include "traces/write.h"

static struct fuzz_file make_capture(void)
{
	const struct write_options options = { .snaplen = 64 };
	struct err err = ERR_INIT;
	struct fuzz_file file;
	struct trace_info info;
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	FUZZ_CHECK(trace_generate("gen:constant,frames=4,flows=2",
				  fuzz_defaults(), &options, out, &info,
				  &err) == 0,
		   "%s", err.text);
	fclose(out);
	file = fuzz_file_new(text, size);
	free(text);
	return file;
}

static void run(const uint8_t *data, size_t size)
{
	struct fuzz_file file = fuzz_file_new(data, size);
	struct fuzz_file capture = make_capture();
	struct config *cfg = fuzz_config();
	const char *path = capture.path;
	struct err err = ERR_INIT;
	struct frame_source *source;
	struct frame_check check;

	FUZZ_CHECK(config_set(cfg, "traffic.direction_file", file.path, "fuzz",
			      &err) == 0,
		   "%s", err.text);
	source = trace_open(&path, 1, cfg, &err);
	frame_check_begin(&check, (uint32_t)config_u64(cfg, "traffic.mtu"));
	if (source && frame_check_read(&check, source, NULL, 64, &err) == 0)
		frame_check_info(&check, trace_source_info(source));
	else
		fuzz_refused(&err);
	frame_source_free(source);
	config_free(cfg);
	fuzz_file_free(&capture);
	fuzz_file_free(&file);
}

const struct fuzz_target fuzz_direction = { .name = "direction", .run = run };
