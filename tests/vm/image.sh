# SPDX-License-Identifier: GPL-2.0
# What a guest finds in its memory: a base image per kernel, kept in the cache (busybox, modules,
# init), and a small one per boot (dmatrace, other programs, the oracle module, the scripts).
# Sourced after lib.sh by boot.sh, which defines $here; knows nothing of QEMU.

# In every base image as far as the kernel has them; loaded only when something asks.
guest_modules='virtio_pci 9pnet_virtio 9p nvme e1000e e1000 igb 8139cp ahci sd_mod virtio_net
	virtio_blk virtio-iommu xhci_pci usb-storage uas af_packet loop ext4 dm-mod dm-crypt'

triplet_of()	# ARCH
{
	case $1 in
	amd64)	echo x86_64-linux-gnu ;;
	arm64)	echo aarch64-linux-gnu ;;
	esac
}

# The directory that stands for a guest's /: empty for the architecture of this machine.
root_of()	# ARCH
{
	[ "$1" = "$(dpkg --print-architecture)" ] || echo "$CACHE/sysroot-$1"
}

pack()	# DIR >CPIO
{
	(cd "$1" && find . -mindepth 1 -print0 | sort -z | cpio --null -o -H newc --quiet -R 0:0)
}

# Uncompressed, because not every guest's modprobe can do it, and emulated CPUs are slow at it.
put_modules()	# RELEASE FROM TO
{
	local module file

	for module in $guest_modules; do
		modprobe -S "$1" -d "$2" --show-depends "$module" 2>/dev/null |
			sed -n 's/^insmod \([^ ]*\).*/\1/p'
	done | sort -u | while read -r file; do
		install -D -m 644 -t "$3${file%/*}" "$file"
	done
	# also where all of them are built in
	mkdir -p "$3$2/lib/modules/$1"
	mkdir -p "$3/lib"
	mv "$3$2/lib/modules" "$3/lib"
	rm -r "$3${2%"${2#/*/}"}"
	cp "$2/lib/modules/$1"/modules.builtin* "$2/lib/modules/$1/modules.order" "$3/lib/modules/$1"
	find "$3/lib/modules" -name '*.xz' -exec xz -d {} +
	find "$3/lib/modules" -name '*.zst' -exec zstd -dq --rm {} +
	depmod -b "$3" "$1"
}

make_base()	# NAME ARCH RELEASE
{
	local root busybox dir

	root=$(root_of "$2")
	busybox=$root/bin/busybox
	[ -e "$busybox" ] || die "no $busybox; run tests/vm/sysroot.sh, or install busybox-static"
	dir=$(mktemp -d "$CACHE/.base.XXXXXX")
	# First, as it takes away again a directory that the cache may share with a guest: /tmp
	put_modules "$3" "$CACHE/kernels/$1/modules" "$dir"
	mkdir -p "$dir"/{bin,sbin,lib,proc,sys,dev,tmp,run,etc,host,out}
	cp "$busybox" "$dir/bin/busybox"
	install -m 755 "$here/init" "$dir/init"
	pack "$dir" >"$CACHE/base/$1.new"
	mv "$CACHE/base/$1.new" "$CACHE/base/$1.cpio"
	rm -rf "$dir"
}

# Print the base image's path; make it when anything it is made of is newer.
base_image()	# NAME ARCH RELEASE
{
	local base=$CACHE/base/$1.cpio part

	mkdir -p "$CACHE/base"
	for part in "$here/init" "$here/image.sh" "$CACHE/kernels/$1/release"; do
		[ "$base" -nt "$part" ] && continue
		make_base "$@"
		break
	done
	echo "$base"
}

needed_by()	# FILE: the libraries it names
{
	LC_ALL=C readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'
}

put_libraries()	# FILE ROOT TRIPLET TO
{
	local library from

	for library in $(needed_by "$1"); do
		[ ! -e "$4/lib/$3/$library" ] || continue
		for from in "$2/lib/$3" "$2/usr/lib/$3" "$2/usr/local/lib"; do
			[ -e "$from/$library" ] || continue
			install -D -m 755 -t "$4/lib/$3" "$from/$library"
			put_libraries "$from/$library" "$2" "$3" "$4"
			continue 2
		done
		die "$1 needs $library, which is not in ${2:-/}; add its package to sysroot.sh"
	done
}

# A program with all it needs to start; TO is a root file system in the making.
put_program()	# FILE ROOT TRIPLET TO [NAME]
{
	local loader

	install -D -m 755 "$1" "$4/bin/${5-${1##*/}}"
	put_libraries "$1" "$2" "$3" "$4"
	loader=$(LC_ALL=C readelf -l "$1" | sed -n 's/.*program interpreter: \(.*\)\]/\1/p')
	[ -z "$loader" ] || install -D -m 755 "$2$loader" "$4$loader"
}
