/* SPDX-License-Identifier: Apache-2.0 */
#include "models/stage.h"

#include "core/digest.h"
#include "core/hist.h"

/* The sum of the stages, which are counted on the way. */
static inline uint64_t walk(const struct stage_clock *clock, uint64_t seq,
			    struct hist *hists, uint64_t *fingerprint)
{
	uint64_t sum = 0, digest = seq;
	uint64_t used;

	for (used = clock->used; used; used &= used - 1) {
		uint64_t i = (uint64_t)__builtin_ctzll(used);
		uint64_t ps = (uint64_t)clock->stage[i];

		sum += ps;
		digest = (digest ^ (ps + i)) * UINT64_C(0x9e3779b97f4a7c15);
		if (hists)
			hist_record_bits(&hists[i], HIST_BITS_COARSE, ps, 1);
	}
	*fingerprint += mix64(digest);
	return sum;
}

uint64_t stage_book(const struct stage_clock *clock, uint64_t seq,
		    uint64_t total, struct hist *hists, uint64_t *fingerprint)
{
	if (!hists)
		return total - walk(clock, seq, NULL, fingerprint);
	return total - walk(clock, seq, hists, fingerprint);
}

void stage_fill(struct hist *hists, unsigned stages, uint64_t frames)
{
	unsigned i;

	for (i = 0; i < stages; i++)
		if (hists[i].count < frames)
			hist_record_n(&hists[i], 0, frames - hists[i].count);
}
