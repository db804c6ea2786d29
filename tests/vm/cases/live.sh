# SPDX-License-Identifier: GPL-2.0
# A thousand mappings left behind among many that are not: exactly these are live, from the call
# site that made them, and said to be a leak; the driver goes and leaves them pending.  Where
# drivers need not unmap, the device is left out and the report says so.  Where mappings lie and how
# long they live is what the module says; what a table too small for them loses is counted.  Who
# called is the second frame of the call path, by every way; a sample is of call paths: mappings are
# followed all the same.
. "$here/cases/cells.inc"
. "$here/cases/load.inc"
smp=$cpus
timeout=400

applies()
{
	four_with_iommu
}

# Cells that will do for what the kernel's version, the way and the IOMMU make different.  On arm64
# up to 6.1 kallsyms has no variables, and where memory lies is not known.
guest_more()
{
	case $KERNEL-$ARCH-$IOMMU in
	5.10-amd64-none | 6.12-amd64-intel | 7.x-amd64-none | 7.x-arm64-smmuv3) ;;
	*)	return 1 ;;
	esac
}

# Who called, as it is found by every way, and whole call paths.
guest_ways()	# DEVICE
{
	echo release >/dev/dmt_oracle
	cat >script <<-'END'
		echo hold 5 8192 >/dev/dmt_oracle && echo hold_alloc 3 4096 >/dev/dmt_oracle &&
			echo hold_sg 0 4 >/dev/dmt_oracle && echo hold_sg 1 4 >/dev/dmt_oracle
	END
	for way in '' --stack '-w kprobe' '-w tracepoint'; do
		[ "$way" != '-w tracepoint' ] || [ -e /sys/kernel/tracing/events/dma ] || continue
		# shellcheck disable=SC2086	# words
		dmatrace live -f json -D "$1" $way -- sh script >"ways$way.json" || return 1
		echo release >/dev/dmt_oracle
	done
	dmatrace record --with live -o timed.db -- sh script &&
		dmatrace live -f json -D "$1" -i timed.db >"ways timed.json" || return 1
	echo release >/dev/dmt_oracle
	# of one function somebody else has the return address
	echo 'r:dmt_others/alloc dma_alloc_attrs' >/sys/kernel/tracing/kprobe_events &&
		echo 1 >/sys/kernel/tracing/events/dmt_others/enable &&
		dmatrace live -f json -D "$1" -- sh script >"ways watched.json" || return 1
	echo release >/dev/dmt_oracle
	echo 0 >/sys/kernel/tracing/events/dmt_others/enable
	echo '-:dmt_others/alloc' >>/sys/kernel/tracing/kprobe_events
}

guest_some()	# DEVICE
{
	cat >script <<-'END'
		echo hold 5 8192 >/dev/dmt_oracle && echo hold_alloc 3 4096 >/dev/dmt_oracle
		cat /dev/dmt_oracle >each.oracle
	END
	dmatrace live -f json -D "$1" --each -n 6 -- sh script >each.json || return 1
	# what was made before is not seen to be made
	cat >script <<-'END'
		echo release >/dev/dmt_oracle
		echo reset >/dev/dmt_oracle
		echo hold 40 4096 >/dev/dmt_oracle && echo hold_alloc 20 4096 >/dev/dmt_oracle
		sleep 0.3
		echo release >/dev/dmt_oracle
		cat /dev/dmt_oracle >lives.oracle
	END
	dmatrace live -f json -D "$1" -- sh script >lives.json || return 1
	cat >script <<-'END'
		echo reset >/dev/dmt_oracle
		echo hold_alloc 150 4096 >/dev/dmt_oracle
		echo release >/dev/dmt_oracle
		echo hold_alloc 130 4096 >/dev/dmt_oracle
		cat /dev/dmt_oracle >small.oracle
	END
	dmatrace live -f json -D "$1" --max-mappings 100 -- sh script >small.json || return 1
	echo release >/dev/dmt_oracle
	dmatrace live -f json -D "$1" -s 10 -- sh -c 'echo hold_alloc 1000 512 >/dev/dmt_oracle' \
		>sampled.json || return 1
	guest_ways "$1"
}

guest()
{
	guest_load || return 1
	balanced=20000
	[ "$KERNEL-$ARCH-$IOMMU" != 5.10-amd64-none ] || balanced=1000000
	device=$(sed -n 's/^info device //p' /dev/dmt_oracle)
	if guest_more; then
		guest_some "$device" || return 1
	fi
	cat >script <<-END
		echo leak 1000 20000 >/dev/dmt_oracle || exit 1
		echo $device >/sys/bus/pci/drivers/dmt_oracle/unbind
	END
	echo "$device" >device
	dmatrace live -f json -- sh -c "echo leak 1000 $balanced >/dev/dmt_oracle" >live.json &&
		dmatrace live -f json --stack -- sh script >unbound.json || return 1
	rmmod dmt_oracle
}

check()
{
	! guest_more || "$here/compare_live.py" "$KERNEL-$IOMMU" || return 1
	python3 - "$KERNEL-$IOMMU" <<-'END'
		import json, sys
		device = open("device").read().strip()
		for name, pending in ("live", 0), ("unbound", 1):
		    report = json.load(open(name + ".json"))
		    rows = [r for r in report["live"] if r["device"] == device]
		    found = {f["id"] for f in report["findings"]} - {"data-incomplete"}
		    # other calls may be: interrupts under kprobes
		    lost = {k: v for k, v in report["losses"].items() if v and k != "missed"}
		    assert not lost, lost
		    if sys.argv[1] == "7.x-none":
		        assert rows == [] and {"device": device} in report["left_out"], report
		        assert not found, found
		        continue
		    assert [r["count"] for r in rows] == [1000], (name, rows)
		    assert rows[0]["bytes"] == 1000 * 4096 and rows[0]["op"] == "map", rows
		    assert rows[0]["pending"] == pending, (name, rows[0]["pending"])
		    assert found == {"pending-at-unbind" if pending else "mapping-leak"}, found
		    names = [f.split()[0] for f in rows[0]["stack"]]
		    assert "oracle_balanced" not in names, names
		    if pending:
		        # only the caller, as more was not asked for
		        site = next(n for n in names if n.startswith("oracle_"))
		        assert "cmd_leak" in names and callers == [names[0], site], (callers, names)
		    callers = names
	END
}
