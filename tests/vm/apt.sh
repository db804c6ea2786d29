# SPDX-License-Identifier: GPL-2.0
# Packages of any suite and architecture through a private apt state, so that the system's own
# apt neither changes nor decides.  The mirror is the one the system's apt uses.  Sourced after
# lib.sh; knows nothing of kernels.

keyring=/usr/share/keyrings/debian-archive-keyring.gpg

mirror_of()	# LABEL, as in the Release file: Debian or Debian-Security
{
	apt-get indextargets --format '$(LABEL) $(REPO_URI)' \
		'Created-By: Packages' 'Origin: Debian' |
		sed -n "s/^$1 //p" | head -n 1
}

apt_sources()	# SUITE
{
	local main security
	main=$(mirror_of Debian)
	[ "$main" ] || die "apt knows no Debian mirror; add one to its sources and run apt-get update"
	# The security archive sits beside the main one on every full mirror.
	security=$(mirror_of Debian-Security)
	: "${security:=${main%/}-security}"

	echo "deb [signed-by=$keyring] $main $1 main"
	[ "$1" = sid ] && return
	echo "deb [signed-by=$keyring] $main $1-updates main"
	echo "deb [signed-by=$keyring] $security $1-security main"
}

apt_in()	# SUITE ARCH PROGRAM ARGUMENT...: apt-get, apt-cache as if run on that system
{
	local state=$CACHE/apt/$1-$2 arch=$2 program=$3
	shift 3
	"$program" -qq -o "Dir::State=$state" -o "Dir::State::status=$state/status" \
		-o "Dir::Cache=$state/cache" -o "Dir::Etc::SourceList=$state/sources.list" \
		-o Dir::Etc::SourceParts=/dev/null -o Dir::Etc::PreferencesParts=/dev/null \
		-o "APT::Architecture=$arch" -o "APT::Architectures=$arch" \
		-o APT::Sandbox::User=root -o APT::Install-Recommends=false \
		-o Acquire::Languages=none -o Acquire::Retries=3 -o Dpkg::Use-Pty=0 "$@"
}

apt_refresh()	# SUITE ARCH: at most once a day
{
	local state=$CACHE/apt/$1-$2
	[ -z "$(find "$state/fresh" -mtime -1 2>/dev/null)" ] || return 0
	say "apt: indexes of $1 $2"
	mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
	: >"$state/status"
	apt_sources "$1" >"$state/sources.list"
	# An archived suite keeps an expired Release file, and that is the suite we want.
	apt_in "$1" "$2" apt-get -o Acquire::Check-Valid-Until=false \
		-o APT::Update::Error-Mode=any update
	touch "$state/fresh"
}

# False when the archive does not have what its index promises, as old suites happen to.
apt_download()	# SUITE ARCH DIR PACKAGE...
{
	local suite=$1 arch=$2 dir=$3
	shift 3
	(cd "$dir" && apt_in "$suite" "$arch" apt-get download "$@")
}

apt_unpack()	# SUITE ARCH DIR PACKAGE...
{
	local suite=$1 arch=$2 dir=$3 debs deb
	shift 3
	locked "apt-$suite-$arch" apt_refresh "$suite" "$arch"
	mkdir -p "$dir"
	debs=$(mktemp -d "$dir/.debs.XXXXXX")
	apt_download "$suite" "$arch" "$debs" "$@"
	for deb in "$debs"/*.deb; do
		dpkg-deb --fsys-tarfile "$deb" | tar -x --keep-directory-symlink -C "$dir"
	done
	rm -rf "$debs"
}

# The packages and all they depend on, as apt would install them on an empty system.
apt_closure()	# SUITE ARCH PACKAGE...
{
	local suite=$1 arch=$2
	shift 2
	locked "apt-$suite-$arch" apt_refresh "$suite" "$arch"
	apt_in "$suite" "$arch" apt-get -s install "$@" | sed -n 's/^Inst \([^ ]*\) .*/\1/p'
}
