#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Record examples/office.pcap.xz again: a small office server's traffic.
#
#	sudo examples/record.sh [OUTPUT.pcap.xz]
#
# Two network namespaces are joined by a veth pair shaped to 1 Gb/s, with
# segmentation and receive offload off, so what is captured is what a 1 GbE
# card would carry.  The server (10.20.0.1) runs nginx, named, an iperf3
# server and an rsync daemon; its clients (10.20.0.11 to .14) are wrk, dnsperf,
# iperf3 and rsync, all at once for about four seconds.  tcpdump runs on the
# server's side of the pair: 96 bytes a frame, nanosecond stamps.
#
# Needs root and (Debian): iproute2 ethtool tcpdump xz-utils iperf3 nginx-light
# wrk bind9 dnsperf rsync util-linux.  No address outside 10.20.0.0/24 is used and nothing
# of the machine is changed: namespaces and files are gone at the end.
set -euo pipefail

out=$(realpath -m "${1:-$(dirname "$0")/office.pcap.xz}")
seconds=4
server=dmasim-server$$
client=dmasim-client$$
tmp=$(mktemp -d /tmp/dmasim-record.XXXXXX)
pids=()

need() {
	local tool missing=""
	for tool in ip tc ethtool tcpdump taskset xz iperf3 nginx wrk named dnsperf \
		rsync; do
		command -v "$tool" >/dev/null || missing+=" $tool"
	done
	if [ -n "$missing" ]; then
		echo "record.sh: not installed:$missing" >&2
		exit 1
	fi
	if [ "$(id -u)" != 0 ]; then
		echo "record.sh: network namespaces need root" >&2
		exit 1
	fi
}

cleanup() {
	local pid
	for pid in "${pids[@]}"; do
		kill "$pid" 2>/dev/null || true
	done
	wait || true
	ip netns del "$server" 2>/dev/null || true
	ip netns del "$client" 2>/dev/null || true
	rm -rf "$tmp"
}

in_server() { ip netns exec "$server" "$@"; }
in_client() { ip netns exec "$client" "$@"; }

# Start a server in the background and remember it.
serve() {
	ip netns exec "$server" "$@" >>"$tmp/log" 2>&1 &
	pids+=($!)
}

make_network() {
	local ns link
	ip netns add "$server"
	ip netns add "$client"
	ip -n "$server" link add lan0 type veth peer name lan0 netns "$client"
	ip -n "$server" link set lan0 address 02:00:0a:14:00:01
	ip -n "$client" link set lan0 address 02:00:0a:14:00:0b
	for ns in "$server" "$client"; do
		ip netns exec "$ns" sysctl -qw net.ipv6.conf.all.disable_ipv6=1
		ip netns exec "$ns" ethtool -K lan0 tso off gso off gro off \
			tx off rx off >/dev/null
		tc -n "$ns" qdisc add dev lan0 root tbf rate 1gbit \
			burst 16kb limit 512kb
		for link in lo lan0; do
			ip -n "$ns" link set "$link" up
		done
	done
	ip -n "$server" address add 10.20.0.1/24 dev lan0
	for host in 11 12 13 14; do
		ip -n "$client" address add "10.20.0.$host/24" dev lan0
	done
}

# Objects of a small site: sizes as pages are, 300 B to 60 KB, text.
make_files() {
	mkdir -p "$tmp/www" "$tmp/share" "$tmp/copy" "$tmp/named" \
		"$tmp/nginx" "$tmp/upload"
	awk -v dir="$tmp" '
	function fill(path, bytes,   n) {
		for (n = 0; n < bytes; n += 64)
			printf "%-63.63s\n", "line " n " of a quiet day" > path
		close(path)
	}
	BEGIN {
		srand(7)
		for (i = 0; i < 64; i++)
			fill(dir "/www/" i ".html", \
			     300 * exp(rand() * rand() * 5.3))
		for (i = 0; i < 40; i++) {
			fill(dir "/share/report" i ".txt", 2000 + rand() * 9e4)
			fill(dir "/upload/note" i ".txt", 500 + rand() * 4e4)
		}
		for (i = 0; i < 500; i++)
			printf "host%d.office.example %s\n", i, \
				i % 7 ? "A" : "TXT" > (dir "/queries")
	}'
	chmod -R a+rX "$tmp"
	chmod a+rwx "$tmp/copy" "$tmp/nginx" "$tmp/named"
}

start_nginx() {
	cat >"$tmp/nginx.conf" <<-END
	daemon off;
	master_process off;
	pid $tmp/nginx/pid;
	error_log $tmp/nginx/error.log;
	events { worker_connections 256; }
	http {
		access_log off;
		client_body_temp_path $tmp/nginx/body;
		proxy_temp_path $tmp/nginx/proxy;
		fastcgi_temp_path $tmp/nginx/fastcgi;
		uwsgi_temp_path $tmp/nginx/uwsgi;
		scgi_temp_path $tmp/nginx/scgi;
		keepalive_requests 40;
		server { listen 10.20.0.1:80; root $tmp/www; }
	}
	END
	serve nginx -e "$tmp/nginx/error.log" -c "$tmp/nginx.conf"
}

start_named() {
	cat >"$tmp/named/named.conf" <<-END
	options {
		directory "$tmp/named";
		listen-on { 10.20.0.1; };
		listen-on-v6 { none; };
		pid-file none;
		session-keyfile "$tmp/named/session.key";
		recursion no;
		empty-zones-enable no;
	};
	controls { };
	zone "office.example" { type primary; file "zone"; };
	END
	{
		echo "\$TTL 300"
		echo '@ SOA ns.office.example. root.office.example. 1 60 60 60 60'
		echo '@ NS ns.office.example.'
		echo 'ns A 10.20.0.1'
		for ((i = 0; i < 500; i++)); do
			echo "host$i A 10.20.1.$((i % 250 + 1))"
			echo "host$i TXT \"a machine in room $((i / 10))," \
				"asked for by everybody who walks past\""
		done
	} >"$tmp/named/zone"
	serve named -f -n 1 -c "$tmp/named/named.conf"
}

start_rsync() {
	cat >"$tmp/rsyncd.conf" <<-END
	use chroot = no
	uid = 0
	gid = 0
	[share]
		path = $tmp/share
	[upload]
		path = $tmp/copy
		read only = no
	END
	serve rsync --daemon --no-detach --address=10.20.0.1 \
		--config="$tmp/rsyncd.conf" --log-file="$tmp/rsync.log"
}

# A thinking reader on each of 24 connections.
browse() {
	cat >"$tmp/browse.lua" <<-'END'
	local path = 0
	function init() math.randomseed(11) end
	function request()
		return wrk.format("GET", "/" .. math.random(0, 63) .. ".html")
	end
	function delay() return math.random(5, 60) end
	END
	in_client wrk -t1 -c24 -d${seconds}s -s "$tmp/browse.lua" \
		http://10.20.0.1/ >>"$tmp/log" 2>&1
}

ask() {
	in_client dnsperf -a 10.20.0.12 -s 10.20.0.1 -d "$tmp/queries" \
		-l "$seconds" -Q 1500 -q 20 >>"$tmp/log" 2>&1
}

# A steady stream each way, then a full-speed burst each way.
stream() {
	local iperf=(in_client iperf3 -c 10.20.0.1 -B 10.20.0.13
		--repeating-payload)
	{
		"${iperf[@]}" -b 30M -t 1
		"${iperf[@]}" -b 30M -t 1 -R
		"${iperf[@]}" -n 4M
		"${iperf[@]}" -n 4M -R
	} >>"$tmp/log" 2>&1
}

copy_files() {
	sleep 0.5
	in_client rsync -a --address=10.20.0.14 rsync://10.20.0.1/share/ \
		"$tmp/fetched/" >>"$tmp/log" 2>&1
	sleep 0.7
	in_client rsync -a --address=10.20.0.14 "$tmp/upload/" \
		rsync://10.20.0.1/upload/ >>"$tmp/log" 2>&1
}

record() {
	local jobs=() job dump
	ip netns exec "$server" tcpdump -i lan0 -s 96 -B 32768 -n -Z root \
		--time-stamp-precision=nano -w "$tmp/office.pcap" 2>>"$tmp/log" &
	dump=$!
	pids+=("$dump")
	sleep 1
	for job in browse ask stream copy_files; do
		"$job" &
		jobs+=($!)
	done
	for job in "${jobs[@]}"; do
		wait "$job" || {
			echo "record.sh: a program failed:" >&2
			tail -20 "$tmp/log" >&2
			exit 1
		}
	done
	sleep 0.3
	kill -INT "$dump"
	wait "$dump" || true
	grep -h "packets" "$tmp/log" | tail -3
}

need
trap cleanup EXIT
# One CPU: stamps taken on several are written out of order.
taskset -pc 0 $$ >/dev/null
make_network
make_files
start_nginx
start_named
start_rsync
serve iperf3 -s -B 10.20.0.1
sleep 1.5
record
xz -9e -T1 -c "$tmp/office.pcap" >"$tmp/office.pcap.xz"
mv "$tmp/office.pcap.xz" "$out"
ls -l "$out"
