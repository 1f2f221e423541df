/* SPDX-License-Identifier: Apache-2.0 */
#include "traces/anomaly.h"

static const struct {
	const char *name, *policy;
} rows[ANOMALY_KINDS] = {
	/* The surplus captured bytes are not looked at. */
	[ANOMALY_CAPTURED_OVER_ORIGINAL] = { "captured_over_original",
					     "kept: original length" },
	[ANOMALY_ZERO_LENGTH] = { "zero_length", "skipped" },
	[ANOMALY_ABSURD_LENGTH] = { "absurd_length", "skipped" },
	[ANOMALY_FRACTION_RANGE] = { "fraction_out_of_range",
				     "clamped to its second" },
	[ANOMALY_TIME_BACK] = { "time_back", "raised to the latest stamp" },
	[ANOMALY_JUMP_BACK] = { "jump_back", "closed to the mean gap" },
	[ANOMALY_JUMP_FORWARD] = { "jump_forward", "closed to the mean gap" },
	[ANOMALY_NO_TIMES] = { "no_times", "spaced by wire bits" },
	[ANOMALY_WLAN_CONTROL] = { "wlan_control", "skipped" },
	[ANOMALY_OTHER_LINK] = { "other_link_type", "skipped" },
};

void anomaly_count(struct anomaly_book *book, enum anomaly_kind kind,
		   uint64_t number)
{
	if (!book->kinds[kind].count++)
		book->kinds[kind].first = number;
}

void anomaly_report(const struct anomaly_book *book, struct trace_info *info)
{
	unsigned n = 0;

	for (unsigned k = 0; k < ANOMALY_KINDS; k++) {
		if (!book->kinds[k].count)
			continue;
		info->anomalies[n].kind = rows[k].name;
		info->anomalies[n].policy = rows[k].policy;
		info->anomalies[n].count = book->kinds[k].count;
		info->anomalies[n].first_frame = book->kinds[k].first;
		n++;
	}
	info->anomaly_count = n;
}
