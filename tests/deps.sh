#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Install the Debian packages that are missing, and nothing when none is.  Owns the list of what
# building takes; what the VM laboratory takes is tests/vm/packages.txt.
#
#	deps.sh [build | demo | vm]	vm: for all of `make check`; demo: for one architecture
set -eu
here=$(cd "$(dirname "$0")" && pwd)

build='clang llvm libbpf-dev libelf-dev zlib1g-dev bpftool pkg-config libjson-c-dev'
build="$build libsmartcols-dev libsqlite3-dev libyaml-dev libmicrohttpd-dev libgsl-dev"
build="$build libseccomp-dev libcmocka-dev gcc make git"

die()
{
	echo "deps.sh: $*" >&2
	exit 1
}

as_root()
{
	if [ "$(id -u)" = 0 ]; then
		"$@"
	else
		sudo "$@"
	fi
}

apt()	# ARGUMENT...: quiet, unless it fails
{
	log=$(mktemp)
	as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 \
		-o Acquire::Retries=3 -o DPkg::Lock::Timeout=300 "$@" >"$log" 2>&1 || {
		cat "$log" >&2
		rm -f "$log"
		die "'apt-get $*' failed, see above; repair apt's sources or the network, try again"
	}
	rm -f "$log"
}

missing_of()	# PACKAGE...
{
	present=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null |
		sed -n 's/^installed //p')
	printf '%s\n' "$@" | sort -u | grep -vxF -e "$present" || :
}

command -v apt-get >/dev/null ||
	die "this is not Debian; install the equivalents of: $build"
vm="$(cat "$here/vm/packages.txt")"
case ${1-build} in
build)	vm='' why='to build dmatrace' ;;
vm)	vm="$vm clang-format clang-tidy cppcheck mandoc shellcheck libxml2-utils strace"
	vm="$vm python3-junitparser libclang-rt-dev"
	why='to build dmatrace, to check it, and to test it in VMs' ;;
demo)	why='to build dmatrace and to show it in a VM'
	case $(dpkg --print-architecture) in
	arm64)	other=qemu-system-x86 ;;
	*)	other=qemu-system-arm ;;
	esac
	vm=$(echo "$vm" | grep -vx -e "$other" -e gcc-aarch64-linux-gnu) ;;
*)	die "unknown set '$1'; one of: build demo vm" ;;
esac

# shellcheck disable=SC2086	# a list of package names
missing=$(missing_of $build $vm | tr '\n' ' ')
# The laboratory learns its mirror from these indexes.
indexes=yes
[ -z "$vm" ] || indexes=$(apt-get indextargets 'Created-By: Packages' 'Origin: Debian')
[ "$missing" ] || [ -z "$indexes" ] || exit 0

[ "$(id -u)" = 0 ] || command -v sudo >/dev/null ||
	die "neither root nor sudo here; have root run: apt-get update && apt-get install $missing"
echo "installing $why: ${missing:-indexes of apt}" >&2
apt update
# shellcheck disable=SC2086	# a list of package names
[ -z "$missing" ] || apt install --no-install-recommends -y $missing
