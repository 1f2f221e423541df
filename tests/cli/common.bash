# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# For cases that run the program several times: show each command, its output
# and its status.

try() {
	local status=0
	echo "\$ dmasim $*"
	"$DMASIM" "$@" || status=$?
	[ "$status" = 0 ] || echo "[status $status]"
}
