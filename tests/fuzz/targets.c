/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/targets.h"

const struct fuzz_target *const fuzz_targets[] = {
	&fuzz_argv,
	&fuzz_axes,
	&fuzz_capture,
	&fuzz_constraint,
	&fuzz_csv,
	&fuzz_diff,
	&fuzz_direction,
	&fuzz_gen,
	&fuzz_ini,
	&fuzz_local,
	&fuzz_machine,
	&fuzz_merge,
	&fuzz_price,
	&fuzz_result,
	&fuzz_sidecar,
	&fuzz_stream,
	&fuzz_study,
	&fuzz_units,
	NULL,
};
