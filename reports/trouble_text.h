/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a reader must not overlook: failed checks, deadlocks and hazards of a
 * cell's runs, one line each.
 */
#ifndef REPORTS_TROUBLE_TEXT_H
#define REPORTS_TROUBLE_TEXT_H

#include <stdio.h>

#include "reports/rows.h"

void trouble_text_write(const struct report_cell *cell, FILE *out);

#endif
