# SPDX-License-Identifier: GPL-2.0
# A root directory in which the build programs and the compiler of a suite run, unpacked from its
# packages.  Owns $CACHE/toolchain.  Sourced after lib.sh by scripts that define $lab, the
# directory of fetch.sh.

toolchain()	# NAME SUITE PACKAGE...: into $CACHE/toolchain/NAME, once
{
	mkdir -p "$CACHE/toolchain"
	locked "toolchain-$1" make_toolchain "$@"
}

make_toolchain()
{
	local root=$CACHE/toolchain/$1 suite=$2 new d

	[ ! -e "$root" ] || return 0
	say "$suite: fetching a toolchain, $1"
	new=$root.$$
	# shellcheck disable=SC2064	# the value of now
	trap "rm -rf '$new'" EXIT
	# Some suites still ship files under /bin and /lib: one tree for both.
	for d in bin sbin lib lib64; do
		mkdir -p "$new/usr/$d"
		ln -s "usr/$d" "$new/$d"
	done
	"$lab/fetch.sh" --packages --deps "$suite" amd64 "$new" "${@:3}" make bash dash coreutils \
		sed grep mawk findutils perl-base libelf-dev libssl-dev
	# What maintainer scripts would have set up.
	[ -e "$new/bin/sh" ] || ln -s dash "$new/bin/sh"
	[ -e "$new/bin/awk" ] || ln -s mawk "$new/bin/awk"
	mkdir -p "$new/dev" "$new/proc" "$new/tmp" "$new/mnt"
	mv "$new" "$root"
	trap - EXIT
}

# A command in the root directory, which finds DIR in /mnt, and each further FROM:TO; the mounts
# end with it.
in_toolchain()	# NAME DIR [FROM:TO]... -- COMMAND...
{
	root=$CACHE/toolchain/$1 dir=$2 unshare --mount sh -eu -c '
		while [ "$1" != -- ]; do
			mkdir -p "$root${1#*:}"
			mount --bind "${1%%:*}" "$root${1#*:}"
			shift
		done
		shift
		mount --bind /dev "$root/dev"
		mount --bind /proc "$root/proc"
		mount --bind "$dir" "$root/mnt"
		exec chroot "$root" env -i PATH=/usr/sbin:/usr/bin "$@"' sh "${@:3}"
}
