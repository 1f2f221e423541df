# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# A capture that cannot be read is found before the work on the first is done.
# shellcheck source=/dev/null
. "$SRC/tests/cli/common.bash"

printf 'not a capture' >text.pcap
try trace gen poisson,rate=50kpps,frames=300 -o good.pcap
try compare --capacity-frames 0 good.pcap text.pcap
try compare --capacity-frames 0 good.pcap missing.pcap
