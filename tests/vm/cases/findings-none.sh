# SPDX-License-Identifier: GPL-2.0
# Healthy devices make no findings: disks read, packets sent, behind any IOMMU or none; nor does the
# swiotlb where nothing bounces, nor what is mapped for a while.  What cannot be watched is one.
. "$here/cases/findings.inc"
. "$here/cases/work.inc"

guest()
{
	guest_work 64 16 10 >script
	dmatrace stat -f json -- sh script >stat.json || return 1
	dmatrace swiotlb -f json -- sh script >swiotlb.json || return 1
	case $KERNEL in
	6.12 | 7.x)	dmatrace stat -f json -w tracepoint -- true >blind.json || return 1 ;;
	esac
	case $KERNEL in
	5.10 | 6.12)	dmatrace live -f json -- sh script >live.json || return 1 ;;
	esac
}

check()
{
	local runs=2

	[ ! -e live.json ] || runs=3
	check_work $runs 10
	check_findings stat.json
	check_findings swiotlb.json
	# which does not ask for bounce_copy
	[ ! -e live.json ] || "$here/compare_findings.py" live.json
	[ ! -e blind.json ] || check_findings blind.json data-incomplete 'hooks off: .*tracepoint'
	python3 - <<-'END' || return 1
		import json, sys
		report = json.load(open("swiotlb.json"))
		if report["bounces"] or report["copies"]:
		    sys.exit(f"bounced: {report['bounces']}")
	END
}
