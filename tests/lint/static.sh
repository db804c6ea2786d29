#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What cppcheck finds without being told of the headers: uninitialised values, leaks, overruns.
set -eu
command -v cppcheck >/dev/null || { echo "no cppcheck; 'tests/deps.sh vm' installs it"; exit 77; }
# it knows no macro of libbpf's that declares a variable
cppcheck --quiet --enable=warning,performance,portability --error-exitcode=1 --inline-suppr \
	--std=c11 --suppress=missingInclude --template='{file}:{line}: {message} ({id})' \
	'-DLIBBPF_OPTS(type, name, ...)=struct type name' -Isrc src 2>&1
