/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which frames the simulated NIC sends and which it receives.
 *
 * In this order:
 *  1. traffic.direction = tx | rx: all of them.
 *  2. traffic.local and traffic.direction_file: from one of the addresses is
 *tx; to one of them, or to a group, is rx; the rest is neither.  A frame from
 *and to them is tx.
 *  3. What the capture says of a frame: the packet type of a cooked capture,
 *     the flags of a pcapng packet.
 *  4. The unicast address with most peers among the sampled frames, ties by
 *     bytes sent, then the lowest; used as in 2.  Addresses are MACs where
 *     most frames have two different ones, else IP addresses, one of each
 *     family.  A MAC's peers are the far ends' IP addresses where there are
 *     any, so that a router in between does not hide them.  Only an address
 *     that has both sent to and received from a peer can be chosen.
 *  5. Without such an address every frame is rx.
 *
 *	dir = direction_new(cfg, &err);
 *	direction_sample(dir, &decoded);		for each sampled frame
 *	direction_decide(dir);
 *	switch (direction_of(dir, &decoded)) ...
 *
 * Memory: until direction_decide() at most about 20 MiB, for 65,536 frames.
 */
#ifndef TRACES_DIRECTION_H
#define TRACES_DIRECTION_H

#include <stdio.h>

#include "core/frame.h"
#include "core/param.h"
#include "traces/decode.h"

#define DIRECTION_SAMPLE 65536

/* After FRAME_TX and FRAME_RX. */
#define DIRECTION_OTHER 2

struct direction;

/* ERR_USAGE when traffic.local is wrong or contradicts traffic.direction. */
struct direction *direction_new(const struct config *cfg, struct err *err);
void direction_free(struct direction *dir);
/* At most DIRECTION_SAMPLE times. */
int direction_sample(struct direction *dir, const struct decoded *decoded,
		     struct err *err);
void direction_decide(struct direction *dir);
unsigned direction_of(const struct direction *dir,
		      const struct decoded *decoded);
/*
 * The local addresses with their evidence, once decided, in the form of
 * traffic.direction_file; ERR_INPUT when it is not addresses that decide.
 */
int direction_save(const struct direction *dir, FILE *out, struct err *err);
/* The rule and its evidence. */
void direction_report(const struct direction *dir, struct trace_info *info);

#endif
