/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parameters of a frame stream, group `traffic`: what is read from the
 * captures, which host's NIC is simulated, and how time is rewritten.  How the
 * machine turns frames into send calls (traffic.tx_times and kin) belongs to
 * models/.
 */
#ifndef TRACES_PARAMS_H
#define TRACES_PARAMS_H

#include "core/param.h"

/* Ends with a NULL key. */
extern const struct param trace_params[];

/* Indices of the choices. */
enum capture_point { POINT_AUTO, POINT_HOST, POINT_WIRE };
enum direction_choice { DIRECTION_AUTO, DIRECTION_TX, DIRECTION_RX };
enum fcs_choice { FCS_AUTO, FCS_YES, FCS_NO };

#endif
