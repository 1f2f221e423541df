# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# A name that is nearly right gets the right one, in every command that takes
# such a name: options, parameters, machines, strategies; values of axes, names
# to be listed.
gen=gen:constant,frames=10
printf '[nic]\ntx_rnig = 64\n' >typo.ini
echo '{}' >r.json

# ARGUMENTS...: the status, and what is suggested.
said() {
	local status=0
	"$DMASIM" "$@" >out 2>&1 </dev/null || status=$?
	printf '%s %s\n' "$status" \
		"$(grep -o "did you mean '[^']*'" out | cut -d "'" -f 2)"
}
cell() { printf ' %-13s' "$(said "$@")"; }

printf '%-14s %s\n' command "option, parameter, in a file, machine, --tx, --rx"
while read -r command; do
	printf '%-14s' "$command"
	help=$("$DMASIM" "$command" --help)
	[ "$command" != trace ] || command="trace stat"
	case $command in
	explain) input=(--frame 1 "$gen") ;;
	sweep) input=(--axis nic.tx_ring=64 "$gen") ;;
	params | probe | calibrate) input=() ;;
	*) input=("$gen") ;;
	esac
	# shellcheck disable=SC2086 # "trace stat" is two words
	{
		cell $command --verbos
		if [[ $help == *--set=* || $command == "trace stat" ]]; then
			cell $command -s nic.tx_rnig=64 "${input[@]}"
			cell $command -c typo.ini "${input[@]}"
			cell $command -m xge-64bti "${input[@]}"
		fi
		if [[ $help == *--tx=* ]]; then
			cell $command --tx ndis6-hybird "${input[@]}"
			cell $command --rx copybraek "${input[@]}"
		fi
	}
	echo
done < <("$DMASIM" --help |
	awk '/^Commands:/ { on = 1; next } /^$/ { on = 0 } on { print $1 }')

for words in "sweep --axis nic.tx_rnig=64,128 $gen" \
	"sweep --axis tx=ndis6-hybird $gen" "sweep --axis machine=xge-64bti $gen" \
	"sensitivity --param host.clokc $gen" "probe --axis pcie.tgas=8,16" \
	"metrics rx.latency" "presets xge-64bti" "strategies ndis6-hybird" \
	"routines NdisMAllocateNetBufferSGLst" "params nic.tx_rnig" \
	"run --inject double_fre $gen" "help unist"; do
	# shellcheck disable=SC2086 # several words
	echo "$words: $(said $words)"
done
