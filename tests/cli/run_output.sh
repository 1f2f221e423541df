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
