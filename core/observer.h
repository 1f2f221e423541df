/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Observers: who watches a run while it runs, frame by frame.
 *
 * A machine that is given observers tells each of what happens, one
 * observation after the other, in the order in which it is known: a stage when
 * it is over, the service of a server when it is reserved, which may lie
 * ahead.  Observers change nothing: a run's result and fingerprint are the
 * same with and without.  A machine without observers pays one test where
 * something could be told, and nothing else.
 *
 *	struct counter { struct observer base; uint64_t frames; };
 *
 *	static void see(struct observer *base, const struct observation *seen)
 *	{
 *		if (seen->kind == SEEN_END)
 *			((struct counter *)base)->frames++;
 *	}
 *
 * Limits: an observer is called from the thread that runs its machine, and
 * serves one machine.
 *
 * Invariants: (1) every frame begins once and ends once; its stages lie
 * between, follow each other without a gap and sum to end - at; (2) what
 * one core ran, and what one server served, does not overlap.
 */
#ifndef CORE_OBSERVER_H
#define CORE_OBSERVER_H

#include <stdbool.h>

#include "core/frame.h"
#include "core/pool.h"

#define OBSERVED_STAGES 24

enum observed_verdict {
	VERDICT_OPEN, /* the run ended before it did: a deadlock */
	VERDICT_SENT,
	VERDICT_DELIVERED,
	VERDICT_FAILED, /* completed with a status */
	VERDICT_DROPPED,
	VERDICTS
};
extern const char *const observed_verdicts[VERDICTS];

struct observers;

/* A frame on its way.  Times in ps since the run's beginning. */
struct observed {
	struct observed *next, *last; /* of those under way */
	struct observers *by;
	uint64_t number; /* of its record */
	uint32_t part;	 /* piece of a cut super-frame, from 0 */
	uint32_t bytes;
	enum frame_direction direction;
	sim_time at;	    /* offered, or last bit in */
	sim_time delivered; /* last bit out, or indicated; -1: not */
	sim_time until;	    /* its last milestone */
	sim_time end;	    /* valid once it has ended */
	sim_time stage_ps[OBSERVED_STAGES];
	sim_time stage_end[OBSERVED_STAGES]; /* -1: took no time */
	enum observed_verdict verdict;
	const char *why; /* status or cause; "" */
};

enum observation_kind {
	SEEN_START,	/* the run begins, the names are known */
	SEEN_FRAME,	/* begins */
	SEEN_STAGE,	/* @what: the stage, [from, to) */
	SEEN_END,	/* @frame has ended; it is gone afterwards */
	SEEN_RUN,	/* core @track, IRQL @level, ran [from, to); @frame and
			   @what, its stage, or NULL: nobody's */
	SEEN_SERVICE,	/* server @track was busy [from, to) */
	SEEN_LEVEL,	/* counter @track: @value from @from on */
	SEEN_CALL,	/* routine @what, @value cycles, on core @track at
			   @level, for stage @number; their time follows;
			   @frame may be NULL */
	SEEN_INTERRUPT, /* of vector @track: due at from, sent at to */
	SEEN_REGISTERS, /* record @number takes @value registers, at from */
	SEEN_RELEASE,	/* and gives them back */
	SEEN_WAIT,	/* @what: enum observed_wait; begins at from */
	SEEN_BUFFER	/* @memory: where its data is */
};

/* Tracks of SEEN_SERVICE. */
enum observed_server {
	SERVER_UP,   /* of the link: device to host */
	SERVER_DOWN, /* host to device */
	SERVER_ENGINE,
	SERVER_WIRE,
	SERVER_IOMMU,
	SERVERS
};

enum observed_wait {
	WAIT_REGISTERS,	 /* wants @value; @more are free */
	WAIT_RING,	 /* wants @value descriptors, @more are free; record
			    @number is the oldest in the ring */
	WAIT_COPY_PAGES, /* likewise, of common buffers */
	WAIT_ORDER	 /* record @number is to be posted before it */
};

/* Memory of a frame as the device meets it. */
struct observed_memory {
	const char *how;     /* "mapped", "copied", ... */
	uint32_t pages;	     /* of the sender, or of the buffer */
	uint32_t pages_high; /* of these, above 4 GiB */
	uint32_t elements;   /* of the list */
	uint32_t bounced_pages, bounced_bytes;
	uint32_t registers, descriptors;
	const char *residency; /* where the device finds the data */
	/* What crosses the bus for the data. */
	uint64_t requests, completions, writes; /* TLPs */
	uint64_t up_bytes, down_bytes;
};

struct observation {
	enum observation_kind kind;
	const struct observed *frame;
	sim_time from, to;
	unsigned track, what, level;
	uint64_t number, value, more;
	const struct observed_memory *memory;
};

/* What the numbers mean; lists end with NULL. */
struct observed_names {
	const char *const *stages[2]; /* by direction */
	const char *const *servers;   /* SEEN_SERVICE tracks */
	const char *const *counters;  /* SEEN_LEVEL tracks */
	const char *const *irql;      /* levels */
	const char *const *routines;  /* [what] of calls */
	unsigned cores;
};

struct observer {
	struct observer *next;
	/* Frames wanted, by number; others are not told of. */
	uint64_t first, last;
	void (*see)(struct observer *observer, const struct observation *seen);
	const struct observed_names *names; /* the machine's */
};

/* The machine's side: those who watch it, and the frames they watch. */
struct observers {
	struct observer *first;
	uint64_t wanted_first, wanted_last;
	struct pool frames;
	struct observed *head, *tail; /* under way */
};

/* @list by next; ERR_IO without memory. */
int observers_init(struct observers *observers, struct observer *list,
		   const struct observed_names *names, struct err *err);
void observers_clear(struct observers *observers);
void observers_tell(const struct observers *observers,
		    const struct observation *seen);

/* A frame begins at @at; NULL when nobody wants it. */
struct observed *observed_begin(struct observers *observers,
				const struct observed *frame);
/* [from, to) of it was spent in @stage. */
void observed_stage(struct observed *frame, unsigned stage, sim_time from,
		    sim_time to);
void observed_end(struct observed *frame, sim_time at,
		  enum observed_verdict verdict, const char *why);
/* The run is over: whatever is still under way ends open. */
void observers_end(struct observers *observers);

#endif
