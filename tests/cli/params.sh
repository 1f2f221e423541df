# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# One parameter in detail, a group, and a machine's values.
# shellcheck source=/dev/null
. "$SRC/tests/cli/common.bash"

try params traffic
try params traffic.capture_point
try params traffic.mtu --format json
try params -m gbe-32bit -s nic.tx_ring=100 nic.tx_ring
try params nosuch
try params nic.foo
"$DMASIM" params --format json | jq -r '
	[.[] | select(.help == null or .source == "" or .default == null)]
	| "without help, source or default: \([.[].key] | join(" "))"'
"$DMASIM" params --format json | jq -r '
	[.[] | select((.permitted // "" | test("[0-9]{16}")) or .unit == "")]
	| "with a range or unit beyond reading: \([.[].key] | join(" "))"'
