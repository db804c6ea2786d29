# SPDX-License-Identifier: GPL-2.0
# What an IOMMU refuses: iommu_map() of addresses that are no multiples of a page, mapped already,
# out of its range, or for nobody to use; and maps when all I/O addresses below the mask are taken.
. "$here/cases/cells.inc"
. "$here/cases/findings.inc"

applies()
{
	eight_with_iommu
}

# VT-d and AMD's IOMMU overwrite what is mapped up to 6.12, the former with a warning.
guest_steps()
{
	printf 'unaligned\nbeyond\nneither\n'
	case $KERNEL-$IOMMU in
	7.x-* | *-smmuv3)	echo again ;;
	esac
	printf 'mask 24\nfill 300 64K to_device\n'
}

guest_healthy()
{
	printf 'mask 24\nmap 30 4K to_device\niommu 10 64K\n'
}

guest()
{
	guest_findings
}

# What the kernel returned says what it minded; 0, which is not printed: nothing.
refused()	# COMMAND: fills `refusals`
{
	case $(counted stat.oracle "info $1_errno") in
	'')		;;
	-14 | -34)	refusals+=(iommu-map-failed 'E(FAULT|RANGE); .*out of the range') ;;
	-17 | -98)	refusals+=(iommu-map-failed 'E(EXIST|ADDRINUSE); .*mapped already') ;;
	-22)		refusals+=(iommu-map-failed 'EINVAL; .*permission') ;;
	*)		echo "$1: $(counted stat.oracle "info $1_errno")"; return 1 ;;
	esac
}

check()
{
	local error=EINVAL made failed
	local asked='iova 0xffffe000, paddr 0x30830040, size 0x2001, smallest page 0x1000'
	local -a refusals=()

	[ "$KERNEL-$ARCH" != 7.x-amd64 ] || error=ENXIO
	refused beyond
	refused neither
	refused again
	# one at least is refused everywhere, and where asked, the second of the same address
	[ ${#refusals[@]} -gt 0 ]
	! grep -qx again stat.steps || [ "$(counted stat.oracle 'info again_errno')" ]
	read -r made failed _ < <(sed -n 's/^map to_device //p' stat.oracle)
	[ "$made" = 300 ] && [ "$failed" -gt 43 ] || { echo "$failed of $made maps failed"; return 1; }
	check_findings stat.json iommu-unaligned \
		"(map|cmd)_unaligned.*; 1 call returned $error; $asked; paddr.size:" "${refusals[@]}" \
		map-failed "dmt_oracle.*; $failed of $made maps failed.*no I/O address was free"
	check_healthy
	python3 - $error <<-'END' || return 1
		import json, sys
		failure, = (f for f in json.load(open("stat.json"))["iommu_failures"] if f["offender"])
		names = ("iova", "paddr", "size", "min_pagesz", "offender", "errno", "count")
		shown = [failure[name] for name in names]
		if shown != [0xffffe000, 0x30830040, 0x2001, 4096, "paddr+size", sys.argv[1], 1]:
		    sys.exit(f"iommu_failures: {shown}")
		# compilers inline the one into the other
		if not any(n.startswith(("map_unaligned", "cmd_unaligned")) for n in failure["stack"]):
		    sys.exit(f"stack: {failure['stack']}")
	END
}
