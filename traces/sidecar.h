/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A layout sidecar: what a filter driver, an ETW consumer or a bpftrace script
 * has logged of frames, beside their capture.  dmasim-layout(5) describes the
 * two forms, CSV with column names and JSON lines, plain or compressed.
 *
 *	sidecar = sidecar_open("office.layout.csv", &err);
 *	while (...)
 *		found = sidecar_find(sidecar, number, part, &layout, &err);
 *	sidecar_close(sidecar);
 *
 * Records stand in the order of frames, so they are read once, beside the
 * capture; memory is that of a line.
 */
#ifndef TRACES_SIDECAR_H
#define TRACES_SIDECAR_H

#include "core/frame.h"
#include "core/layout.h"

struct sidecar;

/* NULL with ERR_INPUT: unreadable, or no sidecar. */
struct sidecar *sidecar_open(const char *path, struct err *err);
void sidecar_close(struct sidecar *sidecar);
/*
 * Facts of piece @part of record @number into @out: 1, 0 without any, -1 with
 * ERR_INPUT that names line and column.  Frames are asked for in order.
 */
int sidecar_find(struct sidecar *sidecar, uint64_t number, uint32_t part,
		 struct frame_layout *out, struct err *err);
int sidecar_rewind(struct sidecar *sidecar, struct err *err);
/* layout_*, of what was read since the last rewind. */
void sidecar_report(const struct sidecar *sidecar, struct trace_info *info);

#endif
