/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "traces/stream.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ROOM	     (256 * 1024)
#define INPUT_BUFFER (64 * 1024)
#define HEAD_BYTES   6

/*
 * More than this out of a byte is no capture: one of nothing but zeros in the
 * longest frames, packed by bzip2, comes to 5,100.  Less than EXPANSION_FREE
 * costs no time worth refusing.
 */
#define EXPANSION_MAX  10000u
#define EXPANSION_FREE (UINT64_C(64) << 20)

struct stream {
	int fd;
	FILE *file;
	bool disowned, seekable, failed;
	struct archive *archive; /* NULL: plain */
	uint64_t packed_bytes, unpacked_bytes;
	/* Read ahead to tell the compression; of the undecoded bytes. */
	unsigned char head[HEAD_BYTES];
	size_t head_len, head_at;
	struct stream_view view; /* of room */
	unsigned char *room;
	char trouble[256];
	char *input_buffer;
};

static bool is_compressed(const unsigned char *head, size_t len)
{
	static const struct {
		unsigned char bytes[HEAD_BYTES], len;
	} magics[] = {
		{ { 0x1f, 0x8b }, 2 },			/* gzip */
		{ { 'B', 'Z', 'h' }, 3 },		/* bzip2 */
		{ { 0xfd, '7', 'z', 'X', 'Z', 0 }, 6 }, /* xz */
		{ { 0x5d, 0, 0 }, 3 },			/* lzma */
		{ { 0x28, 0xb5, 0x2f, 0xfd }, 4 },	/* zstd */
		{ { 0x04, 0x22, 0x4d, 0x18 }, 4 },	/* lz4 */
	};

	for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++) {
		if (len >= magics[i].len &&
		    !memcmp(head, magics[i].bytes, magics[i].len))
			return true;
	}
	return false;
}

static ssize_t read_retry(int fd, void *buffer, size_t size)
{
	ssize_t n;

	do {
		n = read(fd, buffer, size);
	} while (n < 0 && errno == EINTR);
	return n;
}

static ssize_t undecoded_read(struct stream *stream, void *buffer, size_t size)
{
	size_t n = stream->head_len - stream->head_at;

	if (!n) {
		ssize_t got = read_retry(stream->fd, buffer, size);

		stream->failed |= got < 0;
		return got;
	}
	if (n > size)
		n = size;
	memcpy(buffer, stream->head + stream->head_at, n);
	stream->head_at += n;
	return (ssize_t)n;
}

static la_ssize_t archive_input(struct archive *archive, void *data,
				const void **buffer)
{
	struct stream *stream = data;
	ssize_t n = undecoded_read(stream, stream->input_buffer, INPUT_BUFFER);

	if (n < 0) {
		archive_set_error(archive, errno, "%s", strerror(errno));
		return ARCHIVE_FATAL;
	}
	*buffer = stream->input_buffer;
	stream->packed_bytes += (uint64_t)n;
	return n;
}

static bool is_bomb(const struct stream *stream)
{
	return stream->unpacked_bytes > EXPANSION_FREE &&
	       stream->unpacked_bytes / EXPANSION_MAX > stream->packed_bytes;
}

static ssize_t archive_output(struct stream *stream, char *buffer, size_t size)
{
	la_ssize_t n = archive_read_data(stream->archive, buffer, size);
	const char *why;

	stream->unpacked_bytes += n > 0 ? (uint64_t)n : 0;
	if (n >= 0 && !is_bomb(stream))
		return n;
	stream->failed |= n < 0 && archive_errno(stream->archive) == ENOMEM;
	why = n < 0 ? archive_error_string(stream->archive)
		    : "a byte unpacks to more than 10000, no capture does that";
	snprintf(stream->trouble, sizeof(stream->trouble), "%s",
		 why ? why : "damaged compressed data");
	errno = EIO;
	return -1;
}

/* Read on, behind what is in view, up to @size bytes of it; as read(). */
static ssize_t fill(struct stream *stream, size_t size)
{
	size_t held = (size_t)(stream->view.end - stream->view.at);
	unsigned char *to = stream->room + held;
	ssize_t n;

	memmove(stream->room, stream->view.at, held);
	stream->view.at = stream->room;
	stream->view.end = to;
	if (stream->archive)
		n = archive_output(stream, (char *)to, size - held);
	else
		n = undecoded_read(stream, to, size - held);
	if (n > 0)
		stream->view.end += n;
	return n;
}

static ssize_t cookie_read(void *cookie, char *buffer, size_t size)
{
	struct stream *stream = cookie;
	struct stream_view *view = &stream->view;
	size_t n;

	if (view->at == view->end) {
		ssize_t got = fill(stream, ROOM);

		if (got <= 0)
			return got;
	}
	n = (size_t)(view->end - view->at);
	if (n > size)
		n = size;
	memcpy(buffer, view->at, n);
	view->at += n;
	return (ssize_t)n;
}

static int open_archive(struct stream *stream, struct err *err)
{
	struct archive *a = archive_read_new();
	struct archive_entry *entry;

	stream->archive = a;
	stream->input_buffer = malloc(INPUT_BUFFER);
	if (!a || !stream->input_buffer)
		return err_nomem(err, "decompression");
	/* Named one by one: "all" would run external programs. */
	archive_read_support_filter_gzip(a);
	archive_read_support_filter_bzip2(a);
	archive_read_support_filter_xz(a);
	archive_read_support_filter_lzma(a);
	archive_read_support_filter_zstd(a);
	archive_read_support_filter_lz4(a);
	archive_read_support_format_raw(a);
	/* archive_read_open() goes on without memory for the data. */
	if (archive_read_set_read_callback(a, archive_input) != ARCHIVE_OK ||
	    archive_read_set_callback_data(a, stream) != ARCHIVE_OK)
		return err_nomem(err, "decompression");
	if (archive_read_open1(a) != ARCHIVE_OK ||
	    archive_read_next_header(a, &entry) != ARCHIVE_OK) {
		const char *why = archive_error_string(a);

		return err_set(err, ERR_INPUT, "cannot decompress: %s",
			       why ? why : "nothing inside");
	}
	return 0;
}

/* What tells the compression. */
static int read_head(struct stream *stream, struct err *err)
{
	while (stream->head_len < HEAD_BYTES) {
		ssize_t n =
			read_retry(stream->fd, stream->head + stream->head_len,
				   HEAD_BYTES - stream->head_len);

		if (n < 0)
			return err_set(err, ERR_INPUT, "cannot read: %s",
				       strerror(errno));
		if (!n)
			break;
		stream->head_len += (size_t)n;
	}
	if (!stream->head_len)
		return err_set(err, ERR_INPUT, "the file is empty");
	return 0;
}

static int open_file(struct stream *stream, struct err *err)
{
	cookie_io_functions_t io = { .read = cookie_read };

	if (is_compressed(stream->head, stream->head_len) &&
	    open_archive(stream, err) < 0)
		return -1;
	stream->file = fopencookie(stream, "r", io);
	stream->room = malloc(ROOM);
	if (!stream->file || !stream->room)
		return err_nomem(err, "a file buffer");
	stream->view.at = stream->view.end = stream->room;
	__fsetlocking(stream->file, FSETLOCKING_BYCALLER);
	return 0;
}

static int open_fd(struct stream *stream, const char *path, struct err *err)
{
	struct stat st;

	if (!strcmp(path, "-"))
		stream->fd = dup(STDIN_FILENO);
	else
		stream->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (stream->fd < 0 || fstat(stream->fd, &st) < 0)
		return err_set(err, ERR_INPUT, "cannot open: %s",
			       strerror(errno));
	stream->seekable = S_ISREG(st.st_mode) && strcmp(path, "-") != 0;
	return 0;
}

struct stream *stream_open(const char *path, struct err *err)
{
	struct stream *stream = calloc(1, sizeof(*stream));

	if (!stream) {
		err_nomem(err, "a stream");
		return NULL;
	}
	stream->fd = -1;
	if (open_fd(stream, path, err) < 0 || read_head(stream, err) < 0 ||
	    open_file(stream, err) < 0) {
		stream_close(stream);
		return NULL;
	}
	return stream;
}

void stream_close(struct stream *stream)
{
	if (!stream)
		return;
	if (stream->file && !stream->disowned)
		fclose(stream->file);
	if (stream->archive)
		archive_read_free(stream->archive);
	if (stream->fd >= 0)
		close(stream->fd);
	free(stream->room);
	free(stream->input_buffer);
	free(stream);
}

FILE *stream_file(struct stream *stream)
{
	return stream->file;
}

void stream_disown(struct stream *stream)
{
	stream->disowned = true;
}

struct stream_view *stream_view(struct stream *stream)
{
	return &stream->view;
}

uint32_t stream_magic(struct stream *stream, struct err *err)
{
	const struct stream_view *view = &stream->view;

	/* No more than it takes: behind it the compressed data may end. */
	while (view->end - view->at < 4) {
		ssize_t n = fill(stream, 4);

		if (n < 0 && stream->archive)
			err_set(err, ERR_INPUT, "cannot decompress: %s",
				stream->trouble);
		if (n <= 0)
			return 0;
	}
	return (uint32_t)view->at[0] << 24 | (uint32_t)view->at[1] << 16 |
	       (uint32_t)view->at[2] << 8 | view->at[3];
}

bool stream_seekable(const struct stream *stream)
{
	return stream->seekable;
}

bool stream_failed(const struct stream *stream)
{
	return stream->failed;
}

const char *stream_trouble(const struct stream *stream)
{
	return stream->trouble[0] ? stream->trouble : NULL;
}
