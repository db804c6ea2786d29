#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Indentation and blanks as clang-format would have them.

Only lines clang-format leaves whole are judged: where it would break lines anew, or align a table,
a person's eye is better.
"""
import difflib
import glob
import re
import shutil
import subprocess
import sys


def squeeze(line):
    return re.sub(r"\s+", "", line)


def spaced(line):
    """Blanks inside the line, those before comments and at a macro's end aside."""
    return re.sub(r"\s+", " ", re.sub(r"\s+(/\*|//|\\$)", r" \1", line.strip()))


def judged(line, above):
    """Macros, rows of tables, prose and continued lines are laid out by hand."""
    text = line.strip()
    return text and not line.endswith("\\") and text[0] not in '{*#}"' and \
        not re.match(r"(X|PROBE|POINT|int \()", text) and not re.search(r"; ?;|; *\)|\w \(\*", text) and \
        re.search(r"(^|[;{})]|\w:|\*/)$", above.rstrip())


def indent(line):
    return line[:len(line) - len(line.lstrip())]


def check(path):
    have = open(path).read().split("\n")
    want = subprocess.run(["clang-format", "--style=file", path], capture_output=True, text=True,
                          check=True).stdout.split("\n")
    found = 0
    matcher = difflib.SequenceMatcher(None, [squeeze(l) for l in have], [squeeze(l) for l in want],
                                      autojunk=False)
    for block in matcher.get_matching_blocks():
        for n, i in enumerate(range(block.a, block.a + block.size)):
            theirs = want[block.b + n]
            if not judged(have[i], have[i - 1] if i else ""):
                continue
            if spaced(have[i]) != spaced(theirs) or indent(have[i]) != indent(theirs):
                print(f"{path}:{i + 1}: clang-format would write: {theirs.strip()}")
                found += 1
    return found


if not shutil.which("clang-format"):
    print("clang-format is not installed")
    sys.exit(77)
paths = sorted(glob.glob("src/**/*.[ch]", recursive=True) + glob.glob("tests/unit/*.[ch]"))
sys.exit(sum(check(path) for path in paths) > 0)
