/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an analyzer that looks at one file at a time has to be told of the
 * others; tests/analyze.sh puts it in front of every file.
 */
#include "core/err.h"

/* What is said of an expansion is said of where it stands. */
#pragma GCC system_header

/* They always return -1 (core/err.h). */
#define err_set(...)   (err_set(__VA_ARGS__), -1)
#define err_wrap(...)  (err_wrap(__VA_ARGS__), -1)
#define err_nomem(...) (err_nomem(__VA_ARGS__), -1)
