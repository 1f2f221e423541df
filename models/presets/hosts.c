/* SPDX-License-Identifier: Apache-2.0 */
#include "models/presets/presets.h"

/* Every price of this host is a default: see models/params.c. */
const struct preset preset_hsw_3g3 = {
	.name = "hsw-3g3",
	.kind = "host",
	.summary = "two Haswell cores at 3.3 GHz, 15 MiB LLC, 8 GiB",
	.values =
		(const struct preset_value[]){
			{ "host.clock", "3.3GHz",
			  "PB-data hsw-2620v3 turbo class" },
			{ "host.cores", "2", "design" },
			{ "host.llc", "15MiB", "PB-data hsw-2620v3" },
			{ "host.ddio", "10%", "PB-data" },
			{ "pcie.tags", "32", "PB-data: extended tags off" },
			{ "host.ram", "8GiB", "driver survey" },
			{ NULL, NULL, NULL },
		},
};
