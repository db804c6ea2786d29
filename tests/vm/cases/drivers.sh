# SPDX-License-Identifier: GPL-2.0
# Drivers as they come: reads through NVMe and AHCI, packets through e1000e and virtio-net.  Calls,
# errors and bytes by device and operation equal to what the kernel's own tracing saw meanwhile: its
# tracepoints, and kprobe events where it has none.
. "$here/cases/work.inc"

# NAME FUNCTION ARGUMENT..., with the names compare_drivers.py knows.
guest_wanted()
{
	local sg=dma_map_sg_attrs

	! grep -q ' __dma_map_sg_attrs$' /proc/kallsyms || sg=__dma_map_sg_attrs
	[ -d /sys/kernel/tracing/events/dma ] || cat <<-END
		p:drivers/dma_alloc dma_alloc_attrs size=\$arg2:u64
		p:drivers/dma_free dma_free_attrs size=\$arg2:u64
		p:drivers/dma_map_page dma_map_page_attrs size=\$arg4:u64 dir=\$arg5:u32
		p:drivers/dma_unmap_page dma_unmap_page_attrs size=\$arg3:u64 dir=\$arg4:u32
		p:drivers/dma_map_sg $sg dir=\$arg4:u32
		p:drivers/dma_unmap_sg dma_unmap_sg_attrs dir=\$arg4:u32
		p:drivers/dma_sync_single_for_cpu dma_sync_single_for_cpu size=\$arg3:u64
		p:drivers/dma_sync_single_for_device dma_sync_single_for_device size=\$arg3:u64
	END
	! grep -q ' dma_iova_link$' /proc/kallsyms || cat <<-'END'
		r:drivers/try_alloc dma_iova_try_alloc size=$arg4:u64 got=$retval:u8
		p:drivers/link dma_iova_link size=$arg5:u64
		p:drivers/unlink dma_iova_unlink size=$arg4:u64
		p:drivers/destroy dma_iova_destroy size=+8($arg2):u64
		p:drivers/free dma_iova_free size=+8($arg2):u64
	END
}

# With the device's name first: the first field of what the first argument points to.
guest_probes()
{
	guest_wanted | while read -r name function rest; do
		echo "$name $function dev=+0(+0(\$arg1)):string $rest"
	done
}

# Everything is idle before the events go on, and again before they go off.
guest_script()
{
	cat <<-'END'
		T=/sys/kernel/tracing/instances/drivers
		mkdir $T
		echo 16384 >$T/buffer_size_kb
		cat probes >>/sys/kernel/tracing/kprobe_events	# > would clear those of dmatrace
		for events in dma swiotlb iommu drivers; do
			[ ! -d $T/events/$events ] || echo 1 >$T/events/$events/enable
		done
	END
	guest_work 256 64 30
	cat <<-'END'
		sleep 1
		echo 0 >$T/events/enable
		cat $T/trace >trace
		cat $T/per_cpu/cpu*/stats >stats
		cat /sys/kernel/tracing/kprobe_profile >kprobes
		rmdir $T
		sed 's/^.:\([^ ]*\).*/-:\1/' probes >>/sys/kernel/tracing/kprobe_events
	END
}

guest()
{
	guest_probes >probes
	guest_script >script
	dmatrace stat -f json -- sh script >stat.json
}

check()
{
	local nvme=map,map_sg

	# The block layer's own way past scatterlists, where there are addresses to give away.
	case $KERNEL-$IOMMU in
	7.x-none)	;;
	7.x-*)		nvme=iova_link ;;
	esac
	check_work 1 30
	! grep overrun stats | grep -v ': 0$' || { echo "the trace is short of events"; return 1; }
	"$here/compare_drivers.py" stat.json trace kprobes \
		nvme "$nvme" 16777216 ahci map_sg 4194304 \
		e1000e map 60000 virtio-pci map 60000
}
