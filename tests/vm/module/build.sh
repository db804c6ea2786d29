#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Build the oracle module, and two small ones, for the kernels in the cache, each with the compiler
# and the libraries of its own suite, unpacked into a directory.  Owns $CACHE/module.
#
#	build.sh [KERNEL ARCH]...	all eight when none is named
set -eu
here=$(cd "$(dirname "$0")" && pwd)
lab=$(cd "$here/.." && pwd)
. "$lab/lib.sh"
. "$lab/toolchain.sh"

# Debian's header makefiles name /usr/src and /usr/lib: there they find the cached ones.
make_module()	# RELEASE HEADERS TOOLCHAIN DIR ARGUMENT...
{
	local tree trees=()

	for tree in "$2"/usr/src "$2"/usr/lib/linux-kbuild-*; do
		# a kernel of our own brings its build programs along
		[ ! -e "$tree" ] || trees+=("$tree:${tree#"$2"}")
	done
	in_toolchain "$3" "$4" "${trees[@]}" -- make -s -C "/usr/src/linux-headers-$1" M=/mnt \
		DEB_BUILD_ARCH=amd64 DEB_HOST_ARCH=amd64 "${@:5}"
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
	mkdir -p "$out"
	toolchain "$suite-$gcc" "$suite" "$gcc" "$gcc-aarch64-linux-gnu"

	new=$(mktemp -d "$out/.build.XXXXXX")
	# shellcheck disable=SC2064	# the value of now
	trap "rm -rf '$new'" EXIT
	cp "$here"/*.[ch] "$here/Kbuild" "$new"
	cross=
	[ "$2" != arm64 ] || cross=aarch64-linux-gnu-
	# Nothing in the module needs BTF of its own, and making it takes the whole vmlinux.
	make_module "$release" "$kernel/headers" "$suite-$gcc" "$new" \
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
