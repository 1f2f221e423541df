/* SPDX-License-Identifier: Apache-2.0 */
/* Every target, for the array in targets.c. */
#ifndef TESTS_FUZZ_TARGETS_H
#define TESTS_FUZZ_TARGETS_H

#include "tests/fuzz/fuzz.h"

extern const struct fuzz_target fuzz_argv;
extern const struct fuzz_target fuzz_axes;
extern const struct fuzz_target fuzz_capture;
extern const struct fuzz_target fuzz_constraint;
extern const struct fuzz_target fuzz_csv;
extern const struct fuzz_target fuzz_diff;
extern const struct fuzz_target fuzz_direction;
extern const struct fuzz_target fuzz_gen;
extern const struct fuzz_target fuzz_ini;
extern const struct fuzz_target fuzz_local;
extern const struct fuzz_target fuzz_machine;
extern const struct fuzz_target fuzz_merge;
extern const struct fuzz_target fuzz_price;
extern const struct fuzz_target fuzz_result;
extern const struct fuzz_target fuzz_sidecar;
extern const struct fuzz_target fuzz_stream;
extern const struct fuzz_target fuzz_study;
extern const struct fuzz_target fuzz_units;

#endif
