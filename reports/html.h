/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An outline as one HTML file that needs nothing else: no network, no fonts,
 * pictures inside.  Tables sort by a click where scripts run, and read without.
 * The page's own policy (Content-Security-Policy) lets nothing run but its one
 * script and fetches nothing.
 */
#ifndef REPORTS_HTML_H
#define REPORTS_HTML_H

#include "core/err.h"
#include "reports/outline.h"

/*
 * DIR/NAME, replacing one that is there; figures are DIR/FIGURE.svg.  ERR_IO
 * when a picture cannot be read or the file not written.
 */
int html_write(const struct outline *outline, const char *dir, const char *name,
	       struct err *err);

/* What is the same on every page. */
extern const char html_style[];
extern const char html_script[];

#endif
