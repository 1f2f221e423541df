/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the KMDF strategies share: a transaction per frame, made for it or used
 * again, and the versions of the HAL's interface beneath.
 *
 * Source: KMDF, WDK framework DMA.  Limits: the transfers of a transaction are
 * programmed one behind another, as the card takes a frame as a whole.
 */
#ifndef MODELS_TX_WDF_H
#define MODELS_TX_WDF_H

#include "models/ndis/sends_steps.h"

extern const struct param tx_wdf_params[];

/* The transaction's calls around those of @mapping, as configured. */
void wdf_add_calls(struct tx_mapping *mapping, const struct config *cfg);
/* Version 3 of the interface beneath. */
bool wdf_version_3(const struct config *cfg);

#endif
