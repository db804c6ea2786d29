# SPDX-License-Identifier: GPL-2.0
# A device that reaches neither the buffer nor the pool: it gets a slot, and cannot use it.
. "$here/cases/path.inc"
mem=5120M

applies()
{
	case $ARCH-$IOMMU in
	amd64-none)	;;
	amd64-*)	echo "an IOMMU reaches all memory"; return 1 ;;
	*)		echo "memory starts above 28 bits"; return 1 ;;
	esac
}

guest_steps()
{
	cat <<-END
		map 25 4096 to_device : direct
		mask 28 :
		map 26 4096 to_device : bounce 0 26
	END
}

guest()
{
	guest_classes
}

check()
{
	check_classes mask
}
