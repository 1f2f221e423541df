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

#define FILE_BUFFER  (256 * 1024)
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
	int fd; /* -1 once a FILE owns it */
	FILE *file;
	bool disowned, seekable, failed;
	struct archive *archive; /* NULL: plain */
	uint64_t packed_bytes, unpacked_bytes;
	/* Read ahead to tell the compression; of the undecoded bytes. */
	unsigned char head[HEAD_BYTES];
	size_t head_len, head_at;
	/* Read ahead to tell the format; of the decoded bytes. */
	unsigned char peek[4];
	size_t peek_len, peek_at;
	bool peeked;
	char trouble[256];
	char *file_buffer, *input_buffer;
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

static ssize_t cookie_read(void *cookie, char *buffer, size_t size)
{
	struct stream *stream = cookie;
	size_t n = stream->peek_len - stream->peek_at;

	if (n) {
		if (n > size)
			n = size;
		memcpy(buffer, stream->peek + stream->peek_at, n);
		stream->peek_at += n;
		return (ssize_t)n;
	}
	if (stream->archive)
		return archive_output(stream, buffer, size);
	return undecoded_read(stream, buffer, size);
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
	if (archive_read_open(a, stream, NULL, archive_input, NULL) !=
		    ARCHIVE_OK ||
	    archive_read_next_header(a, &entry) != ARCHIVE_OK) {
		const char *why = archive_error_string(a);

		return err_set(err, ERR_INPUT, "cannot decompress: %s",
			       why ? why : "nothing inside");
	}
	return 0;
}

/* What tells the compression; a regular file is put back to its start. */
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
	bool compressed = is_compressed(stream->head, stream->head_len);

	if (compressed && open_archive(stream, err) < 0)
		return -1;
	if (!compressed && stream->seekable &&
	    lseek(stream->fd, 0, SEEK_SET) == 0) {
		stream->file = fdopen(stream->fd, "r");
		if (stream->file)
			stream->fd = -1;
	} else {
		stream->file = fopencookie(stream, "r", io);
	}
	stream->file_buffer = malloc(FILE_BUFFER);
	if (!stream->file || !stream->file_buffer)
		return err_nomem(err, "a file buffer");
	setvbuf(stream->file, stream->file_buffer, _IOFBF, FILE_BUFFER);
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
	free(stream->file_buffer);
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

/* Of a plain file the head is the peek; else decode the first bytes. */
uint32_t stream_magic(struct stream *stream, struct err *err)
{
	const unsigned char *p = stream->head;
	size_t len = stream->head_len;

	if (stream->archive && !stream->peeked) {
		stream->peeked = true;
		while (stream->peek_len < sizeof(stream->peek)) {
			ssize_t n = archive_output(
				stream, (char *)stream->peek + stream->peek_len,
				sizeof(stream->peek) - stream->peek_len);

			if (n < 0)
				err_set(err, ERR_INPUT, "cannot decompress: %s",
					stream->trouble);
			if (n <= 0)
				break;
			stream->peek_len += (size_t)n;
		}
	}
	if (stream->archive) {
		p = stream->peek;
		len = stream->peek_len;
	}
	if (len < 4)
		return 0;
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

bool stream_seekable(const struct stream *stream)
{
	return stream->seekable;
}

/* Of a FILE of its own, every error is one of read(). */
bool stream_failed(const struct stream *stream)
{
	return stream->failed || (stream->fd < 0 && ferror(stream->file));
}

const char *stream_trouble(const struct stream *stream)
{
	return stream->trouble[0] ? stream->trouble : NULL;
}
