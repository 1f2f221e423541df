/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compressed bytes: what comes out is counted, ends, and ends the same way
 * whether it is read in large pieces or in small ones.
 */

#include "tests/fuzz/fuzz.h"
#include "traces/stream.h"

/* A bomb is cut off by whoever reads: here like this. */
#define OUTPUT_MAX (UINT64_C(32) << 20)

struct outcome {
	uint64_t bytes, digest;
	bool trouble;
};

static struct outcome read_stream(const char *path, size_t piece)
{
	struct outcome outcome = { .bytes = 0 };
	struct err err = ERR_INIT;
	struct stream *stream = stream_open(path, &err);
	char buffer[65536];
	size_t n;

	if (!stream) {
		fuzz_refused(&err);
		outcome.trouble = true;
		return outcome;
	}
	stream_magic(stream, &err);
	while (outcome.bytes < OUTPUT_MAX &&
	       (n = fread(buffer, 1, piece, stream_file(stream))) > 0) {
		for (size_t i = 0; i < n; i++)
			outcome.digest = outcome.digest * 0x100000001b3 ^
					 (uint8_t)buffer[i];
		outcome.bytes += n;
	}
	outcome.trouble = stream_trouble(stream) != NULL;
	stream_close(stream);
	return outcome;
}

static void run(const uint8_t *data, size_t size)
{
	struct fuzz_file file = fuzz_file_new(data, size);
	struct outcome large = read_stream(file.path, 65536);
	struct outcome small = read_stream(file.path, 4096);

	FUZZ_CHECK(large.bytes == small.bytes && large.digest == small.digest &&
			   large.trouble == small.trouble,
		   "%llu bytes, then %llu", (unsigned long long)large.bytes,
		   (unsigned long long)small.bytes);
	fuzz_file_free(&file);
}

const struct fuzz_target fuzz_stream = { .name = "stream", .run = run };
