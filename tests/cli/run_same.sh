# SPDX-License-Identifier: Apache-2.0
# The same bytes for any number of threads, and from run to run.
gen=gen:poisson,rate=200kpps,size=700,frames=5000
for jobs in 1 2 5 2; do
	"$DMASIM" run -q -j $jobs --replicates 3 --format json -o $jobs.json \
		--force "$gen" || echo "status $?"
	cmp 1.json $jobs.json
done
