/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The document as JSON text: indented by one blank, what belongs together
 * (a histogram, a parameter, a check) on one line, so that a diff of two
 * results reads by metric.  Reals have 9 significant digits; the text depends
 * on nothing but the tree.
 */
#ifndef REPORTS_JSON_OUT_H
#define REPORTS_JSON_OUT_H

#include <stdio.h>

#include "core/err.h"
#include "reports/document.h"

int json_write(const struct document *doc, FILE *out, struct err *err);

#endif
