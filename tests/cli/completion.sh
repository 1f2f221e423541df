# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Completion: candidates come from the tables, and shells ask for them.
# shellcheck source=/dev/null
. "$SRC/tests/cli/common.bash"

echo "# what the program answers"
for words in "brea" "help ru" "run -m gbe-" "run --tx=ndis6-h" \
	"run --tx null,ndis6-h" "run --format=" "run --machin" \
	"run --set hal.pool_g" "run -s traffic.tx_times=" "trace st" \
	"trace convert --snapl" "params hal.pool_g" "run --inject double_f" \
	"completion " "nonsense -" "run --output "; do
	echo "[$words]"
	read -ra list <<<"${words}x"
	list[-1]=${list[-1]%x}
	"$DMASIM" --complete "${list[@]}" | cut -f 1
done
echo "# every parameter can be completed"
"$DMASIM" --complete run -s "" | cut -f 1 | sed 's/=$//' | sort >offered
"$DMASIM" params --format json | jq -r '.[].key' | sort | diff - offered

mkdir bin
ln -s "$DMASIM" bin/dmasim
PATH=$PWD/bin:$PATH

echo "# bash"
touch "a capture.pcap"
# shellcheck source=/dev/null
. <(dmasim completion bash)
compopt() { :; } # there is no completion under way
for COMP_LINE in "dmasim run --tx=ndis6-h" "dmasim run --set hal.pool_g" \
	"dmasim run -q a"; do
	# Read by _dmasim.
	# shellcheck disable=SC2034
	COMP_POINT=${#COMP_LINE}
	_dmasim
	printf '%s\n' "$COMP_LINE:" "${COMPREPLY[@]}"
done

# Others when they are there; what they must say is here.
ask() {
	local want=$1
	shift
	! command -v "$1" >/dev/null || "$@" 2>/dev/null | grep -qx -e "$want" ||
		echo "$1 does not say $want"
}
dmasim completion fish >dmasim.fish
ask $'--tx=ndis6-hybrid\t.*' fish -c \
	'source dmasim.fish; complete -C "dmasim run --tx=ndis6-h"'
ask "a capture.pcap" fish -c \
	'source dmasim.fish; complete -C "dmasim run -q a"'
dmasim completion zsh >_dmasim
ask ok zsh -c 'zsh -n _dmasim && echo ok'
try completion tcsh
