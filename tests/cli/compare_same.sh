# SPDX-License-Identifier: Apache-2.0
# The whole comparison, capacities and prices too: the same bytes for any -j.
gen=gen:poisson,rate=50kpps,size=700,frames=3000
for jobs in 1 2; do
	for format in json text csv; do
		"$DMASIM" compare -q -j $jobs --format $format -o $jobs.$format \
			--capacity-frames 2000 "$gen" || echo "status $?"
	done
done
for format in json text csv; do
	cmp 1.$format 2.$format
done
jq -c '.runs[] | [.machine, .tx, .rx]' 1.json | uniq -c
