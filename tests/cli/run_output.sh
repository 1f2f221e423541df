# SPDX-License-Identifier: Apache-2.0
# -o is all or nothing, and never replaces a file unasked.
gen=gen:constant,rate=10kpps,size=500,frames=50
"$DMASIM" run -q --format json -o out.json "$gen" || echo "status $?"
ls
"$DMASIM" run -q --format csv -o out.json "$gen"
echo "status $?"
"$DMASIM" run -q --format csv -o out.json --force "$gen" || echo "status $?"
head -1 out.json
"$DMASIM" run -q -o /dev/full "$gen"
echo "status $?"
"$DMASIM" run -q -o absent/out.json "$gen"
echo "status $?"
ls

echo "before the work, not after it:"
touch taken
"$DMASIM" run -q -o taken absent.pcap
"$DMASIM" compare -q -o taken absent.pcap
"$DMASIM" trace stat -q -o taken absent.pcap
mkdir plots
touch plots/results.json
"$DMASIM" compare -q --report plots absent.pcap
"$DMASIM" compare -q --report taken absent.pcap

echo "files may not be that large:"
(
	ulimit -f 8
	"$DMASIM" run -q --format json -o large.json "$gen"
	echo "status $?"
)
ls
