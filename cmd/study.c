/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/study.h"

#include <stdlib.h>
#include <string.h>

#include "cmd/crew.h"
#include "cmd/relay.h"
#include "cmd/snapshot.h"

/* One machine of the group under way; NULL machine: @why says why. */
struct slot {
	struct machine *machine;
	struct err why;
};

/* Batches that a machine alone may be behind its reader. */
#define BATCHES 4

struct group {
	struct study *study;
	struct crew *crew;
	struct frame_source *source;
	size_t pass, passes;
	const struct study_point *points;
	struct slot *slots;
	size_t count;
	struct frame *batches[BATCHES];
	size_t counts[BATCHES]; /* frames in them */
	/* The batch being simulated. */
	const struct frame *frames;
	size_t frame_count;
};

void sample_clear(struct sample *sample)
{
	free(sample->frames);
	free(sample->layouts.items);
	*sample = (struct sample){ .room = sample->room };
}

static int keep_layout(struct sample *sample, struct frame *frame,
		       const struct frame_layout *layout, struct err *err)
{
	struct frame_layouts *kept = &sample->layouts;

	if (sample->layout_count == kept->room) {
		size_t room = kept->room ? 2 * kept->room : 1024;
		struct frame_layout *items =
			reallocarray(kept->items, room, sizeof(*items));

		if (!items)
			return err_nomem(err, "layouts of a sample");
		kept->items = items;
		kept->room = room;
	}
	kept->items[sample->layout_count++] = *layout;
	frame->layout = (uint32_t)sample->layout_count;
	return 0;
}

int sample_keep_layouts(struct sample *sample, size_t count,
			const struct frame_layouts *layouts, struct err *err)
{
	struct frame *frame = sample->frames + sample->count - count;

	for (; layouts && count--; frame++)
		if (frame->layout &&
		    keep_layout(sample, frame, frame_layout_of(layouts, frame),
				err) < 0)
			return -1;
	return 0;
}

static int sample_reserve(struct sample *sample, struct err *err)
{
	sample->count = sample->layout_count = 0;
	if (sample->frames || !sample->room)
		return 0;
	sample->frames = calloc(sample->room, sizeof(*sample->frames));
	return sample->frames ? 0 : err_nomem(err, "sample of frames");
}

static int sample_add(struct sample *sample, const struct frame *frames,
		      size_t count, const struct frame_layouts *layouts,
		      struct err *err)
{
	size_t room = sample->room - sample->count;

	if (count > room)
		count = room;
	if (!count)
		return 0;
	memcpy(sample->frames + sample->count, frames, count * sizeof(*frames));
	sample->count += count;
	return sample_keep_layouts(sample, count, layouts, err);
}

static void feed_one(void *ctx, size_t index)
{
	struct group *group = ctx;
	struct machine *machine = group->slots[index].machine;

	if (machine)
		machine_feed(machine, group->frames, group->frame_count);
}

static void finish_one(void *ctx, size_t index)
{
	struct group *group = ctx;
	struct machine *machine = group->slots[index].machine;

	if (machine)
		machine_finish(machine);
}

/* A machine and a thread to spare: the two share the work on it. */
static bool is_alone(const struct group *group)
{
	return group->count == 1 && group->study->jobs > 1;
}

static bool stopped(const struct study *study)
{
	return study->stop && *study->stop;
}

/* The next batch; its frames, 0 when there are or shall be no more, or -1. */
static long read_batch(struct group *group, struct frame *frames,
		       struct err *err)
{
	struct frame_source *source = group->source;
	struct study *study = group->study;
	long got = frame_source_read(source, frames, STUDY_BATCH, err);

	if (got > 0 && stopped(study)) {
		study->interrupted = true;
		return 0;
	}
	return got;
}

/* It goes to the machines. */
static int note_batch(struct group *group, const struct frame *frames,
		      size_t count, struct err *err)
{
	struct study *study = group->study;

	study->frames += count;
	if (study->sample)
		study->sample->wire_capture = group->source->wire_capture;
	if (study->sample && !group->pass &&
	    sample_add(study->sample, frames, count, group->source->layouts,
		       err) < 0)
		return -1;
	if (study->progress)
		study->progress(study->progress_ctx, study->frames, group->pass,
				group->passes);
	return 0;
}

/* Between two batches, for a signal that came. */
static void show_machines(const struct group *group)
{
	size_t i;

	if (!snapshot_wanted)
		return;
	snapshot_wanted = 0;
	for (i = 0; i < group->count; i++)
		if (group->slots[i].machine)
			snapshot_show(&group->points[i],
				      group->slots[i].machine);
}

/*
 * Feed the whole stream: while the crew simulates one batch, this thread reads
 * the next.
 */
static int feed_group(struct group *group, struct err *err)
{
	unsigned turn = 0;
	long got = read_batch(group, group->batches[0], err);

	while (got > 0) {
		group->frames = group->batches[turn];
		group->frame_count = (size_t)got;
		if (note_batch(group, group->frames, (size_t)got, err) < 0)
			return -1;
		crew_begin(group->crew, group->count, feed_one, group);
		turn ^= 1;
		got = read_batch(group, group->batches[turn], err);
		crew_end(group->crew);
		show_machines(group);
	}
	return got < 0 ? -1 : 0;
}

static void feed_batch(void *ctx, size_t slot)
{
	struct group *group = ctx;

	machine_feed(group->slots[0].machine, group->batches[slot],
		     group->counts[slot]);
	show_machines(group);
}

/* One machine: a thread simulates, a few batches behind this one. */
static int feed_alone(struct group *group, struct relay *relay, struct err *err)
{
	for (;;) {
		size_t slot = relay_slot(relay);
		struct frame *frames = group->batches[slot];
		long got = read_batch(group, frames, err);

		if (got <= 0)
			return got < 0 ? -1 : 0;
		if (note_batch(group, frames, (size_t)got, err) < 0)
			return -1;
		group->counts[slot] = (size_t)got;
		relay_give(relay);
	}
}

static int feed(struct group *group, struct err *err)
{
	struct relay *relay = NULL;
	int rc;

	group->study->frames = 0;
	/* Layouts stay for the frames of two reads. */
	if (is_alone(group) && group->slots[0].machine)
		relay = relay_new(group->source->layouts ? 2 : BATCHES,
				  feed_batch, group);
	if (!relay)
		return feed_group(group, err);
	rc = feed_alone(group, relay, err);
	relay_free(relay);
	return rc;
}

static int make_machines(struct group *group, const struct study_point *points,
			 struct err *err)
{
	size_t i;

	for (i = 0; i < group->count; i++) {
		struct slot *slot = &group->slots[i];
		const struct machine_options options = {
			.tx = points[i].tx,
			.rx = points[i].rx,
			.seed = points[i].seed,
			.replicate = points[i].replicate,
			.layouts = group->source->layouts,
			.wire_capture = group->source->wire_capture,
			.naive = group->study->naive,
			.no_series = group->study->no_series,
			.observers = points[i].observers,
		};

		slot->why = (struct err)ERR_INIT;
		slot->machine =
			machine_new(points[i].cfg, &options, &slot->why);
		if (!slot->machine && slot->why.kind != ERR_USAGE) {
			*err = slot->why;
			return err_wrap(err, "machine '%s'", points[i].machine);
		}
	}
	return 0;
}

static int emit_group(struct group *group, size_t first, struct err *err)
{
	struct study *study = group->study;
	size_t i;

	for (i = 0; i < group->count; i++) {
		struct slot *slot = &group->slots[i];
		struct run_result result;

		if (!slot->machine) {
			if (study->emit(study->ctx, first + i, NULL, &slot->why,
					err) < 0)
				return -1;
			continue;
		}
		result = *machine_result(slot->machine);
		if (study->interrupted)
			result.status = "interrupted";
		if (study->emit(study->ctx, first + i, &result, NULL, err) < 0)
			return -1;
		/* What was emitted grows; what it was made from may go. */
		machine_free(slot->machine);
		slot->machine = NULL;
	}
	return 0;
}

/* Frames may go without hashes: one queue takes them all, and none are kept. */
static bool needs_no_rss(const struct group *group)
{
	for (size_t i = 0; i < group->count; i++)
		if (config_u64(group->points[i].cfg, "nic.queues") > 1)
			return false;
	return !group->study->sample;
}

static int run_group(struct group *group, size_t first, struct err *err)
{
	struct study *study = group->study;
	size_t i;
	int rc;

	group->pass = first / study->group;
	group->count = study->count - first;
	if (group->count > study->group)
		group->count = study->group;
	group->points = study->points + first;
	memset(group->slots, 0, group->count * sizeof(*group->slots));
	group->source->no_rss = needs_no_rss(group);
	rc = make_machines(group, study->points + first, err);
	if (!rc)
		rc = feed(group, err);
	if (!rc) {
		crew_begin(group->crew, group->count, finish_one, group);
		crew_end(group->crew);
		rc = emit_group(group, first, err);
	}
	for (i = 0; i < group->count; i++)
		machine_free(group->slots[i].machine);
	return rc;
}

static int run_groups(struct group *group, struct err *err)
{
	struct study *study = group->study;
	size_t first;

	group->passes = (study->count + study->group - 1) / study->group;
	for (first = 0; first < study->count; first += study->group) {
		if (first && frame_source_rewind(group->source, err) < 0)
			return err_wrap(err,
					"%zu points at %zu machines a pass "
					"need a trace that can be read again",
					study->count, study->group);
		if (run_group(group, first, err) < 0)
			return -1;
		if (study->interrupted)
			break;
	}
	return 0;
}

static int take_batches(struct group *group, struct err *err)
{
	struct frame *frames;
	size_t i;

	frames = calloc((size_t)BATCHES * STUDY_BATCH, sizeof(*frames));
	if (!frames)
		return err_nomem(err, "batches of frames");
	for (i = 0; i < BATCHES; i++)
		group->batches[i] = frames + i * STUDY_BATCH;
	return 0;
}

int study_run(struct study *study, struct frame_source *source, struct err *err)
{
	struct group group = { .study = study, .source = source };
	int rc = -1;

	if (!study->group)
		study->group = STUDY_GROUP;
	study->interrupted = false;
	study->frames = 0;
	if (study->sample && sample_reserve(study->sample, err) < 0)
		return -1;
	group.crew = crew_new(study->jobs, err);
	if (!group.crew)
		return -1;
	group.slots = calloc(study->group, sizeof(*group.slots));
	if (!group.slots)
		err_nomem(err, "study");
	else if (!take_batches(&group, err))
		rc = run_groups(&group, err);
	free(group.slots);
	free(group.batches[0]);
	crew_free(group.crew);
	return rc;
}
