#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Files of 600 lines, functions of 60, lines of 100 columns: no more of each."""
import re
import subprocess
import sys

FILE, FUNCTION, COLUMNS = 600, 60, 100


def report(where, what):
    report.found = True
    print(f"{where}: {what}")


report.found = False


def functions(path, lines):
    """Kernel style: a function's braces stand in the first column; macros have none there."""
    start = None
    for number, line in enumerate(lines, 1):
        if line == "{":
            start = number
        elif line == "}" and start:
            if number - start + 1 > FUNCTION:
                report(f"{path}:{start}", f"function of {number - start + 1} lines, "
                                          f"{FUNCTION} are allowed")
            start = None


def columns(path, lines):
    """Strings are not broken: one that alone makes the line too long may stand."""
    for number, line in enumerate(lines, 1):
        line = line.expandtabs()
        if len(line) > COLUMNS and len(re.sub(r'"[^"]*"', '""', line)) > COLUMNS:
            report(f"{path}:{number}", f"{len(line)} columns, {COLUMNS} are allowed")


listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], capture_output=True,
                        text=True, check=True).stdout.split("\n")
for path in sorted(p for p in listed if p.endswith((".c", ".h", ".sh", ".py", ".inc"))):
    try:
        lines = open(path).read().split("\n")
    except FileNotFoundError:
        continue
    if len(lines) > FILE:
        report(path, f"{len(lines)} lines, {FILE} are allowed")
    if path.endswith((".c", ".h", ".sh")):
        functions(path, lines)
    columns(path, lines)
sys.exit(report.found)
