/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When the compared latencies of a run settled, and how well this one run
 * knows their means: core/steady.h.
 */
#ifndef REPORTS_STEADY_TEXT_H
#define REPORTS_STEADY_TEXT_H

#include <jansson.h>
#include <stdio.h>

#include "core/err.h"

/* Nothing for a run that does not say. */
int steady_text(const json_t *run, FILE *out, struct err *err);

#endif
