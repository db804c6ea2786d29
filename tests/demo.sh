#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# `make demo`: from a bare Debian to a report of what real drivers do with DMA, in a small VM that
# leaves this machine's devices alone.  Knows what to show; how to boot is tests/vm's.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/vm/lib.sh"

kernel=6.12
devices='nvme ahci e1000e'

step()	# TEXT: what takes a while now
{
	printf '[%3d s] %s\n' "$SECONDS" "$*"
}

# A little of an ordinary machine's life, then what bouncing looks like.
workload()
{
	cat <<-'END'
	disk()	# FILE
	{
		echo "reading 32 MiB from $1, past the page cache"
		dd if="$1" of=/dev/null bs=64k count=512 iflag=direct 2>/dev/null
	}
	net()	# INTERFACE
	{
		echo "sending and receiving 50 packets of 1 KiB through $1"
		ip addr add 10.0.2.15/24 dev "$1"
		ip link set "$1" up
		ping -q -A -c 50 -s 1024 10.0.2.2 >/dev/null
		ip addr flush dev "$1"
	}
	edu()
	{
		echo "mapping for edu, 300 times with a mask of 32 bits: these bounce"
		echo mask 32 >/dev/dmt_oracle
		echo map 300 2000 to_device >/dev/dmt_oracle
		echo "and 20 times with edu's own 28: out of reach of swiotlb's pool, these fail"
		echo mask 28 >/dev/dmt_oracle
		echo map 20 2000 from_device >/dev/dmt_oracle
	}
	disk /dev/nvme0n1
	disk /dev/sda
	for card in /sys/class/net/e*; do
		net "${card##*/}"
	done
	[ ! -e /dev/dmt_oracle ] || edu
	END
}

guest()
{
	cat <<-END
	cat >workload <<'EOT'
	$(workload)
	EOT
	[ ! -e /dmt_oracle.ko ] || insmod /dmt_oracle.ko
	hostname demo
	dmatrace stat -- sh workload >report
	END
}

# The module that drives edu builds as root and for amd64 only.  Behind 32 bits, the old e1000
# bounces as well.
prepare()	# ARCH
{
	[ -e "$CACHE/kernels/$kernel-$1/release" ] || "$here/vm/fetch.sh" "$kernel" "$1"
	if [ "$1" != amd64 ] || ! "$here/vm/module/build.sh" "$kernel" "$1"; then
		step 'no driver for edu on this machine, showing bouncing with e1000 instead'
		devices="$devices e1000"
	fi
}

arch=$(dpkg --print-architecture)
case $arch in
amd64 | arm64)	;;
*)	die "no demo for $arch; one of: $ARCHES" ;;
esac
out=$(mktemp -d "${TMPDIR:-/tmp}/dmatrace-demo.XXXXXX")
trap '[ $? != 0 ] || rm -rf "$out"' EXIT

"$here/deps.sh" demo
step 'building dmatrace'
make -s -C "$here/.."
[ -e "$CACHE/base/$kernel-$arch.cpio" ] ||
	step "fetching Debian's Linux $kernel, building a driver for QEMU's edu; once, 700 MB in $CACHE"
prepare "$arch"
step "booting Linux $(cat "$CACHE/kernels/$kernel-$arch/release") in QEMU with edu $devices and 5 GiB"
guest >"$out/demo.sh"
"$here/vm/boot.sh" -d "$devices" -l "${devices/ahci/ahci sd_mod}" -m 5120 \
	"$kernel" "$arch" none "$out" "$out/demo.sh"
step 'in the VM: dmatrace stat -- sh workload'
cat "$out/demo/log"
[ -s "$out/demo/report" ] || die "no report came out of the VM; see above, and $out/console"
echo
cat "$out/demo/report"
