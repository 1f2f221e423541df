/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/style.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool enabled;

/* Select Graphic Rendition of ECMA-48. */
static const char *const begin[] = { "", "\033[1m", "\033[1;32m" };

bool style_possible(int fd)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(fd) && !(no && *no) && term && strcmp(term, "dumb") != 0;
}

void style_enable(bool on)
{
	enabled = on;
}

const char *style_begin(enum style style)
{
	return enabled ? begin[style] : "";
}

const char *style_end(enum style style)
{
	return enabled && style ? "\033[0m" : "";
}
