# SPDX-License-Identifier: GPL-2.0
# Names and places every script of the lab shares: the kernels and their suites, the cache,
# messages.  Sourced, never run; knows nothing of QEMU and nothing of apt.

CACHE=${DMATRACE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/dmatrace}
KERNELS='5.10 6.1 6.12 7.x'
BUILT_KERNELS='custom plain'	# custom.sh's, run where they are named only
ARCHES='amd64 arm64'

say()
{
	printf '%s\n' "$*" >&2
}

die()
{
	say "${0##*/}: $*"
	exit 1
}

suite_of()	# KERNEL
{
	case $1 in
	5.10)	echo bullseye ;;
	6.1)	echo bookworm ;;
	6.12 | custom | plain)	echo trixie ;;
	7.x)	echo sid ;;
	*)	die "unknown kernel '$1'; one of: $KERNELS $BUILT_KERNELS" ;;
	esac
}

is_built()	# KERNEL: not fetched
{
	case " $BUILT_KERNELS " in
	*" $1 "*)	;;
	*)		return 1 ;;
	esac
}

iommus_of()	# ARCH
{
	case $1 in
	amd64)	echo 'none intel amd' ;;
	arm64)	echo 'none smmuv3' ;;
	*)	die "unknown architecture '$1'; one of: $ARCHES" ;;
	esac
}

# What one process builds in the cache, another may be building too.
locked()	# NAME COMMAND...
{
	mkdir -p "$CACHE/lock"
	(
		flock 9
		shift
		"$@"
	) 9>"$CACHE/lock/$1"
}
