# SPDX-License-Identifier: GPL-2.0
# A device that is not coherent, and callers that must not sleep: more than the pool has.
. "$here/cases/cells.inc"
. "$here/cases/findings.inc"
firmware=noncoherent

applies()
{
	[ "$ARCH" = arm64 ] || { echo "amd64 devices are coherent"; return 1; }
	enough_in 5.10-arm64-none 7.x-arm64-smmuv3
}

guest_steps()
{
	printf 'alloc 20 4K atomic\nalloc 1 4M atomic\n'
}

guest_healthy()
{
	printf 'alloc 20 4K atomic\nalloc 5 64K kernel\n'
}

guest()
{
	guest_findings
}

check()
{
	check_findings stat.json atomic-pool-exhausted '; 1 of 21 allocations from the pool failed'
	check_healthy
}
