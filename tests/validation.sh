#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The models are as near to what was measured as docs/validation.tsv says.
#
#	tests/validation.sh BUILD
#
# Prints TAP.
set -euo pipefail
export LC_ALL=C

build=$(realpath "$1")
cd "$(dirname "$0")/.."
echo 1..1
if "$build/validate" tests/calibration docs/validation.tsv; then
	echo "ok 1 - no figure is worse than committed"
else
	echo "not ok 1 - no figure is worse than committed: make validate"
	exit 1
fi
