/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bound on a quantile of the latencies, as --slo gives it.
 *
 *	struct slo slo;
 *
 *	if (slo_parse(&slo, "tx.p99=50us", &err) < 0) ...
 *	if (slo_held(&slo, run)) ...
 *
 * Latencies are tx.latency_wire_ps and rx.latency_ps; without "tx." or "rx."
 * both are bounded.
 */
#ifndef CMD_SLO_H
#define CMD_SLO_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"
#include "core/result.h"

struct slo {
	bool tx, rx;	       /* which */
	uint32_t quantile_ppm; /* 1000000: the largest */
	uint64_t bound_ps;     /* 0: there is no bound */
	const char *text;      /* as given; borrowed */
};

/* What is looked at where no bound is given. */
#define SLO_NONE                                                              \
	{                                                                     \
		.tx = true, .rx = true, .quantile_ppm = 990000, .text = "p99" \
	}

/* "p99=50us", "rx.p999=1ms", "tx.max=2ms"; ERR_USAGE. */
int slo_parse(struct slo *slo, const char *text, struct err *err);
/* The bounded quantile of a direction, 0 when no frame went that way. */
uint64_t slo_tx_ps(const struct slo *slo, const struct run_result *run);
uint64_t slo_rx_ps(const struct slo *slo, const struct run_result *run);
bool slo_held(const struct slo *slo, const struct run_result *run);

#endif
