/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tick of a capture's clock, from its stamps.
 *
 * The tick is the greatest common divisor of all gaps, if frames with equal
 * stamps exist, at least 16 gaps do, and either the gaps or the numbers of
 * frames in a tick vary (else it would be the period of a sender, not of a
 * clock); without that evidence only powers of ten up to a microsecond are
 * believed.  It is never more than a second.
 */
#ifndef TRACES_STAMPS_H
#define TRACES_STAMPS_H

#include <stdbool.h>
#include <stdint.h>

struct stamps {
	bool begun;
	uint64_t last, divisor;
	uint64_t gaps, equal; /* frames after, and with, the stamp before */
	uint64_t gap_min, gap_max;
	uint64_t run, run_min, run_max; /* of equal stamps */
};

/* ns modulo 2^64; start from a zeroed struct. */
void stamps_note(struct stamps *stamps, uint64_t stamp_ns);
/* Tick in ns; 0: all stamps are equal. */
uint64_t stamps_tick(const struct stamps *stamps);

#endif
