#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Build the oracle module, and two small ones, for the kernels in the cache, each with the compiler
# and the libraries of its own suite, unpacked into a directory.  Owns $CACHE/module and
# $CACHE/toolchain.
#
#	build.sh [KERNEL ARCH]...	all eight when none is named
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lib.sh"

# A root directory in which the kernel's own build programs and compiler run.
toolchain()	# SUITE GCC
{
	local root=$CACHE/toolchain/$1-$2 new d

	[ ! -e "$root" ] || return 0
	say "$1: fetching $2 and its libraries"
	new=$root.$$
	# shellcheck disable=SC2064	# the value of now
	trap "rm -rf '$new'" EXIT
	# Some suites still ship files under /bin and /lib: one tree for both.
	for d in bin sbin lib lib64; do
		mkdir -p "$new/usr/$d"
		ln -s "usr/$d" "$new/$d"
	done
	"$here/../fetch.sh" --packages --deps "$1" amd64 "$new" "$2" "$2-aarch64-linux-gnu" make \
		bash dash coreutils sed grep mawk findutils perl-base libelf-dev libssl-dev
	# What maintainer scripts would have set up.
	[ -e "$new/bin/sh" ] || ln -s dash "$new/bin/sh"
	[ -e "$new/bin/awk" ] || ln -s mawk "$new/bin/awk"
	mkdir -p "$new/dev" "$new/proc" "$new/tmp" "$new/mnt"
	mv "$new" "$root"
	trap - EXIT
}

# Debian's header makefiles name /usr/src and /usr/lib: bind the cached ones there, in a mount
# namespace that ends with the build.
make_module()	# RELEASE HEADERS ROOT DIR
{
	release=$1 headers=$2 root=$3 dir=$4 unshare --mount sh -eu -c '
		for tree in "$headers"/usr/src "$headers"/usr/lib/linux-kbuild-*; do
			to=$root${tree#"$headers"}
			mkdir -p "$to"
			mount --bind "$tree" "$to"
		done
		mount --bind /dev "$root/dev"
		mount --bind /proc "$root/proc"
		mount --bind "$dir" "$root/mnt"
		exec chroot "$root" env -i PATH=/usr/sbin:/usr/bin make -s \
			-C "/usr/src/linux-headers-$release" M=/mnt \
			DEB_BUILD_ARCH=amd64 DEB_HOST_ARCH=amd64 "$@"' \
		sh "${@:5}"
}

build()	# KERNEL ARCH
{
	local name=$1-$2 suite release kernel out stamp gcc cross new

	kernel=$CACHE/kernels/$name out=$CACHE/module/$name
	release=$(cat "$kernel/release" 2>/dev/null) ||
		die "no kernel $name in the cache; run tests/vm/fetch.sh $1 $2"
	stamp="$release $(cat "$here"/*.[ch] "$here/Kbuild" "$here/build.sh" | sha256sum)"
	[ "$(cat "$out/stamp" 2>/dev/null)" != "$stamp" ] || return 0

	suite=$(suite_of "$1")
	gcc=$(sed -n 's/^CC = .*)\(gcc-[0-9]*\)$/\1/p' \
		"$kernel/headers/usr/src/linux-headers-$release/.kernelvariables")
	mkdir -p "$CACHE/toolchain" "$out"
	locked "toolchain-$suite-$gcc" toolchain "$suite" "$gcc"

	new=$(mktemp -d "$out/.build.XXXXXX")
	# shellcheck disable=SC2064	# the value of now
	trap "rm -rf '$new'" EXIT
	cp "$here"/*.[ch] "$here/Kbuild" "$new"
	cross=
	[ "$2" != arm64 ] || cross=aarch64-linux-gnu-
	# Nothing in the module needs BTF of its own, and making it takes the whole vmlinux.
	make_module "$release" "$kernel/headers" "$CACHE/toolchain/$suite-$gcc" "$new" \
		CONFIG_DEBUG_INFO_BTF_MODULES= CROSS_COMPILE="$cross" modules >&2 ||
		die "the module does not build for $name ($release); see above"
	mv "$new"/dmt_*.ko "$out"
	echo "$stamp" >"$out/stamp"
	say "$name: modules for $release"
}

if [ $# = 0 ]; then
	for kernel in $KERNELS; do
		for arch in $ARCHES; do
			set -- "$@" "$kernel" "$arch"
		done
	done
fi
[ $(($# % 2)) = 0 ] || die "arguments come in pairs: KERNEL ARCH"
[ "$(id -u)" = 0 ] || die "cannot bind-mount the headers; run it as root"
status=0
while [ $# -gt 0 ]; do
	# In the background, because "||" would turn off set -e all the way down.
	locked "module-$1-$2" build "$1" "$2" &
	wait $! || status=1
	shift 2
done
exit $status
