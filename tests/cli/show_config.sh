# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# --show-config: what is in force, from where, and readable by -c.
# shellcheck source=/dev/null
. "$SRC/tests/cli/common.bash"

printf '[nic]\nrx_ring = 128\n' >lab.ini
set -- -m gbe-32bit -c lab.ini -s nic.tx_ring=64 --filter 'tcp port 80'
"$DMASIM" run "$@" --show-config >shown.ini
echo "# what was given"
grep -E -- '--set|--filter|lab.ini' shown.ini
grep -c 'preset gbe-32bit' shown.ini
echo "# reads back as the same"
"$DMASIM" run -c shown.ini --show-config >again.ini
diff <(sed 's/ *;.*//' shown.ini) <(sed 's/ *;.*//' again.ini) && echo same
echo "# each parameter is there"
diff <("$DMASIM" params --format json | jq -r '.[].key' | sort) \
	<("$DMASIM" run --show-config --format json | jq -r '.[].config | keys[]' |
		sort)
echo "# each command's machines"
for command in run compare sweep breakeven ndr size sensitivity explain probe trace\ stat; do
	# shellcheck disable=SC2086 # two words
	"$DMASIM" $command --show-config |
		sed -n 's/; machine //p' | paste -sd ' ' | sed "s/^/$command: /"
done
try run --show-config -m gbe-32bti
