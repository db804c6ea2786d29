# SPDX-License-Identifier: GPL-2.0
# A pool of 1 MiB, 512 slots: 16 mappings of 64 KiB fit, 48 do not; one of 512 KiB fits in no pool,
# as neighbouring slots end after 256 KiB; one of 4 KiB not while every second slot is taken.
. "$here/cases/cells.inc"
. "$here/cases/path.inc"
. "$here/cases/findings.inc"
smp=$cpus
cmdline='swiotlb=512,force'

applies()
{
	four_without_iommu
}

guest_steps()
{
	cat <<-END
		fill 64 64K to_device : bounce 16
		drain :
		map 3 512K from_device : bounce 0
		map 4 256K from_device : bounce
		fill 512 2K to_device : bounce
		thin :
		map 5 4K bidirectional : bounce 0
		map 6 2K bidirectional : bounce
		drain :
	END
}

guest()
{
	# the kernel's log takes ten such messages in five seconds, and others may have filled it
	sleep 5
	guest_classes || return 1
	cat /sys/kernel/debug/swiotlb/io_tlb_nslabs >slots
	cat /sys/kernel/debug/swiotlb/io_tlb_used >used
	case $KERNEL in
	5.10 | 6.1)	;;
	*)		cat /sys/kernel/debug/swiotlb/io_tlb_used_hiwater >highest || return 1 ;;
	esac
}

# 5.10 does not tell BPF what is left in the pool.
check()
{
	local -a causes=(swiotlb-full '; 48 of 594 .*exhausted' swiotlb-full
		'; 5 of 594 .* 4.0KiB .2 slots. asked for; 256 of 512 slots used; fragmented')

	[ "$KERNEL" != 5.10 ] || causes=(swiotlb-full '; 53 of 594 .*unknown')
	check_classes forced
	check_findings stat.json bounce-forced '; 538 bounces' "${causes[@]}" \
		swiotlb-full '; 3 of 594 .*512.0KiB .*segment limit'
	[ "$(cat slots)" = 512 ] || { echo "$(cat slots) slots"; return 1; }
	[ "$(cat used)" = 0 ] || { echo "$(cat used) slots still used"; return 1; }
	[ ! -e highest ] || [ "$(cat highest)" = 512 ] || { echo "highest: $(cat highest)"; return 1; }
	[ "$(grep -c 'swiotlb buffer is full (sz: 65536 bytes), total 512 (slots), used 512' dmesg)" \
		-ge 1 ] || { echo "the kernel's log says nothing of a full pool"; return 1; }
}
