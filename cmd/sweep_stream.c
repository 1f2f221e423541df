/* SPDX-License-Identifier: Apache-2.0 */
/* dmasim sweep: the frames of a trace, read once. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/sweep.h"
#include "traces/trace.h"

/* The part of a batch that is in the window and its overlap. */
struct slice {
	const struct frame *frames;
	size_t count;
};

static struct slice slice_of(const struct sweep_window *window,
			     const struct frame *frames, size_t count)
{
	struct slice slice = { frames, count };
	uint64_t from = window->from_ps > window->overlap_ps
				? window->from_ps - window->overlap_ps
				: 0;

	if (!window->given)
		return slice;
	while (slice.count && (uint64_t)slice.frames->at < from) {
		slice.frames++;
		slice.count--;
	}
	while (slice.count &&
	       (uint64_t)slice.frames[slice.count - 1].at >= window->to_ps)
		slice.count--;
	return slice;
}

/* --- a source that leaves out what is outside of the window --- */

struct windowed {
	struct frame_source base;
	struct frame_source *inner;
	const struct sweep_window *window;
};

static long windowed_read(struct frame_source *source, struct frame *out,
			  size_t max, struct err *err)
{
	struct windowed *windowed = (struct windowed *)source;
	long got;

	while ((got = frame_source_read(windowed->inner, out, max, err)) > 0) {
		struct slice slice =
			slice_of(windowed->window, out, (size_t)got);

		if (!slice.count)
			continue;
		memmove(out, slice.frames, slice.count * sizeof(*out));
		return (long)slice.count;
	}
	return got;
}

static int windowed_rewind(struct frame_source *source, struct err *err)
{
	return frame_source_rewind(((struct windowed *)source)->inner, err);
}

static void windowed_free(struct frame_source *source)
{
	frame_source_free(((struct windowed *)source)->inner);
	free(source);
}

static const struct frame_source_ops windowed_ops = {
	.name = "window",
	.read = windowed_read,
	.rewind = windowed_rewind,
	.free = windowed_free,
};

static struct frame_source *windowed_open(struct frame_source *inner,
					  const struct sweep_window *window,
					  struct err *err)
{
	struct windowed *windowed;

	/* They would not outlast the frames that are left out. */
	if (inner->layouts) {
		frame_source_free(inner);
		err_set(err, ERR_USAGE,
			"--window cannot keep the layouts of traffic.layout: "
			"give one of the two");
		return NULL;
	}
	windowed = calloc(1, sizeof(*windowed));
	if (!windowed) {
		frame_source_free(inner);
		err_nomem(err, "a trace");
		return NULL;
	}
	windowed->base.ops = &windowed_ops;
	windowed->base.wire_capture = inner->wire_capture;
	windowed->inner = inner;
	windowed->window = window;
	return &windowed->base;
}

/* --- loading --- */

static bool in_window(const struct sweep_window *window,
		      const struct slice *slice)
{
	return slice->count &&
	       (uint64_t)slice->frames[slice->count - 1].at >= window->from_ps;
}

static int no_frames(const struct sweep *sweep, const struct trace_info *info,
		     struct err *err)
{
	char from[UNITS_TEXT_MAX], length[UNITS_TEXT_MAX];

	units_format(QTY_TIME, sweep->window.from_ps, from, sizeof(from));
	units_format(QTY_TIME, (uint64_t)info->duration_ps, length,
		     sizeof(length));
	return err_set(err, ERR_INPUT,
		       "'%s': no frame is in the window from %s; the trace "
		       "lasts %s",
		       info->path, from, length);
}

/* What the store takes by now is counted. */
static void count_memory(struct sweep_stream *stream)
{
	size_t bytes = stream->store ? frame_store_bytes(stream->store) : 0;

	/* Unsigned: what has become less is taken away. */
	atomic_fetch_add(&stream->memory->used, bytes - stream->bytes);
	stream->bytes = bytes;
}

/* Where there is no room for them nothing is kept; -1 without memory. */
static int keep(struct sweep_stream *stream, const struct slice *slice,
		struct err *err)
{
	int full = frame_store_add(stream->store, slice->frames, slice->count,
				   err);

	if (full < 0)
		return -1;
	count_memory(stream);
	if (full || stream->memory->used > stream->memory->limit)
		sweep_stream_clear(stream);
	return 0;
}

/* Read on to the end even when it is too large: the digest is of all. */
static int load(struct sweep_stream *stream, const struct sweep *sweep,
		struct frame_source *source, struct frame *batch,
		struct err *err)
{
	bool met = !sweep->window.given;
	long got;

	while ((got = frame_source_read(source, batch, STUDY_BATCH, err)) > 0) {
		struct slice slice =
			slice_of(&sweep->window, batch, (size_t)got);

		met = met || in_window(&sweep->window, &slice);
		if (cmd_interrupted)
			break;
		if (stream->store && keep(stream, &slice, err) < 0)
			return -1;
	}
	if (got < 0)
		return -1;
	stream->info = *trace_source_info(source);
	if (!met && !cmd_interrupted)
		return no_frames(sweep, &stream->info, err);
	if (stream->store) {
		frame_store_close(stream->store);
		count_memory(stream);
	}
	return 0;
}

static bool reads_stdin(const struct sweep *sweep, size_t trace)
{
	size_t count, i;
	const char *const *paths = sweep_paths(sweep, trace, &count);

	for (i = 0; i < count; i++)
		if (!strcmp(paths[i], "-"))
			return true;
	return false;
}

static struct frame_source *open_trace(const struct sweep *sweep,
				       const struct sweep_point *point,
				       struct err *err)
{
	size_t count;
	const char *const *paths = sweep_paths(sweep, point->trace, &count);

	return trace_open(paths, count, point->cfg, err);
}

int sweep_stream_load(struct sweep_stream *stream, const struct sweep *sweep,
		      const struct sweep_point *point,
		      struct sweep_memory *memory, struct err *err)
{
	struct frame *batch = calloc(STUDY_BATCH, sizeof(*batch));
	struct frame_source *source;
	size_t count;
	int rc = -1;

	*stream = (struct sweep_stream){ .memory = memory };
	snprintf(stream->info.path, sizeof(stream->info.path), "%s",
		 *sweep_paths(sweep, point->trace, &count));
	if (!batch)
		return err_nomem(err, "frames");
	stream->store = frame_store_new(memory->limit, err);
	source = stream->store ? open_trace(sweep, point, err) : NULL;
	if (source) {
		stream->wire_capture = source->wire_capture;
		rc = load(stream, sweep, source, batch, err);
	}
	frame_source_free(source);
	free(batch);
	if (!rc && !stream->store && reads_stdin(sweep, point->trace))
		rc = err_set(err, ERR_USAGE,
			     "standard input can be read once and is larger "
			     "than --memory; save it to a file first");
	if (rc < 0)
		sweep_stream_clear(stream);
	return rc;
}

void sweep_stream_clear(struct sweep_stream *stream)
{
	frame_store_free(stream->store);
	stream->store = NULL;
	if (stream->memory)
		count_memory(stream);
}

struct frame_source *sweep_stream_open(const struct sweep_stream *stream,
				       const struct sweep *sweep,
				       const struct sweep_point *point,
				       struct err *err)
{
	struct frame_source *source;

	if (stream->store) {
		source = frame_store_open(stream->store, err);
		if (source)
			source->wire_capture = stream->wire_capture;
		return source;
	}
	source = open_trace(sweep, point, err);
	if (!source || !sweep->window.given)
		return source;
	return windowed_open(source, &sweep->window, err);
}
