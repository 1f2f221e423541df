/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A layout sidecar, asked for the frames of a small capture, twice: what it
 * says is within the bounds of core/layout.h and the same again.
 */
#include <string.h>

#include "core/layout.h"
#include "tests/fuzz/fuzz.h"
#include "traces/sidecar.h"

#define FRAMES 64

static void check_layout(const struct frame_layout *layout)
{
	uint64_t bytes = 0;
	unsigned i;

	FUZZ_CHECK(layout->mdl_count <= LAYOUT_MDL_MAX, "%u MDLs",
		   layout->mdl_count);
	FUZZ_CHECK(!(layout->known & LAYOUT_MDLS) || layout->mdl_count,
		   "no MDL");
	for (i = 0; i < layout->mdl_count; i++) {
		FUZZ_CHECK(layout->mdl_offset[i] < LAYOUT_PAGE ||
				   layout->mdl_offset[i] == LAYOUT_NO_OFFSET,
			   "offset %u", layout->mdl_offset[i]);
		bytes += layout->mdl_bytes[i];
	}
	FUZZ_CHECK(bytes <= LAYOUT_BYTES_MAX, "%llu bytes",
		   (unsigned long long)bytes);
	FUZZ_CHECK(!layout->mdl_count || !layout->skip ||
			   layout->skip < layout->mdl_bytes[0],
		   "skip %u", layout->skip);
	FUZZ_CHECK(layout->hold_ps >= 0 && layout->hold_ps <= LAYOUT_HOLD_MAX,
		   "hold");
}

/* Frames with facts; the records read before an error. */
static unsigned ask(struct sidecar *sidecar)
{
	struct frame_layout layout;
	struct err err = ERR_INIT;
	unsigned number, found = 0;

	for (number = 1; number <= FRAMES; number++) {
		int rc;

		memset(&layout, 0, sizeof(layout));
		rc = sidecar_find(sidecar, number, 0, &layout, &err);
		if (rc < 0) {
			fuzz_refused(&err);
			break;
		}
		if (rc > 0)
			check_layout(&layout);
		found += rc > 0;
	}
	return found << 16 | number;
}

static void run(const uint8_t *data, size_t size)
{
	struct fuzz_file file = fuzz_file_new(data, size);
	struct err err = ERR_INIT;
	struct sidecar *sidecar = sidecar_open(file.path, &err);
	unsigned once;

	if (sidecar) {
		once = ask(sidecar);
		if (sidecar_rewind(sidecar, &err) < 0)
			fuzz_refused(&err);
		else
			FUZZ_CHECK(ask(sidecar) == once, "read twice");
		sidecar_close(sidecar);
	} else {
		fuzz_refused(&err);
	}
	fuzz_file_free(&file);
}

const struct fuzz_target fuzz_sidecar = { .name = "sidecar", .run = run };
