# SPDX-License-Identifier: Apache-2.0
# A run that is interrupted, or deadlocks, leaves files that are whole.
# Not under TSan.
gen=gen:constant,rate=10kpps,size=500,frames=2000000000
timeout --preserve-status -s INT 1 "$DMASIM" run -q --timeline timeline.json \
	--timeline-frames 1.. --frames frames.csv "$gen" >out
echo "status $?"
jq '.traceEvents | length > 100' timeline.json
awk -F, 'NF != 61 { bad++ } END { print (NR > 100), bad + 0 }' frames.csv
"$DMASIM" run -q gen:onoff,rate=2Gbps,size=1514,frames=200,tx=100% \
	-m gbe-32bit --tx ndis5-mapall -s traffic.tx_times=burst \
	-s hal.pool=24 -s hal.pool_cap=24 --frames stuck.csv \
	--timeline stuck.json >out
echo "status $?"
cut -d, -f3,5,6 stuck.csv | sort | uniq -c | sed 's/^ *//'
jq '[.traceEvents[] | select(.cat == "frame") | .ph] | group_by(.) |
	map([.[0], length]) | map(select(.[0] == "b" or .[0] == "e")) |
	.[0][1] == .[1][1]' stuck.json
ls
