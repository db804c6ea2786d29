# SPDX-License-Identifier: GPL-2.0
# iommu_map() of addresses that are no multiples of a page: who called it, with what.
. "$here/cases/findings.inc"

applies()
{
	[ "$IOMMU" != none ] || { echo "no IOMMU"; return 1; }
}

guest_steps()
{
	echo unaligned
}

guest()
{
	guest_findings || return 1
	rmmod dmt_oracle
}

check()
{
	local error=EINVAL caller=cmd_unaligned
	local asked='iova 0xffffe000, paddr 0x30830040, size 0x2001, smallest page 0x1000'

	[ "$KERNEL-$ARCH" != 7.x-amd64 ] || error=ENXIO
	# no call path at a kretprobe
	[ "$KERNEL-$ARCH" != 5.10-arm64 ] || caller=
	check_findings stat.json iommu-unaligned \
		"$caller.*; 1 call returned $error; $asked; paddr.size:"
	python3 - $error "$caller" <<-'END' || return 1
		import json, sys
		failure, = json.load(open("stat.json"))["iommu_failures"]
		names = ("iova", "paddr", "size", "min_pagesz", "offender", "errno", "count")
		shown = [failure[name] for name in names]
		if shown != [0xffffe000, 0x30830040, 0x2001, 4096, "paddr+size", sys.argv[1], 1]:
		    sys.exit(f"iommu_failures: {shown}")
		if sys.argv[2] not in " ".join(failure["stack"]):
		    sys.exit(f"stack: {failure['stack']}")
	END
}
