/* SPDX-License-Identifier: Apache-2.0 */
#include "traces/trace.h"

#include <errno.h>
#include <sha256.h>
#include <stdlib.h>
#include <string.h>

#include "core/digest.h"
#include "core/layout.h"
#include "traces/scale.h"
#include "traces/sidecar.h"
#include "traces/source.h"

#define PASS_BATCH 256
/* With a sidecar: most frames of a read; layouts of the last two stay. */
#define LAYOUT_BATCH_MAX 4096u
#define LAYOUT_ROOM	 (2 * LAYOUT_BATCH_MAX)

struct trace {
	struct frame_source base;
	struct inner_source *inner;
	struct sidecar *sidecar; /* NULL: none */
	struct frame_layouts layouts;
	size_t layout_next;
	struct time_scale scale;
	uint64_t loops, loop; /* wanted; the one we are in, from 0 */
	struct pass pass;
	uint64_t number_offset;
	sim_time at_offset, at_scaled;	  /* of the last frame */
	bool first_known;		  /* the first repetition is over */
	struct trace_info first;	  /* its report */
	uint64_t past_other, past_supers; /* of repetitions that are over */
	struct trace_info count, shown;
};

_Static_assert(FRAME_TX == 0 && FRAME_RX == 1, "transform() counts rx by it");

static void pass_add(struct pass *pass, const struct frame *frames, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		pass->records += !frames[i].part;
		pass->bytes += frames[i].bytes;
	}
	pass->frames += n;
	if (n) {
		pass->last_at = frames[n - 1].at;
		pass->last_number = frames[n - 1].number;
	}
}

static int measure(struct trace *t, struct pass *pass, struct err *err)
{
	struct frame batch[PASS_BATCH];
	struct frame_source *source = &t->inner->base;
	long n;

	*pass = (struct pass){ 0 };
	while ((n = frame_source_read(source, batch, PASS_BATCH, err)) > 0)
		pass_add(pass, batch, (size_t)n);
	if (n < 0)
		return -1;
	return frame_source_rewind(source, err);
}

static int set_scale(struct trace *t, const struct config *cfg, struct err *err)
{
	struct pass pass = { 0 };

	if (time_scale_is_rate(cfg) && measure(t, &pass, err) < 0)
		return -1;
	return time_scale_set(&t->scale, cfg, &pass, err);
}

static int check_seekable(const struct trace *t, const struct config *cfg,
			  struct err *err)
{
	const char *what = NULL;

	if (t->inner->seekable)
		return 0;
	if (*config_string(cfg, "traffic.rate"))
		what = "traffic.rate";
	else if (t->loops > 1)
		what = "traffic.loop";
	if (!what)
		return 0;
	return err_set(err, ERR_USAGE,
		       "%s reads the capture more than once, which standard "
		       "input and pipes do not allow: save it to a file first",
		       what);
}

static void report_pass(const struct trace *t, struct trace_info *info)
{
	t->inner->report(t->inner, info);
	if (!t->sidecar)
		return;
	sidecar_report(t->sidecar, info);
	info->digest = digest_add(info->digest, info->layout_digest);
}

static int rewind_pass(struct trace *t, struct err *err)
{
	if (t->sidecar && sidecar_rewind(t->sidecar, err) < 0)
		return -1;
	return frame_source_rewind(&t->inner->base, err);
}

/* Start over; keep sums of what ran, move numbers and times on. */
static int next_loop(struct trace *t, struct err *err)
{
	struct trace_info now = { .frames = 0 };
	uint64_t period = period_of((uint64_t)(t->at_scaled - t->at_offset),
				    t->pass.records);

	report_pass(t, &now);
	if (!t->first_known)
		t->first = now;
	t->first_known = true;
	t->past_other += now.other_frames;
	t->past_supers += now.super_frames;
	t->loop++;
	t->number_offset += t->pass.last_number;
	t->at_offset += (sim_time)period;
	t->pass = (struct pass){ 0 };
	return rewind_pass(t, err);
}

static int too_long(struct err *err)
{
	return err_set(err, ERR_USAGE,
		       "the replay takes more than %d days of simulated time; "
		       "raise traffic.speed or traffic.rate, or lower "
		       "traffic.loop",
		       SIM_DAYS_MAX);
}

/* Scale and move a batch, and count it. */
static int transform(struct trace *t, struct frame *frames, size_t n,
		     struct err *err)
{
	const uint64_t last = (uint64_t)frames[n - 1].at;
	uint64_t records = 0, bytes = 0, rx = 0;

	if (last > t->scale.at_max ||
	    time_scale_apply(&t->scale, last) + (uint64_t)t->at_offset >
		    (uint64_t)SIM_TIME_MAX)
		return too_long(err);
	t->pass.last_number = frames[n - 1].number;
	for (size_t i = 0; i < n; i++) {
		struct frame *f = &frames[i];

		f->at = (sim_time)time_scale_apply(&t->scale, (uint64_t)f->at) +
			t->at_offset;
		f->number += t->number_offset;
		records += !f->part;
		bytes += f->bytes;
		rx += f->direction;
	}
	t->pass.records += records;
	t->at_scaled = frames[n - 1].at;
	t->count.frames += n;
	t->count.bytes += bytes;
	t->count.rx_frames += rx;
	t->count.tx_frames += n - rx;
	t->count.duration_ps = t->at_scaled;
	return 0;
}

/* What the sidecar says of each, beside it. */
static int lay_out(struct trace *t, struct frame *frames, size_t n,
		   struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		int found = sidecar_find(
			t->sidecar, frames[i].number, frames[i].part,
			&t->layouts.items[t->layout_next], err);

		if (found < 0)
			return -1;
		if (!found)
			continue;
		frames[i].layout = (uint32_t)t->layout_next + 1;
		t->layout_next = (t->layout_next + 1) % t->layouts.room;
	}
	return 0;
}

static long trace_read(struct frame_source *source, struct frame *out,
		       size_t max, struct err *err)
{
	struct trace *t = (struct trace *)source;
	long n;

	t->inner->base.no_rss = source->no_rss;
	if (t->sidecar && max > LAYOUT_BATCH_MAX)
		max = LAYOUT_BATCH_MAX;
	for (;;) {
		n = frame_source_read(&t->inner->base, out, max, err);
		if (n < 0)
			return -1;
		if (n)
			break;
		if (t->loop + 1 >= t->loops)
			return 0;
		if (next_loop(t, err) < 0)
			return -1;
	}
	if (t->sidecar && lay_out(t, out, (size_t)n, err) < 0)
		return -1;
	if (transform(t, out, (size_t)n, err) < 0)
		return -1;
	return n;
}

static int trace_rewind(struct frame_source *source, struct err *err)
{
	struct trace *t = (struct trace *)source;

	t->loop = 0;
	t->pass = (struct pass){ 0 };
	t->number_offset = 0;
	t->at_offset = t->at_scaled = 0;
	t->first_known = false;
	t->past_other = t->past_supers = 0;
	memset(&t->count, 0, sizeof(t->count));
	return rewind_pass(t, err);
}

static void trace_free(struct frame_source *source)
{
	struct trace *t = (struct trace *)source;

	if (t->inner)
		frame_source_free(&t->inner->base);
	sidecar_close(t->sidecar);
	free(t->layouts.items);
	free(t);
}

static const struct frame_source_ops trace_ops = {
	.name = "trace",
	.read = trace_read,
	.rewind = trace_rewind,
	.free = trace_free,
};

static struct inner_source *open_inner(const char *const *paths, size_t count,
				       const struct config *cfg,
				       struct err *err)
{
	for (size_t i = 0; i < count; i++) {
		if (gen_is_spec(paths[i]) && count > 1) {
			err_set(err, ERR_USAGE,
				"'%s': a generator cannot be merged with "
				"other traces; write it with `dmasim trace "
				"gen` first",
				paths[i]);
			return NULL;
		}
	}
	if (gen_is_spec(paths[0]))
		return gen_open(paths[0], cfg, err);
	return frames_open(paths, count, cfg, err);
}

static int open_sidecar(struct trace *t, const char *path, struct err *err)
{
	if (!*path)
		return 0;
	t->sidecar = sidecar_open(path, err);
	if (!t->sidecar)
		return -1;
	t->layouts.room = LAYOUT_ROOM;
	t->layouts.items = calloc(LAYOUT_ROOM, sizeof(*t->layouts.items));
	if (!t->layouts.items)
		return err_nomem(err, "layouts of frames");
	t->base.layouts = &t->layouts;
	return 0;
}

struct frame_source *trace_open(const char *const *paths, size_t count,
				const struct config *cfg, struct err *err)
{
	struct trace *t;

	BUG_ON(!count);
	t = calloc(1, sizeof(*t));
	if (!t) {
		err_nomem(err, "a trace");
		return NULL;
	}
	t->base.ops = &trace_ops;
	t->loops = config_u64(cfg, "traffic.loop");
	t->inner = open_inner(paths, count, cfg, err);
	if (!t->inner || check_seekable(t, cfg, err) < 0 ||
	    open_sidecar(t, config_string(cfg, "traffic.layout"), err) < 0 ||
	    set_scale(t, cfg, err) < 0) {
		trace_free(&t->base);
		return NULL;
	}
	t->base.wire_capture =
		strcmp(trace_source_info(&t->base)->capture_point, "wire") == 0;
	return &t->base;
}

const struct trace_info *trace_source_info(struct frame_source *source)
{
	struct trace *t = (struct trace *)source;
	struct trace_info now = { .frames = 0 };

	BUG_ON(source->ops != &trace_ops);
	report_pass(t, &now);
	t->shown = t->first_known ? t->first : now;
	t->shown.other_frames = t->past_other + now.other_frames;
	t->shown.super_frames = t->past_supers + now.super_frames;
	t->shown.frames = t->count.frames;
	t->shown.bytes = t->count.bytes;
	t->shown.tx_frames = t->count.tx_frames;
	t->shown.rx_frames = t->count.rx_frames;
	t->shown.duration_ps = t->count.duration_ps;
	return &t->shown;
}

int trace_save_direction(struct frame_source *source, FILE *out,
			 struct err *err)
{
	struct trace *t = (struct trace *)source;

	BUG_ON(source->ops != &trace_ops);
	return t->inner->save_direction(t->inner, out, err);
}

int trace_sha256(const char *path, char hex[65], struct err *err)
{
	if (SHA256File(path, hex))
		return 0;
	return err_set(err, ERR_INPUT, "cannot read '%s': %s", path,
		       strerror(errno));
}
