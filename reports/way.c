/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/way.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/units.h"

#define DETAIL_MAX  320
#define SHARERS_MAX 32 /* told apart in one wait */
#define SHOWN_MAX   4  /* of these, named */

/* What a stage can be kept waiting by. */
enum hindrance {
	BY_NOTHING,
	BY_CORE,       /* the core that goes on with it was busy */
	BY_OTHER_CORE, /* what other cores did under the lock */
	BY_BUS,
	BY_WIRE,
	BY_NOTE /* the models said what */
};

static const struct {
	const char *stage;
	enum hindrance by;
} hindrances[] = {
	{ "cpu_wait", BY_CORE },   { "dpc_wait", BY_CORE },
	{ "stack_wait", BY_CORE }, { "interrupt", BY_CORE },
	{ "indicate", BY_CORE },   { "lock_wait", BY_OTHER_CORE },
	{ "map_wait", BY_NOTE },   { "ring_wait", BY_NOTE },
	{ "order_wait", BY_NOTE }, { "fetch", BY_BUS },
	{ "data", BY_BUS },	   { "fifo", BY_BUS },
	{ "dma_write", BY_BUS },   { "write_back", BY_BUS },
	{ "wire", BY_WIRE },	   { NULL, BY_NOTHING },
};

static enum hindrance hindrance_of(const char *stage)
{
	unsigned i;

	for (i = 0; hindrances[i].stage; i++)
		if (!strcmp(hindrances[i].stage, stage))
			break;
	return hindrances[i].by;
}

/* --- text that is built up --- */

struct text {
	char text[DETAIL_MAX];
	size_t used;
};

static void add(struct text *text, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void add(struct text *text, const char *fmt, ...)
{
	size_t room = sizeof(text->text) - text->used;
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(text->text + text->used, room, fmt, args);
	va_end(args);
	text->used += (size_t)n < room ? (size_t)n : room - 1;
}

static void add_time(struct text *text, sim_time ps)
{
	char shown[UNITS_TEXT_MAX];

	add(text, " %s",
	    units_human(QTY_TIME, (double)ps, 3, shown, sizeof(shown)));
}

static const char *keep(struct way *way, const struct text *text)
{
	return text->used ? arena_strdup(&way->arena, text->text) : "";
}

/* --- what was used by whom --- */

/* All that one frame, or one level, had of a core in a while. */
struct sharer {
	uint64_t number;
	enum frame_direction direction;
	unsigned level, core;
	sim_time ps;
};

struct sharers {
	struct sharer list[SHARERS_MAX];
	unsigned count;
	sim_time rest;
};

static void remember(struct way *way, const struct observation *seen)
{
	struct way_use *use = &way->history[way->uses++ % WAY_HISTORY];

	*use = (struct way_use){
		.kind = seen->kind,
		.track = seen->track,
		.level = seen->level,
		.number = seen->frame ? seen->frame->number : 0,
		.direction = seen->frame ? seen->frame->direction : FRAME_TX,
		.from = seen->from,
		.to = seen->to,
	};
}

static sim_time overlap(const struct way_use *use, sim_time from, sim_time to)
{
	if (use->from > from)
		from = use->from;
	if (use->to < to)
		to = use->to;
	return to > from ? to - from : 0;
}

static uint64_t oldest_use(const struct way *way)
{
	return way->uses > WAY_HISTORY ? way->uses - WAY_HISTORY : 0;
}

static bool is_same(const struct sharer *sharer, const struct way_use *use)
{
	return sharer->core == use->track && sharer->number == use->number &&
	       (use->number ? sharer->direction == use->direction
			    : sharer->level == use->level);
}

static void share(struct sharers *sharers, const struct way_use *use,
		  sim_time ps)
{
	unsigned i = 0;

	while (i < sharers->count && !is_same(&sharers->list[i], use))
		i++;
	if (i == SHARERS_MAX) {
		sharers->rest += ps;
		return;
	}
	if (i == sharers->count)
		sharers->list[sharers->count++] =
			(struct sharer){ .number = use->number,
					 .direction = use->direction,
					 .level = use->level,
					 .core = use->track };
	sharers->list[i].ps += ps;
}

/* Most time first, then as they came. */
static void sort_sharers(struct sharers *sharers)
{
	unsigned i, j;

	for (i = 1; i < sharers->count; i++) {
		struct sharer sharer = sharers->list[i];

		for (j = i; j && sharers->list[j - 1].ps < sharer.ps; j--)
			sharers->list[j] = sharers->list[j - 1];
		sharers->list[j] = sharer;
	}
}

static void add_sharers(struct text *text, const struct way *way,
			struct sharers *sharers)
{
	const struct sharer *sharer = sharers->list;
	unsigned i;

	sort_sharers(sharers);
	for (i = 0; i < sharers->count; i++, sharer++) {
		if (i >= SHOWN_MAX) {
			sharers->rest += sharer->ps;
			continue;
		}
		add(text, "%s", i ? ", " : "");
		if (!i || sharer->core != sharer[-1].core)
			add(text, "core %u ran ", sharer->core);
		if (sharer->number)
			add(text, "%s %" PRIu64,
			    sharer->direction == FRAME_TX ? "tx" : "rx",
			    sharer->number);
		else
			add(text, "%s work",
			    way->base.names->irql[sharer->level]);
		add_time(text, sharer->ps);
	}
	if (sharers->rest) {
		add(text, ", others");
		add_time(text, sharers->rest);
	}
}

/* What @core ran in [from, to), or what the others did. */
static void add_core(struct text *text, const struct way *way,
		     const struct way_step *step, unsigned core, bool others)
{
	struct sharers sharers = { .count = 0 };
	uint64_t i;

	for (i = oldest_use(way); i < way->uses; i++) {
		const struct way_use *use = &way->history[i % WAY_HISTORY];
		sim_time ps = overlap(use, step->from, step->to);

		if (use->kind == SEEN_RUN && ps &&
		    (use->track == core) != others)
			share(&sharers, use, ps);
	}
	add_sharers(text, way, &sharers);
}

static void add_server(struct text *text, const struct way *way,
		       const struct way_step *step, unsigned track)
{
	sim_time busy = 0;
	uint64_t i;

	for (i = oldest_use(way); i < way->uses; i++) {
		const struct way_use *use = &way->history[i % WAY_HISTORY];

		if (use->kind == SEEN_SERVICE && use->track == track)
			busy += overlap(use, step->from, step->to);
	}
	if (!busy)
		return;
	add(text, "%s%s busy", text->used ? ", " : "",
	    way->base.names->servers[track]);
	add_time(text, busy);
}

/* --- map registers --- */

static void hold(struct way *way, uint64_t number, uint64_t registers)
{
	size_t i = 0;

	while (i < way->holder_count && way->holders[i].number != number)
		i++;
	if (i == way->holder_room) {
		size_t room = way->holder_room ? 2 * way->holder_room : 64;

		way->holders =
			realloc(way->holders, room * sizeof(*way->holders));
		if (!way->holders)
			out_of_memory("%zu holders of registers", room);
		way->holder_room = room;
	}
	if (i == way->holder_count)
		way->holders[way->holder_count++] =
			(struct way_holder){ .number = number };
	way->holders[i].registers += registers;
}

static void let_go(struct way *way, uint64_t number, uint64_t registers)
{
	size_t i = 0;

	while (i < way->holder_count && way->holders[i].number != number)
		i++;
	if (i == way->holder_count)
		return; /* held since before the run */
	if (way->holders[i].registers > registers) {
		way->holders[i].registers -= registers;
		return;
	}
	way->holder_count--;
	memmove(&way->holders[i], &way->holders[i + 1],
		(way->holder_count - i) * sizeof(*way->holders));
}

static void add_holders(struct text *text, const struct way *way)
{
	uint64_t rest = 0, posted = 0;
	unsigned shown = 0;
	size_t i;

	for (i = 0; i < way->holder_count; i++) {
		const struct way_holder *holder = &way->holders[i];

		if (!holder->number)
			posted = holder->registers;
		else if (shown >= 2 * SHOWN_MAX)
			rest += holder->registers;
		else
			add(text, "%s frame %" PRIu64 " (%" PRIu64 ")",
			    shown++ ? "," : "; held by", holder->number,
			    holder->registers);
	}
	if (rest)
		add(text, ", further frames (%" PRIu64 ")", rest);
	if (posted)
		add(text, "%s posted buffers and others (%" PRIu64 ")",
		    shown ? "," : "; held by", posted);
}

/* --- the parts --- */

static struct way_part *part_of(const struct way *way,
				const struct observed *frame)
{
	struct way_part *part = way->head;

	if (frame->number != way->number)
		return NULL;
	while (part && part->end.part != frame->part)
		part = part->next;
	return part;
}

static void begin_part(struct way *way, const struct observed *frame)
{
	struct way_part *part = arena_take(&way->arena, sizeof(*part));

	part->end = *frame;
	*(way->tail ? &way->tail->next : &way->head) = part;
	way->tail = part;
	way->under_way++;
}

static void end_part(struct way *way, struct way_part *part,
		     const struct observed *frame)
{
	part->end = *frame;
	part->ended = true;
	way->under_way--;
}

/* What of a step took longer than its work: a higher level had the core. */
static void add_preemption(struct text *text, const struct way_step *step,
			   sim_time ran)
{
	sim_time lost = step->to - step->from - ran;

	if (step->core < 0 || lost <= 0)
		return;
	add(text, "%spreempted for", text->used ? ", " : "");
	add_time(text, lost);
}

/* The core it ran on in that step, and how long. */
static sim_time find_runs(const struct way *way, struct way_step *step)
{
	sim_time ran = 0;
	uint64_t i;

	step->core = -1;
	for (i = oldest_use(way); i < way->uses; i++) {
		const struct way_use *use = &way->history[i % WAY_HISTORY];
		sim_time ps = overlap(use, step->from, step->to);

		if (use->kind != SEEN_RUN || use->number != way->number || !ps)
			continue;
		step->core = (int)use->track;
		ran += ps;
	}
	return ran;
}

/* Which core goes on with it is known at the next call only. */
static void explain(struct way *way, struct way_part *part,
		    struct way_step *step, sim_time ran)
{
	struct text text = { .used = 0 };

	switch (hindrance_of(step->stage)) {
	case BY_CORE:
		if (!part->unresolved)
			part->unresolved = step;
		break;
	case BY_OTHER_CORE:
		add_core(&text, way, step, (unsigned)step->core, true);
		break;
	case BY_BUS:
		add_server(&text, way, step, SERVER_UP);
		add_server(&text, way, step, SERVER_DOWN);
		break;
	case BY_WIRE:
		add_server(&text, way, step, SERVER_WIRE);
		break;
	case BY_NOTE:
		if (part->note)
			add(&text, "%s", part->note);
		part->note = NULL;
		break;
	case BY_NOTHING:
		add_preemption(&text, step, ran);
		break;
	}
	step->detail = keep(way, &text);
}

static void add_step(struct way *way, struct way_part *part,
		     const struct observation *seen)
{
	struct way_step *step = arena_take(&way->arena, sizeof(*step));
	const char *const *names =
		way->base.names->stages[seen->frame->direction];

	step->stage = names[seen->what];
	step->from = seen->from;
	step->to = seen->to;
	explain(way, part, step, find_runs(way, step));
	*(part->last_step ? &part->last_step->next : &part->steps) = step;
	part->last_step = step;
}

/* Steps that waited for a core, now that it is known which. */
static void resolve(struct way *way, struct way_part *part, unsigned core)
{
	struct way_step *step = part->unresolved;

	for (; step; step = step->next) {
		struct text text = { .used = 0 };

		if (hindrance_of(step->stage) != BY_CORE)
			continue;
		add_core(&text, way, step, core, false);
		step->detail = keep(way, &text);
	}
	part->unresolved = NULL;
}

static void add_call(struct way *way, struct way_part *part,
		     const struct observation *seen)
{
	const struct observed_names *names = way->base.names;
	struct way_call *call = arena_take(&way->arena, sizeof(*call));

	resolve(way, part, seen->track);
	call->routine = names->routines[seen->what];
	call->stage = names->stages[seen->frame->direction][seen->number];
	call->irql = names->irql[seen->level];
	call->at = seen->from;
	call->core = seen->track;
	call->cycles = seen->value;
	*(part->last_call ? &part->last_call->next : &part->calls) = call;
	part->last_call = call;
}

static void note_wait(struct way *way, struct way_part *part,
		      const struct observation *seen)
{
	struct text text = { .used = 0 };

	switch ((enum observed_wait)seen->what) {
	case WAIT_REGISTERS:
		add(&text, "%" PRIu64 " map registers wanted, %" PRIu64 " free",
		    seen->value, seen->more);
		add_holders(&text, way);
		break;
	case WAIT_RING:
		add(&text, "%" PRIu64 " descriptors wanted, %" PRIu64 " free",
		    seen->value, seen->more);
		break;
	case WAIT_COPY_PAGES:
		add(&text, "%" PRIu64 " copy pages wanted, %" PRIu64 " free",
		    seen->value, seen->more);
		break;
	case WAIT_ORDER:
		add(&text, "frame %" PRIu64 " is to be posted first",
		    seen->number);
		break;
	}
	if ((seen->what == WAIT_RING || seen->what == WAIT_COPY_PAGES) &&
	    seen->number)
		add(&text, "; the oldest in the ring is frame %" PRIu64,
		    seen->number);
	part->note = keep(way, &text);
}

/* --- watching --- */

static void see_part(struct way *way, struct way_part *part,
		     const struct observation *seen)
{
	switch (seen->kind) {
	case SEEN_STAGE:
		add_step(way, part, seen);
		break;
	case SEEN_END:
		end_part(way, part, seen->frame);
		break;
	case SEEN_CALL:
		add_call(way, part, seen);
		break;
	case SEEN_WAIT:
		note_wait(way, part, seen);
		break;
	case SEEN_BUFFER:
		part->memory = *seen->memory;
		part->has_memory = true;
		break;
	default:
		break;
	}
}

/* The HAL knows a record's number, not which piece of it asks. */
static void see_registers(struct way *way, const struct observation *seen)
{
	struct way_part *part;

	switch (seen->kind) {
	case SEEN_REGISTERS:
		hold(way, seen->number, seen->value);
		break;
	case SEEN_RELEASE:
		let_go(way, seen->number, seen->value);
		break;
	default:
		if (seen->number != way->number)
			return;
		for (part = way->head; part; part = part->next)
			if (!part->ended)
				note_wait(way, part, seen);
	}
}

static void see(struct observer *base, const struct observation *seen)
{
	struct way *way = (struct way *)base;
	struct way_part *part;

	if (seen->kind == SEEN_RUN || seen->kind == SEEN_SERVICE)
		remember(way, seen);
	if (seen->kind == SEEN_REGISTERS || seen->kind == SEEN_RELEASE ||
	    (seen->kind == SEEN_WAIT && !seen->frame))
		see_registers(way, seen);
	if (!seen->frame || seen->frame->number != way->number)
		return;
	if (seen->kind == SEEN_FRAME)
		begin_part(way, seen->frame);
	part = part_of(way, seen->frame);
	if (part)
		see_part(way, part, seen);
}

void way_init(struct way *way, uint64_t number)
{
	*way = (struct way){
		.base = { .last = UINT64_MAX, .see = see },
		.number = number,
	};
	arena_init(&way->arena);
	way->history = arena_take_array(&way->arena, WAY_HISTORY,
					sizeof(*way->history));
}

void way_clear(struct way *way)
{
	free(way->holders);
	arena_clear(&way->arena);
}

bool way_is_over(const struct way *way)
{
	return way->head && !way->under_way;
}
