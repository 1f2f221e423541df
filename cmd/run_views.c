/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/run_views.h"

#include <inttypes.h>
#include <string.h>

#include "core/units.h"
#include "traces/annotate.h"
#include "traces/gen.h"
#include "traces/source.h"

#define TIMELINE_FRAMES 1000

/* --- options --- */

enum {
	KEY_TIMELINE = 0x2100,
	KEY_TIMELINE_FRAMES,
	KEY_TIMELINE_TIME,
	KEY_FRAMES,
	KEY_ANNOTATE
};

static const struct argp_option own_options[] = {
	{ .name = "timeline",
	  .key = KEY_TIMELINE,
	  .arg = "FILE",
	  .doc = "write what cores, link, interrupts and frames did, for "
		 "Perfetto or chrome://tracing" },
	{ .name = "timeline-frames",
	  .key = KEY_TIMELINE_FRAMES,
	  .arg = "A..B",
	  .doc = "the frames of the timeline, by number (default the first "
		 "1000)" },
	{ .name = "timeline-time",
	  .key = KEY_TIMELINE_TIME,
	  .arg = "T..T",
	  .doc = "the frames offered from one time to another, such as "
		 "1.5ms..2ms" },
	{ .name = "frames",
	  .key = KEY_FRAMES,
	  .arg = "FILE",
	  .doc = "write every frame's verdict, milestones and stages as CSV" },
	{ .name = "annotate",
	  .key = KEY_ANNOTATE,
	  .arg = "FILE",
	  .doc = "write the capture as pcapng, every packet with its verdict "
		 "and latency as a comment" },
	{ .name = NULL },
};

/* "A..B", both inclusive; either may be left out. */
static int parse_range(const char *text, enum quantity qty, uint64_t *from,
		       uint64_t *to, struct err *err)
{
	const char *dots = strstr(text, "..");
	char first[UNITS_TEXT_MAX];

	if (!dots || dots - text >= (long)sizeof(first))
		return err_set(err, ERR_USAGE, "'%s' is no range: say A..B",
			       text);
	memcpy(first, text, (size_t)(dots - text));
	first[dots - text] = '\0';
	if (*first && units_parse(qty, first, from, err) < 0)
		return -1;
	if (dots[2] && units_parse(qty, dots + 2, to, err) < 0)
		return -1;
	if (*from <= *to)
		return 0;
	return err_set(err, ERR_USAGE, "'%s' ends before it begins", text);
}

static int parse_frames(struct run_views *views, const char *text,
			struct err *err)
{
	views->range_given = true;
	views->range.first = 1;
	views->range.last = UINT64_MAX;
	return parse_range(text, QTY_COUNT, &views->range.first,
			   &views->range.last, err);
}

static int parse_times(struct run_views *views, const char *text,
		       struct err *err)
{
	uint64_t from = 0, to = (uint64_t)SIM_TIME_MAX;

	if (parse_range(text, QTY_TIME, &from, &to, err) < 0)
		return -1;
	views->range_given = true;
	if (!views->range.last)
		views->range.last = UINT64_MAX;
	views->range.since = (sim_time)from;
	views->range.until = (sim_time)to;
	return 0;
}

static error_t parse_own(int key, char *arg, struct argp_state *state)
{
	struct run_views *views = state->input;
	struct err err = ERR_INIT;

	switch (key) {
	case KEY_TIMELINE:
		views->timeline_path = arg;
		return 0;
	case KEY_TIMELINE_FRAMES:
		if (parse_frames(views, arg, &err) < 0)
			return options_error(state, "--timeline-frames: %s",
					     err.text);
		return 0;
	case KEY_TIMELINE_TIME:
		if (parse_times(views, arg, &err) < 0)
			return options_error(state, "--timeline-time: %s",
					     err.text);
		return 0;
	case KEY_FRAMES:
		views->frames_path = arg;
		return 0;
	case KEY_ANNOTATE:
		views->annotate_path = arg;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

const struct argp run_views_argp = { .options = own_options,
				     .parser = parse_own };

/* --- before the run --- */

static void watch(struct run_views *views, struct observer *observer)
{
	observer->next = views->list;
	views->list = observer;
}

static int open_file(const struct run_views *views, const char *path,
		     struct outfile *out, struct err *err)
{
	return outfile_open(out, path, views->options->force, err);
}

static int open_timeline(struct run_views *views, struct err *err)
{
	struct timeline_range *range = &views->range;

	if (open_file(views, views->timeline_path, &views->timeline_out, err) <
	    0)
		return -1;
	if (!range->until)
		range->until = SIM_TIME_NEVER;
	if (!views->range_given) {
		range->first = 1;
		range->last = TIMELINE_FRAMES;
	}
	if (!views->range_given && !views->options->quiet)
		fprintf(stderr,
			"dmasim: the timeline shows frames 1 to %d; see "
			"--timeline-frames\n",
			TIMELINE_FRAMES);
	timeline_init(&views->timeline, views->timeline_out.fp, range);
	watch(views, &views->timeline.base);
	return 0;
}

static int open_frames(struct run_views *views, struct err *err)
{
	if (open_file(views, views->frames_path, &views->frames_out, err) < 0)
		return -1;
	frames_csv_init(&views->frames, views->frames_out.fp);
	watch(views, &views->frames.base);
	return 0;
}

/* One file, to be read a second time. */
static int check_annotate(const struct options *options, struct err *err)
{
	const char *path = options->args.items[0];

	if (options->args.count > 1)
		return err_set(err, ERR_USAGE,
			       "--annotate takes one capture, not %zu",
			       options->args.count);
	if (gen_is_spec(path))
		return err_set(err, ERR_USAGE,
			       "--annotate: '%s' is no capture; write it with "
			       "`dmasim trace gen` first",
			       path);
	if (!strcmp(path, "-"))
		return err_set(err, ERR_USAGE,
			       "--annotate reads the capture twice, which "
			       "standard input does not allow: save it to a "
			       "file first");
	return 0;
}

static int open_annotate(struct run_views *views, struct err *err)
{
	if (check_annotate(views->options, err) < 0 ||
	    open_file(views, views->annotate_path, &views->annotate_out, err) <
		    0)
		return -1;
	if (frame_notes_open(&views->notes, err) < 0)
		return -1;
	watch(views, &views->notes.base);
	return 0;
}

int run_views_open(struct run_views *views, const struct options *options,
		   struct err *err)
{
	views->options = options;
	if (views->range_given && !views->timeline_path)
		return err_set(err, ERR_USAGE,
			       "--timeline-frames and --timeline-time need "
			       "--timeline");
	if ((views->timeline_path && open_timeline(views, err) < 0) ||
	    (views->frames_path && open_frames(views, err) < 0) ||
	    (views->annotate_path && open_annotate(views, err) < 0))
		return run_views_close(views, -1, err);
	return 0;
}

/* --- after it --- */

static int comment_of(void *ctx, uint64_t number, char *text, struct err *err)
{
	_Static_assert(FRAME_NOTE_MAX <= ANNOTATE_TEXT_MAX, "notes fit");
	return frame_notes_text(ctx, number, text, err);
}

static int annotate(struct run_views *views, struct err *err)
{
	struct annotate_job job = { .comment = comment_of,
				    .ctx = &views->notes };

	if (annotate_capture(views->options->args.items[0], &job,
			     views->annotate_out.fp, err) < 0)
		return -1;
	if (job.bare && !views->options->quiet)
		fprintf(stderr,
			"dmasim: warning: %" PRIu64 " of %" PRIu64
			" packets have no room for a comment: simple packet "
			"blocks\n",
			job.bare, job.packets);
	return 0;
}

static int finish(struct outfile *out, int rc, struct err *err)
{
	if (!out->fp)
		return rc;
	if (rc < 0)
		outfile_abort(out);
	else if (outfile_commit(out, err) < 0)
		rc = -1;
	return rc;
}

int run_views_close(struct run_views *views, int rc, struct err *err)
{
	if (rc >= 0 && views->timeline_out.fp)
		timeline_end(&views->timeline);
	if (rc >= 0 && views->annotate_out.fp && annotate(views, err) < 0)
		rc = -1;
	rc = finish(&views->timeline_out, rc, err);
	rc = finish(&views->frames_out, rc, err);
	rc = finish(&views->annotate_out, rc, err);
	frame_notes_close(&views->notes);
	views->list = NULL;
	return rc;
}
