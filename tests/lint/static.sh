#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What gcc -fanalyzer, clang-tidy (.clang-tidy) and cppcheck find in src/: what is freed twice or
# never, used uninitialised or as NULL, overrun.  Sources that passed and have not changed are not
# looked at again.
set -eu
for tool in gcc clang-tidy cppcheck; do
	command -v $tool >/dev/null || { echo "no $tool; 'tests/deps.sh vm' installs it"; exit 77; }
done
make -s -k --output-sync static 2>&1
