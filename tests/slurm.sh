#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A study as a Slurm job array, on a cluster of this machine alone.
#
#	tests/slurm.sh DMASIM		(TAP on stdout; as root)
#
# Starts munged, slurmctld and slurmd of its own on the loopback interface, in
# a private directory, and ends those processes, and no others, when done.
# Submits a sharded study with examples/cluster/slurm.sh, kills one task
# midway, submits again, merges, and expects the bytes of one machine; then
# the same by GNU parallel.
#
# shellcheck disable=SC2317 # functions called by name
set -euo pipefail
export LC_ALL=C

dmasim=$(realpath "$1")
root=$(realpath "$(dirname "$0")/..")
[ "$(id -u)" = 0 ] || {
	echo "1..0 # SKIP slurmd needs root"
	exit 0
}
tmp=$(mktemp -d /tmp/dmasim-slurm.XXXXXX)
chmod 755 "$tmp"
pids=()
jobs=()

clean() {
	local pid
	for pid in "${jobs[@]}"; do
		scancel "$pid" 2>/dev/null || :
	done
	for pid in "${pids[@]}"; do
		kill "$pid" 2>/dev/null || :
	done
	for pid in "${pids[@]}"; do
		for _ in $(seq 50); do
			kill -0 "$pid" 2>/dev/null || break
			sleep 0.1
		done
		kill -9 "$pid" 2>/dev/null || :
	done
	[ -n "${KEEP:-}" ] || rm -rf "$tmp"
}
trap clean EXIT

die() {
	echo "not ok - $1"
	tail -n 15 "$tmp"/*.log | sed 's/^/# /'
	exit 1
}

# The first argument: how many tenths of a second to wait; the rest: for what.
await() {
	local tenths=$1
	shift
	while ! "$@" >/dev/null 2>&1; do
		tenths=$((tenths - 1))
		[ $tenths -gt 0 ] || return 1
		sleep 0.1
	done
}

free_port() {
	local port
	while :; do
		port=$((20000 + RANDOM % 20000))
		(exec 3<>/dev/tcp/127.0.0.1/$port) 2>/dev/null || break
	done
	echo $port
}

start_munge() {
	mkdir -m 755 "$tmp/munge"
	(umask 077 && head -c 1024 /dev/urandom >"$tmp/munge/key")
	munged --foreground --force --key-file "$tmp/munge/key" \
		--socket "$tmp/munge/socket" --pid-file "$tmp/munge/pid" \
		--seed-file "$tmp/munge/seed" --num-threads 2 \
		>"$tmp/munged.log" 2>&1 &
	pids+=($!)
	await 100 munge -n -S "$tmp/munge/socket" || die "munged does not start"
}

write_config() {
	local host cpus memory
	host=$(hostname -s)
	cpus=$(nproc)
	memory=$(awk '/^MemTotal/ { print int($2 / 1024 / 2) }' /proc/meminfo)
	mkdir "$tmp/ctl" "$tmp/spool"
	cat >"$tmp/slurm.conf" <<END
ClusterName=dmasim
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$(free_port)
SlurmdPort=$(free_port)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$tmp/munge/socket
CredType=cred/munge
StateSaveLocation=$tmp/ctl
SlurmdSpoolDir=$tmp/spool
SlurmctldPidFile=$tmp/slurmctld.pid
SlurmdPidFile=$tmp/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SwitchType=switch/none
MpiDefault=none
ReturnToService=2
SchedulerParameters=sched_interval=1,sched_min_interval=100000
MinJobAge=300
NodeName=$host NodeAddr=127.0.0.1 CPUs=$cpus RealMemory=$memory State=UNKNOWN
PartitionName=all Nodes=$host Default=YES MaxTime=INFINITE State=UP
END
	export SLURM_CONF=$tmp/slurm.conf
}

node_idle() { sinfo -h -o %t | grep -qE '^(idle|mix|alloc)$'; }

start_slurm() {
	slurmctld -D -i >"$tmp/slurmctld.log" 2>&1 &
	pids+=($!)
	await 200 scontrol ping || die "slurmctld does not start"
	slurmd -D -N "$(hostname -s)" >"$tmp/slurmd.log" 2>&1 &
	pids+=($!)
	await 300 node_idle || die "slurmd does not start"
}

# The study: long enough for a task to be killed in.
write_study() {
	cat >"$tmp/rings.ini" <<END
[study]
captures = cap.pcap
tx = ndis6-sg, ndis6-copy
machines = xge-64bit
replicates = 2
[nic]
tx_ring = 64..512 step 64
END
	"$dmasim" trace gen -q gen:imix,rate=1Gbps,frames=20000 \
		-o "$tmp/cap.pcap"
}

submit() {
	local id
	id=$(DMASIM=$dmasim sbatch --parsable --array=1-4 --cpus-per-task=1 \
		--output="$tmp/task-%A-%a.log" --chdir="$tmp" \
		"$root/examples/cluster/slurm.sh" rings.ini results)
	jobs+=("$id")
	echo "$id"
}

ended() { ! squeue -h -j "$1" 2>/dev/null | grep -q .; }
some_points() {
	[ "$(find "$tmp/results/part0002/points" -name '*.json' 2>/dev/null |
		wc -l)" -ge 2 ]
}

number=0
verdict() {
	number=$((number + 1))
	if [ "$1" = 0 ]; then
		echo "ok $number - $2"
	else
		echo "not ok $number - $2"
		failed=1
	fi
}

failed=0
write_study
(cd "$tmp" && "$dmasim" sweep -q --study rings.ini -o whole)
start_munge
write_config
start_slurm

first=$(submit)
await 1200 some_points || die "the tasks do not run"
# As on a node that runs out of memory: no warning.
task=$(squeue -h -r -j "${first}_2" -o %A)
victim=$(scontrol listpids "$task" | awk '$1 ~ /^[0-9]+$/ { print $1; exit }')
kill -9 "$victim"
await 1200 ended "$first" || die "the array does not end"
status=0
[ ! -e "$tmp/results/part0002/results.json" ] || status=1
verdict $status "a task was killed midway"
status=0
"$dmasim" merge "$tmp"/results/part* -o "$tmp/early" 2>"$tmp/early.log" ||
	status=$?
verdict $((status != 2)) "parts without it are refused: $(sed "s,$tmp/,,g" \
	"$tmp/early.log")"
kept=$(find "$tmp/results/part0002/points" -name '*.json' | wc -l)
echo "# the killed task left $kept points"

second=$(submit)
await 1200 ended "$second" || die "the second array does not end"
status=0
"$dmasim" merge "$tmp"/results/part* -o "$tmp/joined" || status=1
diff -r "$tmp/whole" "$tmp/joined" >"$tmp/differs.log" || status=1
verdict $status "submitted again and merged: the bytes of one machine"

status=0
(cd "$tmp" && DMASIM=$dmasim "$root/examples/cluster/parallel.sh" 3 rings.ini \
	others) >"$tmp/parallel.log" 2>&1 || status=1
diff -r "$tmp/whole" "$tmp/others/study" >"$tmp/differs.log" || status=1
verdict $status "GNU parallel: the bytes of one machine"
echo "1..$number"
exit $failed
