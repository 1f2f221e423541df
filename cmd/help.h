/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `dmasim help TOPIC` says.  The texts are here and nowhere else:
 * dmasim(1) takes them from the program.
 */
#ifndef CMD_HELP_H
#define CMD_HELP_H

#include <stddef.h>

struct help_topic {
	const char *name;
	const char *summary;
	const char *text; /* whole lines of at most 79 columns */
};

/* NULL past the end. */
const struct help_topic *help_topic(size_t index);

#endif
