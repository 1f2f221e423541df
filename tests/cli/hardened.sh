# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The program is built hardened; not with a sanitizer or without optimisation,
# of which make says UNHARDENED.
unhardened=${UNHARDENED:-}
grep -qaE '__[at]san_init|__gcov_' "$DMASIM" && unhardened=1

# WHAT PATTERN READELF-OPTION...
has() {
	local what=$1 pattern=$2
	shift 2
	if [ "$unhardened" ] || readelf -W "$@" "$DMASIM" | grep -qE "$pattern"
	then
		echo "$what: yes"
	else
		echo "$what: no"
	fi
}

has "position independent" 'Type: +DYN' -h
has "tables read-only" GNU_RELRO -l
has "symbols bound at start" 'FLAGS.*BIND_NOW|Flags:.*NOW' -d
has "stack not executable" 'GNU_STACK.* RW +0x' -l
has "stack protector" __stack_chk_fail --dyn-syms
has "checked calls of the C library" '__(snprintf|fprintf|memcpy)_chk' --dyn-syms
