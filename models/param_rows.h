/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How rows of a parameter table are written: a macro per kind of quantity.
 *
 *	TIME("rx.hold_median", "50us", PS_MS(1000), "how long", "assumed"),
 *
 * Only tables include it.
 */
#ifndef MODELS_PARAM_ROWS_H
#define MODELS_PARAM_ROWS_H

#include "core/param.h"

#define PS_NS(n) (UINT64_C(n) * 1000)
#define PS_US(n) (UINT64_C(n) * 1000000)
#define PS_MS(n) (UINT64_C(n) * 1000000000)
#define GIB(n)	 (UINT64_C(n) << 30)
#define MIB(n)	 (UINT64_C(n) << 20)
#define KIB(n)	 (UINT64_C(n) << 10)

#define CYCLES(key_, default_, max_, help_, source_)                        \
	{                                                                   \
		.key = key_, .qty = QTY_CYCLES, .preset_default = default_, \
		.max = max_, .help = help_, .source = source_               \
	}
#define COUNT(key_, unit_, default_, min_, max_, help_, source_)      \
	{                                                             \
		.key = key_, .qty = QTY_COUNT, .unit = unit_,         \
		.preset_default = default_, .min = min_, .max = max_, \
		.help = help_, .source = source_                      \
	}
#define BYTES(key_, default_, min_, max_, help_, source_)                  \
	{                                                                  \
		.key = key_, .qty = QTY_BYTES, .preset_default = default_, \
		.min = min_, .max = max_, .help = help_, .source = source_ \
	}
#define TIME(key_, default_, max_, help_, source_)                        \
	{                                                                 \
		.key = key_, .qty = QTY_TIME, .preset_default = default_, \
		.max = max_, .help = help_, .source = source_             \
	}
#define SHARE(key_, default_, help_, source_)                              \
	{                                                                  \
		.key = key_, .qty = QTY_SHARE, .preset_default = default_, \
		.max = 1000000, .help = help_, .source = source_           \
	}
#define CHOICE(key_, default_, choices_, help_, source_)                       \
	{                                                                      \
		.key = key_, .type = PARAM_CHOICE, .preset_default = default_, \
		.choices = choices_, .help = help_, .source = source_          \
	}

#endif
