/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Interrupt vectors with fixed moderation.
 *
 * A cause raised while the vector is unmasked fires as soon as the interval
 * since the last interrupt has passed: at once when it was quiet, else it
 * waits.  Firing flushes write-backs, masks the vector and sends the message;
 * the DPC unmasks it.  The phase of the first interval is drawn by replicate.
 */
#ifndef MODELS_NIC_MODERATION_H
#define MODELS_NIC_MODERATION_H

#include "models/adapter.h"

void vector_init(struct vector *vector, const struct config *cfg);
void vector_raise(struct vector *vector);
void vector_unmask(struct vector *vector);
/*
 * The wait of a frame done before the vector last fired: while the vector was
 * masked it waited for the interrupt before, then for moderation.
 */
void vector_stages(const struct vector *vector, struct stage_clock *clock,
		   unsigned interrupt, unsigned moderation);

#endif
