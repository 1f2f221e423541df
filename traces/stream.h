/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes of a capture file, decompressed when they have to be.
 *
 * The kind of compression (gzip, bzip2, xz, lzma, zstd, lz4) is told by the
 * first bytes, never by the name, and goes through libarchive.  What unpacks
 * to more than 10,000 times its size ends there, as damaged.
 *
 *	stream = stream_open("a.pcap.xz", &err);
 *	fread(..., stream_file(stream));
 *	stream_close(stream);
 *
 * What has been read can also be taken from where it lies, stream_view(), in
 * turn with a FILE that has no buffer.
 *
 * "-" is standard input.  One stream at a time may read it.  Memory is a
 * constant 320 KiB plus the decompressor's window.
 */
#ifndef TRACES_STREAM_H
#define TRACES_STREAM_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "core/err.h"

struct stream;

/* NULL with ERR_INPUT when it cannot be opened. */
struct stream *stream_open(const char *path, struct err *err);
void stream_close(struct stream *stream);

/*
 * Owned by the stream until stream_disown(): then the caller closes it, before
 * stream_close().  It is used by one thread and takes no locks.
 */
FILE *stream_file(struct stream *stream);
void stream_disown(struct stream *stream);

/*
 * Bytes that are read and decompressed.  Take some by moving @at; the view
 * itself stays where it is, and when it is empty the FILE reads on.
 */
struct stream_view {
	const unsigned char *at, *end;
};
struct stream_view *stream_view(struct stream *stream);

/* The first four bytes, decompressed, big-endian; 0 if fewer. */
uint32_t stream_magic(struct stream *stream, struct err *err);
/* Can be opened again from the start. */
bool stream_seekable(const struct stream *stream);
/* Reading failed, not what was read: of the device, or memory. */
bool stream_failed(const struct stream *stream);
/* Why decompression failed, or NULL. */
const char *stream_trouble(const struct stream *stream);

#endif
