# SPDX-License-Identifier: GPL-2.0
# Healthy devices make no findings: disks read, packets sent, behind any IOMMU or none; nor does the
# swiotlb where nothing bounces, nor what is mapped for a while.  What cannot be watched is one.
. "$here/cases/cells.inc"
. "$here/cases/findings.inc"
devices='nvme ahci e1000e virtio-net'
modules='nvme ahci sd_mod e1000e virtio_net'

applies()
{
	half_of_all
}

guest_work()
{
	cat <<-'END'
		exec >>workload 2>&1
		dd if=/dev/nvme0n1 of=/dev/null bs=64k count=64 iflag=direct
		dd if=/dev/sda of=/dev/null bs=64k count=16 iflag=direct
		for card in /sys/class/net/e*; do
			ip addr add 10.0.2.15/24 dev ${card##*/}
			ip link set ${card##*/} up
			while [ "$(cat $card/carrier)" != 1 ]; do
				sleep 0.1
			done
			ping -q -A -c 10 -s 1000 10.0.2.2
			ip addr flush dev ${card##*/}
			ip link set ${card##*/} down
		done
	END
}

guest()
{
	guest_work >script
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
	[ "$(grep -c '+0 records out' workload)" = $((2 * runs)) ] || { echo "not all was read"; return 1; }
	[ "$(grep -c ' 10 packets received' workload)" = $((2 * runs)) ] || { echo "no packets came"; return 1; }
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
