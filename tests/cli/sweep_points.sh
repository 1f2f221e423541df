# SPDX-License-Identifier: Apache-2.0
# Points that were cut off or changed are computed again, with a notice; one
# writer at a time; a point that fails is a result.
. "$SRC/tests/cli/common.bash"
gen=gen:poisson,rate=100kpps,size=300,frames=200
sweep() { "$DMASIM" sweep --axis nic.tx_ring=64,128 "$@" "$gen" ||
	echo "status $?"; }
hide() { sed 's,points/[0-9a-f]*,points/ID,'; }
sweep -q -o good
point=$(find good/points -name '*.json' | sort | head -1)
name=$(basename "$point")
other=$(find good/points -name '*.json' | sort | tail -1)
size=$(stat -c %s "$point")
bad=0
for cut in 0 1 2 100 $((size / 2)) $((size - 30)) $((size - 3)) $((size - 2)) \
	$((size - 1)); do
	rm -rf study
	cp -r good study
	head -c $cut "$point" >"study/points/$name"
	sweep -o study 2>&1 | grep -c 'computed again' >>notices
	diff -r good study >/dev/null || bad=$((bad + 1))
done
echo "cut off: $bad of $(wc -l <notices) differ"
sort notices | uniq -c | awk '{ print $1 " with " $2 " notice" }'
# shellcheck disable=SC2016 # sed's
for change in 's/"complete"/"saturated"/' 's/1/2/' '$s/$/ /'; do
	rm -rf study
	cp -r good study
	sed -i "$change" "study/points/$name"
	sweep -o study 2>&1 | hide
	diff -r good study
done
echo "another point's file, garbage:"
cp "$other" "study/points/$name"
sweep -o study 2>&1 | hide
head -c 5000 /dev/urandom >"study/points/$name"
sweep -o study 2>&1 | hide
touch "study/points/$name.tmp.1.0" "study/results.csv.tmp.1.0"
sweep -q -o study
diff -r good study && echo "the same again"
echo "two writers:"
flock study/.lock "$DMASIM" sweep --axis nic.tx_ring=64 -o study "$gen"
echo "status $?"
echo 12345 >study/.lock
try sweep -q --axis nic.tx_ring=64,128 -o study "$gen"
diff -r good study && echo "a lock that nobody holds is none"
echo "failed, not all:"
try sweep --axis traffic.speed=1,0.000001 -o failing \
	gen:constant,rate=1pps,size=300,frames=99999
jq -c '.runs[] | [.status, .reason]' failing/results.json
try sweep --axis traffic.speed=1,0.000001 -o failing \
	gen:constant,rate=1pps,size=300,frames=99999
