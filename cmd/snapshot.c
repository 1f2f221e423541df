/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/snapshot.h"

#include <inttypes.h>
#include <stdio.h>

#include "core/hist.h"
#include "core/units.h"

atomic_int snapshot_wanted;

static char *quantiles(const char *name, const struct hist *hist, char *buf,
		       size_t size)
{
	char p50[UNITS_TEXT_MAX], p99[UNITS_TEXT_MAX];

	if (!hist->count) {
		snprintf(buf, size, "%s -", name);
		return buf;
	}
	units_human(QTY_TIME, (double)hist_quantile(hist, 500000), 3, p50,
		    sizeof(p50));
	units_human(QTY_TIME, (double)hist_quantile(hist, 990000), 3, p99,
		    sizeof(p99));
	snprintf(buf, size, "%s p50 %s p99 %s (%" PRIu64 " frames)", name, p50,
		 p99, hist->count);
	return buf;
}

void snapshot_show(const struct study_point *point, struct machine *machine)
{
	struct machine_so_far far;
	char at[UNITS_TEXT_MAX], tx[160], rx[160];

	machine_so_far(machine, &far);
	units_human(QTY_TIME, (double)far.at, 3, at, sizeof(at));
	fprintf(stderr,
		"%s %s/%s, replicate %u: at %s, %" PRIu64
		" frames offered, %" PRIu64 " through, %" PRIu64
		" dropped; %s, %s\n",
		point->machine, tx_ops_name(point->tx), rx_ops_name(point->rx),
		point->replicate, at, far.offered, far.through, far.dropped,
		quantiles("tx", far.tx_latency, tx, sizeof(tx)),
		quantiles("rx", far.rx_latency, rx, sizeof(rx)));
}
