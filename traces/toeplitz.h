/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hash by which receive-side scaling spreads flows: Toeplitz over the
 * tuple of a packet, in the order of the wire, with the key that Microsoft
 * publishes for verification.
 *
 * TCP and UDP hash addresses and ports, everything else (fragments too) the
 * addresses; a port of 0 contributes nothing, so one function does both.
 *
 * Source: Microsoft, windows-driver-docs, RSS hashing functions and
 * verifying the RSS hash calculation.
 */
#ifndef TRACES_TOEPLITZ_H
#define TRACES_TOEPLITZ_H

#include "traces/decode.h"

/* @ports: source in the high half; 0: none. */
uint32_t toeplitz_hash(const struct address *src, const struct address *dst,
		       uint32_t ports);
/*
 * Of a packet as the local host receives it: what it @sent counts with both
 * ends exchanged, as the protocol knows it, so that a flow is one value.  0
 * without IP.
 */
uint32_t toeplitz_of(const struct decoded *d, bool sent);

#endif
