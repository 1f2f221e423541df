/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plots of a document, drawn by gnuplot.
 *
 * Per machine and trace, where there is something to show:
 *
 *	latency_tx, latency_rx      distribution of latency less moderation
 *	tail_tx, tail_rx            the same over 1/(1-p): the slowest frames
 *	stages_tx, stages_rx        mean time of a frame by stage
 *	registers_tx, registers_rx  map registers in use over time
 *	ring_tx, ring_rx            frames and descriptors under way over time
 *	cycles_tx, cycles_rx        CPU cycles per frame by routine
 *	capacity_tx, capacity_rx    capacity, offered load and limiter
 *
 * _tx compares the transmit strategies and _rx the receive strategies; a cross
 * product has _pairs.  A sweep has axis_cycles, axis_latency_tx,
 * axis_latency_rx, axis_waits, axis_wire_tx, axis_moderated_rx, axis_loss_rx
 * and axis_loss_tx over each of its axes instead, of at most 12 lines and 64
 * values, and heat_ of the same figures over every two of its axes; what is
 * zero in all points is not drawn.
 *
 * Each plot is NAME_MACHINE.gp (of a sweep NAME_AXIS.gp), its data .dat and the
 * pictures .svg and .png; the script is run again by hand with
 * `gnuplot NAME_MACHINE.gp` in the directory, or with
 * `gnuplot -e ascii=1 NAME_MACHINE.gp` for a picture in characters.  What else
 * is made of results is in reports/report_set.h.
 *
 * Needs the program gnuplot (5.4 or later) in PATH; it is started directly,
 * never through a shell.  Errors are ERR_IO and carry what gnuplot said.
 */
#ifndef REPORTS_PLOT_H
#define REPORTS_PLOT_H

#include <stddef.h>
#include <stdio.h>

#include "core/err.h"
#include "reports/document.h"

/*
 * Write data, scripts and pictures into the existing directory @dir, replacing
 * those of the same name.  Returns the number of plots (two pictures each);
 * @cut, if not NULL, becomes the number of those with more lines or values
 * than fit: their titles say how many there are.
 */
int plot_draw(const struct document *doc, const char *dir, size_t *cut,
	      struct err *err);

/* The same plots in characters to @out; keeps nothing on disk. */
int plot_ascii(const struct document *doc, FILE *out, size_t *cut,
	       struct err *err);

#endif
