/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text into HTML: the only way that data takes into a page.
 *
 * Invariant: whatever the text, nothing of it is markup, in an element as in a
 * quoted attribute, and the page stays well-formed UTF-8: what is no UTF-8 or
 * a control character becomes U+FFFD, a line's end a blank.
 */
#ifndef REPORTS_HTML_TEXT_H
#define REPORTS_HTML_TEXT_H

#include <stdio.h>

void html_text(FILE *out, const char *text);
/* ` NAME="TEXT"`; @name is ours. */
void html_attribute(FILE *out, const char *name, const char *text);

#endif
