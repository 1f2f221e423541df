/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Emphasis for people at a terminal: headings bold, the best bold and green.
 *
 * Off until the command line says that its text goes to a terminal; never on
 * in files and pipes.  NO_COLOR (any value but the empty one) and TERM=dumb
 * keep it off.
 */
#ifndef REPORTS_STYLE_H
#define REPORTS_STYLE_H

#include <stdbool.h>

enum style { STYLE_PLAIN, STYLE_HEAD, STYLE_BEST };

/* Whether what is written to @fd may have styles. */
bool style_possible(int fd);
/* For all text from now on; before threads are started. */
void style_enable(bool on);
/* What switches @style on, and off again: "" unless enabled. */
const char *style_begin(enum style style);
const char *style_end(enum style style);

#endif
