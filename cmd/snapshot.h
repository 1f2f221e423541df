/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A look at a run under way, asked for by SIGUSR1: a line on stderr for every
 * machine, between two batches of frames.
 *
 *	xge-64bit ndis6-hybrid/common-copy, replicate 0: at 2.10s, 81920
 *	frames offered, 81911 through, 0 dropped; tx p50 6.64us p99 24.1us
 *	(40961 frames), rx p50 9.03us p99 31.2us (40950 frames)
 *
 * It says what the machine has counted, and changes nothing of it.
 */
#ifndef CMD_SNAPSHOT_H
#define CMD_SNAPSHOT_H

#include <stdatomic.h>

#include "cmd/study.h"

/* Not zero after SIGUSR1, until somebody has shown what there is. */
extern atomic_int snapshot_wanted;

/* Between two machine_feed(), in the thread that feeds. */
void snapshot_show(const struct study_point *point, struct machine *machine);

#endif
