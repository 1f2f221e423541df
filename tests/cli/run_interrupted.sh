# SPDX-License-Identifier: Apache-2.0
# SIGINT: what was read is simulated to its end and marked; status 130.
# Not under TSan.
gen=gen:constant,rate=10kpps,size=500,frames=2000000000
timeout --preserve-status -s INT 1 "$DMASIM" run -j 2 --replicates 2 \
	--format json "$gen" >out.json
echo "status $?"
jq -c '.runs[] | [.status, .replicate, ([.checks[].ok] | all)]' out.json
jq '.runs[0].metrics["run.duration_ps"] > 0' out.json
timeout --preserve-status -s INT 1 "$DMASIM" sweep -q --axis seed=1,2 \
	-o study "$gen"
echo "status $?"
find study -type f -name '*.json' | sort
echo "rows that were not reached leave the others alone:"
timeout --preserve-status -s INT 1 "$DMASIM" compare -q -j 2 --replicates 10 \
	-m gbe-32bit,xge-64bit --format json "$gen" >out.json
echo "status $?"
jq -c '[.runs[] | select(.role) | [.machine, .tx, .role]] | unique[]' out.json
