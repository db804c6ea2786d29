#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# `make check`: from a bare Debian to the verdict of every test.  Installs what is missing, builds,
# and runs the parts, those that fail soonest first.  Knows no test.
set -eu
cd "$(dirname "$0")/.."

tests/deps.sh vm
make all units
exec tests/total.sh 'make check-unit' 'make check-asan' 'make check-lint' tests/native.sh \
	tests/prometheus/run.sh 'make check-fuzz' 'make check-vm'
