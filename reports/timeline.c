/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/timeline.h"

#include <inttypes.h>
#include <stdarg.h>

enum process {
	PROCESS_FRAMES = 1,
	PROCESS_CORES,
	PROCESS_BUS,
	PROCESS_INTERRUPTS,
	PROCESS_LEVELS,
	PROCESS_REGISTERS,
	PROCESSES
};

static const char *const process_names[PROCESSES] = {
	[PROCESS_FRAMES] = "frames",
	[PROCESS_CORES] = "cores",
	[PROCESS_BUS] = "bus and wire",
	[PROCESS_INTERRUPTS] = "interrupts",
	[PROCESS_LEVELS] = "levels",
	[PROCESS_REGISTERS] = "map registers held",
};

/* Threads of the frames' process: where arrows begin and end. */
enum frame_thread { THREAD_OFFERED = 1, THREAD_ENDED };

#define LEVELS_MAX 4 /* of IRQL */

/* --- events --- */

/* The head of an event: all have a phase, a process and a thread. */
static void begin_event(struct timeline *timeline, char phase,
			enum process process, unsigned thread)
{
	fprintf(timeline->out, "%s{\"ph\":\"%c\",\"pid\":%d,\"tid\":%u",
		timeline->events++ ? ",\n" : "", phase, (int)process, thread);
}

static void put_time(struct timeline *timeline, const char *key, sim_time ps)
{
	fprintf(timeline->out, ",\"%s\":%" PRId64 ".%06" PRId64, key,
		(int64_t)(ps / PS_PER_US), (int64_t)(ps % PS_PER_US));
}

static void put(struct timeline *timeline, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void put(struct timeline *timeline, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vfprintf(timeline->out, fmt, args);
	va_end(args);
}

/* "tx 12" or, of a piece, "tx 12.1". */
static void put_frame(struct timeline *timeline, const struct observed *frame)
{
	put(timeline, "%s %" PRIu64, frame->direction == FRAME_TX ? "tx" : "rx",
	    frame->number);
	if (frame->part)
		put(timeline, ".%" PRIu32, frame->part);
}

static void put_id(struct timeline *timeline, const struct observed *frame)
{
	put(timeline, ",\"cat\":\"frame\",\"id\":\"%" PRIu64 ".%" PRIu32 "\"",
	    frame->number, frame->part);
}

/* --- metadata --- */

static void name_process(struct timeline *timeline, enum process process)
{
	begin_event(timeline, 'M', process, 0);
	put(timeline, ",\"name\":\"process_name\",\"args\":{\"name\":\"%s\"}}",
	    process_names[process]);
	begin_event(timeline, 'M', process, 0);
	put(timeline,
	    ",\"name\":\"process_sort_index\",\"args\":{\"sort_index\":%d}}",
	    (int)process);
}

static void name_thread(struct timeline *timeline, enum process process,
			unsigned thread, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

static void name_thread(struct timeline *timeline, enum process process,
			unsigned thread, const char *fmt, ...)
{
	va_list args;

	begin_event(timeline, 'M', process, thread);
	put(timeline, ",\"name\":\"thread_name\",\"args\":{\"name\":\"");
	va_start(args, fmt);
	vfprintf(timeline->out, fmt, args);
	va_end(args);
	put(timeline, "\"}}");
}

static unsigned core_thread(unsigned core, unsigned level)
{
	return core * LEVELS_MAX + level + 1;
}

static void begin(struct timeline *timeline)
{
	const struct observed_names *names = timeline->base.names;
	unsigned i, level;

	put(timeline, "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n");
	for (i = PROCESS_FRAMES; i < PROCESSES; i++)
		name_process(timeline, i);
	name_thread(timeline, PROCESS_FRAMES, THREAD_OFFERED, "offered");
	name_thread(timeline, PROCESS_FRAMES, THREAD_ENDED, "ended");
	for (i = 0; i < names->cores; i++)
		for (level = 0; names->irql[level]; level++)
			name_thread(timeline, PROCESS_CORES,
				    core_thread(i, level), "core %u %s", i,
				    names->irql[level]);
	for (i = 0; names->servers[i]; i++)
		name_thread(timeline, PROCESS_BUS, i + 1, "%s",
			    names->servers[i]);
}

/* --- frames --- */

static bool in_range(const struct timeline *timeline,
		     const struct observed *frame)
{
	const struct timeline_range *range = &timeline->range;

	return frame && frame->number >= range->first &&
	       frame->number <= range->last && frame->at >= range->since &&
	       frame->at < range->until;
}

/* A point where an arrow starts, passes or ends, on the slice around it. */
static void put_arrow(struct timeline *timeline, char phase,
		      enum process process, unsigned thread, sim_time at,
		      const struct observed *frame)
{
	begin_event(timeline, phase, process, thread);
	put_time(timeline, "ts", at);
	put_id(timeline, frame);
	put(timeline, ",\"name\":\"way\"%s}",
	    phase == 'f' ? ",\"bp\":\"e\"" : "");
}

/* A slice without length to hold an arrow's end. */
static void put_mark(struct timeline *timeline, unsigned thread, sim_time at,
		     const struct observed *frame)
{
	begin_event(timeline, 'X', PROCESS_FRAMES, thread);
	put_time(timeline, "ts", at);
	put(timeline, ",\"dur\":0,\"name\":\"");
	put_frame(timeline, frame);
	put(timeline, "\"}");
}

static void put_begin(struct timeline *timeline, const struct observed *frame)
{
	put_mark(timeline, THREAD_OFFERED, frame->at, frame);
	put_arrow(timeline, 's', PROCESS_FRAMES, THREAD_OFFERED, frame->at,
		  frame);
	begin_event(timeline, 'b', PROCESS_FRAMES, 0);
	put_time(timeline, "ts", frame->at);
	put_id(timeline, frame);
	put(timeline, ",\"name\":\"");
	put_frame(timeline, frame);
	put(timeline, "\",\"args\":{\"bytes\":%" PRIu32 "}}", frame->bytes);
}

static void put_end(struct timeline *timeline, const struct observed *frame)
{
	begin_event(timeline, 'e', PROCESS_FRAMES, 0);
	put_time(timeline, "ts", frame->end);
	put_id(timeline, frame);
	put(timeline, ",\"name\":\"");
	put_frame(timeline, frame);
	put(timeline,
	    "\",\"args\":{\"verdict\":\"%s\",\"why\":\"%s\","
	    "\"latency_ps\":%" PRId64 "}}",
	    observed_verdicts[frame->verdict], frame->why,
	    (int64_t)(frame->end - frame->at));
	put_mark(timeline, THREAD_ENDED, frame->end, frame);
	put_arrow(timeline, 'f', PROCESS_FRAMES, THREAD_ENDED, frame->end,
		  frame);
}

static void put_stage(struct timeline *timeline, const struct observation *seen)
{
	const struct observed *frame = seen->frame;
	const char *name =
		timeline->base.names->stages[frame->direction][seen->what];

	begin_event(timeline, 'b', PROCESS_FRAMES, 0);
	put_time(timeline, "ts", seen->from);
	put_id(timeline, frame);
	put(timeline, ",\"name\":\"%s\"}", name);
	begin_event(timeline, 'e', PROCESS_FRAMES, 0);
	put_time(timeline, "ts", seen->to);
	put_id(timeline, frame);
	put(timeline, ",\"name\":\"%s\"}", name);
}

/* --- what is shared --- */

static void put_slice(struct timeline *timeline, enum process process,
		      unsigned thread, const struct observation *seen)
{
	begin_event(timeline, 'X', process, thread);
	put_time(timeline, "ts", seen->from);
	put_time(timeline, "dur", seen->to - seen->from);
}

/* Work of no frame is named by its level: interrupts, DPCs, workers. */
static void put_run(struct timeline *timeline, const struct observation *seen)
{
	unsigned thread = core_thread(seen->track, seen->level);
	const struct observed_names *names = timeline->base.names;
	const struct observed *frame = seen->frame;

	put_slice(timeline, PROCESS_CORES, thread, seen);
	if (!frame) {
		put(timeline, ",\"name\":\"%s\"}", names->irql[seen->level]);
		return;
	}
	put(timeline,
	    ",\"name\":\"%s: ", names->stages[frame->direction][seen->what]);
	put_frame(timeline, frame);
	put(timeline, "\"}");
	if (in_range(timeline, frame))
		put_arrow(timeline, 't', PROCESS_CORES, thread, seen->from,
			  frame);
}

static void put_service(struct timeline *timeline,
			const struct observation *seen)
{
	put_slice(timeline, PROCESS_BUS, seen->track + 1, seen);
	put(timeline, ",\"name\":\"busy\"}");
}

static void put_level(struct timeline *timeline, const struct observation *seen)
{
	begin_event(timeline, 'C', PROCESS_LEVELS, 0);
	put_time(timeline, "ts", seen->from);
	put(timeline, ",\"name\":\"%s\",\"args\":{\"level\":%" PRIu64 "}}",
	    timeline->base.names->counters[seen->track], seen->value);
}

static void put_interrupt(struct timeline *timeline,
			  const struct observation *seen)
{
	put_slice(timeline, PROCESS_INTERRUPTS, seen->track + 1, seen);
	put(timeline, ",\"name\":\"vector %u held back\"}", seen->track);
}

/* Registers of no frame, as of posted buffers, are in the counter only. */
static void put_registers(struct timeline *timeline, char phase,
			  const struct observation *seen)
{
	if (!seen->number)
		return;
	begin_event(timeline, phase, PROCESS_REGISTERS, 0);
	put_time(timeline, "ts", seen->from);
	put(timeline,
	    ",\"cat\":\"registers\",\"id\":\"%" PRIu64
	    "\",\"name\":\"frame %" PRIu64 "\",\"args\":{\"registers\":%" PRIu64
	    "}}",
	    seen->number, seen->number, seen->value);
}

static void see_shared(struct timeline *timeline,
		       const struct observation *seen)
{
	switch (seen->kind) {
	case SEEN_RUN:
		put_run(timeline, seen);
		break;
	case SEEN_SERVICE:
		put_service(timeline, seen);
		break;
	case SEEN_LEVEL:
		put_level(timeline, seen);
		break;
	case SEEN_INTERRUPT:
		put_interrupt(timeline, seen);
		break;
	case SEEN_REGISTERS:
		put_registers(timeline, 'b', seen);
		break;
	case SEEN_RELEASE:
		put_registers(timeline, 'e', seen);
		break;
	default:
		break;
	}
}

static void see_frame(struct timeline *timeline, const struct observation *seen)
{
	switch (seen->kind) {
	case SEEN_FRAME:
		timeline->frames++;
		timeline->under_way++;
		put_begin(timeline, seen->frame);
		break;
	case SEEN_STAGE:
		put_stage(timeline, seen);
		break;
	case SEEN_END:
		timeline->under_way--;
		put_end(timeline, seen->frame);
		break;
	default:
		break;
	}
}

static void see(struct observer *base, const struct observation *seen)
{
	struct timeline *timeline = (struct timeline *)base;

	if (seen->kind == SEEN_START) {
		begin(timeline);
	} else if (seen->frame && seen->kind != SEEN_RUN) {
		if (in_range(timeline, seen->frame))
			see_frame(timeline, seen);
	} else if (timeline->under_way) {
		see_shared(timeline, seen);
	}
}

void timeline_init(struct timeline *timeline, FILE *out,
		   const struct timeline_range *range)
{
	*timeline = (struct timeline){
		.base = { .first = range->first,
			  .last = range->last,
			  .see = see },
		.range = *range,
		.out = out,
	};
}

void timeline_end(struct timeline *timeline)
{
	put(timeline, "\n]}\n");
}
