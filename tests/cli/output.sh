# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Output files: whole or not at all.
# shellcheck source=/dev/null
. "$SRC/tests/cli/common.bash"

try trace gen constant,frames=3 -o a.pcap
cp a.pcap before
try trace gen constant,frames=4 -o a.pcap
cmp a.pcap before && echo "untouched"
try trace gen constant,frames=4 -o a.pcap --force -q
cmp -s a.pcap before || echo "replaced"
try trace gen constant,frames=4 -o none/a.pcap
try trace gen constant,frames=4 -o .
try trace gen constant,frames=4 -o /dev/full
try trace stat gen:constant -o /dev/full
try trace convert none.pcap -o b.pcap
try trace gen poisson,rate=fast -o b.pcap
ls

echo "full disk:"
"$DMASIM" metrics >/dev/full
echo "status $?"
echo "closed pipe:"
{
	"$DMASIM" trace gen constant,frames=100000
	echo "status $?" >&2
} | head -c 1 >/dev/null
