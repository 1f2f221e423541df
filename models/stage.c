/* SPDX-License-Identifier: Apache-2.0 */
#include "models/stage.h"

#include "core/digest.h"
#include "core/hist.h"

uint64_t stage_book(const struct stage_clock *clock, uint64_t seq,
		    uint64_t total, struct hist *hists, uint64_t *fingerprint)
{
	uint64_t sum = 0, digest = seq;
	uint32_t used;

	for (used = clock->used; used; used &= used - 1) {
		int i = __builtin_ctz(used);
		uint64_t ps = (uint64_t)clock->stage[i];

		sum += ps;
		digest = (digest ^ (ps + (uint64_t)i)) *
			 UINT64_C(0x9e3779b97f4a7c15);
		if (hists)
			hist_record_bits(&hists[i], HIST_BITS_COARSE, ps, 1);
	}
	*fingerprint += mix64(digest);
	return total - sum;
}

void stage_fill(struct hist *hists, unsigned stages, uint64_t frames)
{
	unsigned i;

	for (i = 0; i < stages; i++)
		if (hists[i].count < frames)
			hist_record_n(&hists[i], 0, frames - hists[i].count);
}
