#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Build kernels that have what Debian's leave out - restricted and growing swiotlb pools, the DMA
# API's own debugging - from Debian's source, and put them into the cache beside Debian's.
# custom/*.config hold the options, on top of allnoconfig.  A quarter of an hour on two idle cores.
#
#	custom.sh [KERNEL ARCH]...	custom for both architectures when none is named
#
# custom	restricted pools (arm64), pools that grow, DMA_API_DEBUG
# plain		the same without pools that grow and DMA_API_DEBUG
set -eu
lab=$(cd "$(dirname "$0")" && pwd)
. "$lab/lib.sh"
. "$lab/toolchain.sh"

SUITE=trixie SOURCE=linux-source-6.12 GCC=gcc-14
ROOT=$SUITE-$GCC-kernel	# the toolchain that builds whole kernels

fragments_of()	# KERNEL ARCH
{
	echo "$lab/custom/common.config" "$lab/custom/$2.config"
	[ "$1" != plain ] || echo "$lab/custom/plain.config"
}

# The source, unpacked once, whatever is built of it.
source_tree()
{
	local new=$CACHE/custom/.source.$$

	[ ! -e "$CACHE/custom/source" ] || return 0
	say "custom: fetching $SOURCE"
	# shellcheck disable=SC2064	# the value of now
	trap "rm -rf '$new'" EXIT
	"$lab/fetch.sh" --packages "$SUITE" amd64 "$new" "$SOURCE"
	mkdir "$new/source"
	tar -x -C "$new/source" --strip-components=1 -f "$new/usr/src/$SOURCE.tar.xz"
	mv "$new/source" "$CACHE/custom/source"
	rm -rf "$new"
	trap - EXIT
}

# In the source's directory, into the directory of one kernel; the targets come last.
kernel_make()	# ARCH DIR TARGET...
{
	local cross=''

	[ "$1" != arm64 ] || cross=aarch64-linux-gnu-
	in_toolchain "$ROOT" "$2" "$CACHE/custom/source:/usr/src/linux" -- \
		make -s -C /usr/src/linux O=/mnt "-j$(nproc)" "ARCH=$(linux_arch "$1")" \
		"CROSS_COMPILE=$cross" "CC=$cross$GCC" "HOSTCC=$GCC" "${@:3}"
}

linux_arch()	# ARCH
{
	case $1 in
	amd64)	echo x86 ;;
	*)	echo "$1" ;;
	esac
}

# The configuration, which must hold what was asked for: an option whose dependencies are missing
# goes away without a word.
configure()	# ARCH DIR FRAGMENT...
{
	local option absent=''

	cat "${@:3}" >"$2/wanted"
	kernel_make "$1" "$2" KCONFIG_ALLCONFIG=/mnt/wanted allnoconfig >/dev/null 2>"$2/log" || {
		cat "$2/log" >&2
		die "no configuration, see above"
	}
	# The last word on an option counts, and off is written as a comment.
	for option in $(tac "$2/wanted" | awk -F= '/^CONFIG/ && !seen[$1]++' | tr -d ' '); do
		case $option in
		*=n)	! grep -q "^${option%n}" "$2/.config" || absent="$absent $option" ;;
		*)	grep -qxF "$option" "$2/.config" || absent="$absent $option" ;;
		esac
	done
	[ -z "$absent" ] || die "Kconfig has not taken:$absent"
}

# What a module is built against, in the place where Debian's header packages have it.
put_headers()	# ARCH DIR RELEASE TO
{
	local to=$4/usr/src/linux-headers-$3 tree part arch

	arch=arch/$(linux_arch "$1")
	mkdir -p "$to"
	for tree in "$CACHE/custom/source" "$2"; do
		for part in Makefile Kbuild Module.symvers .config scripts include "$arch/Makefile" \
			"$arch/include" "$arch/tools" "$arch/kernel/module.lds" tools/objtool/objtool \
			tools/bpf/resolve_btfids/resolve_btfids; do
			[ ! -e "$tree/$part" ] || echo "$part"
		done | tar -c -C "$tree" --exclude='*.o' --exclude='.*.cmd' -T - | tar -x -C "$to"
	done
	# The build that reads this passes no architecture on; GCC is how it knows the compiler.
	cat >"$to/.kernelvariables" <<-MAKE
	override ARCH = $(linux_arch "$1")
	CC = \$(CROSS_COMPILE)$GCC
	MAKE
	# In the build directory it only names the source.
	cp "$CACHE/custom/source/Makefile" "$to/Makefile"
}

build()	# KERNEL ARCH
{
	local name=$1-$2 dir=$CACHE/custom/$1-$2 image=bzImage new stamp release

	mapfile -t fragments < <(fragments_of "$1" "$2" | tr ' ' '\n')
	stamp=$(cat "${fragments[@]}" "$CACHE/custom/source/Makefile" | sha256sum)
	if [ "$(cat "$CACHE/kernels/$name/stamp" 2>/dev/null)" = "$stamp" ]; then
		say "$name: is here"
		return
	fi
	[ "$2" != arm64 ] || image=Image
	say "$name: building; make's messages: $dir/log"
	mkdir -p "$dir"
	configure "$2" "$dir" "${fragments[@]}"
	kernel_make "$2" "$dir" "$image" modules >"$dir/log" 2>&1 || {
		tail -n 20 "$dir/log" >&2
		die "$name does not build, see above"
	}

	new=$(mktemp -d "$CACHE/kernels/.$name.XXXXXX")
	# shellcheck disable=SC2064	# the value of now
	trap "rm -rf '$new'" EXIT
	release=$(cat "$dir/include/config/kernel.release")
	cp "$dir/arch/$(linux_arch "$2")/boot/$image" "$new/vmlinuz"
	"$lab/btf.py" "$new/vmlinuz" >"$new/vmlinux.btf"
	# All of it is built in; modprobe is to know that.
	mkdir -p "$new/modules/lib/modules/$release"
	cp "$dir"/modules.{order,builtin,builtin.modinfo} "$new/modules/lib/modules/$release"
	depmod -b "$new/modules" "$release"
	put_headers "$2" "$dir" "$release" "$new/headers"
	echo "$release" >"$new/release"
	echo "$stamp" >"$new/stamp"
	chmod 755 "$new"
	rm -rf "$CACHE/kernels/$name"
	mv "$new" "$CACHE/kernels/$name"
	say "$name: $release built"
}

[ $# -gt 0 ] || set -- custom arm64 custom amd64
[ $(($# % 2)) = 0 ] || die "arguments come in pairs: KERNEL ARCH"
[ "$(id -u)" = 0 ] || die "cannot mount into the toolchain; run it as root"
mkdir -p "$CACHE/custom"
locked custom-source source_tree
toolchain "$ROOT" "$SUITE" "$GCC" "$GCC-aarch64-linux-gnu" \
	flex bison bc dwarves kmod perl python3-minimal xz-utils gzip diffutils tar
while [ $# -gt 0 ]; do
	is_built "$1" || die "kernel '$1' is fetch.sh's business; custom.sh builds: $BUILT_KERNELS"
	locked "kernel-$1-$2" build "$1" "$2"
	shift 2
done
