# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Commands, help, and what is nearly a command or an option.
# shellcheck source=/dev/null
. "$SRC/tests/cli/common.bash"

try --help
"$DMASIM" --version | head -1
try help metrics
try trace --help
try help trace convert
try
try compar
try --versoin
try help paramz
try trace
try trace sta
try trace convert --limit 5
