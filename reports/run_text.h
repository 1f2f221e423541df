/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything of one run as text: latency by stage, CPU by routine, then the
 * metrics by group (tx, rx, cpu, hal, iommu, pcie, memory, ...), the bottleneck
 * with all resources, checks and hazards.
 *
 * compare_text is for several runs; `dmasim run` with replicates prints the
 * first in full and the compared figures over all.
 */
#ifndef REPORTS_RUN_TEXT_H
#define REPORTS_RUN_TEXT_H

#include <stdio.h>

#include "core/err.h"
#include "reports/document.h"

/* Every row of the document: its first replicate in full, then aggregates. */
int run_text_write(const struct document *doc, FILE *out, struct err *err);

#endif
