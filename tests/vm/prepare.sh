#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Put into the cache what a cell needs and does not find there: the kernel, the oracle module, for
# arm64 the libraries and busybox.  Newer kernels are fetch.sh's business; here any will do.
#
#	prepare.sh KERNEL-ARCH...
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"

missing='' names='' sysroot=''
for name in "$@"; do
	kernel=${name%-*} arch=${name##*-}
	names="$names $kernel $arch"
	[ -e "$CACHE/kernels/$name/release" ] || missing="$missing $kernel $arch"
	[ "$arch" != arm64 ] || [ "$(dpkg --print-architecture)" = arm64 ] ||
		[ -e "$CACHE/sysroot-arm64/packages" ] || sysroot=missing
done
# shellcheck disable=SC2086	# pairs of words
[ -z "$missing" ] || "$here/fetch.sh" $missing
[ -z "$sysroot" ] || "$here/sysroot.sh"
# shellcheck disable=SC2086	# pairs of words
"$here/module/build.sh" $names
