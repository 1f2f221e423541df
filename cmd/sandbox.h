/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the process may still do once it reads a capture, which anybody may
 * have written: nothing that reading, simulating and writing the outputs does
 * not need.
 *
 *	sandbox_enter(&(struct sandbox){
 *		.writes = { options->output, report },
 *		.plots = report,
 *	});
 *	source = trace_open(...);
 *
 * Files: Landlock; nothing is created, written or removed but beneath the
 * folders of the outputs.  Calls: a seccomp filter of the whole process; no
 * programs, sockets, tracing, mounts, modules, io_uring and the like: EPERM.
 * Both stay until the process ends, and programs it starts inherit them.
 *
 * Limits: files can be read.  A kernel that lacks one of the two goes without;
 * sanitizers, which trace themselves, go without both, and so does a process
 * whose environment says DMASIM_SANDBOX=off.  The filter knows x86-64 and
 * 64-bit Arm.  docs/reliability.md tells more.
 */
#ifndef CMD_SANDBOX_H
#define CMD_SANDBOX_H

#include <stdbool.h>

#define SANDBOX_WRITES 5

struct sandbox {
	/*
	 * Outputs, existing or not; NULL and "-" are none.  A file may be
	 * replaced through another one beside it.
	 */
	const char *writes[SANDBOX_WRITES];
	/* Programs may be started, temporary files made: gnuplot will be. */
	bool plots;
};

enum sandbox_part { SANDBOX_FILES = 1, SANDBOX_CALLS = 2 };

/*
 * To be called before there are threads.  Returns what is in force, of enum
 * sandbox_part.  A further call can only take more away.
 */
unsigned sandbox_enter(const struct sandbox *sandbox);

#endif
