# SPDX-License-Identifier: GPL-2.0
# In a strict domain each unmap waits for a flush.  QEMU's IOMMUs flush faster than any other; made
# to write down what they are told they are as slow as those.
. "$here/cases/findings.inc"
cmdline='iommu.strict=1'
qemu='-D /dev/null -trace vtd_inv* -trace vtd_reg* -trace memory_region_ops_*'

applies()
{
	[ "$KERNEL-$IOMMU" = 6.12-intel ] || { echo "the same in all cells"; return 1; }
}

guest_steps()
{
	echo 'map 5000 4096 to_device'
}

# So little of it that it does not matter, however slow.
guest_healthy()
{
	echo 'map 3 4096 to_device'
}

guest()
{
	guest_findings
}

check()
{
	check_findings stat.json strict-flush-cost \
		'dmt_oracle.*5000 unmaps, p50 .*: about .* for the flush'
	check_healthy
}
