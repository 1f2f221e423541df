/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is looked at, frame by frame, to find hazards: the MDL chain, the list,
 * its elements, buffers, who may use them now.  None of it knows what was
 * injected.
 */
#ifndef MODELS_NDIS_CHECKS_H
#define MODELS_NDIS_CHECKS_H

#include "models/ndis/sends.h"

/* The chain is about to be mapped. */
void tx_check_chain(const struct tx_frame *frame,
		    const struct mdl_chain *chain);
/* The driver reads the list. */
void tx_check_list(const struct tx_frame *frame);
/* The callback runs on @core. */
void tx_check_callback(const struct core *core, const struct tx_frame *frame);
/* The frame is about to be posted. */
void tx_check_post(const struct tx_frame *frame);
/* The card reads the frame by its elements. */
void tx_check_read(const struct tx_frame *frame);
/* The list is about to be freed. */
void tx_check_free(const struct tx_frame *frame);
/* The driver writes to the frame. */
void tx_edit(struct tx_frame *frame);
/* What is sent is older than what the driver wrote. */
bool tx_is_stale(const struct tx_frame *frame);

/* --- receive --- */

/* The card has written the frame to its buffer. */
void rx_check_write(const struct rx_frame *frame);
/* The driver waits for the return of the frame's buffer. */
void rx_check_awaited(const struct rx_frame *frame);

#endif
