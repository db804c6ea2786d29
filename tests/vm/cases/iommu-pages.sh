# SPDX-License-Identifier: GPL-2.0
# What page tables are asked for: pages of which size, as kprobe events see the arguments of the
# function that writes them; inside which calls, as the module counts those; and that what is
# inside a call takes no longer than the call.
. "$here/cases/load.inc"
# a boot of its own: after a range that was not to be had, 5.10 tries larger ones twice
cmdline=case=iommu-pages

applies()
{
	case $KERNEL-$ARCH-$IOMMU in
	5.10-arm64-smmuv3 | 6.1-amd64-intel | 6.12-amd64-amd | 7.x-amd64-intel) ;;
	*)	echo "four cells will do"; return 1 ;;
	esac
}

guest_steps()
{
	cat <<-'END'
		map 40 4096 to_device
		map 30 2M from_device
		map 20 2052K bidirectional
		alloc 10 4K kernel
		alloc_contiguous 11 64K kernel
		sg 12 4 4096 bidirectional
		resource 13
		iommu 14 2M
	END
	[ "$KERNEL" != 7.x ] || echo 'iova 15 8K'
}

# The function, and which of its arguments are a page's size and how many there are; what only gets
# a length has no page size.
guest_event()
{
	case $KERNEL-$IOMMU in
	5.10-intel)	echo 'domain_mapping length=$arg5' ;;
	5.10-smmuv3)	echo 'arm_lpae_map pgsize=$arg4' ;;
	7.x-intel)	echo 'vtdss_map_range length=$arg4' ;;
	*-smmuv3)	echo 'arm_lpae_map_pages pgsize=$arg4 pgcount=$arg5' ;;
	*-intel)	echo 'intel_iommu_map_pages pgsize=$arg4 pgcount=$arg5' ;;
	*-amd)		echo 'amd_iommu_map_pages pgsize=$arg4 pgcount=$arg5' ;;
	esac
}

guest()
{
	guest_load || return 1
	guest_steps >steps
	guest_event >event
	cat >play <<-'END'
		while read -r command; do
			echo "$command" >/dev/dmt_oracle || { echo "cannot $command" >&2; exit 1; }
		done <steps
	END
	cat >script <<-'END'
		T=/sys/kernel/tracing
		[ -f $T/kprobe_events ] || T=/sys/kernel/debug/tracing
		echo 20000 >$T/buffer_size_kb
		echo "p:oracle/pages $(cat event)" >>$T/kprobe_events || exit 1
		echo 1 >$T/events/oracle/enable
		sh play || exit 1
		echo 0 >$T/events/oracle/enable
		grep ' pages: ' $T/trace >events
		cat $T/per_cpu/cpu*/stats | sed -n 's/^overrun: //p' >overruns
		echo "-:oracle/pages" >>$T/kprobe_events
	END
	dmatrace stat -f json -- sh script >stat.json || return 1
	dmatrace iommu -f json -- sh play >iommu.json || return 1
	rmmod dmt_oracle
}

check()
{
	"$here/compare_pages.py" stat.json iommu.json steps events overruns
}
