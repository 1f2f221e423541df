/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The comparison as text: per trace and machine a table of transmit strategies
 * and one of receive strategies (or one of all pairs), then what is wrong, the
 * notes and how to read it.
 *
 * "*" marks the best of a column only where it beats every other ranked row by
 * more than the 95 % interval of the paired differences.  Saturated rows and
 * floors are labelled and never ranked; a capacity that short runs did not
 * confirm has "~" before it.  A sweep (runs with axes) is one flat table.
 */
#ifndef REPORTS_COMPARE_TEXT_H
#define REPORTS_COMPARE_TEXT_H

#include <stdio.h>

#include "core/err.h"
#include "reports/document.h"

int compare_text_write(const struct document *doc, FILE *out, struct err *err);

#endif
