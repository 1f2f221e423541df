/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the HAL share; internal to models/host/hal*.c.
 */
#ifndef MODELS_HOST_HAL_STEPS_H
#define MODELS_HOST_HAL_STEPS_H

#include "models/host/hal.h"

/* Of @whole in @parts, as equal as can be, the one of @index. */
uint32_t hal_part(uint32_t whole, uint32_t index, uint32_t parts);
/* The object that @req is asked of: its own, or the HAL's. */
static inline struct hal_adapter *hal_adapter_of(struct hal *hal,
						 const struct hal_request *req)
{
	return req->adapter ? req->adapter : &hal->own;
}

bool hal_in_one_run(struct hal *hal, const struct hal_request *req);
/*
 * Take what @req asks for, or the prefix it can do with: from the area of
 * @core, else from the next that has room.
 */
bool hal_try_take(struct hal *hal, const struct core *core,
		  struct hal_request *req, bool prefix);
/* Give back the first @registers of what @req holds; the rest is leaked. */
void hal_give(struct hal *hal, struct hal_request *req, uint32_t registers);
/* There is room for @req now, or for its prefix. */
bool hal_fits(struct hal *hal, const struct hal_request *req);
/* More than the adapter may have, or than will ever be free, or in a run. */
bool hal_never_fits(struct hal *hal, const struct hal_request *req);
/* By @registers or hal.pool_growth; false: at the cap. */
bool hal_grow(struct hal *hal, uint32_t registers);
/* Registers that the pool lacks for @req; of a run, all of them. */
uint32_t hal_lacking(struct hal *hal, const struct hal_request *req);
/* An event of @req into the fingerprint. */
void hal_note(struct hal *hal, const struct hal_request *req, unsigned what);

#endif
