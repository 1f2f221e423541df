/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/frame_notes.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "core/units.h"

/* Of one record; all zeros: nothing came of it. */
struct note {
	const char *why; /* lives as long as the program */
	int64_t delivered, latency;
	uint32_t frames;
	uint8_t direction, verdict;
};

static off_t place_of(uint64_t number)
{
	return (off_t)(number * sizeof(struct note));
}

static bool goes_on(struct frame_notes *notes, ssize_t n, size_t *done)
{
	if (n < 0 && errno == EINTR)
		return true;
	if (n < 0 && !notes->failed)
		notes->failed = errno;
	if (n > 0)
		*done += (size_t)n;
	return n > 0;
}

/* Beyond the end of the file is nothing yet. */
static void load(struct frame_notes *notes, uint64_t number, struct note *note)
{
	int fd = fileno(notes->file);
	size_t done = 0;
	ssize_t n;

	do {
		n = pread(fd, (char *)note + done, sizeof(*note) - done,
			  place_of(number) + (off_t)done);
	} while (goes_on(notes, n, &done) && done < sizeof(*note));
	if (done < sizeof(*note))
		memset(note, 0, sizeof(*note));
}

static void store(struct frame_notes *notes, uint64_t number,
		  const struct note *note)
{
	int fd = fileno(notes->file);
	size_t done = 0;
	ssize_t n;

	do {
		n = pwrite(fd, (const char *)note + done, sizeof(*note) - done,
			   place_of(number) + (off_t)done);
	} while (goes_on(notes, n, &done) && done < sizeof(*note));
}

static bool is_worse(enum observed_verdict a, enum observed_verdict b)
{
	static const unsigned badness[VERDICTS] = {
		[VERDICT_SENT] = 0,    [VERDICT_DELIVERED] = 0,
		[VERDICT_OPEN] = 1,    [VERDICT_FAILED] = 2,
		[VERDICT_DROPPED] = 3,
	};

	return badness[a] > badness[b];
}

static void see(struct observer *base, const struct observation *seen)
{
	struct frame_notes *notes = (struct frame_notes *)base;
	const struct observed *frame = seen->frame;
	struct note note;

	if (seen->kind != SEEN_END)
		return;
	load(notes, frame->number, &note);
	if (!note.frames || is_worse(frame->verdict, note.verdict)) {
		note.verdict = (uint8_t)frame->verdict;
		note.why = frame->why;
	}
	if (!note.frames || frame->delivered - frame->at > note.delivered)
		note.delivered = frame->delivered < 0
					 ? -1
					 : frame->delivered - frame->at;
	if (frame->end - frame->at > note.latency)
		note.latency = frame->end - frame->at;
	note.direction = (uint8_t)frame->direction;
	note.frames++;
	store(notes, frame->number, &note);
}

int frame_notes_open(struct frame_notes *notes, struct err *err)
{
	*notes = (struct frame_notes){
		.base = { .last = UINT64_MAX, .see = see },
		.file = tmpfile(),
	};
	if (notes->file)
		return 0;
	return err_set(err, ERR_IO, "cannot make a temporary file: %s",
		       strerror(errno));
}

void frame_notes_close(struct frame_notes *notes)
{
	if (notes->file)
		fclose(notes->file);
	notes->file = NULL;
}

static const char *show(int64_t ps, char text[UNITS_TEXT_MAX])
{
	return units_human(QTY_TIME, (double)ps, 4, text, UNITS_TEXT_MAX);
}

static void describe(const struct note *note, char *text)
{
	bool tx = note->direction == FRAME_TX;
	char delivered[UNITS_TEXT_MAX], latency[UNITS_TEXT_MAX];
	int used;

	used = snprintf(text, FRAME_NOTE_MAX, "dmasim: %s %s%s%s",
			tx ? "tx" : "rx", observed_verdicts[note->verdict],
			*note->why ? ": " : "", note->why);
	if (note->frames > 1)
		used += snprintf(text + used, FRAME_NOTE_MAX - (size_t)used,
				 ", %u pieces", note->frames);
	if (note->verdict == VERDICT_DROPPED)
		return;
	if (note->delivered >= 0)
		used += snprintf(text + used, FRAME_NOTE_MAX - (size_t)used,
				 ", %s %s", show(note->delivered, delivered),
				 tx ? "to the wire" : "to the protocol");
	snprintf(text + used, FRAME_NOTE_MAX - (size_t)used, ", %s %s",
		 show(note->latency, latency),
		 tx ? "to completion" : "to the buffer's return");
}

int frame_notes_text(struct frame_notes *notes, uint64_t number, char *text,
		     struct err *err)
{
	struct note note;

	load(notes, number, &note);
	if (notes->failed)
		return err_set(err, ERR_IO, "temporary file of notes: %s",
			       strerror(notes->failed));
	if (note.frames)
		describe(&note, text);
	else
		snprintf(text, FRAME_NOTE_MAX, "dmasim: not simulated");
	return 0;
}
