#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# `make install` puts the program and every manual page where they belong, and `make uninstall`
# leaves nothing of it.
set -eu
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
status=0

run()	# TARGET: and print the files that are there then
{
	make -s "$1" DESTDIR="$root" PREFIX=/usr BINDIR=/usr/sbin MANDIR=/usr/share/man >&2
	find "$root" ! -type d -printf '%P\n' | sort
}

wanted()
{
	echo usr/sbin/dmatrace
	for page in man/*; do
		echo "usr/share/man/man${page##*.}/${page#man/}"
	done
}

installed=$(run install)
diff <(wanted | sort) - <<<"$installed" |
	sed -n 's|^< |Makefile: not installed: |p; s|^> |Makefile: installed, unexpectedly: |p' |
	grep . && status=1
left=$(run uninstall)
[ -z "$left" ] || {
	sed 's|^|Makefile: not uninstalled: |' <<<"$left"
	status=1
}
exit $status
