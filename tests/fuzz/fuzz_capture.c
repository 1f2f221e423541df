/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A capture, plain or compressed: reader, decoder, direction, transforms.
 * The file is the input as it is, so that any capture is a seed; its last
 * bytes also choose the options it is read with.
 */
#include <string.h>

#include "core/hist.h"
#include "tests/fuzz/frames.h"
#include "traces/capture.h"
#include "traces/stat.h"
#include "traces/trace.h"
#include "traces/write.h"

/* Each is used with some inputs. */
static const char *const settings[][2] = {
	{ "traffic.direction", "tx" },
	{ "traffic.local", "10.0.0.0/8,fe80::/10,02:00:00:00:00:01" },
	{ "traffic.filter", "ip or vlan" },
	{ "traffic.loop", "2" },
	{ "traffic.speed", "3" },
	{ "traffic.rate", "1Gbps" },
	{ "traffic.mtu", "576B" },
	{ "traffic.fcs", "yes" },
	{ "traffic.from", "1us" },
	{ "traffic.to", "1s" },
	{ "traffic.skip", "1" },
	{ "traffic.limit", "5" },
	{ "traffic.reorder", "0" },
	{ "traffic.huge_gap", "1ms" },
};

static struct config *configure(const uint8_t *data, size_t size)
{
	struct config *cfg = fuzz_config();
	struct err err = ERR_INIT;
	uint32_t choice = 0;
	size_t i;

	for (i = 1; i <= 2 && i <= size; i++)
		choice = choice << 8 | data[size - i];
	for (i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		if (choice & 1u << i)
			FUZZ_CHECK(config_set(cfg, settings[i][0],
					      settings[i][1], "fuzz",
					      &err) == 0,
				   "%s", err.text);
	return cfg;
}

/* The quantiles of what was counted are ordered. */
static void check_stat(struct trace_stat *stat, uint64_t frames)
{
	int side;

	trace_stat_finish(stat);
	FUZZ_CHECK(stat->sides[0].frames + stat->sides[1].frames == frames,
		   "%llu frames", (unsigned long long)frames);
	for (side = 0; side < 2; side++) {
		const struct hist *sizes = &stat->sides[side].size_bytes;

		FUZZ_CHECK(hist_quantile(sizes, 500000) <=
				   hist_quantile(sizes, 990000),
			   "quantiles");
		FUZZ_CHECK(stat->sides[side].peak_bytes <=
				   stat->sides[side].bytes,
			   "peak");
	}
}

static void read_frames(struct frame_source *source, const struct config *cfg,
			struct frame_check *check)
{
	struct err err = ERR_INIT;
	struct trace_stat stat;

	FUZZ_CHECK(trace_stat_init(&stat, 10 * PS_PER_US, &err) == 0, "%s",
		   err.text);
	frame_check_begin(check, (uint32_t)config_u64(cfg, "traffic.mtu"));
	if (frame_check_read(check, source, &stat, SIZE_MAX, &err) < 0)
		fuzz_refused(&err);
	else
		frame_check_info(check, trace_source_info(source));
	check_stat(&stat, check->frames);
	trace_stat_clear(&stat);
}

/* A source that starts again gives the same frames. */
static void read_twice(struct frame_source *source, const struct config *cfg)
{
	struct frame_check once, again;
	struct err err = ERR_INIT;

	read_frames(source, cfg, &once);
	if (frame_source_rewind(source, &err) < 0) {
		fuzz_refused(&err);
		return;
	}
	read_frames(source, cfg, &again);
	FUZZ_CHECK(once.digest == again.digest, "read twice");
}

/* What was written is a sound capture of as many records. */
static void check_written(const char *data, size_t size, uint64_t frames)
{
	struct fuzz_file file = fuzz_file_new(data, size);
	struct err err = ERR_INIT;
	struct capture *capture = capture_open(file.path, &err);
	struct packet packet;
	uint64_t records = 0, last_ns = 0;
	const char *detail;

	FUZZ_CHECK(capture, "%s", err.text);
	while (capture_next(capture, &packet)) {
		FUZZ_CHECK(packet.captured <= packet.original, "captured");
		FUZZ_CHECK(!packet.fraction_bad, "fraction");
		FUZZ_CHECK(!records || packet.stamp_ns - last_ns < INT64_MAX,
			   "time back");
		last_ns = packet.stamp_ns;
		records++;
	}
	FUZZ_CHECK(!strcmp(capture_status(capture, &detail), "complete"), "%s",
		   detail);
	FUZZ_CHECK(records == frames, "%llu records",
		   (unsigned long long)records);
	capture_close(capture);
	fuzz_file_free(&file);
}

static void convert(const char *path, const struct config *cfg)
{
	const struct write_options options = { .snaplen = 96 };
	struct err err = ERR_INIT;
	struct trace_info info;
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	int rc = trace_convert(&path, 1, cfg, &options, out, &info, &err);

	fclose(out);
	if (rc < 0)
		fuzz_refused(&err);
	else
		check_written(text, size, info.frames);
	free(text);
}

static void run(const uint8_t *data, size_t size)
{
	struct fuzz_file file = fuzz_file_new(data, size);
	struct config *cfg = configure(data, size);
	struct err err = ERR_INIT;
	const char *path = file.path;
	struct frame_source *source = trace_open(&path, 1, cfg, &err);

	if (source)
		read_twice(source, cfg);
	else
		fuzz_refused(&err);
	frame_source_free(source);
	convert(path, cfg);
	config_free(cfg);
	fuzz_file_free(&file);
}

const struct fuzz_target fuzz_capture = { .name = "capture", .run = run };
