# SPDX-License-Identifier: Apache-2.0
# Points are files; what is there is not run again; the joint result is the
# same as in one go, for any -j.
gen=gen:poisson,rate=100kpps,size=300,frames=1000
axis=nic.tx_ring=64..256/x2
"$DMASIM" sweep -j 1 --axis nic.tx_ring=64,128 --axis traffic.speed=1,2 \
	-o study "$gen" || echo "status $?"
stamp=$(stat -c %Y.%i study/points/* | sort)
"$DMASIM" sweep -j 2 --axis $axis --axis traffic.speed=1,2 -o study "$gen" ||
	echo "status $?"
find study/points -name '*.json' | wc -l
stat -c %Y.%i study/points/* | sort >now
echo "$stamp" | comm -23 - now
"$DMASIM" sweep -q -j 2 --axis $axis --axis traffic.speed=1,2 -o fresh "$gen" ||
	echo "status $?"
cmp study/results.json fresh/results.json
cmp study/results.csv fresh/results.csv
"$DMASIM" sweep -q --axis $axis --axis traffic.speed=1,2 "$gen" >stdout.csv ||
	echo "status $?"
cmp stdout.csv fresh/results.csv
mkdir other
touch other/thing
"$DMASIM" sweep -q --axis $axis -o other "$gen"
echo "status $?"

echo "axes are those of the study that joins the points:"
"$DMASIM" sweep --axis nic.tx_ring=64,128 --axis nic.rx_ring=512,1024 \
	-o study "$gen" || echo "status $?"
jq -c '.runs[] | .axes' study/results.json
"$DMASIM" sweep --axis nic.tx_ring=64,128 -o study "$gen" || echo "status $?"
jq -c '.runs[] | .axes' study/results.json
