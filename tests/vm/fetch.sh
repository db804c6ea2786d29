#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Fill the cache with Debian's newest kernels: image, modules, BTF, and what it takes to build a
# module for them.  Owns $CACHE/kernels; knows nothing of QEMU.
#
#	fetch.sh [KERNEL ARCH]...			all eight when none is named
#	fetch.sh --packages [--deps] SUITE ARCH DIR PACKAGE...	unpack packages into DIR
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
. "$here/apt.sh"

depends_of()	# SUITE ARCH PACKAGE: names only, one per line
{
	apt_in "$1" "$2" apt-cache show --no-all-versions "$3" |
		sed -n 's/^Depends: //p' | sed 's/([^)]*)//g' | tr ',|' '\n' | tr -d ' '
}

# Up to 6.12 the image package is whole; later it only names its parts.
image_packages()	# SUITE ARCH RELEASE
{
	echo "linux-image-$3"
	depends_of "$1" "$2" "linux-image-$3" | grep -E '^linux-(base|binary|modules)-' || :
}

fetch_image()	# SUITE ARCH RELEASE DIR
{
	local release=$3 dir=$4

	# shellcheck disable=SC2046	# a list of package names
	apt_unpack "$1" "$2" "$dir/image" $(image_packages "$1" "$2" "$release")
	mkdir -p "$dir/modules/lib/modules"
	find "$dir/image" -type d -path "*/lib/modules/$release" -prune \
		-exec mv -t "$dir/modules/lib/modules" {} +
	find "$dir/image" "$dir/modules" -name 'vmlinuz*' -type f -exec mv {} "$dir/vmlinuz" \;
	rm -rf "$dir/image"
	depmod -b "$dir/modules" "$release"
	"$here/btf.py" "$dir/vmlinuz" >"$dir/vmlinux.btf"
}

fetch_headers()	# SUITE ARCH RELEASE DIR
{
	local headers=linux-headers-$3 common kbuild

	common=$(depends_of "$1" "$2" "$headers" | grep '^linux-headers-.*-common$')
	kbuild=$(depends_of "$1" "$2" "$headers" | grep '^linux-kbuild-')
	apt_unpack "$1" "$2" "$4" "$headers" "$common"
	# Kbuild's programs run on the machine that builds.
	apt_unpack "$1" amd64 "$4" "$kbuild"
}

releases_of()	# KERNEL SUITE ARCH: newest first, without the special flavours
{
	local start=${1%.x}.

	apt_in "$2" "$3" apt-cache pkgnames linux-headers- |
		sed -n "s/^linux-headers-\(${start//./\\.}[^-]*\(-[0-9]*\)\?-$3\)\$/\1/p" | sort -rV
}

deliverable()	# SUITE ARCH RELEASE
{
	local probe status=0

	probe=$(mktemp -d "$CACHE/kernels/.probe.XXXXXX")
	apt_download "$1" "$2" "$probe" "linux-headers-$3" 2>/dev/null || status=1
	rm -rf "$probe"
	return "$status"
}

# The newest release the archive can deliver, without asking it for one that is here.
release_of()	# KERNEL SUITE ARCH
{
	local release present

	present=$(cat "$CACHE/kernels/$1-$3/release" 2>/dev/null) || :
	for release in $(releases_of "$@"); do
		if [ "$release" = "$present" ] || deliverable "$2" "$3" "$release"; then
			echo "$release"
			return
		fi
		say "$1-$3: the archive lists $release but lacks it, trying an older one"
	done
	die "the archive has no $1 kernel for $3; try later, or another mirror"
}

fetch()	# KERNEL ARCH
{
	local name=$1-$2 suite release new

	suite=$(suite_of "$1")
	locked "apt-$suite-$2" apt_refresh "$suite" "$2"
	release=$(release_of "$1" "$suite" "$2")
	if [ "$(cat "$CACHE/kernels/$name/release" 2>/dev/null)" = "$release" ]; then
		say "$name: $release is here"
		return
	fi

	say "$name: fetching $release"
	new=$(mktemp -d "$CACHE/kernels/.$name.XXXXXX")
	# shellcheck disable=SC2064	# the value of now
	trap "rm -rf '$new'" EXIT
	fetch_headers "$suite" "$2" "$release" "$new/headers"
	fetch_image "$suite" "$2" "$release" "$new"
	echo "$release" >"$new/release"
	chmod 755 "$new"
	rm -rf "$CACHE/kernels/$name"
	mv "$new" "$CACHE/kernels/$name"
	say "$name: $release fetched"
}

packages()	# [--deps] SUITE ARCH DIR PACKAGE...
{
	local deps='' suite arch dir

	[ "$1" != --deps ] || { deps=yes; shift; }
	[ $# -ge 4 ] || die "--packages wants [--deps] SUITE ARCH DIR PACKAGE..."
	suite=$1 arch=$2 dir=$3
	shift 3
	# shellcheck disable=SC2046	# a list of package names
	[ -z "$deps" ] || set -- $(apt_closure "$suite" "$arch" "$@")
	apt_unpack "$suite" "$arch" "$dir" "$@"
}

all_kernels()
{
	local kernel arch

	for kernel in $KERNELS; do
		for arch in $ARCHES; do
			echo "$kernel $arch"
		done
	done
}

mkdir -p "$CACHE/kernels"
if [ "${1-}" = --packages ]; then
	shift
	packages "$@"
	exit
fi
# shellcheck disable=SC2046	# pairs of words
[ $# -gt 0 ] || set -- $(all_kernels)
[ $(($# % 2)) = 0 ] || die "arguments come in pairs: KERNEL ARCH"

jobs=
while [ $# -gt 0 ]; do
	locked "kernel-$1-$2" fetch "$1" "$2" &
	jobs="$jobs $!"
	shift 2
done
status=0
for job in $jobs; do
	wait "$job" || status=1
done
exit "$status"
