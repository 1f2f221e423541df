/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Quantities as people write them: "10us", "64KiB", "25Gbps", "30%".
 *
 * The only place where units are converted.  Bytes, times, rates and
 * frequencies need a unit (0 may be bare), counts are bare.  Decimals are
 * accepted where the result is a whole number of base units ("2.5us", "1.2M"
 * counts are not: counts are bare integers).  The parse is exact, has no
 * locale and rejects white space inside, signs and overflow.
 *
 * Base units: bytes, picoseconds, bits per second, hertz, cycles, parts per
 * million, frames per second.
 */
#ifndef CORE_UNITS_H
#define CORE_UNITS_H

#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

enum quantity {
	QTY_COUNT,  /* bare integer: 256 */
	QTY_BYTES,  /* B KB KiB MB MiB GB GiB TB TiB; K = 1000, Ki = 1024 */
	QTY_TIME,   /* ps ns us ms s min h -> picoseconds */
	QTY_RATE,   /* bps kbps Mbps Gbps Tbps -> bits per second */
	QTY_FREQ,   /* Hz kHz MHz GHz -> hertz */
	QTY_CYCLES, /* bare integer, CPU cycles */
	QTY_SHARE,  /* 30% or 0.3 -> parts per million, 0 to 1000000 */
	QTY_FACTOR, /* 2.5 or 2.5x -> millionths; a multiplier */
	QTY_PPS	    /* pps kpps Mpps -> frames per second */
};

/*
 * Parse @text as @qty into base units.  Returns 0, or -1 with an error that
 * quotes the text and gives an example with a unit (kind ERR_USAGE).
 */
int units_parse(enum quantity qty, const char *text, uint64_t *value,
		struct err *err);

/*
 * The shortest text that units_parse() reads back as exactly @value:
 * 10us, 64KiB, 2.5us, 62.5%.  Returns @buf.
 */
char *units_format(enum quantity qty, uint64_t value, char *buf, size_t size);
#define UNITS_TEXT_MAX 40

/*
 * For tables: a rounded, aligned-friendly form with @digits significant
 * digits (3 or 4): "12.3us", "1.50Gbps", "48".
 */
char *units_human(enum quantity qty, double value, int digits, char *buf,
		  size_t size);

/* Singular name of the base unit in results: "ps", "bytes", "ppm", ... */
const char *units_base_name(enum quantity qty);

#endif
