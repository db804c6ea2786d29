#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A recording is served over HTTP to clients that are slow, many, or wrong.  Needs no root.
set -u
# shellcheck source=tests/unit/tap.inc
. "$(dirname "$0")/tap.inc"
if sanitized; then
	skip listen 'built with a sanitizer'
	total
	exit
fi
rm -rf "$dir"
PYTHONPATH=$root/tests exec python3 "$root/tests/listen.py" "$dmatrace" "$root/tests/recordings/demo.sql"
