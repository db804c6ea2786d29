# SPDX-License-Identifier: GPL-2.0
# Everything bounced by the kernel's command line, from every context, every copy seen.  Then more
# slots are held than are followed, and more kinds of failures made than are kept: the rest is lost,
# and counted.
. "$here/cases/cells.inc"
. "$here/cases/path.inc"
smp=$cpus
cmdline='swiotlb=32768,force'

applies()
{
	four_without_iommu
}

guest_steps()
{
	cat <<-END
		bounce 20 600 to_device task : bounce
		bounce 21 600 from_device task : bounce
		bounce 22 4096 bidirectional task : bounce
		bounce 23 600 to_device softirq : bounce
		bounce 24 600 from_device softirq : bounce
		bounce 25 600 bidirectional softirq : bounce
		bounce 36 600 to_device hardirq : bounce
		bounce 37 600 from_device hardirq : bounce
		bounce 38 600 bidirectional hardirq : bounce
	END
}

# Where the pool has room for so many.
guest_more()
{
	case $KERNEL-$ARCH in
	5.10-amd64 | 6.12-amd64)	;;
	*)	return 1 ;;
	esac
}

guest_overflow()
{
	guest_load || return 1
	cat >script <<-'END'
		echo fill 9000 2048 to_device >/dev/dmt_oracle
		cat /dev/dmt_oracle >slots.oracle
	END
	dmatrace swiotlb -f json -- sh script >slots.json || return 1
	echo drain >/dev/dmt_oracle
	echo reset >/dev/dmt_oracle
	cat >script <<-'END'
		size=300000
		while [ $size -lt 300700 ]; do
			echo map 1 $size to_device >/dev/dmt_oracle
			size=$((size + 1))
		done
		cat /dev/dmt_oracle >failures.oracle
	END
	dmatrace stat -f json -- sh script >failures.json || return 1
	rmmod dmt_oracle
}

guest()
{
	guest_classes || return 1
	! guest_more || guest_overflow
}

# Lost is the truth less what was kept.
check_overflow()
{
	python3 - <<-'END'
		import json

		def lost(report, name):
		    others = {k: v for k, v in report["losses"].items()
		              if v and k not in (name, "missed", "path_missed", "stacks_lost")}
		    assert not others, others
		    return report["losses"][name]

		def oracle(name, column):
		    return sum(int(w[column]) for w in map(str.split, open(name + ".oracle"))
		               if w[0] == "map")

		slots = json.load(open("slots.json"))
		kept = sum(h["count"] for pool in slots["swiotlb"] for h in pool["holders"] or [])
		made = oracle("slots", 2) - oracle("slots", 3)
		assert made == 9000 and 0 < kept < made, (made, kept)
		assert lost(slots, "held_full") == made - kept, (made, kept, slots["losses"])
		report = json.load(open("failures.json"))
		rows = report["aggregates"]
		failed = {op: sum(r["errors"] for r in rows if r["op"] == op) for op in ("map", "bounce")}
		made = oracle("failures", 3)
		assert failed == {"map": made, "bounce": made} and made == 700, (failed, made)
		kept = sum(v["count"] for r in rows for v in r["error_values"] or [])
		assert lost(report, "error_values_full") == 2 * made - kept > 0, (made, kept)
	END
}

check()
{
	! guest_more || check_overflow || return 1
	check_classes forced
}
