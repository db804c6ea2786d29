# SPDX-License-Identifier: GPL-2.0
# What firmware tells a guest about its machine, where a case wants it told otherwise: device
# trees edited, an ACPI table added.  Sourced by boot.sh, which defines $work and die; knows
# nothing of kernels.

PCI_NODE=/pcie@10000000		# of QEMU's virt
POOL_BASE=70000000 POOL_SIZE=100000	# hex; in the first GiB of memory, which starts at 1 GiB

# The table that marks the port in front of edu as one strangers can plug devices into.
external_table()	# OUTPUT.aml
{
	local log

	log=$(iasl -p "${1%.aml}" "$here/external.asl" 2>&1) || die "iasl failed: $log"
}

# Devices of this host bridge do not see what caches hold.
edit_noncoherent()	# DTB
{
	fdtput -d "$1" $PCI_NODE dma-coherent
}

put_reserved()	# DTB NODE COMPATIBLE SIZE PHANDLE
{
	fdtput -cp "$1" "$2"
	fdtput -t x "$1" /reserved-memory '#address-cells' 2
	fdtput -t x "$1" /reserved-memory '#size-cells' 2
	fdtput "$1" /reserved-memory ranges
	fdtput -t s "$1" "$2" compatible "$3"
	fdtput -t x "$1" "$2" reg 0 $POOL_BASE 0 "$4"
	fdtput -t x "$1" "$2" phandle "$5"
}

# Memory set aside for the oracle module, which looks for this node.
edit_pool()	# DTB
{
	local pool=/reserved-memory/oracle@$POOL_BASE phandle=7000

	put_reserved "$1" $pool shared-dma-pool $POOL_SIZE $phandle
	fdtput "$1" $pool no-map
	fdtput -c "$1" /oracle
	fdtput -t s "$1" /oracle compatible dmatrace,oracle
	fdtput -t x "$1" /oracle memory-region $phandle
}

# A swiotlb of 2048 slots for nothing but what this node names; in the kernel's linear mapping.
put_restricted()	# DTB NODE
{
	local pool=/reserved-memory/restricted@$POOL_BASE phandle=7100

	put_reserved "$1" $pool restricted-dma-pool 400000 $phandle
	fdtput -t x "$1" "$2" memory-region $phandle
}

# Edu's, which is the first on its bus; its driver comes when the kernel is up.
edit_restricted()	# DTB
{
	fdtput -c "$1" $PCI_NODE/edu@1,0
	fdtput -t x "$1" $PCI_NODE/edu@1,0 reg 800 0 0 0 0
	put_restricted "$1" $PCI_NODE/edu@1,0
}

# That of all devices on the bus, of which some are there while the kernel starts.
edit_restrictedbus()	# DTB
{
	put_restricted "$1" $PCI_NODE
}

# The bus carries addresses from 1 GiB to 4 GiB, whatever the devices on it can do.
edit_buslimit()	# DTB
{
	fdtput -t x "$1" $PCI_NODE dma-ranges 2000000 0 40000000 0 40000000 0 c0000000
}

# Print the QEMU arguments for the words in $firmware, in an order of QEMU's liking; $arguments
# make the machine whose device tree is to be edited.
firmware_arguments()
{
	local word

	for word in $firmware; do
		case $arch-$word in
		amd64-external)	external_table "$work/external.aml"
				echo "-acpitable file=$work/external.aml" ;;
		arm64-noncoherent | arm64-pool | arm64-buslimit | \
		arm64-restricted | arm64-restrictedbus)
			if [ ! -e "$work/dtb" ]; then
				# shellcheck disable=SC2086	# a list of words
				$arguments -nographic -nodefaults -machine "dumpdtb=$work/dtb" 2>/dev/null ||
					die "QEMU dumps no device tree"
				echo "-dtb $work/dtb"
			fi
			"edit_$word" "$work/dtb" ;;
		*)	die "no firmware '$word' for $arch; one boot.sh -h names" ;;
		esac
	done
}
