/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A picture drawn by gnuplot, put into a page.
 *
 * Several pictures of one page must not share ids, and what a page holds must
 * not be able to run or fetch anything.  So only elements and attributes that
 * draw are copied, ids and the references to them get a prefix, and references
 * to anything else are dropped.
 */
#ifndef REPORTS_HTML_SVG_H
#define REPORTS_HTML_SVG_H

#include <stdio.h>

#include "core/err.h"

/*
 * The picture @svg (its text) to @out, @label read out in its stead, @prefix
 * before its ids.  ERR_IO when it is no picture as gnuplot draws them; @what
 * names it.
 */
int html_svg(FILE *out, const char *svg, const char *prefix, const char *label,
	     const char *what, struct err *err);

#endif
