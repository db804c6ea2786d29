#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Fill $CACHE/sysroot-arm64 with what a cross-build of dmatrace for arm64 links against, and with
# the busybox its VMs run.  Knows the libraries dmatrace uses, not how it is built:
#
#	make CROSS_COMPILE=aarch64-linux-gnu- SYSROOT=...
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
. "$here/apt.sh"

# As the machine that builds: the headers must be those the native build was written for.
suite=bookworm
libraries='libc6-dev libbpf-dev libelf-dev zlib1g-dev libjson-c-dev libsmartcols-dev libsqlite3-dev
	libyaml-dev libmicrohttpd-dev libgsl-dev libseccomp-dev'

# A linker follows absolute links out of the sysroot, into the machine's own libraries.
relative_links()	# ROOT
{
	local link

	find "$1" -type l -lname '/*' | while read -r link; do
		ln -snfr "$1$(readlink "$link")" "$link"
	done
}

build()
{
	local root=$CACHE/sysroot-arm64 new packages

	locked "apt-$suite-arm64" apt_refresh "$suite" arm64
	# shellcheck disable=SC2086	# a list of package names
	packages=$(apt_closure "$suite" arm64 $libraries busybox-static)
	if [ "$(cat "$root/packages" 2>/dev/null)" = "$packages" ]; then
		say "sysroot: $root is here"
		touch "$root/packages"
		return
	fi

	say "sysroot: fetching $(echo "$packages" | wc -l) packages"
	new=$(mktemp -d "$CACHE/.sysroot.XXXXXX")
	# shellcheck disable=SC2064	# the value of now
	trap "rm -rf '$new'" EXIT
	mkdir -p "$new/usr/lib" "$new/usr/bin" "$new/usr/sbin"
	ln -s usr/lib usr/bin usr/sbin "$new"
	# shellcheck disable=SC2086	# a list of package names
	apt_unpack "$suite" arm64 "$new" $packages
	relative_links "$new"
	echo "$packages" >"$new/packages"
	chmod 755 "$new"
	rm -rf "$root"
	mv "$new" "$root"
	say "sysroot: $root is ready"
}

mkdir -p "$CACHE"
locked sysroot build
