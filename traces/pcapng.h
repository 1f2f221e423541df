/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A reader of pcapng, for what libpcap refuses: interfaces with different link
 * types, snap lengths and clocks, and sections of either byte order.
 *
 *	png = pcapng_new(stream, &err);
 *	while ((n = pcapng_next(png, &packet)) > 0)
 *		...
 *	if (n < 0) pcapng_trouble(png) says where and why
 *
 * Read: section headers, interfaces, enhanced, simple and old packet blocks;
 * the rest is passed over.  A packet without a stamp of its own (simple) has
 * that of the packet before it.  Stamps finer than a nanosecond are cut, and
 * are modulo 2^64 ns, so differences are right whatever the epoch.
 *
 * Limits: a packet's block is at most 4 MiB, a section has at most 65,536
 * interfaces; beyond is damage.
 */
#ifndef TRACES_PCAPNG_H
#define TRACES_PCAPNG_H

#include <stdbool.h>

#include "core/err.h"
#include "traces/packet.h"
#include "traces/stream.h"

#define PCAPNG_MAGIC 0x0a0d0d0au

struct pcapng;

/* @stream stays the caller's. */
struct pcapng *pcapng_new(struct stream *stream, struct err *err);
void pcapng_free(struct pcapng *png);
/* 1: a packet, valid until the next call; 0: the end; -1: see trouble. */
int pcapng_next(struct pcapng *png, struct packet *packet);
/* After -1: what is wrong; *@cut: the file just ends in the middle. */
const char *pcapng_trouble(const struct pcapng *png, bool *cut);

#endif
