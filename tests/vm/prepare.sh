#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Put into the cache what a cell needs and does not find there: the kernel, the oracle module, for
# arm64 the libraries and busybox.  Newer kernels are fetch.sh's business; here any will do.
# What cannot be had does not keep the rest from coming.
#
#	prepare.sh [KERNEL-ARCH]...	all eight when none is named
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"

[ $# -gt 0 ] || eval "set -- {${KERNELS// /,}}-{${ARCHES// /,}}"
missing='' unbuilt='' names='' sysroot='' status=0
for name in "$@"; do
	kernel=${name%-*} arch=${name##*-}
	names="$names $kernel $arch"
	if is_built "$kernel"; then
		unbuilt="$unbuilt $kernel $arch"
	elif [ ! -e "$CACHE/kernels/$name/release" ]; then
		missing="$missing $kernel $arch"
	fi
	[ "$arch" != arm64 ] || [ "$(dpkg --print-architecture)" = arm64 ] ||
		[ "$CACHE/sysroot-arm64/packages" -nt "$here/sysroot.sh" ] || sysroot=missing
done
# shellcheck disable=SC2086	# pairs of words
[ -z "$missing" ] || "$here/fetch.sh" $missing || status=1
# shellcheck disable=SC2086	# pairs of words
[ -z "$unbuilt" ] || "$here/custom.sh" $unbuilt || status=1
[ -z "$sysroot" ] || "$here/sysroot.sh" || status=1
# shellcheck disable=SC2086	# pairs of words
"$here/module/build.sh" $names || status=1
exit $status
