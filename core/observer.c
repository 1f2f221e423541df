/* SPDX-License-Identifier: Apache-2.0 */
#include "core/observer.h"

const char *const observed_verdicts[VERDICTS] = {
	[VERDICT_OPEN] = "open",	   [VERDICT_SENT] = "sent",
	[VERDICT_DELIVERED] = "delivered", [VERDICT_FAILED] = "failed",
	[VERDICT_DROPPED] = "dropped",
};

int observers_init(struct observers *observers, struct observer *list,
		   const struct observed_names *names, struct err *err)
{
	struct observer *observer;

	*observers =
		(struct observers){ .first = list, .wanted_first = UINT64_MAX };
	for (observer = list; observer; observer = observer->next) {
		observer->names = names;
		if (observer->first < observers->wanted_first)
			observers->wanted_first = observer->first;
		if (observer->last > observers->wanted_last)
			observers->wanted_last = observer->last;
	}
	if (pool_init(&observers->frames, sizeof(struct observed), 64, err) < 0)
		return -1;
	observers_tell(observers, &(struct observation){ .kind = SEEN_START });
	return 0;
}

void observers_clear(struct observers *observers)
{
	pool_clear(&observers->frames);
}

static bool is_wanted(const struct observer *observer,
		      const struct observed *frame)
{
	return frame->number >= observer->first &&
	       frame->number <= observer->last;
}

/* What a frame shares with all, as the time of a core, all are told of. */
void observers_tell(const struct observers *observers,
		    const struct observation *seen)
{
	bool shared = !seen->frame || seen->kind == SEEN_RUN;
	struct observer *observer;

	for (observer = observers->first; observer; observer = observer->next)
		if (shared || is_wanted(observer, seen->frame))
			observer->see(observer, seen);
}

struct observed *observed_begin(struct observers *observers,
				const struct observed *what)
{
	struct observed *frame;
	unsigned i;

	if (what->number < observers->wanted_first ||
	    what->number > observers->wanted_last)
		return NULL;
	frame = pool_take(&observers->frames);
	*frame = *what;
	frame->by = observers;
	frame->until = frame->at;
	frame->delivered = -1;
	frame->why = "";
	for (i = 0; i < OBSERVED_STAGES; i++)
		frame->stage_end[i] = -1;
	frame->next = NULL;
	frame->last = observers->tail;
	*(observers->tail ? &observers->tail->next : &observers->head) = frame;
	observers->tail = frame;
	observers_tell(observers, &(struct observation){ .kind = SEEN_FRAME,
							 .frame = frame,
							 .from = frame->at,
							 .to = frame->at });
	return frame;
}

void observed_stage(struct observed *frame, unsigned stage, sim_time from,
		    sim_time to)
{
	frame->stage_ps[stage] += to - from;
	frame->stage_end[stage] = frame->until = to;
	observers_tell(frame->by, &(struct observation){ .kind = SEEN_STAGE,
							 .frame = frame,
							 .from = from,
							 .to = to,
							 .what = stage });
}

void observed_end(struct observed *frame, sim_time at,
		  enum observed_verdict verdict, const char *why)
{
	struct observers *observers = frame->by;

	frame->end = at;
	frame->verdict = verdict;
	frame->why = why;
	observers_tell(observers, &(struct observation){ .kind = SEEN_END,
							 .frame = frame,
							 .from = at,
							 .to = at });
	*(frame->last ? &frame->last->next : &observers->head) = frame->next;
	*(frame->next ? &frame->next->last : &observers->tail) = frame->last;
	pool_give(&observers->frames, frame);
}

void observers_end(struct observers *observers)
{
	while (observers->head)
		observed_end(observers->head, observers->head->until,
			     VERDICT_OPEN, "");
}
