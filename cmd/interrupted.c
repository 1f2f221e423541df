/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/cmd.h"

volatile sig_atomic_t cmd_interrupted;
