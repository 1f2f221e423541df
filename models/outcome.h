/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The end of a run: derived metrics, resources, the bottleneck, the books.
 */
#ifndef MODELS_OUTCOME_H
#define MODELS_OUTCOME_H

struct machine;

/* Everything has drained (or never will): fill machine->result. */
void outcome_build(struct machine *m);
/* The warm-up is over: counting starts again. */
void outcome_restart(struct machine *m);

#endif
