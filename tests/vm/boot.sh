#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Boot one virtual machine, run scripts in it, bring their results back.  Owns the QEMU command
# line; knows nothing of cases and checks.
#
# For each SCRIPT (NAME.sh, for busybox sh) DIR/NAME holds what it left in its directory, and
# log, status, dmesg.  Fails when the machine did not get through all of them in time.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
. "$here/lib.sh"
. "$here/image.sh"
. "$here/firmware.sh"

usage()
{
	cat >&2 <<-END
	usage: boot.sh [OPTION]... KERNEL ARCH IOMMU DIR SCRIPT...
	 -a TEXT     kernel command line, appended
	 -d DEVICES  besides edu: nvme e1000e e1000 ahci xhci virtio-net virtio-blk
	 -q TEXT     further QEMU arguments, split at blanks
	 -f WORDS    what firmware says: external (amd64: edu behind a port that faces outwards);
	             noncoherent (arm64: PCI does not see caches), pool (arm64: memory set aside
	             for the oracle module), buslimit (arm64: PCI reaches no address above 4 GiB),
	             restricted, restrictedbus (arm64: edu, all of PCI has a swiotlb of its own)
	 -l MODULES  kernel modules to load before the first script
	 -p FILE     also put this program of the guest's architecture into /bin (repeatable)
	 -c CPUS     (2)
	 -m MEMORY   (1G)
	 -i          one instruction per ns of guest time: the clock counts those of all CPUs
	 -t SECONDS  of real time before the machine is given up (180)
	END
	exit 2
}

cmdline='' devices='' extra='' firmware='' modules='' programs=''
cpus=2 memory=1G icount='' limit=180
while getopts a:d:q:f:l:p:c:m:it:h option; do
	case $option in
	a)	cmdline=$OPTARG ;;
	d)	devices=$OPTARG ;;
	q)	extra=$OPTARG ;;
	f)	firmware=$OPTARG ;;
	l)	modules=$OPTARG ;;
	p)	programs="$programs $OPTARG" ;;
	c)	cpus=$OPTARG ;;
	m)	memory=$OPTARG ;;
	i)	icount=yes ;;
	t)	limit=$OPTARG ;;
	*)	usage ;;
	esac
done
shift $((OPTIND - 1))
[ $# -ge 5 ] || usage
kernel=$1 arch=$2 iommu=$3 out=$4
shift 4

name=$kernel-$arch
release=$(cat "$CACHE/kernels/$name/release" 2>/dev/null) ||
	die "kernel $name is not in the cache; run tests/vm/fetch.sh $kernel $arch"
case " $(iommus_of "$arch") " in
*" $iommu "*)	;;
*)	die "$arch has no IOMMU '$iommu'; one of: $(iommus_of "$arch")" ;;
esac
mkdir -p "$out"
work=$(mktemp -d "${TMPDIR:-/tmp}/dmatrace-boot.XXXXXX")
trap 'rm -rf "$work"' EXIT

# The binary a guest gets, where make and run.sh put it; DMATRACE_amd64 and DMATRACE_arm64 name
# others.
dmatrace_of()	# ARCH
{
	local other=DMATRACE_$1

	if [ "${!other-}" ]; then
		echo "${!other}"
	elif [ "$1" = "$(dpkg --print-architecture)" ]; then
		echo "$top/dmatrace"
	else
		echo "$top/.output/$1/dmatrace"
	fi
}

make_overlay()	# SCRIPT...
{
	local root triplet program module

	root=$(root_of "$arch")
	triplet=$(triplet_of "$arch")
	mkdir -p "$work/root/scripts"
	cp "$@" "$work/root/scripts"
	# shellcheck disable=SC2086	# a list of words
	printf '%s\n' $modules >"$work/root/scripts/modules"
	echo $((limit > 60 ? limit - 30 : limit / 2)) >"$work/root/scripts/limit"
	for module in "$CACHE/module/$name"/dmt_*.ko; do
		[ ! -e "$module" ] || cp "$module" "$work/root"
	done
	program=$(dmatrace_of "$arch")
	if [ -e "$program" ]; then
		put_program "$program" "$root" "$triplet" "$work/root" dmatrace
	else
		say "$name-$iommu: no $program to test; run make"
	fi
	for program in $programs; do
		case $program in
		"$CACHE/tools-$arch"/*)	root=$CACHE/tools-$arch ;;
		*)	root=$(root_of "$arch") ;;
		esac
		put_program "$program" "$root" "$triplet" "$work/root"
	done
	pack "$work/root"
}

disk()	# ID: QEMU arguments for an empty disk
{
	truncate -s 64M "$work/$1"
	echo -drive "if=none,id=$1,file=$work/$1,format=raw,cache=unsafe"
}

card()	# MODEL: QEMU arguments for a network card
{
	echo -netdev "user,id=$1-net" -device "$1,netdev=$1-net,romfile=$2"
}

device()	# NAME: QEMU arguments
{
	# Without iommu_platform virtio goes past the DMA API.
	local virtio=disable-legacy=on,iommu_platform=on

	case $1 in
	nvme)		disk nvme0 && echo -device nvme,drive=nvme0,serial=dmatrace ;;
	ahci)		disk sata0
			echo -device ich9-ahci,id=ahci -device ide-hd,drive=sata0,bus=ahci.0 ;;
	xhci)		disk usb0 && echo -device qemu-xhci -device usb-storage,drive=usb0 ;;
	virtio-blk)	disk virtio0 && echo -device "virtio-blk-pci,drive=virtio0,$virtio" ;;
	virtio-net)	card virtio-net-pci ",$virtio" ;;
	e1000 | e1000e)	card "$1" '' ;;
	*)		die "unknown device '$1'; one of those boot.sh -h names" ;;
	esac
}

# Where the device sits whose calls are made: on the root bus, or behind a port of its own.
edu()
{
	case " $firmware " in
	*' external '*)	echo -device pcie-root-port,id=external,chassis=1,addr=8.0
			echo -device edu,bus=external ;;
	*)		echo -device edu ;;
	esac
}

# IOMMUs come first: they serve the devices named after them.
machine()
{
	local virt=virt,gic-version=3

	case $arch-$iommu in
	amd64-*)	echo qemu-system-x86_64 -cpu max -M q35,kernel-irqchip=split ;;
	arm64-none)	echo qemu-system-aarch64 -cpu cortex-a72 -M $virt ;;
	arm64-smmuv3)	echo qemu-system-aarch64 -cpu cortex-a72 -M $virt,iommu=smmuv3 ;;
	esac
	case $iommu in
	intel)	echo -device intel-iommu,intremap=on ;;
	amd)	echo -device amd-iommu ;;
	esac
	if [ "$icount" ]; then
		echo -accel tcg,thread=single -icount shift=0,sleep=off -smp "$cpus"
	else
		echo -accel tcg,thread=multi -smp "$cpus"
	fi
	echo -m "$memory"
	edu
	for device in $devices; do
		device "$device"
	done
}

boot()
{
	local console=ttyS0

	[ "$arch" != arm64 ] || console=ttyAMA0
	# A slow emulator fails the check of the timer interrupt, and some kernels panic at that.
	[ "$arch" != amd64 ] || cmdline="no_timer_check $cmdline"
	[ "$iommu" != intel ] || cmdline="intel_iommu=on $cmdline"
	# shellcheck disable=SC2086	# lists of words
	timeout --foreground -k 5 "$limit" $arguments $tables $extra \
		-nographic -nodefaults -serial stdio -no-reboot \
		-kernel "$CACHE/kernels/$name/vmlinuz" -initrd "$work/initrd" \
		-virtfs "local,path=$work/host,mount_tag=host,security_model=none" \
		-append "console=$console loglevel=5 panic=-1 oops=panic softlockup_panic=1 $cmdline" \
		>"$out/console" 2>&1 </dev/null
}

arguments=$(machine)
tables=$(firmware_arguments)
base=$(locked "base-$name" base_image "$name" "$arch" "$release")
make_overlay "$@" >"$work/overlay"
cat "$base" "$work/overlay" >"$work/initrd"
mkdir "$work/host"
status=0
boot || status=$?
echo "$SECONDS" >"$out/seconds"
# of CPU, which is what a machine of few cores runs out of
times >"$work/times"
awk -F '[ms ]' 'NR == 2 { print int($1 * 60 + $2 + $4 * 60 + $5) }' "$work/times" >"$out/cpu-seconds"
cp -r "$work/host/." "$out"
[ $status != 124 ] || die "$name-$iommu: gave up after $limit s; console: $out/console"
[ $status = 0 ] || die "$name-$iommu: qemu failed with $status; console: $out/console"
for script in "$@"; do
	script=${script##*/}
	[ -e "$out/${script%.sh}/status" ] ||
		die "$name-$iommu: the guest died before it was through; console: $out/console"
done
