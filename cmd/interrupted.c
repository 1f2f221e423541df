/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/cmd.h"

atomic_int cmd_interrupted;
