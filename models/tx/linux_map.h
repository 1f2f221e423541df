/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the Linux strategies share.
 */
#ifndef MODELS_TX_LINUX_MAP_H
#define MODELS_TX_LINUX_MAP_H

#include "models/ndis/sends_steps.h"

/* Too many fragments: skb_linearize(), once; no room: the frame is dropped. */
void tx_linux_refused(struct core *core, struct tx_frame *frame,
		      enum hal_status status);

#endif
