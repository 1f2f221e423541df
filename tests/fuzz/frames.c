/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/frames.h"

#include <string.h>

#include "traces/source.h"

#define ETHERNET_AND_TAGS (14 + 8 * 4)

void frame_check_begin(struct frame_check *check, uint32_t mtu)
{
	*check = (struct frame_check){ .mtu = mtu };
}

/* The numbers are the promises of trace.h. */
static void check_order(const struct frame_check *check,
			const struct frame *frame)
{
	const struct frame *last = &check->last;

	if (!check->frames) {
		FUZZ_CHECK(frame->at == 0, "1: begins late");
		return;
	}
	FUZZ_CHECK(frame->at >= last->at, "1: time back");
	FUZZ_CHECK(frame->number > last->number ||
			   (frame->number == last->number &&
			    frame->part > last->part),
		   "2: number %llu", (unsigned long long)frame->number);
	FUZZ_CHECK(frame->number > last->number || frame->at == last->at,
		   "3: pieces apart");
}

void frame_check_note(struct frame_check *check, const struct frame *frame)
{
	check_order(check, frame);
	FUZZ_CHECK(frame->at <= SIM_TIME_MAX, "beyond simulated time");
	FUZZ_CHECK(frame->bytes > 0 && frame->header_bytes <= frame->bytes,
		   "%u bytes, %u of headers", frame->bytes,
		   frame->header_bytes);
	FUZZ_CHECK(frame->direction <= FRAME_RX, "direction");
	FUZZ_CHECK(frame->flags < 16, "flags");
	if (frame->bytes > check->mtu + ETHERNET_AND_TAGS)
		FUZZ_CHECK(frame->direction == FRAME_TX &&
				   frame->flags & FRAME_SUPER,
			   "4: %u bytes", frame->bytes);
	check->frames++;
	check->bytes += frame->bytes;
	check->sides[frame->direction]++;
	check->digest = digest_frame(check->digest, frame);
	check->last = *frame;
}

int frame_check_read(struct frame_check *check, struct frame_source *source,
		     struct trace_stat *stat, size_t most, struct err *err)
{
	struct frame batch[64];
	long n = 0;

	while (check->frames < most &&
	       (n = frame_source_read(source, batch, 64, err)) > 0) {
		for (long i = 0; i < n; i++)
			frame_check_note(check, &batch[i]);
		if (stat)
			trace_stat_add(stat, batch, (size_t)n);
	}
	return n < 0 ? -1 : 0;
}

void frame_check_info(const struct frame_check *check,
		      const struct trace_info *info)
{
	FUZZ_CHECK(info->frames == check->frames, "%llu frames, not %llu",
		   (unsigned long long)info->frames,
		   (unsigned long long)check->frames);
	FUZZ_CHECK(info->bytes == check->bytes, "bytes");
	FUZZ_CHECK(info->tx_frames == check->sides[FRAME_TX] &&
			   info->rx_frames == check->sides[FRAME_RX],
		   "sides");
	FUZZ_CHECK(info->duration_ps == (check->frames ? check->last.at : 0),
		   "duration");
	FUZZ_CHECK(info->resolution_ps >= 0, "resolution");
	FUZZ_CHECK(!strcmp(info->status, "complete") || info->status_detail[0],
		   "%s without a word", info->status);
	FUZZ_CHECK(info->anomaly_count <= TRACE_ANOMALY_MAX, "anomalies");
}
