# SPDX-License-Identifier: GPL-2.0
# Metrics over HTTP of a live run: counters never decrease, not even with the device's driver gone,
# and are the oracle's in the end; nothing else is served, and many clients at a time are.
. "$here/cases/load.inc"
. "$here/cases/running.inc"
timeout=240

applies()
{
	case $KERNEL-$ARCH-$IOMMU in
	5.10-amd64-none | 6.12-amd64-none | 7.x-arm64-smmuv3) ;;
	*)	echo "three cells will do"; return 1 ;;
	esac
}

# A page is given again for as long as it took to make.
guest_get()	# FILE
{
	local begin

	sleep "${took:-0}"
	begin=$(date +%s)
	wget -q -O "$1" http://127.0.0.1:9777/metrics || return 1
	took=$(($(date +%s) - begin + 2))
}

guest_status()	# NAME REQUEST: what the server says first
{
	printf '%s HTTP/1.0\r\n\r\n' "$2" | nc 127.0.0.1 9777 | head -n 1 >"$1"
}

guest_refused()
{
	guest_status root 'GET /'
	guest_status other 'GET /metrics/x'
	guest_status post 'POST /metrics'
	guest_status head 'HEAD /metrics'
}

# Each opens a connection, and all get their page.
guest_crowd()
{
	local clients=''

	for i in $(seq 20); do
		wget -q -O "crowd.$i" http://127.0.0.1:9777/metrics &
		clients="$clients $!"
	done
	for client in $clients; do
		wait "$client" || echo "$client" >>lost
	done
	for i in $(seq 20); do
		tail -n 1 "crowd.$i"
		rm "crowd.$i"
	done | sort | uniq -c >crowd
}

guest()
{
	guest_load || return 1
	# shellcheck disable=SC2119
	dmatrace export openmetrics -p map -p unmap --live --listen 9777 >out 2>err &
	pid=$!
	guest_until guest_is_tracing
	cat /proc/net/tcp /proc/net/tcp6 >listening
	echo 'map 40 4096 to_device' >/dev/dmt_oracle
	guest_get first || { echo "nothing is served"; return 1; }
	echo 'map 2 512 from_device' >/dev/dmt_oracle
	guest_get second
	guest_refused
	guest_crowd
	rmmod dmt_oracle
	guest_get gone
	kill -INT "$pid"
	guest_wait export
}

check()
{
	"$here/../openmetrics.py" first second gone
	[ "$(cat export.code)" = 0 ] || { echo "exit $(cat export.code): $(cat err)"; return 1; }
	[ ! -s out ] && [ ! -s err ]
	# of this machine only: 127.0.0.1:9777 listens, and nobody else
	[ "$(awk '$4 == "0A" { print $2 }' listening)" = 0100007F:2631 ]
	grep -q ' 404 ' root
	grep -q ' 404 ' other
	grep -q ' 405 ' post
	grep -q ' 200 ' head
	[ "$(cat crowd)" = '     20 # EOF' ] || { echo "of 20: $(cat crowd)"; return 1; }
	PYTHONPATH=$here/.. python3 - <<-'END'
		import openmetrics, sys
		def calls(name):
		    found = {}
		    for metric in openmetrics.parse(open(name).read()).values():
		        for suffix, labels, value in metric.samples:
		            if suffix in ("_total", "_bucket", "_count"):
		                found[metric.name, suffix, tuple(labels.items())] = value
		    return found
		def maps(found, direction):
		    return sum(v for (name, _, labels), v in found.items() if name == "dmatrace_calls"
		               and {("op", "map"), ("direction", direction)} <= set(labels)
		               and ("driver", "dmt_oracle") in labels)
		first, second, gone = calls("first"), calls("second"), calls("gone")
		if (maps(first, "to_device"), maps(first, "from_device")) != (40, 0):
		    sys.exit(f"first: {maps(first, 'to_device')} maps, not 40")
		for name, found in (("second", second), ("gone", gone)):
		    if (maps(found, "to_device"), maps(found, "from_device")) != (40, 2):
		        sys.exit(f"{name}: other than 40 and 2 maps")
		for before, after in ((first, second), (second, gone)):
		    less = [k for k in before if after.get(k, -1) < before[k]]
		    if less:
		        sys.exit(f"fewer than before: {less[0]}")
	END
}
