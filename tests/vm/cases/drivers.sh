# SPDX-License-Identifier: GPL-2.0
# Drivers as they come: reads through NVMe and AHCI, packets through e1000e and virtio-net.  Calls,
# errors and bytes by device and operation equal to what the kernel's own tracepoints, and kprobe
# events where it has none, counted meanwhile.
devices='nvme ahci e1000e virtio-net'
modules='nvme ahci sd_mod e1000e virtio_net'

applies()
{
	case $KERNEL-$IOMMU in
	5.10-* | 6.1-*)	echo "no dma: tracepoints before 6.10"; return 1 ;;
	*-amd)		echo "intel stands for both"; return 1 ;;
	esac
}

# Everything is idle before the events go on, and again before they go off.
guest_script()
{
	cat <<-'END'
		exec >>workload 2>&1
		T=/sys/kernel/tracing/instances/drivers
		mkdir $T
		echo 16384 >$T/buffer_size_kb
		device='dev=+0(+0($arg1)):string'
		cat >/sys/kernel/tracing/kprobe_events 2>/dev/null <<-PROBES
			r:iova/try_alloc dma_iova_try_alloc $device size=\$arg4:u64 got=\$retval:u8
			p:iova/link dma_iova_link $device size=\$arg5:u64
			p:iova/unlink dma_iova_unlink $device size=\$arg4:u64
			p:iova/destroy dma_iova_destroy $device size=+8(\$arg2):u64
			p:iova/free dma_iova_free $device size=+8(\$arg2):u64
		PROBES
		for events in dma swiotlb iommu iova; do
			[ ! -d $T/events/$events ] || echo 1 >$T/events/$events/enable
		done

		dd if=/dev/nvme0n1 of=/dev/null bs=64k count=256 iflag=direct
		dd if=/dev/sda of=/dev/null bs=64k count=64 iflag=direct
		for card in /sys/class/net/e*; do
			ip addr add 10.0.2.15/24 dev ${card##*/}
			ip link set ${card##*/} up
			while [ "$(cat $card/carrier)" != 1 ]; do
				sleep 0.1
			done
			ping -q -A -c 30 -s 1000 10.0.2.2
			ip addr flush dev ${card##*/}
			ip link set ${card##*/} down
		done
		sleep 1

		echo 0 >$T/events/enable
		cat $T/trace >trace
		cat $T/per_cpu/cpu*/stats >stats
		cat /sys/kernel/tracing/kprobe_profile >kprobes
	END
}

guest()
{
	guest_script >script
	dmatrace stat -f json -- sh script >stat.json
}

check()
{
	local nvme=map,map_sg

	# The block layer's own way past scatterlists, where there are addresses to give away.
	case $KERNEL-$IOMMU in
	7.x-intel | 7.x-smmuv3)	nvme=iova_link ;;
	esac
	[ "$(grep -c '+0 records out' workload)" = 2 ] || { echo "not all was read"; return 1; }
	[ "$(grep -c ' 30 packets received' workload)" = 2 ] || { echo "no packets came"; return 1; }
	! grep overrun stats | grep -v ': 0$' || { echo "the trace is short of events"; return 1; }
	"$here/compare_drivers.py" stat.json trace kprobes \
		nvme "$nvme" 16777216 ahci map_sg 4194304 \
		e1000e map 60000 virtio-pci map 60000
}
