/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What became of each record of a capture, in a sentence, to be asked for in
 * the order of the capture when the run is over.
 *
 *	struct frame_notes notes;
 *
 *	if (frame_notes_open(&notes, &err) < 0)
 *		return -1;
 *	... run the machine with &notes.base among its observers ...
 *	frame_notes_text(&notes, 12, text, sizeof(text));
 *	frame_notes_close(&notes);
 *
 * Frames end in an order of their own, so notes go to a temporary file, at
 * their record's number times their size: memory does not grow with the run,
 * the file takes 32 bytes a record.  Of a record that was cut into several
 * frames the note tells their number, the worst verdict and the longest times.
 */
#ifndef REPORTS_FRAME_NOTES_H
#define REPORTS_FRAME_NOTES_H

#include <stdio.h>

#include "core/observer.h"

#define FRAME_NOTE_MAX 192

struct frame_notes {
	struct observer base;
	FILE *file; /* without a name */
	int failed; /* errno of the first read or write that failed */
};

/* ERR_IO: no temporary file. */
int frame_notes_open(struct frame_notes *notes, struct err *err);
void frame_notes_close(struct frame_notes *notes);
/* @text has room for FRAME_NOTE_MAX; ERR_IO: the file failed. */
int frame_notes_text(struct frame_notes *notes, uint64_t number, char *text,
		     struct err *err);

#endif
