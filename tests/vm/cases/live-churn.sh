# SPDX-License-Identifier: GPL-2.0
# A recording reads at every interval what is held, while other calls take and give back: what is
# held all along counts once, whatever comes and goes meanwhile, and of that no more than there is.
. "$here/cases/load.inc"
. "$here/cases/running.inc"
smp=2

applies()
{
	case $KERNEL-$ARCH-$IOMMU in
	5.10-amd64-none | 6.12-amd64-intel)	;;
	*)	echo "the oldest kernel and another read the table alike"; return 1 ;;
	esac
}

guest_read()	# NAME
{
	dmatrace live -f json -i run.db >"$1.json" 2>>read.err
}

guest_reads_held()
{
	guest_read first && grep -q '"op":"map","count"' first.json
}

guest()
{
	guest_load || return 1
	deny background -- dmatrace record --with live -o run.db --interval 100ms 2>record.err &
	pid=$!
	guest_until guest_is_tracing
	echo hold 1000 512 >/dev/dmt_oracle
	until [ -e enough ]; do
		echo keep 200 512 kernel
		echo drain
	done >/dev/dmt_oracle &
	worker=$!
	guest_until guest_reads_held
	for n in 1 2 3 4 5 6 7 8 9 10 11 12; do
		usleep 250000
		guest_read "$n" || return 1
	done
	: >enough
	wait "$worker"
	kill -INT "$pid"
	guest_wait record
	guest_read last
	echo release >/dev/dmt_oracle
}

check()
{
	[ "$(cat record.code)" = 0 ] || { echo "$(head -n 1 record.err)"; return 1; }
	python3 - <<-'END'
		import json
		reports = [json.load(open(f"{n}.json")) for n in [*range(1, 13), "last"]]
		durations = {report["duration_ns"] for report in reports}
		counts = [{row["op"]: row["count"] for row in report["live"]} for report in reports]
		print(f"{len(durations)} times: {counts}")
		assert len(durations) >= 6, durations
		assert all(held["map"] == 1000 and held.get("alloc", 0) <= 200 for held in counts)
		assert any("alloc" in held for held in counts) and counts[-1] == {"map": 1000}
	END
}
