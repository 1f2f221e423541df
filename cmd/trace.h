/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `dmasim trace stat` says of a trace: a text for people or a JSON tree,
 * both of the same report.
 */
#ifndef CMD_TRACE_H
#define CMD_TRACE_H

#include <jansson.h>
#include <stdio.h>

#include "core/frame.h"
#include "traces/stat.h"

struct trace_report {
	size_t count; /* of paths */
	const char *const *paths;
	char (*sha256)[65]; /* of each path; "" where there is no file */
	const struct trace_info *info;
	const struct trace_stat *stat;
};

int trace_report_text(const struct trace_report *report, FILE *out,
		      struct err *err);
/* NULL when out of memory. */
json_t *trace_report_json(const struct trace_report *report, struct err *err);

/* dmasim trace stat */
int cmd_trace_stat(int argc, char **argv, struct err *err);
/* dmasim trace layout */
int cmd_trace_layout(int argc, char **argv, struct err *err);

#endif
