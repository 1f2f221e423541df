/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The records of one capture file: pcap by libpcap at nanosecond precision,
 * save that usual records are taken from where they lie in the buffer, which is
 * a tenth of the work; pcapng by our own reader; either compressed or not.
 *
 *	capture = capture_open("a.pcap.gz", &err);
 *	while (capture_next(capture, &packet))
 *		...
 *	capture_status(capture) says whether that was all of it
 *	capture_close(capture);
 *
 * A file that ends in the middle of a record ("cut") or goes bad on the way
 * ("damaged") ends there: what was sound has been handed over.
 *
 * Memory: libpcap's buffer of one record (at most 256 KiB, whatever a length
 * field claims) or one pcapng block (at most 4 MiB).
 */
#ifndef TRACES_CAPTURE_H
#define TRACES_CAPTURE_H

#include <stdbool.h>

#include "core/err.h"
#include "traces/packet.h"

struct capture;

/* NULL with ERR_INPUT naming @path: unreadable, no capture, link type. */
struct capture *capture_open(const char *path, struct err *err);
void capture_close(struct capture *capture);
/* 1 and a packet, valid until the next call; 0 at the end. */
int capture_next(struct capture *capture, struct packet *packet);
/* "complete", "cut" or "damaged"; *@detail says where and why, or "". */
const char *capture_status(const struct capture *capture, const char **detail);
/*
 * ERR_IO when the end came because reading failed, the file as such being good
 * or not: an error of the device, no memory.
 */
int capture_check(const struct capture *capture, struct err *err);
bool capture_seekable(const struct capture *capture);
const char *capture_path(const struct capture *capture);

#endif
